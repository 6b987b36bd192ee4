package models

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
	"bdfasim/golden"
	"bdfasim/golden/qmodel"
	"bdfasim/isa/image"
)

// small has everything whose order could be wrong: three input channels, normalisation, a map that is flattened, channels
// that are no multiple of 16, two hidden layers.
const small = `
name: small
input: {channels: 3, height: 8, width: 8}
classes: 5
layers:
  - conv: {out: 6, kernel: 3, pad: 1, bias: false}
  - bn
  - relu
  - maxpool: {kernel: 2}
  - conv: {out: 9, kernel: 3}
  - relu
  - flatten
  - fc: {out: 24}
  - relu
  - fc: {out: 18}
  - relu
  - fc: {out: 5}
`

func smallNet(t *testing.T) *net.Net {
	n, err := net.Parse([]byte(small), "small.yaml")
	require.NoError(t, err)
	return n
}

const batch = 24

// pixels are images of planes and their labels.
func pixels(n *net.Net) (planes, labels []uint8) {
	rng := rand.New(rand.NewPCG(1, 2))
	planes, labels = make([]byte, batch*n.Input.Size()), make([]uint8, batch)
	for k := range planes {
		planes[k] = byte(rng.IntN(256))
	}
	for k := range labels {
		labels[k] = uint8(k % n.Classes)
	}
	return planes, labels
}

// build makes program and fixed-point model.
func build(t *testing.T, f *golden.Network, o Options) (*compile.Plan, *image.Image, *qmodel.Model) {
	s, err := Spec(f, o, compile.DefaultFormats())
	require.NoError(t, err)
	planes, labels := pixels(f.Net())
	s.Train = Images(planes, labels, f.Net().Input)
	s.Eta, s.Epochs, s.Batch = 1./64, 1, batch
	img, p, err := compile.Build(s)
	require.NoError(t, err)
	m, err := Fixed(p, img, 48)
	require.NoError(t, err)
	return p, img, m
}

func options() map[string]Options {
	o := map[string]Options{}
	for name, x := range map[string]Options{
		"bp": {Rule: "bp"}, "conv-only": {Rule: "conv-only"}, "cdfa random": {Rule: "cdfa"}, "cdfa eq7": {Rule: "cdfa", FromWeights: true},
		"cbdfa lfsr": {Rule: "cbdfa"}, "cbdfa eq9": {Rule: "cbdfa", FromWeights: true}, "cbdfa concordant": {Rule: "cbdfa", Init: golden.ConcordantInit},
	} {
		x.Momentum, x.Seed = 0.9, 7
		o[name] = x
	}
	return o
}

// TestStepsAlike: in one step on the same images, errors and gradients of the fixed-point model point where those of the
// float model do, in every layer: weights, feedback and images have their places.
func TestStepsAlike(t *testing.T) {
	n := smallNet(t)
	planes, labels := pixels(n)
	for name, o := range options() {
		t.Run(name, func(t *testing.T) {
			f, err := Float(n, o)
			require.NoError(t, err)
			_, _, m := build(t, f, o)
			x, y := make([]float64, len(planes)), make([]int, batch)
			for k, v := range planes {
				x[k] = float64(v) / 256
			}
			for k, v := range labels {
				y[k] = int(v)
			}
			_, err = f.Gradients(x, y)
			require.NoError(t, err)
			m.Forward(Images(planes, labels, n.Input).Images)
			m.Loss(y)
			m.Errors()
			for i := 1; i <= f.L; i++ {
				want, err := f.Errors(i)
				require.NoError(t, err)
				d := f.Layers[i].Desc.To
				got := make([]float64, len(want.Data))
				plane := max(1, d.Height*d.Width)
				for k := range got { // sample, channel, pixel
					at, px := k/plane, k%plane
					got[k] = float64(m.E[i][(at/d.Channels*plane+px)*d.Channels+at%d.Channels])
				}
				require.Greater(t, golden.Cosine(got, want.Data), 0.97, "layer %d", i)
			}
		})
	}
}

// TestFeedback: the program's generator makes the signs of the float model, stored signs are its, and so are matrices.
func TestFeedback(t *testing.T) {
	n := smallNet(t)
	for name, o := range options() {
		f, err := Float(n, o)
		require.NoError(t, err)
		p, img, m := build(t, f, o)
		for i := 2; i < f.L; i++ {
			l := &p.Layers[i].Layer
			var d []int16
			if p.Spec().Rule == compile.DFA {
				d = p.Feedback(firmware.Memory(img), i)
			}
			for k, at := range places(l) {
				for c := range n.Classes {
					switch p.Spec().Rule {
					case compile.BDFA:
						require.Equal(t, math.Ldexp(float64(m.FeedbackBits(i)[at][c]), -l.FBShift), f.D[i].At(c, k), "%s: layer %d", name, i)
					case compile.DFA:
						got := math.Ldexp(float64(d[c*l.ChipOutputs()+at]), -l.Fb)
						require.InDelta(t, f.D[i].At(c, k), got, math.Ldexp(0.5001, -l.Fb), "%s: layer %d", name, i)
					}
				}
			}
		}
	}
}

// TestSameWeights: one seed gives every rule the same weights, but for concordant ones, and BFA too.
func TestSameWeights(t *testing.T) {
	n := smallNet(t)
	want, err := Float(n, Options{Rule: "bp", Seed: 7})
	require.NoError(t, err)
	for _, rule := range []string{"dfa", "bdfa", "bfa", "conv-only"} {
		f, err := Float(n, Options{Rule: rule, Seed: 7})
		require.NoError(t, err)
		for i := 1; i <= f.L; i++ {
			require.Equal(t, want.Layers[i].W, f.Layers[i].W, rule)
		}
	}
	_, err = Float(n, Options{Rule: "hebb"})
	require.ErrorContains(t, err, "hebb")
	require.False(t, HasFloat("bfa"))
	require.True(t, HasFloat("cbdfa"))
}

// TestBFA: its signs are as large as the weights that they stand for; stored ones do not exist.
func TestBFA(t *testing.T) {
	n := smallNet(t)
	o := Options{Rule: "bfa", Seed: 7}
	f, err := Float(n, o)
	require.NoError(t, err)
	p, _, _ := build(t, f, o)
	for i := 2; i < f.L; i++ {
		require.Equal(t, golden.FeedbackScale(golden.Pow2, f.Layers[i+1].W), math.Ldexp(1, -p.Layers[i].FBShift))
	}
	o.FromWeights = true
	_, err = Spec(f, o, compile.DefaultFormats())
	require.ErrorContains(t, err, "bfa")
}

// TestAdopt: the values of a file become those of model and image, running statistics among them.
func TestAdopt(t *testing.T) {
	n := smallNet(t)
	rng := rand.New(rand.NewPCG(3, 4))
	draw := func(n int, low float64) []float64 {
		v := make([]float64, n)
		for k := range v {
			v[k] = low + rng.Float64()
		}
		return v
	}
	file := &onnx.Model{Net: n, BN: []onnx.Norm{{Scale: draw(6, 0), Shift: draw(6, 0), Mean: draw(6, -0.5), Var: draw(6, 0.5), Epsilon: 1e-5, Momentum: 0.9}}}
	for _, l := range n.Layers {
		if !l.Weighted() {
			continue
		}
		fan := l.In.Size()
		if l.Type == net.Conv {
			fan = l.In.Channels * l.Kernel * l.Kernel
		}
		file.W = append(file.W, draw(l.Out*fan, -0.5))
		var bias []float64
		if l.Bias {
			bias = draw(l.Out, 0)
		}
		file.B = append(file.B, bias)
	}
	o := Options{Rule: "cbdfa", FromWeights: true, Seed: 7}
	f, err := Float(n, o)
	require.NoError(t, err)
	before := f.D[2].Clone()
	require.NoError(t, Adopt(f, file))
	require.NotEqual(t, before, f.D[2], "feedback follows the weights")
	p, img, _ := build(t, f, o)
	mem := firmware.Memory(img)
	for i := 1; i <= f.L; i++ {
		w, b := p.Trained(mem, i)
		require.InDeltaSlice(t, file.W[i-1], w, math.Ldexp(0.5, -p.Layers[i].Fw))
		require.Len(t, b, len(file.B[i-1]))
		if b != nil {
			require.InDeltaSlice(t, file.B[i-1], b, math.Ldexp(0.5, -p.Layers[i].Fw))
		}
	}
	for c, r := range p.Records(mem, 1) {
		b := file.BN[0]
		require.InDelta(t, b.Scale[c], math.Ldexp(float64(r.Gamma), -20), 1e-6)
		require.InDelta(t, b.Shift[c], math.Ldexp(float64(r.Beta), -26), 1e-7)
		require.InDelta(t, b.Mean[c], math.Ldexp(float64(r.RM), -p.Layers[1].Fz-8), 1e-5)
		require.InDelta(t, b.Var[c], math.Ldexp(float64(r.RV), -2*p.Layers[1].Fz-16), 1e-9)
	}
	file.W[2] = file.W[2][1:]
	require.ErrorContains(t, Adopt(f, file), "fc1.weight")
}

// TestImages: planes become pixels; vectors and grey images stay.
func TestImages(t *testing.T) {
	planes := []byte{1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18}
	got := Images(planes, []uint8{3, 1}, net.Shape{Channels: 2, Height: 2, Width: 2})
	require.Equal(t, firmware.Set{Images: []byte{1, 5, 2, 6, 3, 7, 4, 8, 11, 15, 12, 16, 13, 17, 14, 18}, Labels: []uint16{3, 1}}, got)
	require.Equal(t, planes, Images(planes, []uint8{3, 1}, net.Vector(8)).Images)
	require.Equal(t, planes, Images(planes, make([]uint8, 4), net.Shape{Channels: 1, Height: 2, Width: 2}).Images)
}
