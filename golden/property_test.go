package golden

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawSizes gives a network of 2 to 4 layers with narrow output.
func drawSizes(t *rapid.T) []int {
	sizes := []int{rapid.IntRange(1, 9).Draw(t, "inputs")}
	for range rapid.IntRange(1, 3).Draw(t, "hidden layers") {
		sizes = append(sizes, rapid.IntRange(5, 14).Draw(t, "neurons"))
	}
	return append(sizes, rapid.IntRange(2, 4).Draw(t, "classes"))
}

func drawActivation(t *rapid.T) Activation {
	return rapid.SampledFrom([]Activation{ReLU, Tanh, Sigmoid, Identity}).Draw(t, "f")
}

// batch makes random samples for a network.
func batch(seed uint64, sizes []int, n int) (x []float64, y []int) {
	rng := rand.New(rand.NewPCG(seed, 99))
	for range n {
		for range sizes[0] {
			x = append(x, rng.NormFloat64())
		}
		y = append(y, rng.IntN(sizes[len(sizes)-1]))
	}
	return x, y
}

func network(t require.TestingT, cfg Config) *MLP {
	m, err := New(cfg)
	require.NoError(t, err)
	return m
}

// gradients returns copies of all weight gradients.
func gradientsOf(t require.TestingT, m *MLP, x []float64, y []int) []Mat {
	_, err := m.Gradients(x, y)
	require.NoError(t, err)
	g := make([]Mat, m.L+1)
	for i := range g {
		g[i] = m.G[i].Clone()
	}
	return g
}

func TestIdentityWithEq7IsBP(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Sizes: drawSizes(t), Act: Identity, Rule: "bp", Seed: rapid.Uint64().Draw(t, "seed")}
		x, y := batch(cfg.Seed, cfg.Sizes, 5)
		b := network(t, cfg)
		_, err := b.Errors(x, y, true)
		require.NoError(t, err)
		cfg.Rule, cfg.Feedback = "dfa", Eq7
		d := network(t, cfg)
		_, err = d.Errors(x, y, true)
		require.NoError(t, err)
		for i := 0; i <= b.L; i++ {
			near(t, b.E[i].Data, d.E[i].Data, 1e-11, 1e-12, "e")
		}
	})
}

func TestLayerBelowTheTopEqualsBPWithEq7(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Sizes: drawSizes(t), Act: drawActivation(t), Rule: "bp", Seed: rapid.Uint64().Draw(t, "seed")}
		x, y := batch(cfg.Seed, cfg.Sizes, 5)
		b := gradientsOf(t, network(t, cfg), x, y)
		cfg.Rule, cfg.Feedback = "dfa", Eq7
		d := gradientsOf(t, network(t, cfg), x, y)
		l := len(cfg.Sizes) - 1
		require.Equal(t, b[l], d[l])
		require.Equal(t, b[l-1], d[l-1])
	})
}

func TestSignOfZeroIsPlus(t *testing.T) {
	d := Mat{Rows: 1, Cols: 4, Data: []float64{0, math.Copysign(0, -1), -1e-300, 3}}
	require.Equal(t, []float64{1, 1, -1, 1}, Signs([]Mat{d})[0].Data)
}

// feedbackConfigs are all ways to have fixed feedback.
var feedbackConfigs = []Config{
	{Rule: "fa"},
	{Rule: "dfa"}, {Rule: "dfa", Scale: RMS}, {Rule: "dfa", Feedback: Eq7},
	{Rule: "bdfa"}, {Rule: "bdfa", Scale: Pow2}, {Rule: "bdfa", Feedback: Eq9, Scale: RMS},
	{Rule: "bdfa", Scale: Pow2, Init: ConcordantInit}, {Rule: "bdfa", Feedback: LFSR, Scale: Pow2, Init: ConcordantInit},
}

func TestTrainingLeavesFeedbackAlone(t *testing.T) {
	for _, cfg := range feedbackConfigs {
		cfg.Sizes, cfg.Momentum, cfg.Seed = []int{6, 9, 7, 3}, 0.9, 4
		m := network(t, cfg)
		x, y := batch(1, cfg.Sizes, 8)
		var before []Mat
		for _, d := range append(m.D, m.R...) {
			before = append(before, d.Clone())
		}
		w := m.W[1].Clone()
		for range 20 {
			_, err := m.Step(x, y, 0.1)
			require.NoError(t, err)
		}
		require.NotEqual(t, w, m.W[1])
		for k, d := range append(m.D, m.R...) {
			require.Equal(t, before[k], d.Clone())
		}
	}
}

// With e_L and f' held, the direct rules' teaching signal may not see the
// weights above a layer: BP's would.
func TestTeachingSignalIgnoresWeights(t *testing.T) {
	for _, cfg := range append([]Config{{Rule: "bp"}}, feedbackConfigs...) {
		cfg.Sizes, cfg.Seed = []int{6, 9, 7, 3}, 5
		m := network(t, cfg)
		x, y := batch(2, cfg.Sizes, 8)
		_, err := m.Errors(x, y, false)
		require.NoError(t, err)
		before, after := NewMat(8, 7), NewMat(8, 7)
		n := m.Network()
		n.rule.teach(n, 2, before.Data)
		for k := range m.W[3].Data {
			m.W[3].Data[k] += 0.5
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
		cfg.Sizes, cfg.Seed = []int{6, 12, 9, 3}, 6
		x, y := batch(3, cfg.Sizes, 8)
		m := network(t, cfg)
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
		act := rapid.SampledFrom([]Activation{Tanh, Sigmoid, Identity}).Draw(t, "f") // relu has kinks
		cfg := Config{Sizes: drawSizes(t), Act: act, Rule: "bp", Seed: rapid.Uint64().Draw(t, "seed")}
		m := network(t, cfg)
		x, y := batch(cfg.Seed, cfg.Sizes, 4)
		g := gradientsOf(t, m, x, y)
		i := rapid.IntRange(1, m.L).Draw(t, "layer")
		gb := append([]float64(nil), m.GB[i]...)
		k := rapid.IntRange(0, len(g[i].Data)-1).Draw(t, "weight")
		j := rapid.IntRange(0, len(gb)-1).Draw(t, "bias")
		require.InDelta(t, slope(t, m, x, y, &m.W[i].Data[k]), g[i].Data[k], 1e-6)
		require.InDelta(t, slope(t, m, x, y, &m.B[i][j]), gb[j], 1e-6)
	})
}

// slope is the central difference of the loss along one parameter.
func slope(t require.TestingT, m *MLP, x []float64, y []int, p *float64) float64 {
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
		cfg := Config{Sizes: drawSizes(t), Act: drawActivation(t), Rule: "bdfa", Seed: rapid.Uint64().Draw(t, "seed")}
		cfg.Feedback = rapid.SampledFrom([]Feedback{Random, Eq9}).Draw(t, "feedback")
		x, y := batch(cfg.Seed, cfg.Sizes, 5)
		plain := gradientsOf(t, network(t, cfg), x, y)
		cfg.Scale = Pow2
		m := network(t, cfg)
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
		cfg := Config{Sizes: drawSizes(t), Rule: "bdfa", Scale: Pow2, Init: ConcordantInit, Seed: rapid.Uint64().Draw(t, "seed")}
		m := network(t, cfg)
		for i, product := range Signs(Product(m.W)) {
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
	cfg := Config{Sizes: []int{784, 128, 64, 10}, Rule: "bdfa", Seed: 7}
	m := network(t, cfg)
	w := make([]Mat, m.L+1)
	for i := range w {
		w[i] = m.W[i].Clone()
	}
	require.NoError(t, Concordant(w, m.D))
	require.Equal(t, m.D, Signs(Product(w)))
	for i := 1; i < m.L; i++ {
		moved, size := 0.0, 0.0
		for k, v := range m.W[i].Data {
			moved += (w[i].Data[k] - v) * (w[i].Data[k] - v)
			size += v * v
		}
		require.InEpsilon(t, math.Sqrt(2*10./float64(cfg.Sizes[i])), math.Sqrt(moved/size), 0.15, "layer %d", i)
	}
	require.Equal(t, w[2].Data, network(t, Config{Sizes: cfg.Sizes, Rule: "bdfa", Seed: 7, Init: ConcordantInit}).W[2].Data)
}

func TestConcordantErrors(t *testing.T) {
	_, err := New(Config{Sizes: []int{4, 9, 3, 3}, Rule: "bdfa", Init: ConcordantInit})
	require.ErrorContains(t, err, "concordant: layer 2: got N_L = 3 outputs and 3 neurons")
	w := []Mat{{}, NewMat(5, 4), NewMat(2, 5)}
	require.ErrorContains(t, Concordant(w, []Mat{{}}), "got 1 matrices of bits, want 2")
	require.ErrorContains(t, Concordant(w, []Mat{NewMat(2, 3), {}}), "bits of D_0: got 2 x 3, want 2 x 4")
	require.ErrorContains(t, Concordant(w, []Mat{NewMat(2, 4), {}}), "rank 0, want 2")
}
