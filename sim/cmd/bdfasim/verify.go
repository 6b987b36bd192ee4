package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"bdfasim/firmware/compile"
	"bdfasim/isa/image"
	"bdfasim/power/table"
	"bdfasim/rtl/seq"
	"bdfasim/testbench/lockstep"
)

// verifyCmd compares a training on the chip with the fixed-point model.
type verifyCmd struct {
	Target string `arg:"" name:"image|net" help:"${verify_target}"`
	Rule   string `enum:"bp,dfa,cdfa,bdfa,cbdfa,bfa,conv-only" default:"bp" help:"Learning rule."`
	Limit  uint64 `placeholder:"CYCLES" help:"Stop after so many cycles."`
	setup
	tableFlags
}

// Run is called by kong.
func (c *verifyCmd) Run(e *env) error {
	l, err := c.load(e)
	if err != nil {
		return err
	}
	e.about.machine(l.Chip.Config())
	return c.compare(e, l)
}

// load reads the image, or compiles the network.
func (c *verifyCmd) load(e *env) (*lockstep.Lockstep, error) {
	img, err := image.ReadFile(c.Target)
	if _, absent := errors.AsType[*fs.PathError](err); !absent && !errors.Is(err, image.ErrNotELF) {
		if err != nil {
			return nil, err
		}
		plan, err := compile.FromImage(img)
		switch {
		case errors.Is(err, compile.ErrNoNetwork):
			return nil, usageError{fmt.Errorf("%s: %w", c.Target, err)}
		case err != nil:
			return nil, fmt.Errorf("%s: %w", c.Target, err)
		}
		e.about.image(filepath.Base(c.Target), img)
		m, err := c.forImage(img)
		if err != nil {
			return nil, err
		}
		return lockstep.New(img, plan, m)
	}
	n, err := readNetwork(c.Target)
	if err != nil {
		return nil, err
	}
	trials, err := c.trials(n, []string{c.Rule}, 1)
	if err != nil {
		return nil, err
	}
	e.about.trial(trials[0])
	n.warn(e)
	return lockstep.New(trials[0].img, trials[0].plan, trials[0].chip)
}

// tamper is for the test of a chip with a defect, which sets it: called at every mark, before what
// the chip wrote is compared.
var tamper func(*lockstep.Lockstep, seq.TagDone)

// compare runs both and shows what was compared, up to the difference if there is one.
func (c *verifyCmd) compare(e *env, l *lockstep.Lockstep) error {
	progress := newProgress(e, int64(stepsOf(&l.Plan.Header)), "steps")
	losses := 0
	step := onLoss(perStep(&l.Plan.Header, &losses, func() { progress.Add(1) }), nil)
	l.OnMark = func(t seq.TagDone) error {
		if tamper != nil {
			tamper(l, t)
		}
		return step(t)
	}
	err := l.Run(e.ctx, c.Limit)
	progress.Finish()
	var d *lockstep.Divergence
	errors.As(err, &d)
	t := table.New("Chip and fixed-point model", "compared", "number")
	t.Row("marks", l.Marks)
	t.Row("tensors", l.Compared)
	t.Row("elements", l.Elements)
	t.Row("training steps", l.Steps)
	t.Row("cycles", l.Chip.Cycle())
	for _, clip := range l.Plan.Spec().Clipped {
		t.Note("%s", clip)
	}
	if d == nil {
		equal := "equal, bit for bit"
		if err != nil {
			equal += ", as far as it ran"
		}
		t.Note("%s", equal)
		return errors.Join(c.write(e, t), err)
	}
	at := table.New("First difference",
		"phase", "layer", "step", "cycle", "tensor", "index", "chip", "model", "elements")
	at.Row(d.Phase.String(), d.Layer, d.Step, d.Cycle, d.Tensor, d.Index, d.Got, d.Want, d.Count)
	return errors.Join(c.write(e, t, at), err)
}
