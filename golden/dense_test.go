package golden

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/firmware/net"
	"bdfasim/golden/data"
)

func TestBadConfigIsRefused(t *testing.T) {
	for want, cfg := range map[string]NetConfig{
		`rule: got "bq", want bdfa, bp, brsf, cbdfa, cdfa, conv-only, dfa, dfa-all, drtp`: {Rule: "bq"},
		"momentum: got 1, want 0 <= momentum < 1":                                         {Rule: "bp", Momentum: 1},
		"momentum: got NaN":                                        {Rule: "bp", Momentum: math.NaN()},
		"decay: got -1":                                            {Rule: "bp", Decay: -1},
		"mean over: got -1":                                        {Rule: "bp", MeanOver: -1},
		`rule bdfa: got feedback "eq7"`:                            {Rule: "bdfa", Feedback: Eq7},
		`rule dfa: got feedback "eq9"`:                             {Rule: "dfa", Feedback: Eq9},
		`rule bp: got feedback "given"`:                            {Rule: "bp", Feedback: Given},
		`rule fa with feedback random: got scale "rms"`:            {Rule: "fa", Scale: RMS},
		`rule dfa with feedback eq7: got scale "pow2"`:             {Rule: "dfa", Feedback: Eq7, Scale: Pow2},
		`scale: got "two"`:                                         {Rule: "bdfa", Scale: "two"},
		`init: got "zero"`:                                         {Rule: "bp", Init: "zero"},
		"concordant init: got rule bp":                             {Rule: "bp", Init: ConcordantInit},
		"rule fa: got 1 given matrices, want 3":                    {Rule: "fa", Feedback: Given, Given: []Mat{{}}},
		"rule fa: given R_2: got 1 x 1 with 1 elements":            {Rule: "fa", Feedback: Given, Given: []Mat{{}, {}, NewMat(1, 1)}},
		"rule dfa: got 0 given matrices, want 2 (D_0 to D_1)":      {Rule: "dfa", Feedback: Given},
		"rule dfa: given D_1: got 0 x 0":                           {Rule: "dfa", Feedback: Given, Given: []Mat{{}, {}}},
		"rule bdfa: given D_1 row 0 column 0: got 0, want -1 or 1": {Rule: "bdfa", Feedback: Given, Given: []Mat{{}, NewMat(3, 6)}},
	} {
		_, err := Build(mlp(t, net.ReLU, 4, 6, 3), cfg)
		require.ErrorContains(t, err, want)
	}
}

func TestBadBatchIsRefused(t *testing.T) {
	m := build(t, mlp(t, net.ReLU, 2, 3), NetConfig{Rule: "bp"})
	_, err := m.Forward(nil)
	require.ErrorContains(t, err, "got 0 input values, want a positive multiple of 2")
	_, err = m.Step([]float64{1, 2, 3}, []int{0}, 1)
	require.ErrorContains(t, err, "got 3 input values, want 2 (1 labels, 2 inputs each)")
	_, err = m.Step([]float64{1, 2}, []int{3}, 1)
	require.ErrorContains(t, err, "label 0: got class 3, want 0..2")
	_, err = m.Step(nil, nil, 1)
	require.Error(t, err)
	_, err = m.Accuracy(nil, nil)
	require.ErrorContains(t, err, "at least one sample")
	_, err = m.Accuracy([]float64{1}, []int{0})
	require.Error(t, err)
}

func TestInputErrorNeedsItsFeedback(t *testing.T) {
	cfg := NetConfig{Rule: "dfa", Feedback: Given, Given: []Mat{{}, NewMat(2, 3)}}
	m := build(t, mlp(t, net.ReLU, 2, 3, 2), cfg)
	_, err := m.Step([]float64{1, 2}, []int{0}, 1)
	require.NoError(t, err)
	_, err = m.Signal(0)
	require.ErrorContains(t, err, "signal at o_0: rule dfa has no feedback matrix for it")
}

// mul against the definition.
func TestMulIsTheProduct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols, inner := rapid.IntRange(1, 130).Draw(t, "rows"), rapid.IntRange(1, 260).Draw(t, "cols"), rapid.IntRange(1, 520).Draw(t, "inner")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		a, b := normal(rng, rows, inner, 1), normal(rng, inner, cols, 1)
		want := NewMat(rows, cols)
		for r := range rows {
			for k := range inner {
				for c := range cols {
					want.Data[r*cols+c] += a.At(r, k) * b.At(k, c)
				}
			}
		}
		got := normal(rng, rows, cols, 1) // what was there may not matter
		mul(a, b, got)
		near(t, want.Data, got.Data, 1e-11, 1e-11, "c")
	})
}

func TestSameSeedSameNetwork(t *testing.T) {
	d := mlp(t, net.ReLU, 20, 200, 30, 5)
	w := func(n *Network) []Mat { return matrices(n, weightsOf) }
	for _, cfg := range append([]NetConfig{{Rule: "bp"}, {Rule: "frozen"}}, feedbackConfigs...) {
		cfg.Seed, cfg.Momentum = 3, 0.9
		x, y := samples(4, d, 70)
		a, b := build(t, d, cfg), build(t, d, cfg)
		for range 5 {
			sa, err := a.Step(x, y, 0.05)
			require.NoError(t, err)
			sb, err := b.Step(x, y, 0.05)
			require.NoError(t, err)
			require.Equal(t, sa, sb)
		}
		require.Equal(t, w(a), w(b))
		cfg.Seed++
		require.NotEqual(t, w(a), w(build(t, d, cfg)))
	}
	bp, bdfa := build(t, d, NetConfig{Rule: "bp", Seed: 3}), build(t, d, NetConfig{Rule: "bdfa", Seed: 3})
	require.Equal(t, w(bp), w(bdfa), "rules share initial weights")
}

func TestHeInitialisation(t *testing.T) {
	m := build(t, mlp(t, net.ReLU, 500, 400, 10), NetConfig{Rule: "bp", Seed: 1})
	sum, squares := 0.0, 0.0
	for _, w := range m.Layers[1].W.Data {
		sum += w
		squares += w * w
	}
	n := float64(len(m.Layers[1].W.Data))
	require.InDelta(t, 0, sum/n, 0.001)
	require.InEpsilon(t, 2./500, squares/n, 0.02)
	require.Equal(t, make([]float64, 400), m.Layers[1].B)
}

func TestMeanOverDividesByTheGivenNumber(t *testing.T) {
	d, cfg := mlp(t, net.ReLU, 4, 6, 3), NetConfig{Rule: "bp", Seed: 2}
	x, y := samples(5, d, 8)
	own := gradientsOf(t, build(t, d, cfg), x, y)
	cfg.MeanOver = 32
	chip := gradientsOf(t, build(t, d, cfg), x, y)
	for k, g := range own[1].Data {
		require.Equal(t, g/4, chip[1].Data[k]) // 8 samples over 32: powers of two
	}
}

func TestMeanOverFollowsLargeBatches(t *testing.T) {
	d, cfg := mlp(t, net.ReLU, 4, 6, 3), NetConfig{Rule: "bp", Seed: 2}
	x, y := samples(5, d, 64)
	own := gradientsOf(t, build(t, d, cfg), x, y)
	cfg.MeanOver = 32
	require.Equal(t, own[1].Data, gradientsOf(t, build(t, d, cfg), x, y)[1].Data)
	x, y = samples(5, d, 96)
	chip := gradientsOf(t, build(t, d, cfg), x, y)
	cfg.MeanOver = 128
	require.Equal(t, gradientsOf(t, build(t, d, cfg), x, y)[1].Data, chip[1].Data)
}

func TestRateOfALayer(t *testing.T) {
	step := func(scale, lr float64) *Network {
		d := mlp(t, net.ReLU, 4, 6, 3)
		d.Layers[0].Scale = scale
		m := build(t, d, NetConfig{Rule: "bp", Seed: 2})
		x, y := samples(5, d, 8)
		_, err := m.Step(x, y, lr)
		require.NoError(t, err)
		return m
	}
	plain, faster, scaled := step(0, 0.25), step(1, 2), step(8, 0.25)
	require.Equal(t, faster.Layers[1].W, scaled.Layers[1].W)
	require.Equal(t, faster.Layers[1].B, scaled.Layers[1].B)
	require.Equal(t, plain.Layers[2].W, scaled.Layers[2].W)
}

func TestStepDoesNotAllocate(t *testing.T) {
	for _, rule := range Rules() {
		m := build(t, mlp(t, net.ReLU, 300, 200, 90, 10), NetConfig{Rule: rule, Momentum: 0.9})
		x, y := samples(6, m.Net(), 70)
		allocations := testing.AllocsPerRun(3, func() {
			if _, err := m.Step(x, y, 0.01); err != nil {
				panic(err)
			}
			if _, err := m.Step(x[:300], y[:1], 0.01); err != nil { // a smaller batch fits too
				panic(err)
			}
		})
		require.Zero(t, allocations, rule)
	}
}

func TestPredictAndAccuracy(t *testing.T) {
	m := build(t, mlp(t, net.ReLU, 2, 3), NetConfig{Rule: "bp"})
	copy(m.Layers[1].W.Data, []float64{1, 0, 0, 1, 0, 1})
	got, err := m.Predict([]float64{2, 1, 1, 2})
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, got) // classes 1 and 2 tie: the first
	x, y := make([]float64, 2*300), make([]int, 300)
	for k := range y {
		x[2*k], y[k] = 1, k%2 // all are class 0
	}
	acc, err := m.Accuracy(x, y)
	require.NoError(t, err)
	require.Equal(t, 0.5, acc)
}

// Both rules learn real images in a few epochs, each at a rate of its own.
func TestLearnsFashionMNIST(t *testing.T) {
	train, test, err := data.Embedded()
	require.NoError(t, err)
	tx, ty := floatsOf(t, test)
	for _, arm := range []struct {
		cfg    NetConfig
		lr     float64
		epochs int
	}{
		{NetConfig{Rule: "bp"}, 0x1p-6, 5},
		{NetConfig{Rule: "bdfa", Scale: Pow2}, 0x1p-7, 20}, // random signs start slowly
		{NetConfig{Rule: "bdfa", Scale: Pow2, Feedback: Eq9}, 0x1p-7, 5},
	} {
		arm.cfg.Momentum, arm.cfg.Seed = 0.9, 1
		m := build(t, mlp(t, net.ReLU, 784, 128, 64, 10), arm.cfg)
		for epoch := range arm.epochs {
			lr := arm.lr
			if epoch >= arm.epochs*4/5 {
				lr /= 8 // the last fifth settles
			}
			trainEpoch(t, m, train, epoch, lr)
		}
		acc, err := m.Accuracy(tx, ty)
		require.NoError(t, err)
		t.Logf("%s %s: test accuracy %.1f %% after %d epochs", arm.cfg.Rule, arm.cfg.Feedback, 100*acc, arm.epochs)
		require.Greater(t, acc, 0.75, arm.cfg.Rule)
	}
}

// trainEpoch shows every full batch of 32 once.
func trainEpoch(t *testing.T, m *Network, set data.Set, epoch int, lr float64) {
	const size = 32
	x, y := make([]float64, size*set.Rows*set.Cols), make([]int, size)
	order := data.Order(m.cfg.Seed, uint64(epoch), set.N)
	for at := 0; at+size <= len(order); at += size {
		require.NoError(t, set.Batch(order[at:at+size], x, y))
		_, err := m.Step(x, y, lr)
		require.NoError(t, err)
	}
}
