package qmodel

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRoundingVectors(t *testing.T) {
	v := vector[int64](t, "round_shift3", "v")
	for name, round := range map[string]func(int64, int) int64{
		"away": Away, "trunc": Trunc0,
	} {
		want := vector[int64](t, "round_shift3", name)
		for i := range v {
			require.Equal(t, want[i], round(v[i], 3), "%s(%d, 3)", name, v[i])
		}
	}
	stoch := vector[int64](t, "round_shift3", "stoch")
	for n, r := range vector[int64](t, "round_shift3", "rnd") {
		for i := range v {
			require.Equal(t, stoch[n*len(v)+i], Stochastic(v[i], r, 3), "stochastic(%d, %d, 3)", v[i], r)
		}
	}
}

func TestRoundingAgainstFloats(t *testing.T) {
	for s := -4; s <= 12; s++ {
		for v := int64(-1 << 12); v < 1<<12; v++ {
			x := math.Ldexp(float64(v), -s) // exact
			require.Equal(t, int64(math.Round(x)), Away(v, s), "away(%d, %d)", v, s)
			if s < 0 {
				continue
			}
			require.Equal(t, int64(math.Trunc(x)), Trunc0(v, s), "trunc0(%d, %d)", v, s)
		}
	}
}

func TestAwayLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(-1<<47, 1<<47-1).Draw(t, "v")
		w := rapid.Int64Range(-1<<47, 1<<47-1).Draw(t, "w")
		s := rapid.IntRange(1, 47).Draw(t, "s")
		q := Away(v, s)
		require.Equal(t, -q, Away(-v, s), "odd")
		require.LessOrEqual(t, abs(v-q<<s), int64(1)<<(s-1), "within half a step")
		if v <= w {
			require.LessOrEqual(t, q, Away(w, s), "monotone")
		}
		require.Equal(t, v, Away(Away(v, -15), 15), "a left shift is exact")
		require.LessOrEqual(t, abs(Trunc0(v, s))<<s, abs(v), "toward zero")
	})
}

func TestStochasticMeanIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(-1<<39, 1<<39).Draw(t, "v")
		s := rapid.IntRange(0, 10).Draw(t, "s")
		var sum int64
		for r := range int64(1) << s {
			sum += Stochastic(v, r, s)
		}
		require.Equal(t, v, sum) // the sum of 2^s results of v / 2^s
	})
}

func TestSatAndWrap(t *testing.T) {
	for _, n := range []int{2, 16, 24, 32, 48} {
		top := int64(1)<<(n-1) - 1
		require.Equal(t, top, Sat(top, n))
		require.Equal(t, top, Sat(top+1, n))
		require.Equal(t, -top-1, Sat(-top-1, n))
		require.Equal(t, -top-1, Sat(-top-2, n))
		require.Equal(t, -top, Sat(-top, n))
		require.Equal(t, top, Wrap(top, n))
		require.Equal(t, -top-1, Wrap(top+1, n))
		require.Equal(t, top, Wrap(-top-2, n))
		require.Equal(t, int64(-1), Wrap(1<<n-1, n))
	}
	require.Equal(t, int64(math.MaxInt64), Wrap(math.MaxInt64, 64))
}

func TestWrappedSumsDoNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{16, 24, 32, 48}).Draw(t, "bits")
		products := rapid.SliceOfN(rapid.Int64Range(-1<<30, 1<<30), 1, 60).Draw(t, "products")
		var total int64
		for _, p := range products {
			total += p
		}
		var acc int64
		for _, p := range rapid.Permutation(products).Draw(t, "order") {
			acc = Wrap(acc+p, n)
		}
		require.Equal(t, Wrap(total, n), acc)
	})
}

func TestAdderTreeVectors(t *testing.T) {
	const samples, classes, neurons = 4, 10, 16
	e := vector[int16](t, "bdfa_adder", "e")
	bits := vector[uint8](t, "bdfa_adder", "bits") // classes x neurons
	acc := vector[int32](t, "bdfa_adder", "acc")
	results := map[string]func(int64) int64{
		"sat16":      func(v int64) int64 { return v },
		"shr3_floor": func(v int64) int64 { return v >> 3 },
		"shr3_away":  func(v int64) int64 { return Away(v, 3) },
	}
	for b := range samples {
		for n := range neurons {
			signs := make([]int8, classes)
			for c := range signs {
				signs[c] = int8(bits[c*neurons+n])*2 - 1
			}
			sum := AdderTree(e[b*classes:(b+1)*classes], signs)
			require.Equal(t, acc[b*neurons+n], sum)
			for name, shift := range results {
				want := vector[int16](t, "bdfa_adder", name)
				require.Equal(t, int64(want[b*neurons+n]), Sat(shift(int64(sum)), 16), name)
			}
		}
	}
}

func abs(v int64) int64 { return max(v, -v) }
