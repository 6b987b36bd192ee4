package main

import (
	"errors"
	"fmt"

	"bdfasim/firmware/compile"
)

// demoCmd compares the rules.
type demoCmd struct {
	Seeds  int    `default:"3" want:"[1,1000]" help:"Seeds to average over."`
	Epochs int    `default:"20" want:"[1,1048576]" help:"Epochs."`
	Init   string `enum:"he,concordant" default:"he" help:"Initial weights of bdfa (see train)."`
	Layers string `default:"784-128-64-10" help:"Sizes of the layers."`
	Data   string `type:"path" placeholder:"DIR" help:"Folder with other images (see train)."`
	tableFlags
}

// demoRules are both rules.
var demoRules = []string{compile.BP, compile.BDFA}

func (*demoCmd) one() bool { return true }

// Run is called by kong.
func (c *demoCmd) Run(e *env) error {
	// The same schedule for both rules: the learning rate falls to a quarter for the last fifth of the epochs, so that
	// what is compared is where they settle. It and the rates were chosen on held-out training images (docs/demo.md).
	// Tests only in the end: epochs between are of no interest here.
	s := setup{
		Epochs: c.Epochs, Batch: 32, Seed: 1, dataFlags: dataFlags{Data: c.Data}, Momentum: 0.9, Feedback: "lfsr", Init: c.Init,
		LRShiftEvery: max(1, c.Epochs-c.Epochs/5), LRShift: 2, EvalEvery: c.Epochs,
	}
	n, err := ofSizes(c.Layers)
	if err != nil {
		return err
	}
	trials, err := s.trials(n, demoRules, c.Seeds)
	if err != nil {
		return err
	}
	outcomes, err := runAll(e, trials, 0, true, keepsNothing)
	if err != nil {
		return err
	}
	for _, tr := range trials {
		e.about.trial(tr)
	}
	if !finished(outcomes) {
		return errors.Join(c.write(e, epochTable(outcomes)), differences(outcomes))
	}
	t, err := compareTable(demoRules, outcomes)
	if err != nil {
		return err
	}
	t.Note("learning rates: bp %s, bdfa %s, both a quarter of it from epoch %d on",
		rateText(defaultRate(compile.BP, c.Init)), rateText(defaultRate(compile.BDFA, c.Init)), s.LRShiftEvery+1)
	t.Note("initial weights: bp he, bdfa %s from the same draw; feedback signs from the LFSR", c.Init)
	t.Title = fmt.Sprintf("BP against BDFA: %s on %s, %d epochs of %d images", c.Layers, trials[0].data.train.Name, c.Epochs, trials[0].data.train.N)
	return errors.Join(c.write(e, t), differences(outcomes))
}
