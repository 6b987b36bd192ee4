package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// runFlags are common to what runs an image.
type runFlags struct {
	Limit uint64 `placeholder:"CYCLES" help:"${run_limit}"`
	chipFlags
}

// load reads an image and builds the chip that it needs.
func (f *runFlags) load(e *env, name string) (*image.Image, *sim.Engine, error) {
	img, err := image.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	m, err := f.forImage(img)
	if err != nil {
		return nil, nil, err
	}
	if made, ok := compile.MachineOf(img); ok && m.XMem.SplitBanks && m.XMem.Bytes > made.XMem.Bytes {
		fmt.Fprintf(e.stderr, "note: compiled for %d MiB of external memory, running with %d: velocities do not lie in the "+
			"upper half of the banks, which takes more cycles; --xmem-mb %d avoids it\n",
			made.XMem.Bytes>>20, m.XMem.Bytes>>20, made.XMem.Bytes>>20)
	}
	engine, err := newEngine(img, m)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return img, engine, nil
}

// runCmd runs an image.
type runCmd struct {
	Image string `arg:"" type:"path" help:"Image to run."`
	runFlags
	lookFlags  `group:"Look inside:"`
	keepFlags  `group:"Stop and go on:"`
	SnapshotAt uint64 `placeholder:"CYCLE" group:"Stop and go on:" help:"${snapshot_at}"`
	tableFlags
}

// Validate is called by kong.
func (c *runCmd) Validate() error {
	if c.SnapshotAt > 0 && c.Checkpoint == "" {
		return errors.New("--snapshot-at: want --checkpoint FILE as well")
	}
	return c.lookFlags.Validate()
}

// Run is called by kong.
func (c *runCmd) Run(e *env) error {
	if err := hasFolder(c.Output); err != nil {
		return err
	}
	img, engine, err := c.load(e, c.Image)
	if err != nil {
		return err
	}
	seen, err := c.observe(e, img, engine.Chip())
	if err != nil {
		return err
	}
	header := headerOf(img)
	result, unfinished, err := c.run(e, img, engine, header, seen.opt)
	missed := seen.finish(e, unfinished != nil || err != nil)
	if err != nil {
		return errors.Join(err, missed)
	}
	m := result.Metrics(sim.All)
	chip := engine.Chip().Config()
	tables := m.Tables(chip.ClockMHz)
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
	if c.Format == "text" {
		tables = brief(tables)
	}
	if t := chipTable(chip, c.Format == "text"); len(t.Rows) > 0 {
		tables = append(tables, t)
	}
	// What was learned is shown even if its energy, or a dump, cannot be.
	return errors.Join(c.write(e, tables...), err, missed, unfinished)
}

// run runs the image, from where it was kept if that is asked for. One that was stopped, or came to
// its limit, still has a result.
func (c *runCmd) run(e *env, img *image.Image, engine *sim.Engine, header *firmware.Header, opt sim.Options,
) (result sim.Result, unfinished, err error) {
	config := engine.Chip().Config()
	k, err := c.open(belongs(img, config), stateBytes(config))
	if err != nil {
		return result, nil, err
	}
	steps := 0
	opt.OnTagDone = onStep(func() { steps++ }, opt.OnTagDone)
	epoch := 1
	if header != nil {
		epoch = stepsOf(header) / int(header.Epochs)
	}
	if err := k.chip("run", engine, &opt, epoch, &steps); err != nil {
		return result, nil, err
	}
	k.at(c.SnapshotAt, "run", engine, &opt, &steps)
	result, err = runEngine(e, engine, header, c.Limit, opt, steps)
	if !sim.Unfinished(err) {
		return result, nil, err
	}
	return result, err, k.keep("run", append(engine.State(), &steps))
}

// brief leaves out what says nothing: rows without a number that is not 0 (but for idle time),
// tables without rows, and tables by phase of a program without marks.
func brief(tables []*table.Table) (out []*table.Table) {
	for _, t := range tables {
		t.Rows = slices.DeleteFunc(t.Rows, func(row []any) bool {
			for i, cell := range row {
				_, text := cell.(string)
				zero := cell == any(0) || cell == any(uint64(0)) || cell == any(0.0) || cell == any(table.Fixed(0, 1))
				if !text && !zero && t.Header[i] != activity.Idle.String() {
					return false
				}
			}
			return true
		})
		unmarked := t.Header[0] == "phase" && !slices.ContainsFunc(t.Rows, func(row []any) bool {
			return row[0] != isa.PhaseNone.String() && row[0] != "total"
		})
		if len(t.Rows) > 0 && !unmarked {
			out = append(out, t)
		}
	}
	return out
}

// runEngine runs a loaded engine, shows the progress of a training program (header is nil for others), and tells on stderr
// how fast it was. done is the number of steps before.
func runEngine(e *env, engine *sim.Engine, header *firmware.Header, limit uint64, opt sim.Options, done int) (sim.Result, error) {
	progress := newBar(e, 0) // a program that does not train has none
	if header != nil {
		progress = newBar(e, stepsOf(header))
		progress.Add(done)
		opt.OnTagDone = onStep(func() { progress.Add(1) }, opt.OnTagDone)
	}
	begin, from := time.Now(), engine.Chip().Cycle()
	result, err := engine.Run(e.ctx, limit, opt)
	progress.Finish()
	if err == nil || sim.Unfinished(err) {
		speed(e, result.Cycles-from, time.Since(begin))
	}
	return result, err
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
