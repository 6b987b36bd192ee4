package race

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// fetchers are those of OMEM: one a stream, and that of the corner-turn.
const fetchers = port.NumStreams + 1

// located is a block that a fetcher has found, as it was seen last.
type located struct {
	c           *command
	addr, place uint32
}

// coded is a block that an encoder stores, as it was seen last.
type coded struct {
	c              *command
	ptr, base, end uint32
}

// omem looks at what OMEM does by itself: the words of blocks, which requests do not tell.
func (d *Detector) omem() {
	s, stream := &d.chip.OMEM.State, &d.chip.Wires().DNNC.Stream
	if n := len(d.streams) - int(s.NReq); n > 0 {
		d.streams = d.streams[n:] // they are done, in order
	}
	for i := range s.Fetch {
		if s.Fetch[i].BN > 0 {
			d.fetched(i)
		}
	}
	if stream.Valid { // OMEM takes it in the next cycle
		q := &d.chip.DNNC.State
		by := d.at(isa.UnitDNNC, &q.Queue, q.Asked-1)
		d.streams = append(d.streams, by)
		if stream.Kind != port.StreamRaw {
			blocks(stream, func(at uint32) { d.access(by, isa.ReadEarly, isa.PtrMem, at, 1) })
		}
	}
	d.encoded(port.EPortDMA, isa.UnitDMA, &d.chip.DMA.Queue)
	d.encoded(port.EPortDrain, isa.UnitDrain, &d.chip.Drain.Queue)
}

// fetched looks at the blocks that a fetcher is to read.
func (d *Detector) fetched(i int) {
	s := &d.chip.OMEM.State
	r, f := 0, &s.Fetch[i]
	if i == port.NumStreams { // the corner-turn works for the first that it has not filled
		for s.Requests[r].Kind != port.StreamGrad || s.Requests[r].Filled {
			r++
		}
	}
	for k := range f.BN {
		at := (f.BHead + k) % uint8(len(f.Blocks))
		b := &f.Blocks[at]
		seen := located{d.streams[r], b.Addr, uint32(b.Sample)<<8 | uint32(b.Elem)}
		if last := &d.located[i][at]; *last != seen {
			*last = seen
			d.access(seen.c, isa.ReadEarly, isa.OMEM, b.Addr, uint32(b.Words))
		}
	}
}

// blocks calls f for each block of a stream: its pointer, or its first word.
func blocks(r *port.StreamReq, f func(at uint32)) {
	w := &r.Win
	if w.Taps == 0 {
		for b := range uint32(r.NB) {
			f(r.Src + b*r.SStep)
		}
		return
	}
	base, y, x := r.Src, int(w.Y), int(w.X)
	for range r.NB {
		taps(r, base, y, x, f)
		if x++; x >= int(w.OW) {
			x, y = 0, y+1
			if y >= int(w.OH) {
				y, base = 0, base+w.NStep
			}
		}
	}
}

// taps calls f for the blocks of a pixel, whose image begins at base.
func taps(r *port.StreamReq, base uint32, y, x int, f func(at uint32)) {
	w := &r.Win
	sign := 1
	if w.Flip {
		sign = -1
	}
	ky, kx := int(w.KY), int(w.KX)
	for range w.Taps {
		sy := y*int(w.Stride) + sign*ky + int(w.YOff)
		sx := x*int(w.Stride) + sign*kx + int(w.XOff)
		whole := (sy|sx)&(1<<w.Div-1) == 0
		sy, sx = sy>>w.Div, sx>>w.Div
		if whole && sy >= 0 && sy < int(w.IH) && sx >= 0 && sx < int(w.IW) {
			f(base + uint32(sy*int(w.IW)+sx)*r.SStep)
		}
		if kx++; kx >= int(w.KW) {
			kx, ky = 0, ky+1
		}
	}
}

// encoded looks at the block that an encoder stores. Its unit's oldest command has sent it.
func (d *Detector) encoded(p port.EPort, u isa.Unit, q *port.Queue) {
	e, last := &d.chip.OMEM.Enc[p], &d.coded[p]
	if !e.Full {
		last.c = nil
		return
	}
	seen := coded{d.at(u, q, 0), e.Ptr, e.Base, e.Base + uint32(e.Count)}
	if *last != seen {
		*last = seen
		d.access(seen.c, isa.Write, isa.OMEM, seen.base, seen.end-seen.base)
		d.access(seen.c, isa.Write, isa.PtrMem, seen.ptr, 1)
	}
}
