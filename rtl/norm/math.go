package norm

import (
	"math"
	"math/bits"

	"bdfasim/isa/fixed"
)

// rootTable is T of docs/arithmetic.md section 8, a ROM of 192 words of 17 bits: rootTable[v] = round(2^16 /
// sqrt((v + 64.5) / 256)). math.Sqrt is correctly rounded on every machine, so the words are the same everywhere.
var rootTable = func() (t [192]uint32) {
	for v := range t {
		t[v] = uint32(math.Round((1 << 16) / math.Sqrt((float64(v)+64.5)/256)))
	}
	return t
}()

// maxVariance is the largest X that rsqrt takes.
const maxVariance = 1<<62 - 1

// rsqrt returns r and the even number sh with 1/sqrt(x) = r * 2^(sh/2 - 32), of docs/arithmetic.md section 8. An x
// outside 1..2^62-1, which no sums give, is clipped.
func rsqrt(x int64) (r uint32, sh int32) {
	u := uint64(min(max(x, 1), maxVariance))
	sh = int32(32-bits.Len64(u)) &^ 1
	m := u << uint(max(sh, 0)) >> uint(max(-sh, 0))
	y := uint64(rootTable[m>>24-64])
	t := m * (y * y >> 16) >> 32
	return uint32(y * (3<<16 - t) >> 17), sh
}

// maxQuotient is what 48 quotient bits hold.
const maxQuotient = 1<<divSteps - 1

// divide returns floor((2a + n) / 2n) of a = hi * 2^64 + lo, a < 2^126, n < 2^62: a restoring divider of 48 steps. A
// quotient that needs more bits, which only sums of another n give, is clipped.
func divide(hi, lo, n uint64) int64 {
	hi, lo = hi<<1|lo>>63, lo<<1
	lo, carry := bits.Add64(lo, n, 0)
	hi += carry
	if hi >= 2*n {
		return maxQuotient
	}
	q, _ := bits.Div64(hi, lo, 2*n)
	return int64(min(q, maxQuotient))
}

// rdiv returns a * 2^k / n, halves away from zero; k < 63.
func rdiv(a int64, k uint, n uint64) int64 {
	m := uint64(max(a, -a))
	q := divide(m>>(64-k), m<<k, n)
	if a < 0 {
		return -q
	}
	return q
}

// scale returns v * a / n, rounded to nearest; v >= 0.
func scale(v int64, a, n uint64) int64 {
	hi, lo := bits.Mul64(uint64(v), a)
	return divide(hi, lo, n)
}

// round is away(v, s) for s in 1..62 and |v| < 2^62, without branches: the signs of a lane's values are random.
func round(v int64, s uint) int64 {
	sign := v >> 63
	a := ((v^sign)-sign+int64(1)<<(s-1))>>s ^ sign
	return a - sign
}

// sat16 is sat_16(away(v, s)) for any s and |v| < 2^61, and whether it clipped.
func sat16(v int64, s int) (x int64, clipped bool) {
	if s <= 0 {
		return sat16Left(v, s)
	}
	r := round(v, uint(min(s, 62)))
	x = min(max(r, -1<<15), 1<<15-1)
	return x, x != r
}

// sat16Left is sat16 for a left shift. v is clipped to 18 bits first: what lies outside is clipped afterwards in any case.
func sat16Left(v int64, s int) (int64, bool) {
	v, _ = fixed.Sat(v, 18)
	return fixed.Sat(v<<uint(min(-s, 16)), 16)
}

// awayWide is away(v, s), s >= -27, where v is clipped to 31 bits before a left shift: the sum that it goes into is
// clipped to 24.
func awayWide(v int64, s int) int64 {
	if s <= 0 {
		v, _ = fixed.Sat(v, 31)
	}
	return fixed.Away(v, s)
}
