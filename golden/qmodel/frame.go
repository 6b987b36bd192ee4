package qmodel

import (
	"bdfasim/golden/gemm"
	"bdfasim/golden/intgemm"
)

// frame is padded maps: pixels gap apart between zeros, so that what a kernel sees from any place lies
// in as many segments as the kernel has rows.
type frame struct {
	pool        *gemm.Pool
	maps, data  []int16
	h, w, chans int // of a map
	gap, first  int // where pixels go
	rows, cols  int // of a padded map
	step        int // from place to place
	outH, outW  int
	most        []uint64 // by worker: the largest sum of squares of a pixel
	copy        func(lo, hi, worker int)
	at          func(place int) int
}

func newFrame(pool *gemm.Pool, size int) *frame {
	// One more, for segments of an odd length.
	f := &frame{pool: pool, data: make([]int16, size+1), most: make([]uint64, pool.Workers())}
	f.copy, f.at = f.copyMaps, f.place
	return f
}

// outSees returns what outputs of the layer see of samples of o_{i-1}, place by place (section 7).
func (f *frame) outSees(l *Conv, o []int16) intgemm.Left {
	f.maps, f.h, f.w, f.chans, f.gap, f.first = o, l.InH, l.InW, l.InC, 1, l.Pad
	f.outH, f.outW = l.ZSize()
	f.step = l.Stride
	return f.left(l, 2*l.Pad+l.Extra)
}

// inSees returns what inputs of the layer see of samples of e_i through the kernel turned around.
func (f *frame) inSees(l *Conv, e []int16) intgemm.Left {
	f.maps, f.chans, f.gap, f.first = e, l.OutC, l.Stride, l.Kernel-1-l.Pad
	f.h, f.w = l.ZSize()
	f.outH, f.outW, f.step = l.InH, l.InW, 1
	return f.left(l, l.Kernel-1)
}

// padded returns the pixels of an input map with so many rows and columns more.
func (c *Conv) padded(by int) int { return (c.InH + by) * (c.InW + by) }

// left pads the maps to so many rows and columns more than the layer's input.
func (f *frame) left(l *Conv, by int) intgemm.Left {
	f.rows, f.cols = l.InH+by, l.InW+by
	clear(f.most)
	f.pool.Range(len(f.maps)/(f.h*f.w*f.chans), 1, f.copy)
	left := intgemm.Left{Data: f.data, At: f.at, Run: l.Kernel * f.chans, Step: f.cols * f.chans}
	for _, most := range f.most {
		left.Squares = max(left.Squares, uint64(l.taps())*most)
	}
	return left
}

// copyMaps pads samples lo..hi-1.
func (f *frame) copyMaps(lo, hi, worker int) {
	size, most := f.rows*f.cols*f.chans, f.most[worker]
	clear(f.data[lo*size : hi*size])
	for n := range (hi - lo) * f.h * f.w {
		b, y, x := lo+n/(f.h*f.w), n/f.w%f.h*f.gap+f.first, n%f.w*f.gap+f.first
		pixel := f.maps[(lo*f.h*f.w+n)*f.chans:][:f.chans]
		copy(f.data[((b*f.rows+y)*f.cols+x)*f.chans:], pixel)
		most = max(most, intgemm.Squares(pixel))
	}
	f.most[worker] = most
}

// place is where the window of a place begins.
func (f *frame) place(r int) int {
	b, y, x := r/(f.outH*f.outW), r/f.outW%f.outH*f.step, r%f.outW*f.step
	return ((b*f.rows+y)*f.cols + x) * f.chans
}
