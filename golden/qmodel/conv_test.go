package qmodel

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// convConfig returns two convolutions on images of 12 x 12 x 2, the first with batch normalisation, then two fully
// connected layers with dropout between them.
func convConfig(rule string) Config {
	c := Config{
		Rule: rule, Mu: 58982, Lambda: 33, Seed: 7,
		Convs: []Conv{
			{InC: 2, OutC: 8, InH: 12, InW: 12, Kernel: 3, Stride: 1, Pad: 1, Pool: 2, BN: true, Fz: 10, Fd: 13},
			{InC: 8, OutC: 12, InH: 6, InW: 6, Kernel: 3, Stride: 2, Pad: 1, Pool: 1, Bias: true, Fz: 8, Fd: 14},
		},
	}
	c.Sizes = append(SizesOf(c.Convs), 24, 4)
	c.Drop = []bool{false, false, false, true, false}
	for i := range c.Sizes {
		c.F.Fo, c.F.Fw = append(c.F.Fo, 8), append(c.F.Fw, 12)
		c.F.Fe, c.F.Fv = append(c.F.Fe, 14), append(c.F.Fv, 18)
		f := Feedback{Seed: uint32(i + 1), Shift: 5}
		if rule == DFA {
			f = Feedback{D: make([]int16, 4*c.Sizes[i]), Fb: 15}
			for n := range f.D {
				f.D[n] = int16(n*7919%2000 - 1000)
			}
		}
		if i < 4 {
			c.FB = append(c.FB, f)
		}
	}
	return c
}

func convModel(t testing.TB, rule string) *Model {
	t.Helper()
	m, err := New(convConfig(rule))
	require.NoError(t, err)
	randomWeights(m, rand.New(rand.NewPCG(1, 1)))
	return m
}

var allRules = []string{BP, BDFA, DFA, BFA, ConvOnly}

func TestSizesOf(t *testing.T) {
	require.Equal(t, []int{288, 288, 144, 24, 4}, convConfig(BP).Sizes) // 3 x 3 pixels of 12 channels in 16
	require.Nil(t, SizesOf(nil))
}

// A 1x1 kernel on maps of one pixel is a fully connected layer.
func TestConvolutionOfOnePixelIsFullyConnected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, out := rapid.IntRange(1, 150).Draw(t, "in"), 16*rapid.IntRange(1, 5).Draw(t, "out")
		fc := testConfig(BP, in, out, 5)
		conv := fc.clone()
		conv.Convs = []Conv{{InC: in, OutC: out, InH: 1, InW: 1, Kernel: 1, Stride: 1, Pool: 1, Bias: true, Fz: 8, Fd: 14}}
		a, err := New(fc)
		require.NoError(t, err)
		b, err := New(conv)
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		randomWeights(a, rng)
		for i := range b.W {
			copy(b.W[i], a.W[i])
		}
		for range 2 {
			x, y := batch(a, rng, rapid.IntRange(1, 32).Draw(t, "nb"))
			require.Equal(t, a.Step(x, y, 5000), b.Step(x, y, 5000))
			require.Equal(t, a.O, b.O)
			require.Equal(t, a.A, b.A)
			require.Equal(t, a.E, b.E)
			require.Equal(t, a.G, b.G)
			require.Equal(t, a.W, b.W)
			require.Equal(t, a.V, b.V)
			require.Equal(t, a.B, b.B)
			require.Equal(t, a.VB, b.VB)
		}
	})
}

// One channel of 5 x 5 pixels without normalisation; the kernel is 1, so that z is the image.
func TestPoolByHand(t *testing.T) {
	cfg := testConfig(BP, 25, 64, 2)
	cfg.Convs = []Conv{{InC: 1, OutC: 1, InH: 5, InW: 5, Kernel: 1, Stride: 1, Pool: 2, Fz: 8, Fd: 14}}
	m, err := New(cfg)
	require.NoError(t, err)
	m.W[1][0] = 4096
	m.Forward([]uint8{
		7, 7, 0, 3, 99,
		7, 7, 3, 3, 99,
		0, 0, 1, 2, 99,
		0, 0, 4, 3, 99,
		99, 99, 99, 99, 99,
	})
	o := []int16{m.O[1][0], m.O[1][16], m.O[1][32], m.O[1][48]}
	require.Equal(t, []int16{7, 3, 0, 4}, o)
	require.Equal(t, []uint8{0, 1, 15, 2}, m.Pos[1], "the first of equal ones; none above zero")
	require.Equal(t, Stat{MaxAbs: 99}, m.Stats.Z[1])
	require.Equal(t, Stat{MaxAbs: 7}, m.Stats.O[1])

	m.D[1] = slices.Repeat([]int16{0}, 64)
	m.D[1][0], m.D[1][16], m.D[1][32], m.D[1][48], m.D[1][49] = 10, 20, 30, 40, 50 // 50 is a padded channel's
	m.spread(1)
	m.normaliseErrors(1)
	require.Equal(t, []int16{
		10, 0, 0, 20, 0,
		0, 0, 0, 0, 0,
		0, 0, 0, 0, 0,
		0, 0, 40, 0, 0,
		0, 0, 0, 0, 0,
	}, m.H[1])
	require.Equal(t, m.H[1], m.E[1])
	m.W[1][0] = -4096
	m.Forward(make([]uint8, 25))
	require.Equal(t, []uint8{15, 15, 15, 15}, m.Pos[1])
}

func TestConvOnlyLeavesTheRest(t *testing.T) {
	m, twin := convModel(t, ConvOnly), convModel(t, BP)
	x, y := batch(m, rand.New(rand.NewPCG(2, 2)), 16)
	w3, w1 := slices.Clone(m.W[3]), slices.Clone(m.W[1])
	m.Step(x, y, 60000)
	twin.Step(x, y, 60000)
	require.Equal(t, w3, m.W[3])
	require.NotEqual(t, w1, m.W[1])
	require.NotEqual(t, w3, twin.W[3])
	for i := 1; i <= 2; i++ { // the convolutions learn what they learn under BP, to the bit
		require.Equal(t, twin.W[i], m.W[i])
		require.Equal(t, twin.V[i], m.V[i])
		require.Equal(t, twin.B[i], m.B[i])
		require.Equal(t, twin.Gamma[i], m.Gamma[i])
	}
	for i := 3; i <= 4; i++ {
		require.Equal(t, make([]int32, len(m.V[i])), m.V[i])
		require.Equal(t, make([]int32, len(m.B[i])), m.B[i])
		require.Equal(t, make([]int64, len(m.G[i])), m.G[i])
		require.Equal(t, twin.E[i], m.E[i])
	}
	require.Equal(t, uint32(1), m.StepNo)
}

// With the weights of the top for D, DFA is BP below the top: in a hidden layer, and in d_K.
func TestDFAWithTheWeightsIsBP(t *testing.T) {
	for _, convs := range []int{0, 1} {
		cfg := testConfig(DFA, 4*4*3, 4*4*16, 7)
		if convs == 1 {
			cfg.Convs = []Conv{{InC: 3, OutC: 10, InH: 4, InW: 4, Kernel: 3, Stride: 1, Pad: 1, Pool: 1, Bias: true, Fz: 8, Fd: 14}}
		}
		cfg.FB[1] = Feedback{Fb: 12, D: make([]int16, 7*256)}
		rng := rand.New(rand.NewPCG(5, 5))
		for n := range cfg.FB[1].D {
			cfg.FB[1].D[n] = int16(rng.IntN(1200) - 600)
		}
		dfa, err := New(cfg)
		require.NoError(t, err)
		cfg.Rule, cfg.FB = BP, nil
		bp, err := New(cfg)
		require.NoError(t, err)
		randomWeights(dfa, rng)
		copy(dfa.W[2], dfa.matrixOf(1))
		for i := range bp.W {
			copy(bp.W[i], dfa.W[i])
		}
		x, y := batch(bp, rng, 32)
		bp.Step(x, y, 9000)
		dfa.Step(x, y, 9000)
		require.Equal(t, bp.E, dfa.E)
		require.Equal(t, bp.D, dfa.D)
		require.Equal(t, bp.W, dfa.W)
		require.Equal(t, bp.Stats, dfa.Stats)
		require.NotZero(t, bp.Stats.E[1].MaxAbs+bp.Stats.D[1].MaxAbs)
	}
}

// matrixOf returns D_i as N_L x N_i.
func (m *Model) matrixOf(i int) []int16 {
	d := make([]int16, len(m.matrix[i]))
	transpose(d, m.matrix[i], m.size(i), m.size(m.top))
	return d
}

// BFA of the layer below the top is BDFA; below that the error of the layer above comes in.
func TestBFAIsBDFABelowTheTop(t *testing.T) {
	a, b := testModel(t, BFA, 9, 20, 12, 4), testModel(t, BDFA, 9, 20, 12, 4)
	rng := rand.New(rand.NewPCG(5, 5))
	randomWeights(a, rng)
	for i := range a.W {
		copy(b.W[i], a.W[i])
	}
	x, y := batch(a, rng, 32)
	a.Step(x, y, 9000)
	b.Step(x, y, 9000)
	require.Equal(t, b.E[2], a.E[2])
	require.NotEqual(t, b.E[1], a.E[1])
	require.Len(t, a.FeedbackBits(1)[0], 12)
	require.Len(t, a.FeedbackBits(2)[0], 4)
}

func TestDropout(t *testing.T) {
	cfg := testConfig(BP, 6, 100, 40, 3)
	cfg.Drop = []bool{false, true, true, false}
	m, err := New(cfg)
	require.NoError(t, err)
	again, err := New(cfg)
	require.NoError(t, err)
	cfg.Drop = nil
	whole, err := New(cfg)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(5, 5))
	for n := range m.W[1] {
		m.W[1][n] = int16(1 + rng.IntN(3000)) // every z is positive
		again.W[1][n], whole.W[1][n] = m.W[1][n], m.W[1][n]
	}
	x := slices.Repeat([]uint8{100}, 32*6)
	m.Forward(x)
	again.Forward(x)
	whole.Forward(x)
	require.Equal(t, again.O[1], m.O[1])
	kept := 0
	for n, o := range m.O[1] {
		require.Equal(t, o != 0, m.Mask[1][n])
		if o != 0 {
			kept++
			require.InDelta(t, 2*whole.O[1][n], o, 1)
		}
	}
	require.InDelta(t, 1600, kept, 4*28.3, "of 3200, within four deviations")
	require.Equal(t, [5]uint32{0, 0, 224, 320, 320}, [5]uint32(m.dropBase)) // 32 * 7, 32 * 3

	first := slices.Clone(m.Mask[1])
	require.NotEqual(t, first[:100], first[100:200], "each sample has its own")
	m.StepNo++
	m.Forward(x)
	require.NotEqual(t, first, m.Mask[1], "and each step")
	m.test.acts[1][0] = -1
	m.Eval(x, make([]int, 32))
	require.Equal(t, whole.O[1], m.test.acts[1][:3200], "a test drops nothing")
}

func TestConvEvalLeavesTheModelAlone(t *testing.T) {
	m, twin := convModel(t, BDFA), convModel(t, BDFA)
	rng := rand.New(rand.NewPCG(3, 3))
	x, y := batch(m, rng, 20)
	m.Step(x, y, 3000)
	twin.Step(x, y, 3000)
	ex, ey := batch(m, rng, 40)
	m.Eval(ex, ey)
	for _, pair := range [][2]any{
		{twin.Stats, m.Stats}, {twin.AccWraps, m.AccWraps}, {twin.Batch, m.Batch}, {twin.O, m.O}, {twin.A, m.A}, {twin.Z, m.Z},
		{twin.Pos, m.Pos}, {twin.M, m.M}, {twin.R, m.R}, {twin.Sh, m.Sh}, {twin.E, m.E}, {twin.D, m.D}, {twin.H, m.H},
		{twin.W, m.W}, {twin.V, m.V}, {twin.B, m.B}, {twin.VB, m.VB}, {twin.RM, m.RM}, {twin.RV, m.RV}, {twin.Gamma, m.Gamma},
		{twin.Beta, m.Beta}, {twin.VGamma, m.VGamma}, {twin.VBeta, m.VBeta}, {twin.StepNo, m.StepNo},
	} {
		require.Equal(t, pair[0], pair[1])
	}
	m.Step(x, y, 3000)
	twin.Step(x, y, 3000)
	require.Equal(t, twin.W, m.W)
}

// Workers that get a pixel, a panel or a weight each compute what one computes alone.
func TestWorkersChangeNothing(t *testing.T) {
	for _, rule := range allRules {
		var models []*Model
		for _, workers := range []int{1, 5} {
			before := runtime.GOMAXPROCS(workers)
			m := convModel(t, rule)
			runtime.GOMAXPROCS(before)
			m.little, m.mul.Small = 0, 0
			x, y := batch(m, rand.New(rand.NewPCG(4, 4)), 29)
			for range 3 {
				m.Step(x, y, 40000)
			}
			models = append(models, m)
		}
		require.Len(t, models[1].tallies, 5)
		require.Equal(t, models[0].State(), models[1].State(), rule)
		require.Equal(t, models[0].G, models[1].G, rule)
		require.Equal(t, models[0].E, models[1].E, rule)
	}
}

func TestConvStepDoesNotAllocate(t *testing.T) {
	for _, rule := range allRules {
		m := convModel(t, rule)
		x, y := batch(m, rand.New(rand.NewPCG(1, 1)), 32)
		require.Zero(t, testing.AllocsPerRun(3, func() { m.Step(x, y, 100) }), rule)
		require.Zero(t, testing.AllocsPerRun(3, func() { m.Eval(x, y) }), rule)
	}
}

// Every rule learns where in the image a bright square is.
func TestConvLearns(t *testing.T) {
	for _, rule := range allRules {
		m := convModel(t, rule)
		rng := rand.New(rand.NewPCG(5, 5))
		draw := func(n int) (x []uint8, y []int) {
			x, y = make([]uint8, n*288), make([]int, n)
			for k := range x {
				x[k] = uint8(rng.IntN(100))
			}
			for b := range y {
				y[b] = rng.IntN(4)
				top, left := y[b]/2*6+rng.IntN(3), y[b]%2*6+rng.IntN(3)
				for p := range 16 {
					x[b*288+((top+p/4)*12+left+p%4)*2] += 100
				}
			}
			return x, y
		}
		tx, ty := draw(200)
		require.Less(t, m.Eval(tx, ty), 110, rule)
		for range 80 {
			x, y := draw(32)
			m.Step(x, y, 1<<9)
		}
		require.Greater(t, m.Eval(tx, ty), 170, rule)
	}
}
