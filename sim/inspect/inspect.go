package inspect

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"bdfasim/isa/image"
	"bdfasim/rtl"
)

// Read reads a memory, a tensor of the image, or a range of one, NAME:FROM:TO: elements FROM to
// TO-1, counted from 0. Elements of memories are
//
//	regs     scalar registers
//	scratch  words of 32 bits of the scratch memory
//	xmem     words of 32 bits of external memory
//	omem     words of 64 bits of OMEM
//	ptr      block pointers of OMEM
//	mask     words of 16 bits of the f' mask memory
//	sign     words of 64 bits of the DEPC's sign memory, four an entry
//	bias     biases: buffer 0, then buffer 1
//
// Those of a tensor are counted in the order of its shape; a range of it has one dimension.
// Read fails on names that do not exist, ranges outside, and compressed maps that are
// malformed.
func Read(chip *rtl.Chip, img *image.Image, what string) (*Array, error) {
	name, span, ranged := strings.Cut(what, ":")
	t, named := img.Tensor(name)
	m, isMemory := memories(chip)[name]
	switch {
	case isMemory:
		t = m.tensor(name)
	case !named:
		return nil, fmt.Errorf("got %q, want regs, scratch, xmem, omem, ptr, mask, sign, bias, "+
			"or a tensor of the image", name)
	}
	a := &Array{Name: what, Shape: t.Shape, Bits: t.Bits, Frac: t.Frac, place: index(t.Shape)}
	if isMemory {
		a.Pattern, a.place = m.pattern, m.place
	}
	from, to := 0, t.Len()
	if ranged {
		var err error
		if from, to, err = parseRange(span, to); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		a.from, a.Shape = from, []int{to - from}
	}
	if isMemory { // which may be large: only what is wanted
		t.Addr, t.Shape = uint32(from)*t.Stride, a.Shape
		from, to = 0, to-from
	}
	values, err := Tensor(chip, t)
	if err != nil {
		return nil, err
	}
	a.Data = values[from:to]
	return a, nil
}

// parseRange reads FROM:TO within 0..n.
func parseRange(text string, n int) (from, to int, err error) {
	first, last, _ := strings.Cut(text, ":")
	from, err = strconv.Atoi(first)
	if err == nil {
		to, err = strconv.Atoi(last)
	}
	if err != nil || from < 0 || from >= to || to > n {
		return 0, 0, fmt.Errorf("want FROM:TO, from 0 to %d, FROM below TO", n)
	}
	return from, to, nil
}

// memory is a memory of the chip: words, as package encoding/binary takes them, of so many bits.
type memory struct {
	words   any
	bits    int
	pattern bool
	format  string // of a place, which is the element's number times scale
	scale   int
}

// memories are the chip's memories by name; of those that hold tensors, the space.
func memories(chip *rtl.Chip) map[string]memory {
	s, o := &chip.Seq.State, &chip.OMEM.State
	return map[string]memory{
		"regs":    {s.R[:], 32, false, "r%d", 1},
		"scratch": {s.Scratch, 32, false, "0x%03x", 4},
		"xmem":    {chip.XMemory(), 32, false, "0x%06x", 4},
		"bias":    {chip.Drain.Bias, 32, false, "%d", 1},
		"omem":    {o.Mem, 64, true, "%d", 1},
		"ptr":     {o.Ptr, 32, true, "%d", 1},
		"mask":    {chip.MaskMemory(), 16, true, "%d", 1},
		"sign":    {chip.DEPC.SignMem, 64, true, "%d", 1},
	}
}

// place writes the place of an element.
func (m memory) place(i int) string { return fmt.Sprintf(m.format, i*m.scale) }

// bytes are the memory's, little-endian.
func (m memory) bytes() []byte {
	if b, ok := m.words.([]byte); ok {
		return b
	}
	b, err := binary.Append(nil, binary.LittleEndian, m.words)
	if err != nil {
		panic(err) // words have a size
	}
	return b
}

// tensor is the memory as a tensor of one dimension.
func (m memory) tensor(name string) *image.Tensor {
	t := &image.Tensor{Name: name, Space: name, Layout: image.Rows, Bits: m.bits}
	t.Stride, t.Shape = uint32(m.bits/8), []int{binary.Size(m.words) * 8 / m.bits}
	if name == "omem" || name == "mask" { // whose addresses are those of words
		t.Stride = 1
	}
	return t
}

// index writes the place of element i of a shape: [3, 0].
func index(shape []int) func(i int) string {
	return func(i int) string {
		at := make([]string, len(shape))
		for d := len(shape) - 1; d >= 0; d-- {
			at[d] = strconv.Itoa(i % shape[d])
			i /= shape[d]
		}
		return "[" + strings.Join(at, ", ") + "]"
	}
}
