package golden

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/firmware/net"
)

// drawSizes gives a network of 2 to 4 layers with narrow output.
func drawSizes(t *rapid.T) []int {
	sizes := []int{rapid.IntRange(1, 9).Draw(t, "inputs")}
	for range rapid.IntRange(1, 3).Draw(t, "hidden layers") {
		sizes = append(sizes, rapid.IntRange(5, 14).Draw(t, "neurons"))
	}
	return append(sizes, rapid.IntRange(2, 4).Draw(t, "classes"))
}

// identity is no activation: with it Eq. 7's feedback equals BP.
const identity net.LayerType = ""

func drawActivation(t *rapid.T) net.LayerType {
	return rapid.SampledFrom([]net.LayerType{net.ReLU, net.Tanh, net.Sigmoid, identity}).Draw(t, "f")
}

// mlp is a fully connected network.
func mlp(t require.TestingT, act net.LayerType, sizes ...int) *net.Net {
	n, err := net.MLP(act, sizes...)
	require.NoError(t, err)
	return n
}

// gradientsOf returns copies of all weight gradients.
func gradientsOf(t require.TestingT, m *Network, x []float64, y []int) []Mat {
	_, err := m.Gradients(x, y)
	require.NoError(t, err)
	return matrices(m, func(l *Layer) Mat { return l.G })
}

// matrices copies a matrix of each layer 1..L.
func matrices(m *Network, of func(*Layer) Mat) []Mat {
	out := []Mat{{}}
	for _, l := range m.Layers[1:] {
		out = append(out, of(l).Clone())
	}
	return out
}

func weightsOf(l *Layer) Mat { return l.W }

// errorsOf returns e_i of the last pass, or with i = 0 the error at the input.
func errorsOf(t require.TestingT, m *Network, i int) Mat {
	e, err := m.Signal(0)
	if i > 0 {
		e, err = m.Errors(i)
	}
	require.NoError(t, err)
	return e
}

func TestIdentityWithEq7IsBP(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := mlp(t, identity, drawSizes(t)...)
		cfg := NetConfig{Rule: "bp", Seed: rapid.Uint64().Draw(t, "seed")}
		x, y := samples(cfg.Seed, n, 5)
		b := build(t, n, cfg)
		_, err := b.Gradients(x, y)
		require.NoError(t, err)
		cfg.Rule, cfg.Feedback = "dfa", Eq7
		d := build(t, n, cfg)
		_, err = d.Gradients(x, y)
		require.NoError(t, err)
		for i := 0; i <= b.L; i++ {
			near(t, errorsOf(t, b, i).Data, errorsOf(t, d, i).Data, 1e-11, 1e-12, "e")
		}
	})
}

func TestLayerBelowTheTopEqualsBPWithEq7(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := mlp(t, drawActivation(t), drawSizes(t)...)
		cfg := NetConfig{Rule: "bp", Seed: rapid.Uint64().Draw(t, "seed")}
		x, y := samples(cfg.Seed, n, 5)
		b := gradientsOf(t, build(t, n, cfg), x, y)
		cfg.Rule, cfg.Feedback = "dfa", Eq7
		d := gradientsOf(t, build(t, n, cfg), x, y)
		l := len(b) - 1
		require.Equal(t, b[l], d[l])
		require.Equal(t, b[l-1], d[l-1])
	})
}

func TestSignOfZeroIsPlus(t *testing.T) {
	d := Mat{Rows: 1, Cols: 4, Data: []float64{0, math.Copysign(0, -1), -1e-300, 3}}
	require.Equal(t, []float64{1, 1, -1, 1}, Signs([]Mat{d})[0].Data)
}

// feedbackConfigs are all ways to have fixed feedback.
var feedbackConfigs = []NetConfig{
	{Rule: "fa"},
	{Rule: "dfa"}, {Rule: "dfa", Scale: RMS}, {Rule: "dfa", Feedback: Eq7},
	{Rule: "bdfa"}, {Rule: "bdfa", Scale: Pow2}, {Rule: "bdfa", Feedback: Eq9, Scale: RMS},
	{Rule: "bdfa", Scale: Pow2, Init: ConcordantInit}, {Rule: "bdfa", Feedback: LFSR, Scale: Pow2, Init: ConcordantInit},
}

func TestTrainingLeavesFeedbackAlone(t *testing.T) {
	for _, cfg := range feedbackConfigs {
		cfg.Momentum, cfg.Seed = 0.9, 4
		m := build(t, mlp(t, net.ReLU, 6, 9, 7, 3), cfg)
		x, y := samples(1, m.Net(), 8)
		var before []Mat
		for _, d := range append(m.D, m.R...) {
			before = append(before, d.Clone())
		}
		w := m.Layers[1].W.Clone()
		for range 20 {
			_, err := m.Step(x, y, 0.1)
			require.NoError(t, err)
		}
		require.NotEqual(t, w, m.Layers[1].W)
		for k, d := range append(m.D, m.R...) {
			require.Equal(t, before[k], d.Clone())
		}
	}
}

// With e_L and f' held, the direct rules' teaching signal may not see the
// weights above a layer: BP's would.
func TestTeachingSignalIgnoresWeights(t *testing.T) {
	for _, cfg := range append([]NetConfig{{Rule: "bp"}}, feedbackConfigs...) {
		cfg.Seed = 5
		n := build(t, mlp(t, net.ReLU, 6, 9, 7, 3), cfg)
		x, y := samples(2, n.Net(), 8)
		_, err := n.Gradients(x, y)
		require.NoError(t, err)
		before, after := NewMat(8, 7), NewMat(8, 7)
		n.rule.teach(n, 2, before.Data)
		for k := range n.Layers[3].W.Data {
			n.Layers[3].W.Data[k] += 0.5
		}
		n.rule.teach(n, 2, after.Data)
		require.Equal(t, cfg.Rule != "bp", matEqual(before, after), cfg.Rule)
	}
}

func matEqual(a, b Mat) bool {
	for k := range a.Data {
		if a.Data[k] != b.Data[k] {
			return false
		}
	}
	return true
}

func TestHiddenGradientsDifferFromBPAndAreNotZero(t *testing.T) {
	for _, cfg := range feedbackConfigs {
		cfg.Seed = 6
		m := build(t, mlp(t, net.ReLU, 6, 12, 9, 3), cfg)
		x, y := samples(3, m.Net(), 8)
		own := gradientsOf(t, m, x, y)
		align, err := m.Alignment(x, y)
		require.NoError(t, err)
		require.Equal(t, own, gradientsOf(t, m, x, y)) // Alignment put its rule back
		require.InDelta(t, 1, align[3].GradCos, 1e-12)
		require.InDelta(t, 1, align[3].NormRatio, 1e-12)
		require.Less(t, align[1].GradCos, 0.999, cfg)
		require.Less(t, align[1].ErrorCos, 0.999, cfg)
		for i := 1; i <= 2; i++ {
			require.Greater(t, align[i].NormRatio, 1e-3, cfg)
		}
	}
}

func TestBPAgainstFiniteDifferences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		act := rapid.SampledFrom([]net.LayerType{net.Tanh, net.Sigmoid, identity}).Draw(t, "f") // relu has kinks
		seed := rapid.Uint64().Draw(t, "seed")
		m := build(t, mlp(t, act, drawSizes(t)...), NetConfig{Rule: "bp", Seed: seed})
		x, y := samples(seed, m.Net(), 4)
		g := gradientsOf(t, m, x, y)
		i := rapid.IntRange(1, m.L).Draw(t, "layer")
		gb := append([]float64(nil), m.Layers[i].GB...)
		k := rapid.IntRange(0, len(g[i].Data)-1).Draw(t, "weight")
		j := rapid.IntRange(0, len(gb)-1).Draw(t, "bias")
		require.InDelta(t, slope(t, m, x, y, &m.Layers[i].W.Data[k]), g[i].Data[k], 1e-6)
		require.InDelta(t, slope(t, m, x, y, &m.Layers[i].B[j]), gb[j], 1e-6)
	})
}

// slope is the central difference of the loss along one parameter.
func slope(t require.TestingT, m *Network, x []float64, y []int, p *float64) float64 {
	const h = 1e-5
	at, loss := *p, [2]float64{}
	for k, d := range []float64{h, -h} {
		*p = at + d
		s, err := m.Gradients(x, y)
		require.NoError(t, err)
		loss[k] = s.Loss
	}
	*p = at
	return (loss[0] - loss[1]) / (2 * h)
}

func TestScaleScalesHiddenGradientsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := mlp(t, drawActivation(t), drawSizes(t)...)
		cfg := NetConfig{Rule: "bdfa", Seed: rapid.Uint64().Draw(t, "seed")}
		cfg.Feedback = rapid.SampledFrom([]Feedback{Random, Eq9}).Draw(t, "feedback")
		x, y := samples(cfg.Seed, n, 5)
		plain := gradientsOf(t, build(t, n, cfg), x, y)
		cfg.Scale = Pow2
		m := build(t, n, cfg)
		scaled := gradientsOf(t, m, x, y)
		require.Equal(t, plain[m.L], scaled[m.L])
		for i := 1; i < m.L; i++ {
			_, exponent := math.Frexp(m.S[i])
			require.Equal(t, math.Ldexp(0.5, exponent), m.S[i], "s_%d is a power of two", i)
			for k, g := range plain[i].Data {
				require.Equal(t, m.S[i]*g, scaled[i].Data[k])
			}
		}
	})
}

func TestConcordantSignsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := NetConfig{Rule: "bdfa", Scale: Pow2, Init: ConcordantInit, Seed: rapid.Uint64().Draw(t, "seed")}
		m := build(t, mlp(t, net.ReLU, drawSizes(t)...), cfg)
		for i, product := range Signs(Product(matrices(m, weightsOf))) {
			if i == 0 {
				continue // teaches no layer
			}
			for k, sign := range product.Data {
				require.Equal(t, sign*m.S[i], m.D[i].Data[k], "D_%d", i)
			}
		}
	})
}

// Every bit, D_0's too, on the size of network that a chip runs; and the
// weights may not move further than the method promises.
func TestConcordantOnALargeNetwork(t *testing.T) {
	sizes := []int{784, 128, 64, 10}
	m := build(t, mlp(t, net.ReLU, sizes...), NetConfig{Rule: "bdfa", Seed: 7})
	w := matrices(m, weightsOf)
	require.NoError(t, Concordant(w, m.D))
	require.Equal(t, m.D, Signs(Product(w)))
	for i := 1; i < m.L; i++ {
		moved, size := 0.0, 0.0
		for k, v := range m.Layers[i].W.Data {
			moved += (w[i].Data[k] - v) * (w[i].Data[k] - v)
			size += v * v
		}
		require.InEpsilon(t, math.Sqrt(2*10./float64(sizes[i])), math.Sqrt(moved/size), 0.15, "layer %d", i)
	}
	own := build(t, mlp(t, net.ReLU, sizes...), NetConfig{Rule: "bdfa", Seed: 7, Init: ConcordantInit})
	require.Equal(t, w[2].Data, own.Layers[2].W.Data)
}

func TestConcordantErrors(t *testing.T) {
	_, err := Build(mlp(t, net.ReLU, 4, 9, 3, 3), NetConfig{Rule: "bdfa", Init: ConcordantInit})
	require.ErrorContains(t, err, "concordant: layer 2: got N_L = 3 outputs and 3 neurons")
	w := []Mat{{}, NewMat(5, 4), NewMat(2, 5)}
	require.ErrorContains(t, Concordant(w, []Mat{{}}), "got 1 matrices of bits, want 2")
	require.ErrorContains(t, Concordant(w, []Mat{NewMat(2, 3), {}}), "bits of D_0: got 2 x 3, want 2 x 4")
	require.ErrorContains(t, Concordant(w, []Mat{NewMat(2, 4), {}}), "rank 0, want 2")
}
