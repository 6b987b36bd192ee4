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
	m, known := memories(chip)[name]
	if !known {
		t, ok := img.Tensor(name)
		if !ok {
			return nil, fmt.Errorf("got %q, want regs, scratch, xmem, omem, ptr, mask, sign, bias, "+
				"or a tensor of the image", name)
		}
		values, err := Tensor(chip, t)
		if err != nil {
			return nil, err
		}
		m.Array = Array{Shape: t.Shape, Bits: t.Bits, Frac: t.Frac, place: index(t.Shape)}
		m.n, m.at = len(values), func(i int) int64 { return values[i] }
	}
	from, to := 0, m.n
	if ranged {
		var err error
		if from, to, err = parseRange(span, m.n); err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		m.Shape = []int{to - from}
	}
	m.Name, m.from, m.Data = what, from, make([]int64, 0, to-from)
	for i := from; i < to; i++ {
		m.Data = append(m.Data, m.at(i))
	}
	return &m.Array, nil
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

// source is an array of n elements that are read one by one.
type source struct {
	Array
	n  int
	at func(i int) int64
}

// memories are the chip's memories by name.
func memories(chip *rtl.Chip) map[string]source {
	s, x, o := chip.Seq.State(), chip.XMemory(), chip.OMEM.State()
	mask, sign, bias := chip.MaskMemory(), chip.DEPC.SignMem, &chip.Drain.State().Bias
	numbers := func(n, unit int, place string, at func(i int) int64) source {
		a := Array{Shape: []int{n}, Bits: 32}
		a.place = func(i int) string { return fmt.Sprintf(place, i*unit) }
		return source{a, n, at}
	}
	patterns := func(n, bits int, at func(i int) int64) source {
		m := numbers(n, 1, "%d", at)
		m.Bits, m.Pattern = bits, true
		return m
	}
	words := func(mem []byte) func(i int) int64 {
		return func(i int) int64 { return int64(int32(binary.LittleEndian.Uint32(mem[4*i:]))) }
	}
	const lanes = len(bias[0])
	return map[string]source{
		"regs":    numbers(len(s.R), 1, "r%d", func(i int) int64 { return int64(int32(s.R[i])) }),
		"scratch": numbers(len(s.Scratch)/4, 4, "0x%03x", words(s.Scratch)),
		"xmem":    numbers(len(x)/4, 4, "0x%06x", words(x)),
		"bias":    numbers(2*lanes, 1, "%d", func(i int) int64 { return int64(bias[i/lanes][i%lanes]) }),
		"omem":    patterns(len(o.Mem), 64, func(i int) int64 { return int64(o.Mem[i]) }),
		"ptr":     patterns(len(o.Ptr), 24, func(i int) int64 { return int64(o.Ptr[i]) }),
		"mask":    patterns(len(mask), 16, func(i int) int64 { return int64(mask[i]) }),
		"sign":    patterns(4*len(sign), 64, func(i int) int64 { return int64(sign[i/4][i%4]) }),
	}
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
