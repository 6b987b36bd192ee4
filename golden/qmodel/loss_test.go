package qmodel

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// T[f] is the nearest integer: (2T-1)^256 < 2^(17*256 - f) < (2T+1)^256.
func TestPowersOfTwoAreRounded(t *testing.T) {
	pow := func(base int64) *big.Int { return new(big.Int).Exp(big.NewInt(base), big.NewInt(256), nil) }
	for f, v := range powers {
		exact := new(big.Int).Lsh(big.NewInt(1), uint(17*256-f))
		require.Negative(t, pow(2*v-1).Cmp(exact), "T[%d] = %d", f, v)
		require.Positive(t, pow(2*v+1).Cmp(exact), "T[%d] = %d", f, v)
	}
}

func TestSoftmaxByHand(t *testing.T) {
	hundred := make([]int16, 100)
	flat := make([]int16, 100)
	for c := range flat {
		flat[c] = 164 // S = 6553600, R = 167772, q = 164.3
	}
	flat[99] -= 1 << 14
	for _, c := range []struct {
		name      string
		a         []int16
		label     int
		want      []int16
		predicted int
	}{
		{"two equal, the first wins", []int16{5, 5}, 0, []int16{-8192, 8192}, 0},
		{"far apart", []int16{-32768, 32767}, 0, []int16{-16384, 16384}, 1},
		{"right and sure", []int16{-32768, 32767}, 1, []int16{0, 0}, 1},
		// z = 256*94548 >> 16 = 369 = 256 + 113; p = 65536, 48262 >> 1; R = 2^40 / 89667 = 12262165
		{"one apart", []int16{256, 0}, 1, []int16{11975, 4409 - 16384}, 0},
		{"a hundred equal", hundred, 99, flat, 0},
		{"one class", []int16{-3}, 0, []int16{0}, 0},
	} {
		e := make([]int16, len(c.a))
		require.Equal(t, c.predicted, softmaxError(e, c.a, c.label, 16), c.name)
		require.Equal(t, c.want, e, c.name)
	}
}

// The two differences nearest to a step of z pin the constant 94548 from both sides; Fo[L] = 10.
func TestPowerPinsItsConstant(t *testing.T) {
	require.Equal(t, int64(24393), power(1012, 0, 18)) // z = 365.00006: T[109] >> 1; 94547 would give z = 364
	require.Equal(t, int64(29245), power(829, 0, 18))  // z = 298.99709: T[42] >> 1; 94549 would give z = 299
}

func TestPowerVanishes(t *testing.T) {
	// Fo[L] = 0: a difference of d is 94548*d >> 8 = 369.3*d, in 1/256 octave
	require.Equal(t, int64(1), power(11, 0, 8)) // 11*369.3 = 4062 = 15*256 + 222: 65536 * 2^-15.87
	require.Zero(t, power(12, 0, 8))            // 17 octaves: below the last bit
	require.Zero(t, power(23, 0, 8))
	require.Zero(t, power(32767, -32768, 0))
	require.Equal(t, int64(pOne), power(-32768, -32768, 0))
}

// logits draws 2..100 logits, mostly near each other.
func logits(t *rapid.T) []int16 {
	spread := rapid.SampledFrom([]int16{3, 300, 2000, 32767}).Draw(t, "spread")
	return rapid.SliceOfN(rapid.Int16Range(-spread, spread), 2, 100).Draw(t, "a")
}

// A second implementation: the same p_c from exact powers of two, then q = p/S as a fraction.
func TestLossAgainstBigNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := logits(t)
		shift := rapid.IntRange(8, 22).Draw(t, "shift")
		p, sum := make([]*big.Int, len(a)), new(big.Int)
		largest := a[0]
		for _, v := range a {
			largest = max(largest, v)
		}
		for c, v := range a {
			z := new(big.Int).Mul(big.NewInt(int64(largest)-int64(v)), big.NewInt(94548))
			z.Rsh(z, uint(shift))
			whole, fraction := new(big.Int).DivMod(z, big.NewInt(256), new(big.Int))
			p[c] = big.NewInt(int64(math.Floor(math.Exp2(16-float64(fraction.Int64())/256) + 0.5)))
			p[c].Rsh(p[c], uint(min(whole.Int64(), 64)))
			sum.Add(sum, p[c])
		}
		label := rapid.IntRange(0, len(a)-1).Draw(t, "label")
		e := make([]int16, len(a))
		softmaxError(e, a, label, shift)
		e[label] += 1 << 14
		total := 0
		for c, q := range e {
			exact, _ := new(big.Rat).SetFrac(new(big.Int).Lsh(p[c], 14), sum).Float64()
			require.InDelta(t, exact, float64(q), 0.502) // to nearest, and 2^16/2^26 from the floor in R
			require.GreaterOrEqual(t, q, int16(0))
			total += int(q)
		}
		require.InDelta(t, 1<<14, total, float64(len(a)), "the errors of a sample cancel")
	})
}

// Against the real softmax the quantised exponent decides: z is floored to 1/256 octave, so a ratio is up to 0.27 % too
// large (2^(1/256)), which moves a probability by at most 0.0027/4 = 11.1 LSB of 2^-14; and each p_c loses less than 1
// of at least 2^16 in S, at most N_L/4 LSB.
func TestLossAgainstSoftmax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := logits(t)
		e := make([]int16, len(a))
		largest := a[softmaxError(e, a, 0, 16)]
		e[0] += 1 << 14
		var sum float64
		for _, v := range a {
			sum += math.Exp(float64(int(v)-int(largest)) / 256)
		}
		for c, v := range a {
			want := math.Ldexp(math.Exp(float64(int(v)-int(largest))/256)/sum, 14)
			require.InDelta(t, want, float64(e[c]), 12+float64(len(a))/4)
		}
	})
}
