package qmodel

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// T[v] is the nearest integer to 2^16 * sqrt(512 / (2v+129)): (2T-1)^2 (2v+129) < 2^43 < (2T+1)^2 (2v+129).
func TestDeviationsAreRounded(t *testing.T) {
	for v, y := range deviations {
		require.Less(t, (2*y-1)*(2*y-1)*uint64(2*v+129), uint64(1)<<43, "T[%d]", v)
		require.Greater(t, (2*y+1)*(2*y+1)*uint64(2*v+129), uint64(1)<<43, "T[%d]", v)
	}
}

// relative returns r * 2^(sh/2-32) * sqrt(x) - 1.
func relative(x int64) float64 {
	r, sh := rsqrt(x)
	return float64(r)*math.Exp2(float64(sh/2-32))*math.Sqrt(float64(x)) - 1
}

func TestReciprocalRoot(t *testing.T) {
	// 1 << 30 is 2^30: entry 0, y0 = 130563; t = (2^30 * (130563^2 >> 16)) >> 32 = 65027; r = 130563 * 131581 >> 17
	r, sh := rsqrt(1)
	require.Equal(t, uint32(131070), r)
	require.Equal(t, 30, sh)
	_, sh = rsqrt(1<<62 - 1)
	require.Equal(t, -30, sh)
	for _, x := range []int64{1, 2, 3, 4, 5, 1<<30 - 1, 1 << 30, 1<<31 + 1, 1<<32 - 1, 1 << 32, 1<<62 - 1} {
		require.InDelta(t, 0, relative(x), 1e-4, "%d", x)
	}
	for top := range 192 { // all entries, both ends and even and odd lengths
		for _, x := range []int64{int64(top+64) << 24, int64(top+65)<<24 - 1, int64(top+64) << 54, int64(top+64) << 25} {
			require.InDelta(t, 0, relative(x), 1e-4, "%d", x)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64Range(1, 1<<62-1).Draw(t, "x") >> rapid.IntRange(0, 61).Draw(t, "down")
		require.InDelta(t, 0, relative(max(1, x)), 1e-4)
		_, sh := rsqrt(max(1, x))
		require.Zero(t, sh%2)
	})
}

func TestRoundedDivision(t *testing.T) {
	for _, c := range [][3]int64{
		{7, 2, 4}, {-7, 2, -4}, {5, 4, 1}, {6, 4, 2}, {-6, 4, -2}, {-5, 4, -1}, {0, 3, 0}, {1, 3, 0}, {2, 3, 1}, {9, 1, 9},
	} {
		require.Equal(t, c[2], rdiv(c[0], c[1]), "%d / %d", c[0], c[1])
	}
	rapid.Check(t, func(t *rapid.T) {
		a, n := rapid.Int64Range(-1<<52, 1<<52).Draw(t, "a"), rapid.Int64Range(1, 1<<22).Draw(t, "n")
		by := rapid.Int64Range(1, n).Draw(t, "by")
		want := new(big.Int).Mul(big.NewInt(a), big.NewInt(by)) // 2 |a| by <= 2 q n + n < 2 |a| by + 2n
		rest := want.Sub(want, new(big.Int).Mul(big.NewInt(mulDiv(a, uint64(by), n)), big.NewInt(n)))
		require.LessOrEqual(t, 2*abs(rest.Int64()), n)
		if 2*abs(rest.Int64()) == n && a != 0 {
			require.Equal(t, a > 0, rest.Sign() < 0, "a half goes away from zero")
		}
	})
}

func TestEpsilon(t *testing.T) {
	require.Equal(t, int64(42950), epsilon(8)) // 1e-5 * 2^32 = 42949.67
	require.Equal(t, int64(1), epsilon(-2))
}

func TestClippedRounding(t *testing.T) {
	for s := -30; s <= 47; s++ {
		for _, v := range []int64{0, 1, -1, 3, 1 << 23, -1 << 33, 1<<33 + 1, 1 << 55, -1 << 55} {
			want := new(big.Int).Lsh(big.NewInt(v), uint(max(-s, 0)))
			if s > 0 {
				want = big.NewInt(Away(v, s))
			}
			if limit := big.NewInt(1 << 23); want.CmpAbs(limit) >= 0 {
				want = big.NewInt(1 << 24 * int64(want.Sign()))
			}
			require.Equal(t, Sat(want.Int64(), 24), Sat(awaySat(v, s), 24), "%d, %d", v, s)
		}
	}
}

// normModel is one channel of 1 x 2 pixels with batch normalisation: z is the pixels themselves.
func normModel(t *testing.T) *Model {
	cfg := Config{
		Rule: BP, Sizes: []int{2, 32, 2}, Mu: 32768,
		Convs: []Conv{{InC: 1, OutC: 1, InH: 1, InW: 2, Kernel: 1, Stride: 1, Pool: 1, BN: true, Fz: 8, Fd: 14}},
		F:     Formats{Fo: []int{8, 8, 8}, Fw: []int{0, 12, 12}, Fe: []int{0, 14, 14}, Fv: []int{0, 18, 18}},
	}
	m, err := New(cfg)
	require.NoError(t, err)
	m.W[1][0] = 4096
	return m
}

func TestNormaliseByHand(t *testing.T) {
	m := normModel(t)
	m.Beta[1][0] = 1 << 25 // 1/2
	m.Forward([]uint8{10, 30})
	require.Equal(t, []int16{10, 30}, m.Z[1])
	require.Equal(t, int32(20<<8), m.M[1][0])
	// V = (100+900)/2 * 65536 - 5120^2 = 100 * 65536; X = 6553600 + 42950, deviation 10.033 of 256
	deviation := float64(m.R[1][0]) * math.Exp2(float64(m.Sh[1][0])/2-32)
	require.InDelta(t, 1/math.Sqrt(6553600+42950), deviation, 1e-7)
	require.Equal(t, []int16{0, 383}, []int16{m.O[1][0], m.O[1][16]}) // (10/10.033 + 0.5) * 256 = 383.2
	require.Equal(t, []uint8{15, 0}, m.Pos[1])
	require.Equal(t, int32(512), m.RM[1][0])             // away(5120 * 6554 / 65536) = 512.03
	require.Equal(t, int64(1<<32-428212144), m.RV[1][0]) // (2*6553600 - 2^32) * 6554 / 65536
	require.Equal(t, int64(383), m.Stats.O[1].MaxAbs)
}

func TestUpdateNormByHand(t *testing.T) {
	m := normModel(t) // Fd + 17 - Fv = 13, Fd + 5 - Fv = 1, Fv - 4 = 14, Fv - 10 = 8
	m.VGamma[1][0], m.VBeta[1][0] = -5, 5
	m.GGamma[1][0], m.GBeta[1][0] = 3<<12, -3
	m.Update(1 << 13)
	require.Equal(t, int32(-2+2), m.VGamma[1][0])
	require.Equal(t, int32(1<<20), m.Gamma[1][0])
	require.Zero(t, m.VBeta[1][0], "2 - 2")
	m.GGamma[1][0], m.GBeta[1][0] = 3<<13, 1<<40
	m.Update(1 << 13)
	require.Equal(t, int32(1<<20-2), m.Gamma[1][0], "8192 * 3 / 16384 = 1.5")
	require.Equal(t, int32(1<<23-1), m.VBeta[1][0])
	require.Equal(t, int32(-(1<<28 - 32)), m.Beta[1][0], "8192 * (2^23-1) / 256")
	require.Equal(t, Stat{Sat: 1, MaxAbs: 1<<23 - 1}, m.Stats.VBeta[1])

	m.Gamma[1][0], m.Beta[1][0], m.VGamma[1][0] = -1<<29, -1<<31, 1<<23-1
	m.Update(65535)
	require.Equal(t, int32(-1<<29), m.Gamma[1][0])
	require.Equal(t, int32(-1<<31), m.Beta[1][0])
	require.Equal(t, Stat{Sat: 1, MaxAbs: 1 << 29}, m.Stats.Gamma[1])
	require.Equal(t, Stat{Sat: 1, MaxAbs: 1 << 31}, m.Stats.Beta[1])
}
