package onnx

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/firmware/net"
)

// fill gives a network numbers from draw.
func fill(n *net.Net, draw func() float64) *Model {
	m := &Model{Net: n}
	list := func(k int) []float64 {
		v := make([]float64, k)
		for i := range v {
			v[i] = draw()
		}
		return v
	}
	for _, l := range n.Layers {
		switch {
		case l.Type == net.BN:
			c := l.In.Channels
			p := Norm{Scale: list(c), Shift: list(c), Mean: list(c), Var: list(c), Epsilon: 1e-5, Momentum: 0.9}
			for i, v := range p.Var {
				p.Var[i] = math.Abs(v)
			}
			m.BN = append(m.BN, p)
		case l.Weighted():
			m.W = append(m.W, list(l.Out*l.FanIn()))
			m.B = append(m.B, nil)
			if l.Bias {
				m.B[len(m.B)-1] = list(l.Out)
			}
		}
	}
	return m
}

// draws is a cheap sequence of numbers of both signs.
func draws(single bool) func() float64 {
	i := 0
	return func() float64 {
		i++
		v := math.Sin(float64(i))
		if single {
			v = float64(float32(v))
		}
		return v
	}
}

func TestEncodedPresetsReadBack(t *testing.T) {
	for _, name := range []string{"cnn-small", "lenet", "mlp-784-128-64-10", "vgg-head-512"} {
		for _, single := range []bool{true, false} {
			n, err := net.Preset(name)
			require.NoError(t, err)
			m := fill(n, draws(single))
			data := Encode(m)
			again, err := Parse(data, name)
			require.NoError(t, err)
			require.Equal(t, m, again)
			if single {
				require.Less(t, len(data), 4*parameters(m)+3000)
			}
		}
	}
}

func parameters(m *Model) (n int) {
	for i := range m.W {
		n += len(m.W[i]) + len(m.B[i])
	}
	for _, p := range m.BN {
		n += 4 * len(p.Scale)
	}
	return n
}

func TestForeignFilesReadBack(t *testing.T) {
	for _, name := range []string{"torch-train", "torch-eval", "helper", "half"} {
		m, err := Parse(fixture(t, name), name)
		require.NoError(t, err)
		again, err := Parse(Encode(m), name)
		require.NoError(t, err)
		require.Equal(t, m, again)
	}
}

// Any chain of layers that fits reads back as the same model.
func TestRandomNetworksReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 6)
		n := &net.Net{Name: rapid.StringMatching(`[ -~äß€]{1,8}`).Draw(t, "name"), Input: net.Vector(size.Draw(t, "features"))}
		if rapid.Bool().Draw(t, "planes") {
			n.Input = net.Shape{Channels: size.Draw(t, "channels"), Height: size.Draw(t, "height"), Width: size.Draw(t, "width")}
		}
		kinds := []net.LayerType{net.Conv, net.FC, net.BN, net.ReLU, net.Tanh, net.Sigmoid, net.MaxPool, net.AvgPool, net.Flatten, net.Dropout}
		for range rapid.IntRange(0, 12).Draw(t, "layers") {
			l := net.Layer{Type: rapid.SampledFrom(kinds).Draw(t, "kind")}
			if l.Weighted() {
				l.Out, l.Bias = size.Draw(t, "out"), rapid.Bool().Draw(t, "bias")
			}
			switch l.Type {
			case net.Conv:
				l.Kernel, l.Stride, l.Pad = size.Draw(t, "kernel"), size.Draw(t, "stride"), rapid.IntRange(0, 2).Draw(t, "pad")
				l.Extra = rapid.IntRange(-l.Pad, 2-l.Pad).Draw(t, "extra")
			case net.MaxPool, net.AvgPool:
				l.Kernel, l.Stride = size.Draw(t, "kernel"), size.Draw(t, "stride")
			case net.Dropout:
				l.Rate = rapid.Float64Range(0, 0.99).Draw(t, "rate")
			}
			if err := n.Append(l); err != nil {
				continue // it does not fit here
			}
		}
		if !n.Top().Flat() {
			require.NoError(t, n.Append(net.Layer{Type: net.Flatten}))
		}
		n.Classes = rapid.IntRange(2, 5).Draw(t, "classes")
		require.NoError(t, n.Append(net.Layer{Type: net.FC, Out: n.Classes}))
		m := fill(n, draws(rapid.Bool().Draw(t, "single")))
		again, err := Parse(Encode(m), "f")
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}

func TestEncodeNamesTheNameless(t *testing.T) {
	m := fill(inferred(t, "input: {size: 2}\nclasses: 2\nlayers: [{fc: {out: 2}}]"), draws(true))
	again, err := Parse(Encode(m), "f")
	require.NoError(t, err)
	require.Equal(t, "network", again.Net.Name)
}

func TestCheck(t *testing.T) {
	for want, spoil := range map[string]func(*Model){
		"onnx: got no network, want one":                                           func(m *Model) { m.Net = nil },
		"onnx: name: got \"\\xff\", want at most 100 bytes of text":                func(m *Model) { m.Net.Name = "\xff" },
		"onnx: classes: got 0, want at least 2":                                    func(m *Model) { m.Net.Classes = 0 },
		"onnx: got layers without their shapes, want those of Infer":               func(m *Model) { m.Net.Layers[1].To = net.Shape{} },
		"onnx: layers[0].conv weights: got 1 numbers, want 72":                     func(m *Model) { m.W[0] = m.W[0][:1] },
		"onnx: layers[0].conv bias: got 8 numbers, want nil as the layer has none": func(m *Model) { m.B[0] = make([]float64, 8) },
		"onnx: layers[9].fc bias: got 0 numbers, want 64":                          func(m *Model) { m.B[2] = nil },
		"onnx: layers[11].fc: got no weights or bias, want an entry of both":       func(m *Model) { m.W = m.W[:3] },
		"onnx: layers[5].bn: got no parameters, want them":                         func(m *Model) { m.BN = m.BN[:1] },
		"onnx: layers[1].bn shift 2: got NaN, want a finite number":                func(m *Model) { m.BN[0].Shift[2] = math.NaN() },
		"onnx: layers[1].bn epsilon and momentum 1: got +Inf, want a finite":       func(m *Model) { m.BN[0].Momentum = math.Inf(1) },
		"onnx: layers[1].bn variance 3: got -1 with epsilon 1e-05, want a sum":     func(m *Model) { m.BN[0].Var[3] = -1 },
		"onnx: layers[3].maxpool.pad: got 1, want 0":                               func(m *Model) { m.Net.Layers[3].Pad = 1; _ = m.Net.Infer() },
		"onnx: got 5 weights, 4 biases and 2 norms, want 4, 4 and 2":               func(m *Model) { m.W = append(m.W, nil) },
	} {
		n, err := net.Preset("cnn-small")
		require.NoError(t, err)
		m := fill(n, draws(true))
		require.NoError(t, m.Check())
		spoil(m)
		require.ErrorContains(t, m.Check(), want)
		require.Panics(t, func() { Encode(m) })
	}
}
