package inspect

import (
	"encoding/binary"
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
	values, err := []int64(nil), error(nil)
	switch t.Layout {
	case image.RLC64:
		values, err = compressed(chip.OMEM.State(), t, omem.BlockElems)
	case image.RLC32:
		values, err = compressed(chip.OMEM.State(), t, omem.BlockElems/2)
	default:
		values, err = plain(chip, t, n)
	}
	if err != nil {
		return nil, fmt.Errorf("tensor %s: %w", t.Name, err)
	}
	return values, nil
}

// plain reads a tensor of n elements that has places for them.
func plain(chip *rtl.Chip, t *image.Tensor, n int) ([]int64, error) {
	mem, here := chip.XMemory(), *t
	switch t.Space { // what there is from the address on, as bytes
	case "omem":
		mem, here.Addr = from(chip.OMEM.State().Mem, t, n), 0
	case "mask":
		mem, here.Addr = from(chip.MaskMemory(), t, n), 0
	}
	values := make([]int64, n)
	for k := range values {
		at, ok := here.Bit(k)
		if !ok {
			return nil, fmt.Errorf("got layout %q in %s, which has no places", t.Layout, t.Space)
		}
		if end := at + uint64(t.Bits); end > 8*uint64(len(mem)) {
			return nil, fmt.Errorf("element %d lies outside %s", k, t.Space)
		}
		values[k] = here.Int(mem, k)
	}
	return values, nil
}

// from returns the bytes of a memory's words from a tensor's address on, as many as its rows take.
func from[T uint16 | uint64](words []T, t *image.Tensor, n int) []byte {
	rows, size := uint64(n), uint64(len(words))
	if d := len(t.Shape); d > 1 {
		rows /= uint64(t.Shape[d-1])
	}
	first := min(uint64(t.Addr), size)
	end := min(first+rows*uint64(t.Stride), size)
	b, err := binary.Append(nil, binary.LittleEndian, words[first:end])
	if err != nil {
		panic(err) // words have a size
	}
	return b
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
