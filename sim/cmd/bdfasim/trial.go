package main

import (
	"context"
	"fmt"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net/onnx"
	"bdfasim/golden/data"
	"bdfasim/golden/qmodel"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/rtl/seq"
	"bdfasim/sim"
	"bdfasim/sim/sample"
	"bdfasim/testbench/models"
)

// outcome is what came out of a trial.
type outcome struct {
	trial  *trial
	chip   sim.Result
	before uint64 // cycles that were not simulated now, but before a checkpoint
	epochs []firmware.EpochResult
	params []compile.Learned // the chip's, by layer, in the end
	net    *onnx.Model       // the same as a file can hold it
	prices *power.PriceList
	model  *qmodel.Model // nil: not trained to the end
	fixed  []float64     // test accuracy of the fixed-point model by epoch, 0..1; -1: not tested
	float  []float64     // the same of the float model

	compared bool   // the chip with the fixed-point model
	diff     string // the first difference; "" if there is none

	samples *sample.Result // of a training that was not simulated whole

	unfinished error // why the chip stopped before its end; nil: it did not
}

// part is the name of what runs in a trial: chip, fixed, float.
func (tr *trial) part(what string) string {
	return fmt.Sprintf("%s, %s, seed %d", what, tr.rule, tr.seed)
}

// runChip trains on the chip. done is called with the number of training steps that are done.
func (o *outcome) runChip(ctx context.Context, limit uint64, k *keeper, done func(steps int)) error {
	tr := o.trial
	e, err := newEngine(tr.img, tr.chip)
	if err != nil {
		return err
	}
	if o.prices, err = pricesOf(e.Chip()); err != nil {
		return err
	}
	losses, part := 0, tr.part("chip")
	step := perStep(tr.header, &losses, func() { done(1) })
	opt := sim.Options{OnTagDone: onLoss(step, nil)}
	if err := k.chip(part, e, &opt, lossesOf(tr.header), &losses); err != nil {
		return err
	}
	done(stepsAt(tr.header, losses))
	o.before = e.Chip().Cycle()
	if o.chip, err = e.Run(ctx, limit, opt); err != nil {
		err = fmt.Errorf("%s, seed %d: %w", tr.rule, tr.seed, err)
		if !sim.Unfinished(err) {
			return err
		}
		o.unfinished = err
	}
	if err := k.keep(part, append(e.State(), &losses)); err != nil {
		return err
	}
	mem := e.Chip().XMemory()
	o.epochs = tr.header.Read(mem)
	p := tr.plan
	o.net = models.Trained(p, mem)
	o.params = make([]compile.Learned, tr.layers()+1)
	for i := 1; i < len(o.params); i++ {
		o.params[i] = p.Learned(mem, i)
	}
	return nil
}

// onLoss calls step after every loss of a chip, and also after every mark, if there is one.
func onLoss(step func(), also func(seq.TagDone) error) func(seq.TagDone) error {
	return func(d seq.TagDone) error {
		if isa.Phase(d.Tag.Phase()) == isa.PhaseLoss {
			step()
		}
		if also != nil {
			return also(d)
		}
		return nil
	}
}

// course is how far a model has come.
type course struct {
	Epoch, Batch int       // of the next step, from 0
	Accuracy     []float64 // after each epoch, 0..1; -1: not tested
}

// learner is a model that a trial trains beside the chip.
type learner struct {
	part  string
	state []any                               // that is kept
	batch func(order []int, eta uint32) error // trains on images
	test  func() (float64, error)             // accuracy, 0..1
}

// learn trains a model, from where it was kept on: batch by batch in the chip's order, with the
// chip's learning rate, tested after the epochs that the chip tests after. Without an error, finished
// is false if it was stopped.
func (tr *trial) learn(ctx context.Context, l *learner, k *keeper, done func(steps int)) (c course, finished bool, err error) {
	state := append(l.state, &c.Epoch, &c.Batch, &c.Accuracy)
	if err := k.restore(l.part, state); err != nil {
		return c, false, err
	}
	done(c.Epoch*tr.steps() + c.Batch)
	clock, size := k.timer(), int(tr.header.Batch)
	for ; c.Epoch < len(tr.orders); c.Epoch, c.Batch = c.Epoch+1, 0 {
		for order := tr.orders[c.Epoch]; c.Batch < tr.steps(); c.Batch++ {
			if ctx.Err() != nil {
				return c, false, k.keep(l.part, state)
			}
			if clock.due() || c.Batch == 0 && clock.every == 0 && c.Epoch > 0 {
				if err := k.keep(l.part, state); err != nil {
					return c, false, err
				}
			}
			part := order[c.Batch*size : min((c.Batch+1)*size, len(order))]
			if err := l.batch(part, tr.header.EtaAt(c.Epoch, len(part))); err != nil {
				return c, false, err
			}
			done(1)
		}
		accuracy := -1.0
		if tr.header.Tests(c.Epoch) {
			if accuracy, err = l.test(); err != nil {
				return c, false, err
			}
		}
		c.Accuracy = append(c.Accuracy, accuracy)
	}
	return c, true, k.keep(l.part, state)
}

// steps is the number of training steps of an epoch.
func (tr *trial) steps() int { return stepsOf(tr.header) / int(tr.header.Epochs) }

// runFixed trains the fixed-point model.
func (o *outcome) runFixed(ctx context.Context, k *keeper, done func(steps int)) error {
	tr := o.trial
	m, err := tr.fixed()
	if err != nil {
		return err
	}
	size := tr.data.train.Size()
	testLabels := make([]int, len(tr.test.Labels))
	for k, c := range tr.test.Labels {
		testLabels[k] = int(c)
	}
	var x []uint8
	var y []int
	l := &learner{part: tr.part("fixed"), state: m.State()}
	l.batch = func(order []int, eta uint32) error {
		x, y = x[:0], y[:0]
		for _, k := range order {
			x = append(x, tr.train.Images[k*size:(k+1)*size]...)
			y = append(y, int(tr.train.Labels[k]))
		}
		m.Step(x, y, eta)
		return nil
	}
	l.test = func() (float64, error) {
		return float64(m.Eval(tr.test.Images, testLabels)) / float64(len(testLabels)), nil
	}
	c, finished, err := tr.learn(ctx, l, k, done)
	if o.fixed = c.Accuracy; finished {
		o.model = m
	}
	return err
}

// runFloat trains the float model, with the learning rates that the chip's 16 bits can hold.
func (o *outcome) runFloat(ctx context.Context, k *keeper, done func(steps int)) error {
	tr := o.trial
	train := &tr.data.train
	size := train.Size()
	x, y := make([]float64, int(tr.header.Batch)*size), make([]int, tr.header.Batch)
	l := &learner{part: tr.part("float"), state: tr.float.State()}
	l.batch = func(order []int, eta uint32) error {
		n := len(order)
		if err := train.Batch(order, x[:n*size], y[:n]); err != nil {
			return err
		}
		_, err := tr.float.Step(x[:n*size], y[:n], float64(eta)/65536)
		return err
	}
	l.test = func() (float64, error) { return tr.floatAccuracy(&tr.data.test) }
	c, _, err := tr.learn(ctx, l, k, done)
	o.float = c.Accuracy
	return err
}

// floatAccuracy tests the float model in parts, because a large set in floats takes much memory.
func (tr *trial) floatAccuracy(test *data.Set) (float64, error) {
	const part = 1000
	size, correct := test.Size(), 0.0
	x, y := make([]float64, part*size), make([]int, part)
	for at := 0; at < test.N; at += part {
		order := make([]int, min(part, test.N-at))
		for k := range order {
			order[k] = at + k
		}
		n := len(order)
		if err := test.Batch(order, x[:n*size], y[:n]); err != nil {
			return 0, err
		}
		acc, err := tr.float.Accuracy(x[:n*size], y[:n])
		if err != nil {
			return 0, err
		}
		correct += float64(acc * float64(n))
	}
	return correct / float64(test.N), nil
}

// compare looks for the first parameter in which the chip differs from the fixed-point model, if
// both have come to their end.
func (o *outcome) compare() {
	m := o.model
	if m == nil || o.unfinished != nil {
		return
	}
	o.compared = true
	for i := 1; i < len(o.params) && o.diff == ""; i++ {
		want := models.Learned(m, i)
		o.diff = o.params[i].Differs(i, &want)
	}
}

// energy prices the training phases: all epochs or, beyond 9.2 J, an average one.
func (o *outcome) energy(m *sim.Metrics) (spent, error) {
	return measure(o.prices, m, int(o.trial.header.Epochs), "epoch")
}
