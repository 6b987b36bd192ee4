package order

import "bdfasim/isa"

// array: package rtl/dnnc. It asks OMEM for the streams of queued commands as early as there is room.
func array(c *command, f *footprint) {
	p := c.p
	if c.info.Op == isa.OpDNNCOnes {
		return
	}
	if c.info.Op == isa.OpDNNCMac && c.is(isa.FlagRaw) {
		stream(c, f, readEarly, wordSpace, up(rawElems(p[isa.DNNCTaps], p[isa.DNNCRows], p[isa.DNNCChan]), 4))
		return
	}
	stream(c, f, follow, pointerSpace, 1)
}

// rawElems is the number of elements of a raw block: those of a tap, or of the whole.
func rawElems(taps, rows, chans uint32) uint64 {
	if taps > 0 {
		return uint64(chans)
	}
	return uint64(rows)
}

// stream adds the blocks of a stream, n addresses each.
func stream(c *command, f *footprint, act action, in int, n uint64) {
	p := c.p
	if p[isa.DNNCTaps] == 0 {
		f.rows(act, in, p[isa.DNNCSrc], p[isa.DNNCSStep], n, p[isa.DNNCNB])
		return
	}
	width, step := p[isa.DNNCIn]&0xffff, p[isa.DNNCSStep]
	base := p[isa.DNNCSrc]
	eachImage(c, func(first, last int64) {
		if first <= last {
			pixels := (uint64(last-first)+1)*uint64(width) - 1
			f.add(act, in, base+uint32(first)*width*step, pixels*uint64(step)+n)
		}
		base += p[isa.DNNCNStep]
	})
}

// eachImage calls f for the images that a window goes through, with the first and the last row of the source that the taps of its
// pixels meet. Rows count as a whole: a strip of a map has them as a whole.
func eachImage(c *command, f func(first, last int64)) {
	p := c.p
	height, width := int64(p[isa.DNNCOut]>>16), int64(p[isa.DNNCOut]&0xffff)
	y, x := int64(p[isa.DNNCAt]>>16), int64(p[isa.DNNCAt]&0xffff)
	for left := int64(p[isa.DNNCNB]); left > 0; y, x = 0, 0 {
		n := min(left, max(1, (height-y)*width-x))
		f(sourceRows(c, y, y+(x+n-1)/width))
		left -= n
	}
}

// sourceRows are the rows that the taps of output rows from to last meet; package rtl/omem, windows.
func sourceRows(c *command, from, last int64) (first, end int64) {
	p := c.p
	tap, step := p[isa.DNNCTap], p[isa.DNNCStep]
	kw, ky, kx := tap>>16, int64(tap>>8&0xff), tap&0xff
	lastKY := ky + int64((kx+p[isa.DNNCTaps]-1)/kw)
	lo, hi := ky, lastKY
	if step>>8&1 == 1 { // flipped
		lo, hi = -lastKY, -ky
	}
	stride, div, off := int64(step&15), step>>4&15, int64(int16(p[isa.DNNCOff]>>16))
	first = (from*stride + lo + off + 1<<div - 1) >> div
	end = (last*stride + hi + off) >> div
	return max(first, 0), min(end, int64(p[isa.DNNCIn]>>16)-1)
}
