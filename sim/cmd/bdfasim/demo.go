package main

import (
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"bdfasim/firmware/compile"
	"bdfasim/golden"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/sim"
)

// demoCmd shows on one screen how the rules learn and what their errors cost.
type demoCmd struct {
	Seeds  int    `default:"3" want:"[1,1000]" help:"Seeds to average over."`
	Epochs int    `default:"20" want:"[1,1048576]" help:"Epochs."`
	Layers string `default:"784-128-64-10" help:"Sizes of the layers."`
	Data   string `type:"path" placeholder:"DIR" help:"Folder with other images (see train)."`
	tableFlags
}

// contestant is a way of learning, on a machine.
type contestant struct {
	name    string
	rule    string
	arm     compile.Arm
	init    golden.Init
	machine string
	counter bool // of the first: it learns the same, on other hardware
}

var contestants = []contestant{
	{"BP", compile.BP, compile.ArmDNNC, golden.He, "BP, MAC array", false},
	{"BP", compile.BP, compile.ArmEPC, golden.He, "BP, multipliers", true},
	{"BDFA, concordant start", compile.BDFA, compile.ArmDEPC, golden.ConcordantInit, "", false},
	{"BDFA, random signs", compile.BDFA, compile.ArmDEPC, golden.He,
		"BDFA, adders", false},
}

func (*demoCmd) one() bool { return false }

// setup is the same schedule for all: the learning rate falls to a quarter for the last fifth of the
// epochs, so that what is compared is where they settle. It and the rates were chosen on held-out
// training images (docs/demo.md). Epochs before the last are not tested.
func (c *demoCmd) setup(k contestant) setup {
	return setup{
		Epochs: c.Epochs, Batch: 32, Seed: 1, dataFlags: dataFlags{Data: c.Data}, Momentum: 0.9,
		Feedback: "lfsr", Init: string(k.init), compileFlags: compileFlags{Arm: string(k.arm)},
		LRShiftEvery: max(1, c.Epochs-c.Epochs/5), LRShift: 2, EvalEvery: c.Epochs,
	}
}

// Run is called by kong.
func (c *demoCmd) Run(e *env) error {
	n, err := ofSizes(c.Layers)
	if err != nil {
		return err
	}
	var trials []*trial
	starts := []int{} // of each contestant's trials
	for _, k := range contestants {
		s, seeds := c.setup(k), c.Seeds
		if k.counter {
			seeds = 1
		}
		more, err := s.trials(n, []string{k.rule}, seeds)
		if err != nil {
			return err
		}
		for i, tr := range more {
			tr.float, tr.modelOnly = nil, i > 0
			e.about.trial(tr)
		}
		starts = append(starts, len(trials))
		trials = append(trials, more...)
	}
	outcomes, err := runAll(e, trials, 0, true, keepsNothing)
	if err != nil {
		return err
	}
	if !finished(outcomes) {
		simulated := slices.DeleteFunc(slices.Clone(outcomes), func(o *outcome) bool { return o.trial.modelOnly })
		return errors.Join(c.write(e, epochTable(simulated)), differences(outcomes))
	}
	var sides [][]*outcome
	for i, from := range starts {
		sides = append(sides, outcomes[from:append(starts, len(trials))[i+1]])
	}
	path, err := pathTable(sides)
	if err != nil {
		return err
	}
	return errors.Join(c.write(e, c.learningTable(sides), path), differences(outcomes))
}

// learningTable is what each way of learning reaches.
func (c *demoCmd) learningTable(sides [][]*outcome) *table.Table {
	d := sides[0][0].trial.data
	t := table.New(fmt.Sprintf("Learning: %s on %s, %d epochs of %d images", c.Layers, d.train.Name,
		c.Epochs, d.train.N), "rule", "model|model_percent", "chip|chip_percent", "chip and model", "rate")
	for i, side := range sides {
		k, o := contestants[i], side[0]
		if k.counter {
			continue
		}
		var all []float64
		for _, o := range side {
			all = append(all, 100*last(o.fixed))
		}
		mean, deviation := stat.MeanStdDev(all, nil)
		accuracy := any(table.Fixed(mean, 2))
		if len(all) > 1 {
			accuracy = table.Spread{Mean: mean, Deviation: deviation}
		}
		t.Row(k.name, accuracy, table.Fixed(100*lastTest(o), 2), map[bool]string{true: "equal", false: "DIFFERENT"}[o.diff == ""],
			rateText(defaultRate(k.rule, string(k.init))))
	}
	t.Note("accuracy in %% of the %d test images: of the fixed-point model over seeds 1 to %d, of the "+
		"chip for seed 1, whose parameters are compared with the model's, bit for bit", d.test.N, c.Seeds)
	t.Note("rate: a quarter of it from epoch %d on; start and signs: docs/demo.md",
		c.setup(contestants[0]).LRShiftEvery+1)
	return t
}

// cost is what a training step of a machine takes, a mean over its training.
type cost struct {
	phase, cycles, words float64
	phaseUJ, dieUJ, uj   float64
}

func (o *outcome) cost() (c cost, err error) {
	m := o.chip.Metrics(sim.Training)
	spent, err := o.energy(m)
	if err != nil {
		return c, err
	}
	steps := float64(o.epochs[len(o.epochs)-1].Steps)
	uj := func(of func(*power.Energy) power.Attojoules) float64 { return spent.uj(of) / steps }
	return cost{
		phase: float64(m.Phases[isa.PhaseEP]) / steps, cycles: float64(m.Cycles) / steps,
		words: float64(m.Words()) / steps,
		phaseUJ: uj(func(e *power.Energy) power.Attojoules {
			die, external := e.Phase(int(isa.PhaseEP))
			return die + external
		}),
		dieUJ: uj((*power.Energy).OnDie), uj: uj((*power.Energy).Total),
	}, nil
}

// pathTable is what a training step costs on each machine, and what that says about the published
// figure.
func pathTable(sides [][]*outcome) (*table.Table, error) {
	t := table.New("Error path: a training step (ep: its error phase; uJ with external memory)",
		"machine", "cycles ep", "cycles", "words", "uJ ep", "uJ on-die", "uJ")
	costs := map[compile.Arm]cost{}
	for i, side := range sides {
		k := contestants[i]
		if k.machine == "" {
			continue
		}
		c, err := side[0].cost()
		if err != nil {
			return nil, err
		}
		costs[k.arm] = c
		t.Row(k.machine, table.Fixed(c.phase, 0), table.Fixed(c.cycles, 0), table.Fixed(c.words, 0),
			c.phaseUJ, c.dieUJ, c.uj)
	}
	trees, adders := costs[compile.ArmEPC], costs[compile.ArmDEPC]
	saves := func(a, b float64) float64 { return 100 * (1 - b/a) }
	t.Note("errors on the MAC array (DNNC), on trees of multipliers (EPC), on trees of adders (DEPC)")
	t.Note("BDFA on adders against BP on multipliers saves %.1f %% of the error phase, "+
		"%.1f %% of a step on-die, %.1f %% with external memory", saves(trees.phaseUJ, adders.phaseUJ),
		saves(trees.dieUJ, adders.dieUJ), saves(trees.uj, adders.uj))
	t.Note("published: 35.3 %% of power, said of the error core (section 5.2) and of the accelerator " +
		"(abstract); a network this small spends little on errors")
	t.Note("by definition, network and baseline, with intervals: report/REPORT.md")
	t.Note("read on: docs/start.md (a step through the chip), docs/rules.md (rules measured)")
	return t, nil
}
