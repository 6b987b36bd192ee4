package qmodel

import "bdfasim/golden/intgemm"

// frame is padded maps: pixels gap apart between zeros, so that what a kernel sees from any place
// lies in as many segments as the kernel has rows.
type frame struct {
	maps, data  []int16
	h, w, chans int // of a map
	gap, first  int // where pixels go
	rows, cols  int // of a padded map
	step        int // from place to place
	outH, outW  int
}

// outSees returns what outputs of the layer see of samples of o_{i-1}, place by place (section 7).
func (m *Model) outSees(l *Conv, o []int16) intgemm.Left {
	zh, zw := l.ZSize()
	more := 2*l.Pad + l.Extra
	return m.pad(l.Kernel, frame{maps: o, h: l.InH, w: l.InW, chans: l.InC, gap: 1, first: l.Pad,
		rows: l.InH + more, cols: l.InW + more, step: l.Stride, outH: zh, outW: zw})
}

// inSees returns what inputs of the layer see of samples of e_i through the kernel turned around.
func (m *Model) inSees(l *Conv, e []int16) intgemm.Left {
	zh, zw := l.ZSize()
	more := l.Kernel - 1
	return m.pad(l.Kernel, frame{maps: e, h: zh, w: zw, chans: l.OutC, gap: l.Stride,
		first: more - l.Pad, rows: l.InH + more, cols: l.InW + more,
		step: 1, outH: l.InH, outW: l.InW})
}

// pad makes f the frame, and returns what a kernel sees of it.
func (m *Model) pad(kernel int, f frame) intgemm.Left {
	n := len(f.maps) / (f.h * f.w * f.chans)
	f.data = intgemm.Grow(m.frame.data, n*f.rows*f.cols*f.chans+1) // one more for odd segments
	m.frame = f
	m.share(n, len(f.maps), (*Model).padPart)
	return intgemm.Left{Data: f.data, At: m.place, Run: kernel * f.chans, Step: f.cols * f.chans,
		Squares: uint64(kernel*kernel) * m.most()}
}

// padPart pads samples lo..hi-1.
func (m *Model) padPart(lo, hi, worker int) {
	f, most := &m.frame, uint64(0)
	size := f.rows * f.cols * f.chans
	clear(f.data[lo*size : hi*size])
	for n := lo * f.h * f.w; n < hi*f.h*f.w; n++ {
		b, y, x := n/(f.h*f.w), n/f.w%f.h*f.gap+f.first, n%f.w*f.gap+f.first
		pixel := f.maps[n*f.chans:][:f.chans]
		copy(f.data[((b*f.rows+y)*f.cols+x)*f.chans:], pixel)
		most = max(most, intgemm.Squares(pixel))
	}
	m.tallies[worker].most = most
}

// place is where the window of a place begins.
func (f *frame) place(r int) int {
	b, y, x := r/(f.outH*f.outW), r/f.outW%f.outH*f.step, r%f.outW*f.step
	return ((b*f.rows+y)*f.cols + x) * f.chans
}
