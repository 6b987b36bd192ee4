package sim

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/port"
)

// follower keeps the DNNC's parameter registers as SEQ wrote them.
type follower [port.NumParams]uint32

// follow takes a cycle of the bus for the DNNC. For a command it returns its dense MACs: operands x active lanes. The operands
// are samples x elements for a block, the samples for a bias gradient, and for a window the elements of those source pixels
// that exist: one outside its image, or between the pixels of a map that a stride spreads, is no operand that could be skipped.
func (f *follower) follow(b *port.Bus) uint64 {
	switch b.Kind {
	case port.BusParam:
		f[b.Index&(port.NumParams-1)] = b.Val
		return 0
	case port.BusCmd:
		return f.operands(b.Op) * uint64(f[isa.DNNCGroups]) * machine.Group
	}
	return 0
}

// operands counts what a command streams.
func (f *follower) operands(op isa.Op) uint64 {
	nb := uint64(f[isa.DNNCNB])
	switch {
	case op == isa.OpDNNCOnes:
		return nb
	case f[isa.DNNCTaps] == 0:
		return nb * uint64(f[isa.DNNCRows])
	}
	return f.sources() * uint64(f[isa.DNNCChan])
}

// sources counts the source pixels of a window at all of its output pixels (port.Window). Parameters that the DNNC refuses
// give some number.
func (f *follower) sources() (n uint64) {
	height, width := f[isa.DNNCOut]>>16, f[isa.DNNCOut]&0xffff
	y, x := f[isa.DNNCAt]>>16, f[isa.DNNCAt]&0xffff
	for range min(f[isa.DNNCNB], machine.Streams*machine.Batch) {
		n += f.taps(int(y), int(x))
		if x++; x < width {
			continue
		}
		x = 0
		if y++; y >= height {
			y = 0
		}
	}
	return n
}

// taps counts the taps whose source exists at one output pixel.
func (f *follower) taps(y, x int) (n uint64) {
	step := f[isa.DNNCStep]
	stride, sign := int(step&15), 1
	if step>>8&1 == 1 {
		sign = -1
	}
	y = y*stride + int(int16(f[isa.DNNCOff]>>16))
	x = x*stride + int(int16(f[isa.DNNCOff]))
	first, width := f[isa.DNNCTap], int(f[isa.DNNCTap]>>16)
	ky, kx := int(first>>8&0xff), int(first&0xff)
	for range min(f[isa.DNNCTaps], machine.Block) {
		if exists(y+sign*ky, int(f[isa.DNNCIn]>>16), step>>4&15) && exists(x+sign*kx, int(f[isa.DNNCIn]&0xffff), step>>4&15) {
			n++
		}
		if kx++; kx >= width {
			kx = 0
			ky++
		}
	}
	return n
}

// exists tells whether a source coordinate, before the division by 2^div, is a pixel of a map of so many.
func exists(at, size int, div uint32) bool {
	return at&(1<<div-1) == 0 && at >= 0 && at>>div < size
}
