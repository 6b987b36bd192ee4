package qmodel

// Away rounds v / 2^s to nearest, ties away from zero; for s <= 0 it is the exact v << -s (section 1).
// The caller keeps v small enough for the result to fit 64 bits.
func Away(v int64, s int) int64 {
	if s <= 0 {
		return v << (uint(-s) & 63)
	}
	sign := v >> 63 // 0 or -1: x ^ sign - sign negates without a branch
	abs := (v ^ sign) - sign
	q := (abs + 1<<(uint(s-1)&63)) >> (uint(s) & 63)
	return (q ^ sign) - sign
}

// Trunc0 rounds v / 2^s toward zero, s >= 0 (section 1).
func Trunc0(v int64, s int) int64 {
	sign := v >> 63
	q := ((v ^ sign) - sign) >> (uint(s) & 63)
	return (q ^ sign) - sign
}

// Stochastic rounds v / 2^s down or up by the random word r, 0 <= r < 2^s: floor((v + r) / 2^s), whose mean over all r
// is v / 2^s exactly (section 5, the update of W).
func Stochastic(v, r int64, s int) int64 { return (v + r) >> (uint(s) & 63) }

// Sat clips v to n bits, -2^(n-1) .. 2^(n-1)-1, 1 <= n <= 63 (section 1).
func Sat(v int64, n int) int64 {
	limit := int64(1) << (uint(n-1) & 63)
	if v >= limit {
		return limit - 1
	}
	if v < -limit {
		return -limit
	}
	return v
}

// Wrap keeps the low n bits of v, sign-extended, 1 <= n <= 64 (section 1).
func Wrap(v int64, n int) int64 {
	u := uint(64-n) & 63
	return v << u >> u
}

// AdderTree returns the sum of e[c] * signs[c], signs being -1 or +1: one neuron's row of the BDFA error (section 4).
// It is exact in 32 bits for up to 65535 classes.
func AdderTree(e []int16, signs []int8) int32 {
	var sum int32
	signs = signs[:len(e)]
	for c, v := range e {
		sum += int32(v) * int32(signs[c])
	}
	return sum
}
