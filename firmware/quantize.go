package firmware

import (
	"fmt"
	"math"
	"math/bits"
)

// meanShift is log2 of the least that the chip divides sums over a batch by.
const meanShift = 5

// MeanShift is log2 of what the chip divides sums over n samples by (docs/arithmetic.md section 5).
func MeanShift(n int) int { return max(meanShift, bits.Len(uint(n-1))) }

// scaleFrac are the fraction bits of a layer's scale of the learning rate.
const scaleFrac = 8

// RateScale brings a layer's scale of the learning rate into the form that programs have it in.
func RateScale(x float64) uint32 { return uint32(math.Round(math.Ldexp(x, scaleFrac))) }

// LayerEta is the learning rate, Q0.16, of a layer with such a scale.
func LayerEta(eta, scale uint32) uint32 {
	return (eta*scale + 1<<(scaleFrac-1)) >> scaleFrac
}

// maxRate is the largest number of Q0.16.
const maxRate = 0xffff

// Quantize converts x to a fixed-point number of the given width and fraction bits: rounded to nearest, halves away from
// zero, clipped to the range. clipped tells whether that changed the value. x must not be NaN.
func Quantize(x float64, frac, bits int) (v int64, clipped bool) {
	limit := math.Ldexp(1, bits-1)
	r := math.Round(math.Ldexp(x, frac))
	switch {
	case r > limit-1:
		return int64(limit - 1), true
	case r < -limit:
		return -int64(limit), true
	}
	return int64(r), false
}

// QuantizeRate converts eta, mu or lambda to Q0.16. What does not fit, or would silently become 0, is an error.
func QuantizeRate(name string, x float64) (uint32, error) {
	r := math.Round(math.Ldexp(x, 16))
	if math.IsNaN(x) || x < 0 || r > maxRate {
		return 0, fmt.Errorf("%s: got %g, want 0..%g", name, x, maxRate/65536.0)
	}
	if r == 0 && x != 0 {
		return 0, fmt.Errorf("%s: got %g, want 0 or at least 2^-17: it would round to 0", name, x)
	}
	return uint32(r), nil
}

// EtaFor corrects eta for a batch of n samples, which the chip divides by a power of two (section 5).
func EtaFor(eta float64, n int) (uint32, error) {
	over := 1 << MeanShift(n)
	q, err := QuantizeRate("eta", eta*float64(over)/float64(n))
	if err != nil {
		return 0, fmt.Errorf("firmware: batch of %d samples: eta %g times %d/%d: %w", n, eta, over, n, err)
	}
	return q, nil
}

// FeedbackSeeds returns fbseed_i of docs/arithmetic.md section 4 for layers 1..layers-1 (index 0 is 0 and not used). The
// numbers seed + i * 0x9E3779B9 (modulo 2^32) are scrambled by Mix, skipping one that gives 0. Mix is a
// bijection and the factor is odd, so the seeds are distinct and not zero.
func FeedbackSeeds(seed uint32, layers int) []uint32 {
	out := make([]uint32, max(layers, 1))
	for i := 1; i < layers; i++ {
		for out[i] == 0 {
			seed += 0x9E3779B9
			out[i] = Mix(seed)
		}
	}
	return out
}

// Mix is the bijection of 32-bit words of docs/arithmetic.md section 5.
func Mix(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x7feb352d
	x ^= x >> 15
	x *= 0x846ca68b
	return x ^ x>>16
}
