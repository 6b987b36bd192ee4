package sim

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"bdfasim/isa/image"
)

// State points to all that the rest of a run depends on: of the chip with its external memory, and
// what the engine has counted. An engine of the same image and machine that takes it over goes on
// in the cycle after, to the same Result.
func (e *Engine) State() []any {
	return append(e.chip.State(), &e.phases, &e.tags, &e.tag, &e.tagFrom, &e.phase, &e.from,
		&e.fromUnits, &e.refreshed,
		&e.dnnc, &pages{e.chip.XMemory(), e.img})
}

// pages is external memory as the pages that differ from what the image begins with.
type pages struct {
	mem []byte
	img *image.Image
}

// pageBytes is the size of a page.
const pageBytes = 4096

// MarshalBinary gives the number of each such page and its bytes.
func (p *pages) MarshalBinary() (out []byte, err error) {
	p.each(func(at int, page, begins []byte) {
		if !bytes.Equal(page, begins) {
			out = append(binary.LittleEndian.AppendUint32(out, uint32(at/pageBytes)), page...)
		}
	})
	return out, nil
}

// each goes through all pages and what they began with.
func (p *pages) each(do func(at int, page, begins []byte)) {
	var begins [pageBytes]byte
	for at := 0; at < len(p.mem); at += pageBytes {
		page := p.mem[at:min(at+pageBytes, len(p.mem))]
		clear(begins[:])
		for _, s := range p.img.Segments {
			if from, to := int(s.Addr), int(s.Addr)+len(s.Data); from < at+len(page) && to > at {
				copy(begins[max(from-at, 0):len(page)], s.Data[max(at-from, 0):])
			}
		}
		do(at, page, begins[:len(page)])
	}
}

// UnmarshalBinary is its inverse.
func (p *pages) UnmarshalBinary(data []byte) error {
	if p.img == nil {
		return errors.New("sim: a state needs a loaded image")
	}
	p.each(func(_ int, page, begins []byte) { copy(page, begins) })
	for len(data) > 0 {
		if len(data) < 4 {
			return io.ErrUnexpectedEOF
		}
		at := uint64(binary.LittleEndian.Uint32(data)) * pageBytes
		if at >= uint64(len(p.mem)) {
			return fmt.Errorf("sim: got a page at 0x%x, the memory has 0x%x bytes", at, len(p.mem))
		}
		page := p.mem[at:min(at+pageBytes, uint64(len(p.mem)))]
		if len(data) < 4+len(page) {
			return io.ErrUnexpectedEOF
		}
		copy(page, data[4:])
		data = data[4+len(page):]
	}
	return nil
}
