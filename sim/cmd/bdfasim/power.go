package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/sim"
	"bdfasim/sim/powertrace"
	"bdfasim/sim/wave"
)

// powerCmd groups what is about energy.
type powerCmd struct {
	Run    powerRunCmd    `cmd:"" default:"withargs" help:"Energy of an image by unit, phase, layer and event, and power over time."`
	Prices powerPricesCmd `cmd:"" help:"Every price, constant and leakage with its range and source."`
	Study  studyCmd       `cmd:"" help:"Compare the kinds of error-path hardware: what can the published 35.3 % mean?"`
	Area   areaCmd        `cmd:"" help:"Area of the chip by unit."`
}

// powerRunCmd runs an image and prices it.
type powerRunCmd struct {
	Image   string  `arg:"" help:"Image to run and price."`
	Toggles bool    `help:"${toggles}"`
	Window  uint64  `default:"1000" placeholder:"CYCLES" help:"${window}"`
	CSV     target  `name:"csv" placeholder:"FILE" help:"Write power over time as CSV."`
	Plot    picture `placeholder:"FILE" help:"${plot}"`
	VCD     target  `name:"vcd" placeholder:"FILE" help:"${vcd}"`
	From    uint64  `help:"First cycle of power over time."`
	To      uint64  `help:"Cycle behind the last (default: the end)."`
	techFlags
	runFlags
	tableFlags
}

// Validate is called by kong.
func (c *powerRunCmd) Validate() error {
	if c.CSV == "" && c.Plot == "" && c.VCD == "" && (c.From > 0 || c.To > 0) {
		return errors.New("from and to: of power over time, want --csv, --plot or --vcd as well")
	}
	return nil
}

// Run is called by kong.
func (c *powerRunCmd) Run(e *env) error {
	c.toggles = c.Toggles
	img, engine, err := c.runFlags.load(e, c.Image)
	if err != nil {
		return err
	}
	tech, err := c.techFlags.load(engine.Chip().Config())
	if err != nil {
		return err
	}
	e.about.technology(tech)
	model := power.ByEvents
	if c.Toggles {
		model = power.ByToggles
	}
	prices, err := tech.PricesAs(model, engine.Chip().Geometry())
	if err != nil {
		return err
	}
	result, missed, err := c.trace(e, img, engine, prices)
	if err != nil {
		return err
	}
	m := result.Metrics(sim.All)
	energy, err := measure(prices, m, 1000, "thousandth")
	if err != nil {
		return err
	}
	tables := energy.tables(prices, true, true)
	if result.Phases[isa.PhaseEval].Cycles > 0 {
		tables[0].Notes = append(tables[0].Notes, testShare(&result))
	}
	named(tables, layerNames(img))
	if accounts, err := energy.accounts(prices); err == nil {
		tables = append(tables, accounts)
	} else { // the run fits the energy counter, an account of it does not
		tables[len(tables)-1].Note("accounts beside the totals are left out: %v", err)
	}
	return errors.Join(c.write(e, tables...), missed)
}

// trace runs the image and writes power over time where it is asked for, also of a run that was
// stopped or came to its limit. missed is that, or an output that could not be written.
func (c *powerRunCmd) trace(e *env, img *image.Image, engine *sim.Engine, prices *power.PriceList,
) (result sim.Result, missed, err error) {
	run := func(opt sim.Options) error {
		result, err = runEngine(e, engine, img, c.Limit, opt)
		if sim.Unfinished(err) {
			missed, err = err, nil
		}
		return err
	}
	if c.CSV == "" && c.Plot == "" && c.VCD == "" {
		err = run(sim.Options{})
		return result, missed, err
	}
	plot := powertrace.NewPlot()
	var signals powertrace.Signals
	sinks := []powertrace.Sink{plot.Add, signals.Set}
	observe := func() error {
		s, err := powertrace.New(engine.Chip(), prices, powertrace.Config{Window: c.Window, From: c.From, To: c.To}, sinks...)
		if err != nil {
			return err
		}
		if c.VCD != "" {
			return stream(c.VCD, func(w io.Writer) error { return c.record(w, img, engine.Chip(), s, &signals, run) })
		}
		return errors.Join(run(sim.Options{Window: s.Next(), OnWindow: s.Sample}), s.Close())
	}
	var failed error
	if c.CSV == "" {
		failed = observe()
	} else {
		failed = stream(c.CSV, func(w io.Writer) error {
			csv := powertrace.NewCSV(w)
			sinks = append(sinks, csv.Write)
			return errors.Join(observe(), csv.Flush())
		})
	}
	if failed == nil && c.Plot != "" {
		format := filepath.Ext(string(c.Plot))[1:]
		failed = target(c.Plot).write(func(w io.Writer) error { return plot.Render(w, format) })
	}
	if result.Cycles == 0 {
		err = failed // it did not even begin
	}
	return result, errors.Join(missed, failed), err
}

// record runs with a waveform of all wires and of power. The dump is complete even when the run fails.
func (c *powerRunCmd) record(w io.Writer, img *image.Image, chip *rtl.Chip, s *powertrace.Sampler, signals *powertrace.Signals, run func(sim.Options) error) error {
	dump, err := wave.NewVCD(w, "chip", chip.Wires(), cyclePS(chip), programWaves(img, chip), signals.Group())
	if err != nil {
		return err
	}
	var failed error // does not cost the run
	err = run(sim.Options{OnCycle: func(cycle uint64) error {
		if err := s.OnCycle(cycle); err != nil || failed != nil {
			return err
		}
		if cycle >= c.From && (c.To == 0 || cycle <= c.To) {
			failed = dump.Sample(cycle)
		}
		return nil
	}})
	return errors.Join(err, failed, s.Close(), dump.Amend(), dump.Close())
}

// powerPricesCmd shows the price list of the reference machine.
type powerPricesCmd struct {
	PrintTech bool `name:"print-tech" help:"Print the technology as a file that --tech reads."`
	builtFlags
	tableFlags
}

// Run is called by kong.
func (c *powerPricesCmd) Run(e *env) error {
	chip, tech, err := c.build()
	if err != nil {
		return err
	}
	if c.PrintTech {
		return writeTo(e, c.Output, tech.Marshal())
	}
	prices, err := tech.Prices(chip.Geometry())
	if err != nil {
		return fmt.Errorf("prices: %w", err)
	}
	e.about.machine(chip.Config())
	e.about.technology(tech)
	return c.write(e, power.ConstantTable(tech), power.PriceTable(prices), power.LeakTable(prices))
}
