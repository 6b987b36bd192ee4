package norm

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestRootTable compares T with integers and with wide floats.
func TestRootTable(t *testing.T) {
	for v, got := range rootTable {
		x := new(big.Float).SetPrec(300).SetFloat64((float64(v) + 64.5) / 256)
		y := new(big.Float).SetPrec(300).Quo(big.NewFloat(1<<16), x.Sqrt(x))
		y.Add(y, big.NewFloat(0.5))
		want, _ := y.Int64()
		require.EqualValues(t, want, got, "T[%d]", v)
	}
}

func TestRsqrt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Int64Range(1, maxVariance).Draw(t, "x") >> rapid.IntRange(0, 61).Draw(t, "shift")
		x = max(x, 1)
		r, sh := rsqrt(x)
		wantR, wantSh := inverseRoot(big.NewInt(x))
		require.Equal(t, wantR, int64(r))
		require.Equal(t, wantSh, int64(sh))
		real := math.Ldexp(float64(r), int(sh)/2-32) * math.Sqrt(float64(x))
		require.InDelta(t, 1, real, 1e-4)
	})
	for _, x := range []int64{math.MinInt64, -1, 0} {
		r, sh := rsqrt(x)
		r1, sh1 := rsqrt(1)
		require.Equal(t, []any{r1, sh1}, []any{r, sh}, "clipped to 1")
	}
}

func TestDivision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Range(1, 1<<29).Draw(t, "n")
		k := rapid.UintRange(0, 16).Draw(t, "k")
		a := rapid.Int64().Draw(t, "a")
		want := rounded(left(big.NewInt(a), int(k)), new(big.Int).SetUint64(n))
		limit := big.NewInt(maxQuotient)
		if want.CmpAbs(limit) > 0 {
			want = limit.Mul(limit, big.NewInt(int64(want.Sign())))
		}
		var d Divider
		d.ratio(a, k, n)
		for range divSteps {
			d.step()
		}
		require.Equal(t, want.Int64(), d.quotient())
	})
}
