package race

import (
	"bdfasim/firmware/order"
	"bdfasim/isa"
	"bdfasim/isa/image"
)

// Unwritten is reads by one instruction of what nobody has written: neither the program nor the
// image. External memory begins with zeros up to the image's size; behind it nothing is the
// program's.
type Unwritten struct {
	Command order.Command
	In      isa.Space
	Addr    uint64 // the first
	Times   int
}

// written is what has been written of each memory but the external one, by address.
type written struct {
	external uint64 // bytes of it that are the program's
	of       [isa.NumSpaces][]bool
	reads    []Unwritten // the first of each instruction in each memory
}

func newWritten(img *image.Image, sizes *isa.Machine) *written {
	w := &written{external: uint64(img.XMemBytes)}
	for in := range w.of {
		if isa.Space(in) != isa.External {
			w.of[in] = make([]bool, sizes[isa.Spaces[in].Size])
		}
	}
	for i := range img.Scratch {
		w.of[isa.ScratchMem][i] = true
	}
	return w
}

// access marks what is written, and notes a read of what is not.
func (w *written) access(by order.Command, act isa.Act, in isa.Space, addr, n uint64) {
	if in == isa.External {
		if addr+n > w.external {
			w.note(by, in, max(addr, w.external))
		}
		return
	}
	for a := addr; a < min(addr+n, uint64(len(w.of[in]))); a++ {
		if act == isa.Write {
			w.of[in][a] = true
		} else if !w.of[in][a] {
			w.note(by, in, a)
			return
		}
	}
}

// note keeps the first of each instruction.
func (w *written) note(by order.Command, in isa.Space, addr uint64) {
	for i := range w.reads {
		if r := &w.reads[i]; r.In == in && r.Command.PC == by.PC && r.Command.Op == by.Op {
			r.Times++
			return
		}
	}
	w.reads = append(w.reads, Unwritten{by, in, addr, 1})
}
