package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"bdfasim/firmware"
	"bdfasim/isa/image"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
	"bdfasim/sim/wave"
)

// runFlags are common to what runs an image.
type runFlags struct {
	Limit uint64 `placeholder:"CYCLES" help:"Stop a program that has not finished after so many cycles."`
	chipFlags
}

// load reads an image and builds the chip that it needs.
func (f *runFlags) load(name string) (*image.Image, *sim.Engine, error) {
	img, err := image.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	engine, err := newEngine(img, f.config(img))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return img, engine, nil
}

// runCmd runs an image.
type runCmd struct {
	Image string `arg:"" type:"path" help:"Image to run."`
	runFlags
	VCD  string `name:"vcd" type:"path" placeholder:"FILE" help:"Record all wires between the units as a Value Change Dump."`
	From uint64 `help:"First recorded cycle."`
	To   uint64 `default:"9999" help:"Last recorded cycle."`
	tableFlags
}

// Run is called by kong.
func (c *runCmd) Run(e *env) error {
	if c.From > c.To {
		return usagef("vcd: got cycles %d to %d, want the first not after the last", c.From, c.To)
	}
	if err := hasFolder(c.Output); err != nil {
		return err
	}
	img, engine, err := c.load(c.Image)
	if err != nil {
		return err
	}
	header := headerOf(img)
	var result sim.Result
	run := func(opt sim.Options) error {
		result, err = runEngine(e, engine, header, c.Limit, opt)
		return err
	}
	if c.VCD == "" {
		err = run(sim.Options{})
	} else {
		err = createFile(c.VCD, func(w io.Writer) error { return c.record(w, engine.Chip(), run) })
	}
	if err != nil {
		return err
	}
	m := result.Metrics(sim.All)
	tables := m.Tables(rtlMHz)
	prices, energy, err := price(engine, m)
	var layers *table.Table
	if err == nil {
		layers, err = layerTable(prices, m)
	}
	if err == nil {
		tables = append(append(tables, layers), energy.tables(prices, false, false)...)
	}
	if header != nil {
		tables = append(tables, resultTable(header.Read(engine.Chip().XMemory())))
	}
	return errors.Join(c.write(e, tables...), err) // what was learned is shown even if its energy cannot be
}

// runEngine runs a loaded engine, shows the progress of a training program (header is nil for others), and tells on stderr
// how fast it was.
func runEngine(e *env, engine *sim.Engine, header *firmware.Header, limit uint64, opt sim.Options) (sim.Result, error) {
	var progress bar
	if header != nil {
		progress = newBar(e, stepsOf(header))
		opt.OnTagDone = onStep(func() { progress.add(1) })
	}
	begin := time.Now()
	result, err := engine.Run(e.ctx, limit, opt)
	progress.close()
	if err == nil {
		speed(e, result.Cycles, time.Since(begin))
	}
	return result, err
}

// record runs with a waveform of all wires. The dump is complete even when the run fails: that is when it is wanted.
func (c *runCmd) record(w io.Writer, chip *rtl.Chip, run func(sim.Options) error) error {
	const period = 1e6 / rtlMHz // ps
	dump, err := wave.NewVCD(w, "chip", chip.Wires(), period)
	if err != nil {
		return err
	}
	runErr := run(sim.Options{OnCycle: func(cycle uint64) error {
		if cycle < c.From || cycle > c.To {
			return nil
		}
		return dump.Sample(cycle)
	}})
	if err := dump.Close(); runErr == nil {
		return err
	}
	return runErr
}

// price turns metrics into energy: of the run or, beyond 9.2 J, of a thousandth.
func price(engine *sim.Engine, m *sim.Metrics) (*power.PriceList, spent, error) {
	prices, err := pricesOf(engine.Chip())
	if err != nil {
		return nil, spent{}, err
	}
	energy, err := measure(prices, m, 1000, "thousandth")
	return prices, energy, err
}

// layerTable is the table by layer and phase with the energy of each: of the commands under the mark and of leakage in its
// cycles. All rows together are the energy of the run.
func layerTable(prices *power.PriceList, m *sim.Metrics) (*table.Table, error) {
	var onDie, external [sim.NumTags]float64 // uJ
	for tag := range m.Counts.Rows {
		one := &sim.Metrics{}
		one.Counts.Rows[tag] = m.Counts.Rows[tag]
		one.Phases[activity.Tag(tag).Phase()] = m.Tags[tag].Cycles
		e, err := measure(prices, one, 1000, "")
		if err != nil {
			return nil, err
		}
		onDie[tag], external[tag] = e.uj((*power.Energy).OnDie), e.uj((*power.Energy).ExternalMemory)
	}
	t := m.LayerTable(
		sim.Column{Name: "on-die uJ", Cell: func(tag activity.Tag) any { return onDie[tag] }},
		sim.Column{Name: "external uJ", Cell: func(tag activity.Tag) any { return external[tag] }})
	t.Note("energy: of the commands under the mark, and leakage in its cycles")
	return t, nil
}

// resultTable is what a training program wrote about its epochs.
func resultTable(results []firmware.EpochResult) *table.Table {
	t := table.New("Epochs", "epoch", "steps", "eta", "train %", "test %", "sat o", "sat e", "sat V", "sat W")
	for _, r := range results {
		t.Row(int(r.Epoch), int(r.Steps), rate(float64(r.Eta)/65536), accuracy(trained(r)), accuracy(tested(r)),
			int(r.SatFF), int(r.SatErr), int(r.SatV), int(r.SatW))
	}
	return t
}
