package lockstep

import (
	"fmt"

	"bdfasim/rtl"
	"bdfasim/rtl/omem"
)

// view reads the tensors of a training program out of a chip's memories.
type view struct{ chip *rtl.Chip }

// compressed reads a map of nb samples of n elements, expanding its blocks of some elements.
func (v view) compressed(ptr, stride uint32, nb, n, elems int) ([]int16, error) {
	s := v.chip.OMEM.State()
	out := make([]int16, nb*n)
	var block [omem.BlockElems]int16
	for b := range nb {
		for k := 0; k < n; k += elems {
			i := ptr + uint32(b)*stride + uint32(k/elems)
			p := s.Ptr[i]
			if !omem.DecodeBlock(s.Mem[p.Addr():int(p.Addr())+p.Words()], p.Raw(), &block) {
				return nil, fmt.Errorf("pointer %d, sample %d: malformed block", i, b)
			}
			copy(out[b*n+k:b*n+min(n, k+elems)], block[:])
		}
	}
	return out, nil
}

// raw reads an uncompressed map.
func (v view) raw(word, stride uint32, nb, n int) []int16 {
	s := v.chip.OMEM.State()
	out := make([]int16, nb*n)
	for b := range nb {
		for j := range n {
			w := s.Mem[int(word)+b*int(stride)+j/4]
			out[b*n+j] = int16(w >> (16 * (j % 4)))
		}
	}
	return out
}

// mask reads f' bits as 0 and 1.
func (v view) mask(addr, stride uint32, nb, n int) []int16 {
	m := v.chip.MaskMemory()
	out := make([]int16, nb*n)
	for b := range nb {
		for j := range n {
			out[b*n+j] = int16(m[int(addr)+b*int(stride)+j/16] >> (j % 16) & 1)
		}
	}
	return out
}
