package study

import (
	"fmt"
	"math"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/golden/data"
	"bdfasim/golden/qmodel"
	"bdfasim/testbench/models"
)

// Trace is a network in the course of its training: where the sparsity of an iteration comes from.
type Trace struct {
	Rule     string
	W, B     [][]float64 // by layer
	Density  []float64   // of o_0..o_{L-1} on the probe batch: part that is not zero
	Errors   []float64   // of e_1..e_L likewise
	Accuracy []float64   // on the test images, by epoch
}

// train trains with a rule in the fixed-point model, which has the chip's bits, and returns the
// state after all epochs.
func (n *Net) train(rule string, s sets) (*Trace, error) {
	spec, err := n.spec(rule, "", s, true)
	if err != nil {
		return nil, err
	}
	m, plan, err := n.model(spec)
	if err != nil {
		return nil, err
	}
	t := &Trace{Rule: rule}
	size, total := n.Sizes[0], len(s.train.Labels)
	for e := range n.Epochs {
		order := data.Order(1, uint64(e), total)
		for k := 0; k+n.Batch <= total; k += n.Batch {
			x, y := gather(s.train, order[k:k+n.Batch], size)
			m.Step(x, y, plan.Header.EtaAt(0, n.Batch))
		}
		x, y := gather(s.test, data.Order(0, 0, len(s.test.Labels)), size)
		t.Accuracy = append(t.Accuracy, float64(m.Eval(x, y))/float64(len(y)))
	}
	t.keep(m, plan)
	t.measure(n, m, s)
	return t, nil
}

// accBits is the width of the chip's accumulators.
const accBits = 48

// model is a program as the fixed-point model runs it.
func (n *Net) model(spec compile.Spec) (*qmodel.Model, *compile.Plan, error) {
	img, plan, err := compile.Build(spec)
	if err != nil {
		return nil, nil, fmt.Errorf("study: %s: %w", n.Name, err)
	}
	m, err := models.Fixed(plan, img, accBits)
	return m, plan, err
}

// measure brings the batch that the chips will train on through a model and keeps which part of its
// tensors is not zero. The model is of no use behind it.
func (t *Trace) measure(n *Net, m *qmodel.Model, s sets) {
	order := make([]int, n.Batch)
	for k := range order {
		order[k] = k
	}
	probe, labels := gather(s.train, order, n.Sizes[0])
	m.Step(probe, labels, 0)
	t.Density, t.Errors = nil, nil
	for i := range len(n.Sizes) - 1 {
		t.Density = append(t.Density, density(m.O[i][:n.Batch*n.Sizes[i]]))
	}
	for i := 1; i < len(n.Sizes); i++ {
		t.Errors = append(t.Errors, density(m.E[i][:n.Batch*n.Sizes[i]]))
	}
}

// keep takes weights and biases out of the model, as numbers that quantise back to the same
// integers.
func (t *Trace) keep(m *qmodel.Model, p *compile.Plan) {
	t.W, t.B = make([][]float64, len(p.Layers)), make([][]float64, len(p.Layers))
	below := 8
	for i := 1; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		for _, w := range m.W[i] {
			t.W[i] = append(t.W[i], math.Ldexp(float64(w), -l.Fw))
		}
		for _, b := range m.B[i] {
			t.B[i] = append(t.B[i], math.Ldexp(float64(b), -(below+l.Fw)))
		}
		below = l.Fo
	}
}

func gather(s firmware.Set, order []int, size int) (x []uint8, y []int) {
	for _, k := range order {
		x = append(x, s.Images[k*size:(k+1)*size]...)
		y = append(y, int(s.Labels[k]))
	}
	return x, y
}

func density(v []int16) float64 {
	n := 0
	for _, x := range v {
		if x != 0 {
			n++
		}
	}
	return float64(n) / float64(max(1, len(v)))
}
