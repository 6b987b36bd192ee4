package golden

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/golden/data"
)

func TestBadConfigIsRefused(t *testing.T) {
	sizes := []int{4, 6, 3}
	for want, cfg := range map[string]Config{
		"sizes: net: mlp: got 1 sizes, want at least 2": {Sizes: []int{4}, Rule: "bp"},
		"sizes[1]: got 0, want a positive":              {Sizes: []int{4, 0, 3}, Rule: "bp"},
		"sizes[0]: got -1":                              {Sizes: []int{-1, 3}, Rule: "bp"},
		`rule: got "bq", want bdfa, bp, brsf, cbdfa, cdfa, conv-only, dfa, dfa-all, drtp`: {Sizes: sizes, Rule: "bq"},
		`activation: got "gelu"`:                                   {Sizes: sizes, Rule: "bp", Act: "gelu"},
		"momentum: got 1, want 0 <= momentum < 1":                  {Sizes: sizes, Rule: "bp", Momentum: 1},
		"momentum: got NaN":                                        {Sizes: sizes, Rule: "bp", Momentum: math.NaN()},
		"decay: got -1":                                            {Sizes: sizes, Rule: "bp", Decay: -1},
		"mean over: got -1":                                        {Sizes: sizes, Rule: "bp", MeanOver: -1},
		`rule bdfa: got feedback "eq7"`:                            {Sizes: sizes, Rule: "bdfa", Feedback: Eq7},
		`rule dfa: got feedback "eq9"`:                             {Sizes: sizes, Rule: "dfa", Feedback: Eq9},
		`rule bp: got feedback "given"`:                            {Sizes: sizes, Rule: "bp", Feedback: Given},
		`rule fa with feedback random: got scale "rms"`:            {Sizes: sizes, Rule: "fa", Scale: RMS},
		`rule dfa with feedback eq7: got scale "pow2"`:             {Sizes: sizes, Rule: "dfa", Feedback: Eq7, Scale: Pow2},
		`scale: got "two"`:                                         {Sizes: sizes, Rule: "bdfa", Scale: "two"},
		`init: got "zero"`:                                         {Sizes: sizes, Rule: "bp", Init: "zero"},
		"concordant init: got rule bp":                             {Sizes: sizes, Rule: "bp", Init: ConcordantInit},
		"rule fa: got 1 given matrices, want 3":                    {Sizes: sizes, Rule: "fa", Feedback: Given, Given: []Mat{{}}},
		"rule fa: given R_2: got 1 x 1 with 1 elements":            {Sizes: sizes, Rule: "fa", Feedback: Given, Given: []Mat{{}, {}, NewMat(1, 1)}},
		"rule dfa: got 0 given matrices, want 2 (D_0 to D_1)":      {Sizes: sizes, Rule: "dfa", Feedback: Given},
		"rule dfa: given D_1: got 0 x 0":                           {Sizes: sizes, Rule: "dfa", Feedback: Given, Given: []Mat{{}, {}}},
		"rule bdfa: given D_1 row 0 column 0: got 0, want -1 or 1": {Sizes: sizes, Rule: "bdfa", Feedback: Given, Given: []Mat{{}, NewMat(3, 6)}},
	} {
		_, err := New(cfg)
		require.ErrorContains(t, err, want)
	}
}

func TestBadBatchIsRefused(t *testing.T) {
	m := network(t, Config{Sizes: []int{2, 3}, Rule: "bp"})
	_, err := m.Forward(nil)
	require.ErrorContains(t, err, "got 0 input values, want a positive multiple of 2")
	_, err = m.Step([]float64{1, 2, 3}, []int{0}, 1)
	require.ErrorContains(t, err, "got 3 input values, want 2 (1 labels, 2 inputs each)")
	_, err = m.Step([]float64{1, 2}, []int{3}, 1)
	require.ErrorContains(t, err, "label 0: got class 3, want 0..2")
	_, err = m.Step(nil, nil, 1)
	require.Error(t, err)
	_, err = m.Accuracy(nil, nil)
	require.ErrorContains(t, err, "got no samples")
	_, err = m.Accuracy([]float64{1}, []int{0})
	require.Error(t, err)
}

func TestInputErrorNeedsItsFeedback(t *testing.T) {
	m := network(t, Config{Sizes: []int{2, 3, 2}, Rule: "dfa", Feedback: Given, Given: []Mat{{}, NewMat(2, 3)}})
	_, err := m.Step([]float64{1, 2}, []int{0}, 1)
	require.NoError(t, err)
	_, err = m.Errors([]float64{1, 2}, []int{0}, true)
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
	for _, cfg := range append([]Config{{Rule: "bp"}, {Rule: "frozen"}}, feedbackConfigs...) {
		cfg.Sizes, cfg.Seed, cfg.Momentum = []int{20, 200, 30, 5}, 3, 0.9
		x, y := batch(4, cfg.Sizes, 70)
		a, b := network(t, cfg), network(t, cfg)
		for range 5 {
			sa, err := a.Step(x, y, 0.05)
			require.NoError(t, err)
			sb, err := b.Step(x, y, 0.05)
			require.NoError(t, err)
			require.Equal(t, sa, sb)
		}
		require.Equal(t, a.W, b.W)
		cfg.Seed++
		require.NotEqual(t, a.W, network(t, cfg).W)
	}
	w := network(t, Config{Sizes: []int{20, 5}, Rule: "bp", Seed: 3}).W
	require.Equal(t, w, network(t, Config{Sizes: []int{20, 5}, Rule: "bdfa", Seed: 3}).W, "rules share initial weights")
}

func TestHeInitialisation(t *testing.T) {
	m := network(t, Config{Sizes: []int{500, 400, 10}, Rule: "bp", Seed: 1})
	sum, squares := 0.0, 0.0
	for _, w := range m.W[1].Data {
		sum += w
		squares += w * w
	}
	n := float64(len(m.W[1].Data))
	require.InDelta(t, 0, sum/n, 0.001)
	require.InEpsilon(t, 2./500, squares/n, 0.02)
	require.Equal(t, make([]float64, 400), m.B[1])
}

func TestMeanOverDividesByTheGivenNumber(t *testing.T) {
	cfg := Config{Sizes: []int{4, 6, 3}, Rule: "bp", Seed: 2}
	x, y := batch(5, cfg.Sizes, 8)
	own := gradientsOf(t, network(t, cfg), x, y)
	cfg.MeanOver = 32
	chip := gradientsOf(t, network(t, cfg), x, y)
	for k, g := range own[1].Data {
		require.Equal(t, g/4, chip[1].Data[k]) // 8 samples over 32: powers of two
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	for _, rule := range Rules() {
		cfg := Config{Sizes: []int{300, 200, 90, 10}, Rule: rule, Momentum: 0.9}
		m := network(t, cfg)
		x, y := batch(6, cfg.Sizes, 70)
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
	m := network(t, Config{Sizes: []int{2, 3}, Rule: "bp"})
	copy(m.W[1].Data, []float64{1, 0, 0, 1, 0, 1})
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
	tx, ty := test.Floats()
	for _, arm := range []struct {
		cfg    Config
		lr     float64
		epochs int
	}{
		{Config{Rule: "bp"}, 0x1p-6, 5},
		{Config{Rule: "bdfa", Scale: Pow2}, 0x1p-7, 20}, // random signs start slowly
		{Config{Rule: "bdfa", Scale: Pow2, Feedback: Eq9}, 0x1p-7, 5},
	} {
		arm.cfg.Sizes, arm.cfg.Momentum, arm.cfg.Seed = []int{784, 128, 64, 10}, 0.9, 1
		m := network(t, arm.cfg)
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
func trainEpoch(t *testing.T, m *MLP, set data.Set, epoch int, lr float64) {
	const size = 32
	x, y := make([]float64, size*set.Rows*set.Cols), make([]int, size)
	order := data.Order(m.Config().Seed, uint64(epoch), set.N)
	for at := 0; at+size <= len(order); at += size {
		require.NoError(t, set.Batch(order[at:at+size], x, y))
		_, err := m.Step(x, y, lr)
		require.NoError(t, err)
	}
}
