package qmodel

import (
	"math"
	"math/bits"
)

// Widths and fraction bits of section 8.
const (
	gammaBits = 30
	gammaFrac = 20
	betaBits  = 32
	betaFrac  = 26
	xhatBits  = 12   // fraction bits of xhat
	follow    = 6554 // 0.1: how fast running statistics follow, Q0.16
)

// deviations is T of section 8: T[v] = round(2^16 / sqrt((v + 64.5) / 256)).
var deviations = func() (t [192]uint64) {
	for v := range t {
		t[v] = uint64(math.Round(1 << 16 / math.Sqrt((float64(v)+64.5)/256)))
	}
	return t
}()

// rdiv returns a / n rounded to nearest, halves away from zero, n > 0 (section 8).
func rdiv(a, n int64) int64 { return mulDiv(a, 1, n) }

// mulDiv returns rdiv(a * by, n), the product being as long as it wants; the quotient fits 63 bits.
func mulDiv(a int64, by uint64, n int64) int64 {
	sign := a >> 63
	hi, lo := bits.Mul64(uint64((a^sign)-sign), by)
	q, rest := bits.Div64(hi, lo, uint64(n))
	if 2*rest >= uint64(n) {
		q++
	}
	return (int64(q) ^ sign) - sign
}

// rsqrt returns r and the even sh with 1/sqrt(x) = r * 2^(sh/2 - 32) but for a small error, 1 <= x < 2^62 (section 8).
func rsqrt(x int64) (r uint32, sh int) {
	sh = (32 - bits.Len64(uint64(x))) &^ 1
	m := uint64(x) >> uint(max(-sh, 0)) << uint(max(sh, 0))
	y := deviations[m>>24-64]
	t := m * (y * y >> 16) >> 32
	return uint32(y * (3<<16 - t) >> 17), sh
}

// epsilon returns eps, 1e-5 at the scale of a variance of z with f fraction bits.
func epsilon(f int) int64 {
	return max(1, int64(math.Round(1e-5*math.Exp2(float64(2*f+16)))))
}

// awaySat is Away of a value that is clipped to 24 bits or fewer afterwards, and may be too large to be shifted left.
func awaySat(v int64, s int) int64 {
	if s < 0 {
		v = Sat(v, 33) // 2^32 is beyond every such clip, and shifts by up to 30 places
	}
	return Away(v, s)
}

// channel is what the normalisation of one channel takes in.
type channel struct {
	mean  int64 // m
	r     int64
	half  int   // sh / 2
	gamma int64 // away(gamma, 6), 14 fraction bits
	beta  int64
	scale int64 // g, backward
	a1    int64 // backward
	a2    int64
}

// xhat returns the normalised z, 12 fraction bits.
func (c *channel) xhat(z int16) int64 {
	return Sat(Away((int64(z)<<8-c.mean)*c.r, 20-c.half), 16)
}

// moments returns m and V of n numbers with the sums s1 and s2 of themselves and of their squares.
func moments(s1, s2, n int64) (mean, variance int64) {
	mean = mulDiv(s1, 1<<8, n)
	return mean, max(0, mulDiv(s2, 1<<16, n)-mean*mean)
}
