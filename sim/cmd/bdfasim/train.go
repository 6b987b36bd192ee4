package main

import (
	"errors"
	"fmt"
	"slices"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net/onnx"
	"bdfasim/power/table"
	"bdfasim/sim"
	"bdfasim/sim/snapshot"
)

// trainCmd trains networks and shows how the chip and the models do.
type trainCmd struct {
	Net     string   `arg:"" optional:"" help:"${train_net}"`
	Network string   `name:"net" placeholder:"NET" help:"The network, if it is not the argument."`
	Layers  string   `placeholder:"SIZES" help:"${train_layers}"`
	Rule    []string `enum:"bp,dfa,cdfa,bdfa,cbdfa,bfa,conv-only" default:"bp" help:"${train_rule}"`
	Seeds   int      `default:"1" want:"[1,1000]" help:"Train with so many seeds, from --seed on."`
	setup
	Compare     bool    `default:"true" negatable:"" help:"${compare}"`
	Image       target  `placeholder:"FILE" help:"${image}"`
	Save        target  `placeholder:"FILE" help:"${save}"`
	Curve       target  `placeholder:"FILE" help:"Write accuracy by epoch as CSV."`
	Plot        picture `placeholder:"FILE" help:"${train_plot}"`
	Limit       uint64  `placeholder:"CYCLES" help:"${train_limit}"`
	Power       bool    `help:"Energy by unit and phase, by layer and by event."`
	sampleFlags `group:"Simulate samples only:"`
	keepFlags   `group:"Stop and go on:"`
	tableFlags
}

// defaultLayers are trained when nothing is asked for.
const defaultLayers = "784-128-64-10"

// network is what the command line asks for.
func (c *trainCmd) network() (*network, error) {
	name := c.Net
	switch {
	case c.Net != "" && c.Network != "":
		return nil, usagef("net: got %s and %s, want one network", c.Net, c.Network)
	case c.Net == "":
		name = c.Network
	}
	if name != "" {
		if c.Layers != "" {
			return nil, usagef("layers: got them and network %s, want one of both", name)
		}
		return readNetwork(name)
	}
	layers := c.Layers
	if layers == "" {
		layers = defaultLayers
	}
	return ofSizes(layers)
}

// Run is called by kong.
func (c *trainCmd) Run(e *env) error {
	n, err := c.network()
	if err != nil {
		return err
	}
	if err := rulesOf(c.Rule); err != nil {
		return err
	}
	if runs := len(c.Rule) * c.Seeds; runs != 1 && (c.Image != "" || c.Save != "") {
		return usagef("image and save: got %d rules and seeds, want one", runs)
	}
	if c.sampled() {
		if err := c.alone(); err != nil {
			return err
		}
	}
	trials, err := c.trials(n, c.Rule, c.Seeds)
	if err != nil {
		return err
	}
	for _, tr := range trials {
		e.about.trial(tr)
	}
	n.warn(e)
	if c.Image != "" {
		if err := writeImage(e, c.Image, trials[0].img); err != nil {
			return err
		}
	}
	k, err := c.keeper(trials)
	if err != nil {
		return err
	}
	var outcomes []*outcome
	if c.sampled() {
		outcomes, err = c.runSamples(e, trials[0])
	} else {
		outcomes, err = runAll(e, trials, c.Limit, c.Compare, k)
	}
	if err != nil {
		return err
	}
	failed := []error{k.err} // one output that fails does not cost the others
	if c.Save != "" {
		failed = append(failed, writeTo(e, c.Save, onnx.Encode(outcomes[0].net)))
	}
	failed = append(failed, c.Curve.write(epochTable(outcomes).CSV))
	if c.Plot != "" {
		failed = append(failed, drawCurve(string(c.Plot), outcomes))
	}
	tables, err := c.tables(n, outcomes)
	return errors.Join(append(failed, c.write(e, tables...), err, differences(outcomes))...)
}

// keeper keeps all trials in one file.
func (c *trainCmd) keeper(trials []*trial) (*keeper, error) {
	var of []snapshot.Of
	most := 0
	for _, tr := range trials {
		for _, o := range belongs(tr.img, tr.chip) {
			o.What = tr.part(o.What)
			of = append(of, o)
		}
		most += 4 * stateBytes(tr.chip) // the models' parameters are no more than the chip's memory
	}
	return c.open(of, most)
}

// differences is an error if a chip's parameters are not its fixed-point model's: such numbers are wrong, whatever tables
// say; or if it did not come to its end.
func differences(outcomes []*outcome) error {
	var errs []error
	for _, o := range outcomes {
		errs = append(errs, o.unfinished)
		if o.diff != "" {
			errs = append(errs, fmt.Errorf("%s: the chip differs from the fixed-point model: %s", o.name(), o.diff))
		}
	}
	return errors.Join(errs...)
}

// tables is the report: accuracy, a comparison if there is more than one trial, else what the chip did. With an error it
// returns the tables that it has.
func (c *trainCmd) tables(n *network, outcomes []*outcome) ([]*table.Table, error) {
	tables := []*table.Table{epochTable(outcomes)}
	for _, note := range n.notes {
		tables[0].Note("%s", note)
	}
	if len(outcomes) > 1 && finished(outcomes) {
		t, err := compareTable(c.Rule, outcomes)
		if err != nil {
			return tables, err
		}
		tables = append(tables, t)
	}
	for _, o := range outcomes {
		if o.samples != nil {
			return append(tables, sampleTables(o.trial, o.samples)...), nil
		}
		if len(outcomes) > 1 && !c.Power {
			break
		}
		m := o.chip.Metrics(sim.Training)
		own := m.Tables(o.trial.chip.ClockMHz)
		energy, err := o.energy(m)
		if err != nil {
			return tables, err
		}
		own = append(own, energy.tables(o.prices, c.Power, false)...)
		tables = append(tables, title(own, o.name(), " (training, without tests)")...)
		for _, t := range own {
			if len(outcomes) > 1 {
				t.Name = table.Key(o.name()) + "_" + t.Name
			}
		}
	}
	return tables, nil
}

// finished tells whether all trials came to their end.
func finished(outcomes []*outcome) bool {
	return !slices.ContainsFunc(outcomes, func(o *outcome) bool { return o.unfinished != nil })
}

// name tells trials apart.
func (o *outcome) name() string { return fmt.Sprintf("%s, seed %d", o.trial.rule, o.trial.seed) }

// normalises tells whether the network has batch normalisation.
func (o *outcome) normalises() bool {
	return slices.ContainsFunc(o.params, func(p compile.Learned) bool { return len(p.Norm) > 0 })
}

// epochTable is accuracy and saturation by epoch.
func epochTable(outcomes []*outcome) *table.Table {
	t := table.New("Accuracy by epoch (%)", "rule", "seed", "epoch", "eta",
		"train|train_percent", "chip|chip_percent", "fixed|fixed_percent", "float|float_percent",
		"sat o", "sat e", "sat V", "sat W")
	for _, o := range outcomes {
		for i, r := range o.epochs {
			t.Row(o.trial.rule, int(o.trial.seed), int(r.Epoch), rate(float64(r.Eta)/65536), accuracy(trained(r)), accuracy(tested(r)),
				accuracy(at(o.fixed, i)), accuracy(at(o.float, i)), int(r.SatFF), int(r.SatErr), int(r.SatV), int(r.SatW))
		}
		switch what := "weights, biases and velocities"; {
		case !o.compared:
		case o.diff == "":
			if o.normalises() {
				what = "weights, biases, velocities and records of batch normalisation"
			}
			t.Note("%s: all %s of the chip equal the fixed-point model's", o.name(), what)
		default:
			t.Note("%s: THE CHIP DIFFERS from the fixed-point model: %s", o.name(), o.diff)
		}
	}
	for _, o := range outcomes {
		if o.fixed != nil && o.trial.float == nil {
			t.Note("%s: the float model does not know this rule", o.name())
		}
	}
	t.Note("train: of the training images, each before the step that learns from it")
	t.Note("chip, fixed, float: of %s", outcomes[0].trial.data.tested())
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
