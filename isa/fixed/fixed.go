// Package fixed is the chip's fixed-point arithmetic: rounding, saturation and wrapping of two's
// complement numbers. A format is a number of fraction bits; a change of format is a shift, whose
// rounding is named here. docs/arithmetic.md section 1 defines every function.
package fixed

// Away shifts v right by s, rounding to nearest with ties away from zero; a negative s shifts left,
// exactly. |v| must be below 2^62 and the shifted value must fit.
func Away(v int64, s int) int64 {
	if s <= 0 {
		return v << uint(-s)
	}
	sign, n := v>>63, uint(s)&63 // 0 or -1: without a branch, since signs are random
	return ((v^sign-sign+1<<(n-1))>>n ^ sign) - sign
}

// TowardZero shifts v right by s, dropping the fraction toward zero.
func TowardZero(v int64, s uint) int64 {
	return (v + v>>63&(1<<s-1)) >> s // the floor, of a negative v with nearly a unit more
}

// Sat clips v to n bits and reports whether that changed it.
func Sat(v int64, n uint) (int64, bool) {
	hi := int64(1)<<(n-1) - 1
	if v > hi {
		return hi, true
	}
	if v < -hi-1 {
		return -hi - 1, true
	}
	return v, false
}

// Wrap keeps the low n bits of v and extends their sign.
func Wrap(v int64, n uint) int64 {
	above := (64 - n) & 63
	return v << above >> above
}

// Stochastic shifts v right by s, 0..63, after adding a 16-bit random word aligned below the new unit
// place: the result is the floor or the ceiling, with probabilities such that its mean is v / 2^s
// (up to 2^-16 when s > 16).
func Stochastic(v int64, s int, word uint16) int64 {
	r := int64(word)
	if s >= 16 {
		r <<= uint(s - 16)
	} else {
		r >>= uint(16 - s)
	}
	return (v + r) >> (uint(s) & 63)
}
