package inspect

import (
	"fmt"

	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/omem"
)

// maxElements is more than any memory holds.
const maxElements = 1 << 32

// Tensor returns the elements of a tensor in a chip's memories, in the order of its shape. It
// fails on layouts that package image does not describe, on tensors that end outside their
// memory, and on compressed maps that are malformed.
func Tensor(chip *rtl.Chip, t *image.Tensor) ([]int64, error) {
	n := 1
	for _, d := range t.Shape {
		if n *= d; n > maxElements { // a dimension has 31 bits
			return nil, fmt.Errorf("tensor %s: got %v elements, which no memory holds", t.Name, t.Shape)
		}
	}
	read := func() ([]int64, error) { return plain(chip, t, n) }
	switch s := &chip.OMEM.State; t.Layout {
	case image.RLC64:
		read = func() ([]int64, error) { return compressed(s, t, omem.BlockElems) }
	case image.RLC32:
		read = func() ([]int64, error) { return compressed(s, t, omem.BlockElems/2) }
	}
	values, err := read()
	if err != nil {
		err = fmt.Errorf("tensor %s: %w", t.Name, err)
	}
	return values, err
}

// plain reads a tensor of n elements that has places for them.
func plain(chip *rtl.Chip, t *image.Tensor, n int) ([]int64, error) {
	m, ok := memories(chip)[t.Space]
	if !ok {
		return nil, fmt.Errorf("got space %q, want a memory's name", t.Space)
	}
	mem := m.bytes()
	values := make([]int64, n)
	for k := range values {
		at, ok := t.Bit(k)
		if !ok {
			return nil, fmt.Errorf("got layout %q in %s, which has no places", t.Layout, t.Space)
		}
		if at+uint64(t.Bits) > 8*uint64(len(mem)) {
			return nil, fmt.Errorf("element %d lies outside %s", k, t.Space)
		}
		values[k] = t.Int(mem, k)
	}
	return values, nil
}

// compressed reads a compressed map of OMEM, [samples][elements], expanding its blocks of some
// elements.
func compressed(s *omem.State, t *image.Tensor, elems int) ([]int64, error) {
	if len(t.Shape) != 2 || t.Space != "omem" {
		return nil, fmt.Errorf("got a compressed map of %d dimensions in %s, want 2 in omem",
			len(t.Shape), t.Space)
	}
	n := t.Shape[1]
	out := make([]int64, 0, t.Len())
	var block [omem.BlockElems]int16
	for b := range t.Shape[0] {
		for k := 0; k < n; k += elems {
			i := uint64(t.Addr) + uint64(b)*uint64(t.Stride) + uint64(k/elems)
			if i >= uint64(len(s.Ptr)) {
				return nil, fmt.Errorf("sample %d lies outside the pointers", b)
			}
			p := s.Ptr[i]
			if !omem.DecodeBlock(s.Mem[p.Addr():int(p.Addr())+p.Words()], p.Raw(), &block) {
				return nil, fmt.Errorf("pointer %d, sample %d: malformed block", i, b)
			}
			for _, v := range block[:min(elems, n-k)] {
				out = append(out, int64(v))
			}
		}
	}
	return out, nil
}
