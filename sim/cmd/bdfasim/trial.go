package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net/onnx"
	"bdfasim/golden/data"
	"bdfasim/golden/qmodel"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/rtl/seq"
	"bdfasim/sim"
	"bdfasim/testbench/models"
)

// outcome is what came out of a trial.
type outcome struct {
	trial  *trial
	chip   sim.Result
	epochs []firmware.EpochResult
	params []params    // the chip's, by layer, in the end
	net    *onnx.Model // the same as a file can hold it
	prices *power.PriceList
	model  *qmodel.Model
	fixed  []float64 // test accuracy of the fixed-point model by epoch, 0..1; -1: not tested
	float  []float64 // the same of the float model
	diff   string    // first difference of the chip from the fixed-point model; "" if there is none
}

// params are the parameters of a layer.
type params struct {
	w     []int16
	v     []int32
	b, vb []int32
	norm  []compile.Record // of a batch normalisation, by channel
}

// runChip trains on the chip. step is called after every training step.
func (o *outcome) runChip(ctx context.Context, limit uint64, step func()) error {
	tr := o.trial
	e, err := newEngine(tr.img, tr.chip)
	if err != nil {
		return err
	}
	if o.prices, err = pricesOf(e.Chip()); err != nil {
		return err
	}
	o.chip, err = e.Run(ctx, limit, sim.Options{OnTagDone: onStep(step)})
	if err != nil {
		return fmt.Errorf("%s, seed %d: %w", tr.rule, tr.seed, err)
	}
	mem := e.Chip().XMemory()
	o.epochs = tr.header.Read(mem)
	p := tr.plan
	o.net = models.Trained(p, mem)
	o.params = make([]params, tr.layers()+1)
	for i := 1; i < len(o.params); i++ {
		o.params[i] = params{p.Weights(mem, i), p.Velocities(mem, i), p.Biases(mem, i), p.BiasVelocities(mem, i), nil}
		if p.Layers[i].BN {
			o.params[i].norm = p.Records(mem, i)
		}
	}
	return nil
}

// onStep calls step after every training step of a chip.
func onStep(step func()) func(seq.TagDone) error {
	return func(d seq.TagDone) error {
		if isa.Phase(d.Tag.Phase()) == isa.PhaseLoss {
			step()
		}
		return nil
	}
}

// epochs calls batch and step for every batch of every epoch in the chip's order, with the chip's learning rate, and
// test after the epochs that the chip tests after.
func (tr *trial) epochs(ctx context.Context, step func(), batch func(order []int, eta uint32) error, test func() (float64, error)) ([]float64, error) {
	size := int(tr.header.Batch)
	var accuracy []float64
	for epoch, order := range tr.orders {
		for part := range slices.Chunk(order, size) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if err := batch(part, tr.header.EtaAt(epoch, len(part))); err != nil {
				return nil, err
			}
			step()
		}
		acc := -1.0
		if tr.header.Tests(epoch) {
			var err error
			if acc, err = test(); err != nil {
				return nil, err
			}
		}
		accuracy = append(accuracy, acc)
	}
	return accuracy, nil
}

// runFixed trains the fixed-point model. step is called after every training step.
func (o *outcome) runFixed(ctx context.Context, step func()) (err error) {
	tr := o.trial
	if o.model, err = tr.fixed(); err != nil {
		return err
	}
	size := tr.data.train.Size()
	testLabels := make([]int, len(tr.test.Labels))
	for k, c := range tr.test.Labels {
		testLabels[k] = int(c)
	}
	var x []uint8
	var y []int
	o.fixed, err = tr.epochs(ctx, step, func(order []int, eta uint32) error {
		x, y = x[:0], y[:0]
		for _, k := range order {
			x = append(x, tr.train.Images[k*size:(k+1)*size]...)
			y = append(y, int(tr.train.Labels[k]))
		}
		o.model.Step(x, y, eta)
		return nil
	}, func() (float64, error) {
		return float64(o.model.Eval(tr.test.Images, testLabels)) / float64(len(testLabels)), nil
	})
	return err
}

// runFloat trains the float model, with the learning rates that the chip's 16 bits can hold. step is called
// after every training step.
func (o *outcome) runFloat(ctx context.Context, step func()) (err error) {
	tr := o.trial
	train := &tr.data.train
	size := train.Size()
	x, y := make([]float64, qmodel.MaxBatch*size), make([]int, qmodel.MaxBatch)
	o.float, err = tr.epochs(ctx, step, func(order []int, eta uint32) error {
		n := len(order)
		if err := train.Batch(order, x[:n*size], y[:n]); err != nil {
			return err
		}
		_, err := tr.float.Step(x[:n*size], y[:n], float64(eta)/65536)
		return err
	}, func() (float64, error) { return tr.floatAccuracy(&tr.data.test) })
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

// compare looks for the first parameter in which the chip differs from the fixed-point model.
func (o *outcome) compare() {
	m := o.model
	for i := 1; i < len(o.params) && o.diff == ""; i++ {
		p := &o.params[i]
		o.diff = cmp.Or(differ("W", i, p.w, m.W[i]), differ("V", i, p.v, m.V[i]),
			differ("b", i, p.b, m.B[i]), differ("vb", i, p.vb, m.VB[i]), differNorm(i, p.norm, m))
	}
}

// differNorm compares what a batch normalisation has learned and its running statistics.
func differNorm(layer int, chip []compile.Record, m *qmodel.Model) string {
	for c, r := range chip {
		want := r // of the rest, the batch's own numbers, nothing is left over
		want.Gamma, want.Beta, want.VG, want.VB = m.Gamma[layer][c], m.Beta[layer][c], m.VGamma[layer][c], m.VBeta[layer][c]
		want.RM, want.RV = m.RM[layer][c], m.RV[layer][c]
		if r != want {
			return fmt.Sprintf("normalisation of layer %d, channel %d: chip %+v, model %+v", layer, c, r, want)
		}
	}
	return ""
}

func differ[T int16 | int32](name string, layer int, chip, model []T) string {
	for k := range chip {
		if chip[k] != model[k] {
			return fmt.Sprintf("%s_%d, element %d: chip %d, model %d", name, layer, k, chip[k], model[k])
		}
	}
	return ""
}

// energy prices the training phases: all epochs or, beyond 9.2 J, an average one.
func (o *outcome) energy(m *sim.Metrics) (spent, error) {
	return measure(o.prices, m, int(o.trial.header.Epochs), "epoch")
}
