package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"bdfasim/firmware"
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
	Power   bool   `help:"Energy by unit and phase, by layer and by event."`
	tableFlags
}

// Run is called by kong.
func (c *trainCmd) Run(e *env) error {
	if c.Seeds < 1 || c.Seeds > 1000 {
		return usagef("seeds: got %d, want 1..1000", c.Seeds)
	}
	if len(c.Rule) == 2 && c.Rule[0] == c.Rule[1] || len(c.Rule) > 2 {
		return usagef("rule: got %s, want each once", strings.Join(c.Rule, ","))
	}
	if err := c.writable(); err != nil {
		return err
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
	var failed []error // one output that fails does not cost the others
	if c.Curve != "" {
		failed = append(failed, writeCurve(c.Curve, outcomes))
	}
	if c.Plot != "" {
		failed = append(failed, drawCurve(c.Plot, outcomes))
	}
	tables, err := c.tables(outcomes)
	return errors.Join(append(failed, c.write(e, tables...), err)...)
}

// writable looks, before a long training, for outputs that cannot be written after it.
func (c *trainCmd) writable() error {
	if c.Plot != "" && !slices.Contains(plotFormats, filepath.Ext(c.Plot)) {
		return usagef("plot: got %s, want a file that ends in %s", c.Plot, strings.Join(plotFormats, ", "))
	}
	for _, name := range []string{c.Curve, c.Plot, c.Output} {
		if err := hasFolder(name); err != nil {
			return err
		}
	}
	return nil
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
		own = append(own, energy.tables(o.prices, c.Power, false)...)
		tables = append(tables, title(own, o.name(), " (training, without tests)")...)
	}
	return tables, nil
}

// name tells arms apart.
func (o *outcome) name() string { return fmt.Sprintf("%s, seed %d", o.arm.rule, o.arm.seed) }

// epochTable is accuracy and saturation by epoch.
func epochTable(outcomes []*outcome) *table.Table {
	t := table.New("Accuracy by epoch (%)", "rule", "seed", "epoch", "eta", "train", "chip", "fixed", "float", "sat o", "sat e", "sat V", "sat W")
	for _, o := range outcomes {
		for i, r := range o.epochs {
			t.Row(o.arm.rule, int(o.arm.seed), int(r.Epoch), rate(float64(r.Eta)/65536), accuracy(trained(r)), accuracy(tested(r)),
				accuracy(at(o.fixed, i)), accuracy(at(o.float, i)), int(r.SatFF), int(r.SatErr), int(r.SatV), int(r.SatW))
		}
		switch {
		case o.fixed == nil:
		case o.diff == "":
			t.Note("%s: all weights, biases and velocities of the chip equal the fixed-point model's", o.name())
		default:
			t.Note("%s: THE CHIP DIFFERS from the fixed-point model: %s", o.name(), o.diff)
		}
	}
	t.Note("train: of the training images, each before the step that learns from it")
	t.Note("chip, fixed, float: of %s", outcomes[0].arm.data.tested())
	t.Note("sat: values that did not fit their format: activations o, errors e, velocities V, weights W")
	return t
}

// trained and tested are the chip's accuracy in an epoch, 0..1, or -1.
func trained(r firmware.EpochResult) float64 { return part(r.TrainCorrect, r.TrainN) }
func tested(r firmware.EpochResult) float64  { return part(r.TestCorrect, r.TestN) }

func part(correct, n uint32) float64 {
	if n == 0 {
		return -1
	}
	return float64(correct) / float64(n)
}

// at returns an element, or -1 outside.
func at(v []float64, i int) float64 {
	if i >= 0 && i < len(v) {
		return v[i]
	}
	return -1
}
