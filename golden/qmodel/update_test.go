package qmodel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFixedStepVectors(t *testing.T) {
	m := testModel(t, BP, 24, 8)
	m.Batch = 32
	m.O[0] = vector[int16](t, "fixed_step", "x")
	m.E[1] = vector[int16](t, "fixed_step", "e")
	m.Gradients()
	require.Equal(t, vector[int64](t, "fixed_step", "gacc"), m.G[1])

	arrays := map[string][]int16{}
	for _, name := range []string{"v", "v1", "w", "w1"} {
		arrays[name] = vector[int16](t, "fixed_step", name)
	}
	want := vector[int32](t, "fixed_step", "g")
	rnd := vector[uint16](t, "fixed_step", "rnd")
	for n, sum := range m.G[1] {
		g := Away(sum, 15)
		require.Equal(t, int64(want[n]), g)
		v := Sat(Stochastic(58982*int64(arrays["v"][n])+g<<16, int64(rnd[n])<<1, 16), 16)
		require.Equal(t, int64(arrays["v1"][n]), v)
		r := int64(rnd[len(m.G[1])+n] & 0x7f)
		w := Sat(int64(arrays["w"][n])-Stochastic(v, r, 7), 16)
		require.Equal(t, int64(arrays["w1"][n]), w)
	}
}

// One weight; in step 0 under seed 7 its word is 0xa1e6 = 41446. Always mu = 0.9, lambda = 33, W = 1000, V = -5:
// trunc0(mu*V) = trunc(-4.49) = -4, lambda*W = 33000.
func TestWeightByHand(t *testing.T) {
	for _, c := range []struct {
		name  string
		fw    int
		fv    int
		g     int64
		eta   uint32
		wantV int32
		wantW int16
	}{
		// g = away(1.5) = 2, d = away(33000/1024) = 32, V' = 30; t = 22: (65535*30 + 41446<<6) >> 22 = 4618594 >> 22 = 1
		{"tie up", 12, 18, 768, 65535, 30, 999},
		// g = -2, V' = 26; 1703910 + 2652544 = 4356454, still over 4194304
		{"tie down", 12, 18, -768, 65535, 26, 999},
		{"no rate: R alone is below one", 12, 18, 768, 0, 30, 1000},
		// d = away(33000 >> 18) = 0, V' = -2; t = 14: R = 41446 >> 2 = 10361; (-20000 + 10361) >> 14 = -1
		{"t below 16, down", 20, 18, 768, 10000, -2, 1001},
		// (-10000 + 10361) >> 14 = 0
		{"t below 16, up", 20, 18, 768, 5000, -2, 1000},
		// shifts -3 and -2: g = 5 << 3, d = 33000 << 2, V' = 132036; t = 34: (65535*132036 + 41446<<18) >> 34 = 1
		{"negative shifts", 12, 30, 5, 65535, 132036, 999},
		// V' = 2^23 - 1; (65535*8388607 + 2652544) >> 22 = 549750109089 >> 22 = 131070: W' clips too
		{"both clip", 12, 18, 1 << 40, 65535, 1<<23 - 1, -32768},
		{"both clip below", 12, 18, -1 << 40, 65535, -1 << 23, 32767},
	} {
		cfg := testConfig(BP, 1, 1)
		cfg.F.Fw[1], cfg.F.Fv[1] = c.fw, c.fv
		m, err := New(cfg)
		require.NoError(t, err, c.name)
		m.W[1][0], m.V[1][0], m.G[1][0] = 1000, -5, c.g
		m.Update(c.eta)
		require.Equal(t, c.wantV, m.V[1][0], c.name)
		require.Equal(t, c.wantW, m.W[1][0], c.name)
		require.Equal(t, uint32(1), m.StepNo)
		clipped := uint64(0)
		if c.wantW == 32767 || c.wantW == -32768 {
			clipped = 1
		}
		require.Equal(t, Stat{Sat: clipped, MaxAbs: abs(int64(c.wantV))}, m.Stats.V[1], c.name)
		require.Equal(t, Stat{Sat: clipped, MaxAbs: abs(int64(c.wantW))}, m.Stats.W[1], c.name)
	}
}

// Fo = 8, Fw = 12, Fe = 14, Fv = 18: gbias = away(gb / 2), b step = away(eta * vb' / 2^14).
func TestBiasByHand(t *testing.T) {
	for _, c := range []struct {
		name          string
		b, vb         int32
		gb            int64
		eta           uint32
		wantB, wantVB int32
	}{
		{"tie away", 7, -5, 7, 0, 7, 0},                       // -4 + away(3.5) = 0
		{"tie away below", 7, 5, -7, 0, 7, 0},                 // 4 - 4
		{"step of a tie", 100, 0, 2, 8192, 99, 1},             // 8192 / 16384 = 1/2, rounded to 1
		{"step of a negative tie", 100, 0, -2, 8192, 101, -1}, // the same, downward
		{"below a tie", 100, 0, 2, 8191, 100, 1},              // no random word here
		{"clip", math.MinInt32, 0, 1 << 40, 65535, math.MinInt32, 1<<23 - 1},
		{"clip below", math.MaxInt32, 0, -1 << 40, 65535, math.MaxInt32, -1 << 23},
	} {
		m := testModel(t, BP, 1, 1)
		m.B[1][0], m.VB[1][0], m.GB[1][0] = c.b, c.vb, c.gb
		m.Update(c.eta)
		require.Equal(t, c.wantVB, m.VB[1][0], c.name)
		require.Equal(t, c.wantB, m.B[1][0], c.name)
		clipped := uint64(0)
		if abs(c.gb) == 1<<40 {
			clipped = 1
		}
		require.Equal(t, Stat{Sat: clipped, MaxAbs: abs(int64(c.wantVB))}, m.Stats.VB[1], c.name)
		require.Equal(t, Stat{Sat: clipped, MaxAbs: abs(int64(c.wantB))}, m.Stats.B[1], c.name)
	}
	cfg := testConfig(BP, 1, 1) // both shifts negative: 14 + 5 - 22 = -3, and 22 + 16 - (8 + 32) = -2
	cfg.F.Fv[1], cfg.F.Fw[1] = 22, 32
	m, err := New(cfg)
	require.NoError(t, err)
	m.GB[1][0] = -1
	m.Update(3)
	require.Equal(t, int32(-8), m.VB[1][0])
	require.Equal(t, int32(3*8*4), m.B[1][0])
}

func TestVelocityHasNoDeadZone(t *testing.T) {
	for _, from := range []int32{100, -100} {
		cfg := testConfig(BP, 1, 1)
		cfg.Lambda = 0
		m, err := New(cfg)
		require.NoError(t, err)
		m.V[1][0], m.VB[1][0] = from, from
		for range 60 {
			m.Update(0)
		}
		require.Zero(t, m.V[1][0])
		require.Zero(t, m.VB[1][0])
	}
}

// A step far below one LSB of W moves the weights by its mean.
func TestSmallStepsSurviveOnAverage(t *testing.T) {
	cfg := testConfig(BP, 64, 64)
	cfg.Mu, cfg.Lambda = 0, 0
	m, err := New(cfg)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		for n := range m.G[1] {
			m.G[1][n] = int64(8+rng.IntN(2)) << 9 // V' = 8 or 9
		}
		m.Update(1 << 14) // eta*V' / 2^22 = 1/32 and a little, mean 0.0332
	}
	var sum float64
	for _, w := range m.W[1] {
		sum -= float64(w)
	}
	// 100 * 0.0332 = 3.32; standard error sqrt(100 * 0.0332 * 0.967 / 4096) = 0.028: four of them
	require.InDelta(t, 3.32, sum/float64(len(m.W[1])), 0.112)
}
