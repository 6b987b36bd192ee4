package norm

import (
	"math"
	"math/bits"

	"bdfasim/isa/fixed"
)

// rootTable is T of docs/arithmetic.md section 8, a ROM of 192 words of 17 bits: rootTable[v] =
// round(2^16 / sqrt((v + 64.5) / 256)). math.Sqrt is correctly rounded on every machine, so the
// words are the same everywhere.
var rootTable = func() (t [192]uint32) {
	for v := range t {
		t[v] = uint32(math.Round((1 << 16) / math.Sqrt((float64(v)+64.5)/256)))
	}
	return t
}()

// maxVariance is the largest X that rsqrt takes.
const maxVariance = 1<<62 - 1

// rsqrt returns r and the even number sh with 1/sqrt(x) = r * 2^(sh/2 - 32), of docs/arithmetic.md
// section 8. An x outside 1..2^62-1, which no sums give, is clipped.
func rsqrt(x int64) (r uint32, sh int32) {
	u := uint64(min(max(x, 1), maxVariance))
	sh = int32(32-bits.Len64(u)) &^ 1
	m := u << uint(max(sh, 0)) >> uint(max(-sh, 0))
	y := uint64(rootTable[m>>24-64])
	t := m * (y * y >> 16) >> 32
	return uint32(y * (3<<16 - t) >> 17), sh
}

// maxQuotient is what the quotient bits hold.
const maxQuotient = 1<<divSteps - 1

// Divider divides by restoring, a bit of the quotient in a step: floor((2a + n) / 2n), which is a /
// n, halves away from zero. A quotient that needs more bits, which only sums of another n give, is
// clipped.
type Divider struct {
	Rem  uint64 `bits:"63"` // remainder
	Low  uint64 `bits:"48"` // what is left of the dividend, followed by the quotient
	By   uint64 `bits:"63"` // 2n
	Neg  bool   `bits:"1"`  // sign of the quotient
	Clip bool   `bits:"1"`
}

// ratio begins a * 2^k / n; k < 63, n < 2^62.
func (d *Divider) ratio(a int64, k uint, n uint64) {
	m := uint64(max(a, -a))
	d.begin(m>>(64-k), m<<k, n, a < 0)
}

// begin begins a / n of a = hi * 2^64 + lo < 2^126.
func (d *Divider) begin(hi, lo, n uint64, negative bool) {
	hi, lo = hi<<1|lo>>63, lo<<1
	lo, carry := bits.Add64(lo, n, 0)
	hi += carry
	*d = Divider{Low: lo & maxQuotient, By: 2 * n, Neg: negative}
	d.Rem = hi<<(64-divSteps) | lo>>divSteps
	if hi>>divSteps != 0 || d.Rem >= d.By {
		d.Rem, d.Low, d.Clip = 0, maxQuotient, true
	}
}

// step makes a bit of the quotient.
func (d *Divider) step() {
	if d.Clip {
		return
	}
	d.Rem = d.Rem<<1 | d.Low>>(divSteps-1)
	d.Low = d.Low << 1 & maxQuotient
	if d.Rem >= d.By {
		d.Rem -= d.By
		d.Low |= 1
	}
}

// quotient is the result after divSteps steps.
func (d *Divider) quotient() int64 {
	if d.Neg {
		return -int64(d.Low)
	}
	return int64(d.Low)
}

// sat16 is sat_16(away(v, s)) for any s and |v| < 2^61, and whether it clipped.
func sat16(v int64, s int) (x int64, clipped bool) {
	if s <= 0 {
		return sat16Left(v, s)
	}
	r := fixed.Away(v, min(s, 62))
	x = min(max(r, -1<<15), 1<<15-1)
	return x, x != r
}

// sat16Left is sat16 for a left shift. v is clipped to 18 bits first: what lies outside is clipped
// afterwards in any case.
func sat16Left(v int64, s int) (int64, bool) {
	v, _ = fixed.Sat(v, 18)
	return fixed.Sat(v<<uint(min(-s, 16)), 16)
}

// awayWide is away(v, s), s >= -27, where v is clipped to 31 bits before a left shift: the sum that
// it goes into is clipped to 24.
func awayWide(v int64, s int) int64 {
	if s <= 0 {
		v, _ = fixed.Sat(v, 31)
	}
	return fixed.Away(v, s)
}
