package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"bdfasim/firmware/net"
)

// Model is a network with its weights. Layers without numbers of their own
// have no entry in W, B and BN.
type Model struct {
	Net *net.Net

	// W holds the weights of each weighted layer, in the order of the layers:
	// of a conv out x in x kernel x kernel, of an fc out x in, rows first. The
	// inputs of an fc above a flatten are channel, row, column, columns fastest.
	W [][]float64
	// B holds the bias of each weighted layer, one a row of W; nil where the
	// layer has Bias false.
	B [][]float64
	// BN holds the parameters of each bn layer, in the order of the layers.
	BN []Norm

	// Scaled tells that sums and products before the first layer are in its weights: the file's
	// network takes images as they were before.
	Scaled bool
}

// Norm is y = Scale (x - Mean) / sqrt(Var + Epsilon) + Shift, one entry a
// channel (of planes) or element (of a vector).
type Norm struct {
	Scale, Shift, Mean, Var []float64
	// Epsilon is what the file says; ONNX's default is 1e-5.
	Epsilon float64
	// Momentum is the part of the old running mean and variance that a batch
	// leaves, ONNX's convention: 0.9 where PyTorch says 0.1.
	Momentum float64
}

// Check tells whether the parts fit together: Net passes Infer and has the shapes that Infer gives,
// pools have no padding, each layer has as many numbers as it needs, and all are finite. What Parse
// returns passes.
func (m *Model) Check() error {
	if m.Net == nil {
		return errors.New("onnx: got no network, want one")
	}
	n := *m.Net
	n.Layers = slices.Clone(n.Layers)
	if err := n.Infer(); err != nil {
		return fmt.Errorf("onnx: %w", err)
	}
	if !slices.Equal(n.Layers, m.Net.Layers) {
		return errors.New("onnx: got layers without their shapes, want those of Infer")
	}
	w, bn := 0, 0
	for i, l := range n.Layers {
		where := fmt.Sprintf("onnx: layers[%d].%s", i, l.Type)
		var err error
		switch {
		case l.Weighted():
			err = m.checkWeights(where, w, l)
			w++
		case l.Type == net.BN:
			err = m.checkNorm(where, bn, l)
			bn++
		case l.Pad != 0:
			err = fmt.Errorf("%s.pad: got %d, want 0", where, l.Pad)
		}
		if err != nil {
			return err
		}
	}
	if len(m.W) != w || len(m.B) != w || len(m.BN) != bn {
		return fmt.Errorf("onnx: got %d weights, %d biases and %d norms, want %d, %d and %d", len(m.W), len(m.B), len(m.BN), w, w, bn)
	}
	return nil
}

func (m *Model) checkWeights(where string, w int, l net.Layer) error {
	if w >= len(m.W) || w >= len(m.B) {
		return fmt.Errorf("%s: got no weights or bias, want an entry of both", where)
	}
	if err := checkNumbers(where+" weights", m.W[w], l.Out*l.FanIn()); err != nil {
		return err
	}
	if !l.Bias {
		if m.B[w] != nil {
			return fmt.Errorf("%s bias: got %d numbers, want nil as the layer has none", where, len(m.B[w]))
		}
		return nil
	}
	return checkNumbers(where+" bias", m.B[w], l.Out)
}

func (m *Model) checkNorm(where string, bn int, l net.Layer) error {
	if bn >= len(m.BN) {
		return fmt.Errorf("%s: got no parameters, want them", where)
	}
	p, c := m.BN[bn], l.In.Channels
	for _, err := range []error{
		checkNumbers(where+" scale", p.Scale, c), checkNumbers(where+" shift", p.Shift, c),
		checkNumbers(where+" mean", p.Mean, c), checkNumbers(where+" variance", p.Var, c),
		checkNumbers(where+" epsilon and momentum", []float64{p.Epsilon, p.Momentum}, 2),
	} {
		if err != nil {
			return err
		}
	}
	for i, v := range p.Var {
		if v < 0 || v+p.Epsilon <= 0 {
			return fmt.Errorf("%s variance %d: got %v with epsilon %v, want a sum above 0", where, i, v, p.Epsilon)
		}
	}
	return nil
}

func checkNumbers(where string, v []float64, n int) error {
	if len(v) != n {
		return fmt.Errorf("%s: got %d numbers, want %d", where, len(v), n)
	}
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("%s %d: got %v, want a finite number", where, i, x)
		}
	}
	return nil
}
