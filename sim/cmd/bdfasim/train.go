package main

import (
	"errors"
	"fmt"

	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/sim"
)

// trainCmd trains networks and shows how the chip and the models do.
type trainCmd struct {
	Rule  []string `enum:"bp,bdfa" default:"bp" help:"Learning rules: bp, bdfa or both (bp,bdfa)."`
	Seeds int      `default:"1" help:"Train with so many seeds, from --seed on."`
	setup
	Compare bool   `default:"true" negatable:"" help:"Train the fixed-point and the float model as well."`
	Image   string `type:"path" placeholder:"FILE" help:"Write the firmware image (one rule and seed)."`
	Curve   string `type:"path" placeholder:"FILE" help:"Write accuracy by epoch as CSV."`
	Plot    string `type:"path" placeholder:"FILE" help:"Draw accuracy by epoch (.png, .svg or .pdf)."`
	Limit   uint64 `placeholder:"CYCLES" help:"Stop a chip that has not finished after so many cycles."`
	Power   bool   `help:"Add energy by layer and by event."`
	tableFlags
}

// Run is called by kong.
func (c *trainCmd) Run(e *env) error {
	if c.Seeds < 1 || c.Seeds > 1000 {
		return usagef("seeds: got %d, want 1..1000", c.Seeds)
	}
	arms, err := c.arms(c.Rule, c.Seeds)
	if err != nil {
		return err
	}
	if c.Image != "" {
		if len(arms) != 1 {
			return usagef("image: got %d rules and seeds, want one", len(arms))
		}
		if err := arms[0].img.WriteFile(c.Image); err != nil {
			return err
		}
	}
	outcomes, err := runAll(e, arms, c.XMemMB, c.Limit, c.Compare)
	if err != nil {
		return err
	}
	if c.Curve != "" {
		if err := writeCurve(c.Curve, outcomes); err != nil {
			return err
		}
	}
	if c.Plot != "" {
		if err := drawCurve(c.Plot, outcomes); err != nil {
			return err
		}
	}
	tables, err := c.tables(outcomes)
	return errors.Join(c.write(e, tables...), err) // what was learned is shown even if its energy cannot be
}

// arms builds all arms: every rule with every seed.
func (s *setup) arms(rules []string, seeds int) ([]*arm, error) {
	sizes, err := parseSizes(s.Layers)
	if err != nil {
		return nil, err
	}
	if _, err := s.rate(rules[0]); err != nil {
		return nil, err
	}
	d, err := s.load(sizes)
	if err != nil {
		return nil, err
	}
	var arms []*arm
	for _, rule := range rules {
		for n := range seeds {
			a, err := s.arm(rule, s.Seed+uint32(n), sizes, d)
			if err != nil {
				return nil, err
			}
			arms = append(arms, a)
		}
	}
	return arms, nil
}

// tables is the report: accuracy, a comparison if there is more than one arm, else what the chip did. With an error it
// returns the tables that it has.
func (c *trainCmd) tables(outcomes []*outcome) ([]*table.Table, error) {
	tables := []*table.Table{epochTable(outcomes)}
	if len(outcomes) > 1 {
		t, err := compareTable(c.Rule, outcomes)
		if err != nil {
			return tables, err
		}
		tables = append(tables, t)
	}
	for _, o := range outcomes {
		if len(outcomes) > 1 && !c.Power {
			break
		}
		m := o.chip.Metrics(sim.Training)
		own := m.Tables(rtlMHz)
		energy, err := o.energy(m)
		if err != nil {
			return tables, err
		}
		own = append(own, power.UnitTable(energy))
		if c.Power {
			own = append(own, power.LayerTable(energy), power.EventTable(o.prices, energy, false))
		}
		for _, t := range own {
			t.Title = fmt.Sprintf("%s: %s (training, without tests)", o.name(), t.Title)
		}
		tables = append(tables, own...)
	}
	return tables, nil
}

// name tells arms apart.
func (o *outcome) name() string { return fmt.Sprintf("%s, seed %d", o.arm.rule, o.arm.seed) }

// epochTable is accuracy and saturation by epoch.
func epochTable(outcomes []*outcome) *table.Table {
	t := table.New("Accuracy by epoch (%)", "rule", "seed", "epoch", "eta", "training", "test: chip", "fixed point", "float", "saturated o", "saturated e", "saturated V", "saturated W")
	for _, o := range outcomes {
		for i, r := range o.epochs {
			chip := -1.0
			if r.TestN > 0 {
				chip = float64(r.TestCorrect) / float64(r.TestN)
			}
			t.Row(o.arm.rule, int(o.arm.seed), int(r.Epoch), float64(r.Eta)/65536, 100*float64(r.TrainCorrect)/float64(r.TrainN), percent(chip),
				percent(at(o.fixed, i)), percent(at(o.float, i)), int(r.SatFF), int(r.SatErr), int(r.SatV), int(r.SatW))
		}
		switch {
		case o.fixed == nil:
		case o.diff == "":
			t.Note("%s: all weights, biases and velocities of the chip equal the fixed-point model's", o.name())
		default:
			t.Note("%s: THE CHIP DIFFERS from the fixed-point model: %s", o.name(), o.diff)
		}
	}
	return t
}

// at returns an element, or -1 beyond the end.
func at(v []float64, i int) float64 {
	if i < len(v) {
		return v[i]
	}
	return -1
}

// percent is a cell: 100 x, or a dash for what was not tested.
func percent(x float64) any {
	if x < 0 {
		return "-"
	}
	return 100 * x
}
