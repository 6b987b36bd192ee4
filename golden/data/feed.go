package data

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Scaling turns a byte p of channel c into (p/256 - Mean[c]) / SD[c]. The zero
// Scaling is p/256.
type Scaling struct {
	Mean []float64 `json:"mean,omitempty"` // a channel, in units of p/256
	SD   []float64 `json:"sd,omitempty"`   // a channel, positive
}

// Statistics returns mean and standard deviation of each channel over all
// pixels of the set. A constant channel gets SD 1, so that it becomes zero.
// Take it from the training part alone.
func (s Set) Statistics() Scaling {
	out := Scaling{Mean: make([]float64, s.Channels), SD: make([]float64, s.Channels)}
	plane := s.Rows * s.Cols
	for c := range s.Channels {
		var sum, square uint64 // exact: 2^16 times fewer than 2^48 pixels
		for k := range s.N {
			for _, p := range s.Image(k)[c*plane : (c+1)*plane] {
				sum += uint64(p)
				square += uint64(p) * uint64(p)
			}
		}
		n := float64(s.N * plane)
		mean := float64(sum) / n
		out.Mean[c] = mean / 256
		out.SD[c] = math.Sqrt(max(0, float64(square)/n-float64(mean*mean))) / 256
		if out.SD[c] == 0 {
			out.SD[c] = 1
		}
	}
	return out
}

// Augment says how training images are varied (as in He et al. 2016, arXiv
// 1512.03385, section 4.2). The zero Augment leaves them alone.
type Augment struct {
	Flip bool `json:"flip"` // mirror left and right, in half of the cases
	Pad  int  `json:"pad"`  // black border; then a crop of the old size from a random place
}

// Apply writes the variant of src that belongs to (seed, epoch, index) into
// dst. Both are channels x rows x cols and must not overlap. It depends on
// nothing else, so batches may come in any order and any epoch by itself.
func (a Augment) Apply(dst, src []byte, channels, rows, cols int, seed, epoch, index uint64) {
	var pcg rand.PCG
	pcg.Seed(mix(seed, epoch), index)
	draw := func(n int) int { return int(pcg.Uint64() >> 32 * uint64(n) >> 32) }
	flip, down, right := false, 0, 0
	if a.Flip {
		flip = draw(2) == 1
	}
	if a.Pad > 0 {
		down, right = draw(2*a.Pad+1)-a.Pad, draw(2*a.Pad+1)-a.Pad
	}
	for c := range channels {
		plane := c * rows * cols
		for r := range rows {
			for q := range cols {
				from, at := r+down, q+right // where the crop lies in the image
				if flip {
					at = cols - 1 - at
				}
				p := byte(0)
				if from >= 0 && from < rows && at >= 0 && at < cols {
					p = src[plane+from*cols+at]
				}
				dst[plane+r*cols+q] = p
			}
		}
	}
}

// mix makes one word of two (the finaliser of SplitMix64; Steele, Lea and
// Flood 2014, doi 10.1145/2660193.2660195), so that no pair of seed and epoch
// is near another.
func mix(seed, epoch uint64) uint64 {
	z := seed + (epoch+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Feed makes batches of floats from a set. Not for concurrent use; feeds may
// share a set.
type Feed struct {
	Set     Set
	Scaling Scaling
	Augment Augment
	Seed    uint64 // of the augmentation

	variant []byte
}

// Batch writes the chosen images as rows of x (Channels x Rows x Cols each)
// and their classes into y. x needs len(order) * Size() elements and y
// len(order). The epoch chooses the variants of the images.
func (f *Feed) Batch(epoch uint64, order []int, x []float64, y []int) error {
	s, size := f.Set, f.Set.Size()
	if len(x) != len(order)*size || len(y) != len(order) {
		return fmt.Errorf("data: %s: batch of %d: got room for %d pixels and %d labels, want %d and %d", s.Name, len(order), len(x), len(y), len(order)*size, len(order))
	}
	if n := len(f.Scaling.Mean); n != len(f.Scaling.SD) || n != 0 && n != s.Channels {
		return fmt.Errorf("data: %s: scaling: got %d means and %d deviations, want none or %d, one a channel", s.Name, n, len(f.Scaling.SD), s.Channels)
	}
	for r, k := range order {
		if k < 0 || k >= s.N {
			return fmt.Errorf("data: %s: batch: got image %d, want 0..%d", s.Name, k, s.N-1)
		}
		image := s.Image(k)
		if f.Augment != (Augment{}) {
			f.variant = append(f.variant[:0], image...)
			f.Augment.Apply(f.variant, image, s.Channels, s.Rows, s.Cols, f.Seed, epoch, uint64(k))
			image = f.variant
		}
		f.Scaling.floats(x[r*size:(r+1)*size], image, s.Rows*s.Cols)
		y[r] = int(s.Labels[k])
	}
	return nil
}

// floats scales one image, channels of plane pixels.
func (s Scaling) floats(x []float64, image []byte, plane int) {
	if len(s.Mean) == 0 {
		for j, p := range image {
			x[j] = float64(p) / 256
		}
		return
	}
	for j, p := range image {
		c := j / plane
		x[j] = (float64(float64(p)/256) - s.Mean[c]) / s.SD[c]
	}
}
