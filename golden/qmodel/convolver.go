package qmodel

import (
	"runtime"

	"bdfasim/golden/gemm"
)

// maxGroup bounds the numbers of a product's operand and result: maps are multiplied a few samples at a time.
const maxGroup = 1 << 21

// convolver multiplies integer matrices in float64: its operands are int16 and a sum has at most 2^22 terms, so that
// every partial sum stays below 2^53 and every result is exact, in any order and on any number of cores.
type convolver struct {
	gemm *gemm.Mul
	most int       // numbers in a group of samples
	left []float64 // left operand
	out  []float64 // result
	seen seen
	seT  seenT
}

// newConvolver returns a convolver with room for operands of the given numbers.
func newConvolver(left, out int) *convolver {
	c := &convolver{gemm: gemm.NewMul(gemm.NewPool(runtime.GOMAXPROCS(0))), most: maxGroup}
	c.left, c.out = make([]float64, left), make([]float64, out)
	c.seT.seen = &c.seen
	return c
}

// group returns how many samples of n numbers make a group of at most the given numbers.
func group(n, most int) int { return min(MaxBatch, max(1, most/n)) }

// multiply sets c.out (m x n) to the product of c.left (m x k, with the given steps from row to row and from column to
// column) and right (k x n).
func (c *convolver) multiply(right gemm.Packer, row, col, m, n, k int) {
	c.gemm.Packed(gemm.View{Data: c.out, Row: n, Col: 1}, gemm.View{Data: c.left, Row: row, Col: col}, right, m, n, k)
}

// seen is the matrix of what the taps of a kernel see of maps: a row a tap and channel, a column a sample and place. Tap
// ky, kx of place y, x sees row (y*step + ky*dir + off) / gap of the map, columns likewise; it sees 0 where that is
// outside or the division has a rest.
type seen struct {
	maps           []int16 // samples x h x w x chans
	h, w, chans    int
	outH, outW     int // places
	kernel         int
	step, dir, off int
	gap            int
}

// Pack implements gemm.Packer.
func (s *seen) Pack(dst, row []float64, k0, kn, j0, jn int) {
	for j := range jn {
		s.column(row, k0, kn, j0+j)
		gemm.PackColumn(dst, row[:kn], j)
	}
}

// seenT is seen transposed.
type seenT struct{ *seen }

// Pack implements gemm.Packer.
func (s *seenT) Pack(dst, row []float64, k0, kn, j0, jn int) {
	for k := range kn {
		s.column(row, j0, jn, k0+k)
		gemm.PackRow(dst, row[:jn], k, kn)
	}
}

// column writes the n rows from row first on of one column into dst.
func (s *seen) column(dst []float64, first, n, place int) {
	x, y := place%s.outW*s.step+s.off, place/s.outW%s.outH*s.step+s.off
	sample := s.maps[place/(s.outW*s.outH)*s.h*s.w*s.chans:]
	tap, ch := first/s.chans, first%s.chans
	for dst = dst[:n]; len(dst) > 0; tap, ch = tap+1, 0 {
		part := dst[:min(s.chans-ch, len(dst))]
		dst = dst[len(part):]
		sy, sx := s.on(y+tap/s.kernel*s.dir, s.h), s.on(x+tap%s.kernel*s.dir, s.w)
		if sy < 0 || sx < 0 {
			clear(part)
			continue
		}
		for c, v := range sample[(sy*s.w+sx)*s.chans+ch:][:len(part)] {
			part[c] = float64(v)
		}
	}
}

// on returns the row or column of the map at a place that counts gaps too, -1 where there is none.
func (s *seen) on(at, size int) int {
	if at < 0 || at%s.gap != 0 || at/s.gap >= size {
		return -1
	}
	return at / s.gap
}
