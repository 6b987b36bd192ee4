package fixed

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The twins work on exact rationals: a rounding is a statement about v / 2^s.

// floor returns the integer below num/2^s.
func floor(num *big.Int, s uint) *big.Int {
	q := new(big.Int)
	return q.Div(num, new(big.Int).Lsh(big.NewInt(1), s)) // Euclidean: the floor for a positive divisor
}

func awayTwin(v int64, s int) *big.Int {
	if s <= 0 {
		return new(big.Int).Lsh(big.NewInt(v), uint(-s))
	}
	// The nearest integer to |v|/2^s is the floor of (2|v| + 2^s) / 2^(s+1); at a tie, the larger one.
	n := new(big.Int).Abs(big.NewInt(v))
	n.Add(n.Lsh(n, 1), new(big.Int).Lsh(big.NewInt(1), uint(s)))
	n = floor(n, uint(s+1))
	if v < 0 {
		n.Neg(n)
	}
	return n
}

func TestAway(t *testing.T) {
	for v, want := range map[int64]int64{0: 0, 1: 0, 2: 1, 3: 1, 5: 1, 6: 2, -1: 0, -2: -1, -5: -1, -6: -2} {
		require.Equal(t, want, Away(v, 2), "%d / 4", v)
	}
	for v := int64(-600); v <= 600; v++ {
		for s := -3; s <= 9; s++ {
			require.Equal(t, awayTwin(v, s).Int64(), Away(v, s), "%d by %d", v, s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(-1<<62+1, 1<<62-1).Draw(t, "v")
		s := rapid.IntRange(1, 60).Draw(t, "s")
		require.Equal(t, awayTwin(v, s).Int64(), Away(v, s))
		require.Equal(t, -Away(v, s), Away(-v, s), "odd")
		small, left := v>>20, rapid.IntRange(0, 15).Draw(t, "left")
		require.Equal(t, awayTwin(small, -left).Int64(), Away(small, -left))
	})
}

func TestTowardZero(t *testing.T) {
	for v, want := range map[int64]int64{0: 0, 3: 0, 4: 1, 7: 1, -3: 0, -4: -1, -7: -1} {
		require.Equal(t, want, TowardZero(v, 2))
	}
	rapid.Check(t, func(t *rapid.T) {
		v, s := rapid.Int64Min(-1<<63+1).Draw(t, "v"), rapid.UintRange(0, 62).Draw(t, "s")
		require.Equal(t, v/(1<<s), TowardZero(v, s), "Go's division drops the fraction")
	})
}

func TestSat(t *testing.T) {
	for n := uint(2); n <= 9; n++ {
		for v := int64(-600); v <= 600; v++ {
			lo, hi := -int64(1)<<(n-1), int64(1)<<(n-1)-1
			got, clipped := Sat(v, n)
			require.Equal(t, min(max(v, lo), hi), got)
			require.Equal(t, v < lo || v > hi, clipped)
		}
	}
	for _, v := range []int64{-1 << 63, 1<<63 - 1} {
		got, clipped := Sat(v, 16)
		require.True(t, clipped)
		require.Equal(t, v < 0, got == -32768)
	}
}

func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, n := rapid.Int64().Draw(t, "v"), rapid.UintRange(1, 64).Draw(t, "n")
		got := big.NewInt(Wrap(v, n))
		mod := new(big.Int).Lsh(big.NewInt(1), n)
		half := new(big.Int).Rsh(mod, 1)
		require.Negative(t, got.Cmp(half))
		require.LessOrEqual(t, new(big.Int).Neg(half).Cmp(got), 0)
		diff := new(big.Int).Sub(got, big.NewInt(v))
		require.Zero(t, diff.Mod(diff, mod).Sign(), "differs by a multiple of 2^n")
	})
}

func TestStochastic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, s, word := rapid.Int64Range(-1<<60, 1<<60).Draw(t, "v"), rapid.IntRange(0, 40).Draw(t, "s"), rapid.Uint16().Draw(t, "word")
		// The word is the fraction word / 2^16, cut to the s bits below the new unit place.
		r := floor(new(big.Int).Lsh(big.NewInt(int64(word)), uint(s)), 16)
		require.Equal(t, floor(r.Add(r, big.NewInt(v)), uint(s)).Int64(), Stochastic(v, s, word))
	})
	// Over all words the result is above the floor as often as the fraction says, exactly.
	for _, s := range []int{0, 1, 5, 16} {
		for _, v := range []int64{0, 1, 7, -1, -9, 12345, -12345} {
			sum := int64(0)
			for word := range 1 << 16 {
				sum += Stochastic(v, s, uint16(word)) - v>>s
			}
			require.Equal(t, v&(1<<s-1)<<(16-s), sum, "%d by %d", v, s)
		}
	}
}
