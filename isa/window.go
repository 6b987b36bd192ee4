package isa

// throughWindow calls f for what a window of the MAC array goes through, n addresses a block: for
// each image the rows of the source that the taps of its pixels meet. Rows count as a whole: a
// strip of a map has them as a whole.
func throughWindow(p *[NumParams]uint32, n uint64, f func(from uint32, n uint64)) {
	height, width := int64(p[DNNCOut]>>16), int64(p[DNNCOut]&0xffff)
	y, x := int64(p[DNNCAt]>>16), int64(p[DNNCAt]&0xffff)
	base, inWidth, step := p[DNNCSrc], p[DNNCIn]&0xffff, p[DNNCSStep]
	for left := int64(p[DNNCNB]); left > 0; y, x = 0, 0 {
		count := min(left, max(1, (height-y)*width-x))
		if first, last := sourceRows(p, y, y+(x+count-1)/width); first <= last {
			pixels := (uint64(last-first)+1)*uint64(inWidth) - 1
			f(base+uint32(first)*inWidth*step, pixels*uint64(step)+n)
		}
		base += p[DNNCNStep]
		left -= count
	}
}

// sourceRows are the rows that the taps of output rows from to last meet; package rtl/omem,
// windows.
func sourceRows(p *[NumParams]uint32, from, last int64) (first, end int64) {
	tap, step := p[DNNCTap], p[DNNCStep]
	kw, ky, kx := tap>>16, int64(tap>>8&0xff), tap&0xff
	lastKY := ky + int64((kx+p[DNNCTaps]-1)/kw)
	lo, hi := ky, lastKY
	if step>>8&1 == 1 { // flipped
		lo, hi = -lastKY, -ky
	}
	stride, div, off := int64(step&15), step>>4&15, int64(int16(p[DNNCOff]>>16))
	first = (from*stride + lo + off + 1<<div - 1) >> div
	end = (last*stride + hi + off) >> div
	return max(first, 0), min(end, int64(p[DNNCIn]>>16)-1)
}
