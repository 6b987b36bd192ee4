package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx512 emits accumulateAVX512. VPDPWSSD multiplies neighbouring words and adds both products to a 32-bit sum. With
// the operand (X, 0) it picks the even lanes of a weight row, with (0, X) the odd ones: no word is moved, and the
// even and the odd sums are merged once a run. Small blocks alternate between two sets of sums, which hides the
// latency of the instruction.
func avx512() {
	order := laneOrder()
	a := begin("accumulateAVX512", "accumulateAVX512 applies one run of pairs with AVX-512 F, VL and VNNI.")
	evens, zero := fill(0xFFFF), fill(0)
	merge := make([]reg.VecVirtual, 4)
	for i := range merge {
		merge[i] = ZMM()
		VMOVDQU32(order.Offset(64*i), merge[i])
	}
	a.blocks("avx512", []int{256, 128, 64, 16}, func(size int, label string) {
		sets := [2][]reg.VecVirtual{clearSums(size, zero), nil}
		sets[1] = sets[0]
		if size < 256 {
			sets[1] = clearSums(size, zero)
		}
		p, left := GP64(), GP64()
		MOVQ(a.pairs, p)
		MOVQ(a.m, left)
		SUBQ(U8(2), left)
		JLT(LabelRef(label + "odd"))

		Label(label + "two")
		a.multiplyAVX512(size, sets[0], evens, Mem{Base: p})
		a.multiplyAVX512(size, sets[1], evens, Mem{Base: p}.Offset(pairBytes))
		ADDQ(U8(2*pairBytes), p)
		SUBQ(U8(2), left)
		JGE(LabelRef(label + "two"))

		Label(label + "odd")
		CMPQ(left, I8(-1))
		JNE(LabelRef(label + "add"))
		a.multiplyAVX512(size, sets[0], evens, Mem{Base: p})

		Label(label + "add")
		if size < 256 {
			for i := range sets[0] {
				VPADDD(sets[1][i], sets[0][i], sets[0][i])
			}
		}
		a.widenAVX512(size, sets[0], merge)
	})
}

// laneOrder emits the four index vectors that bring even and odd sums back in lane order. Double word 2i+1 of vector
// k names the sum of lane 8k+i of 32: even lanes are elements 0-15 (first table), odd lanes 16-31 (second table).
// The lower double word of each lane is shifted out when it is widened.
func laneOrder() Mem {
	order := GLOBL("laneOrder", RODATA|NOPTR)
	for k := range 4 {
		for i := range 8 {
			lane := 8*k + i
			index := uint64(lane/2 + 16*(lane%2))
			DATA(64*k+8*i, U64(index<<32))
		}
	}
	return order
}

// fill returns a register with the value in every double word.
func fill(value uint32) reg.VecVirtual {
	scalar, all := GP32(), ZMM()
	MOVL(U32(value), scalar)
	VPBROADCASTD(scalar, all)
	return all
}

// clearSums returns even and odd sums in turn, for 32 lanes a couple, all 0.
func clearSums(size int, zero reg.VecVirtual) []reg.VecVirtual {
	sums := make([]reg.VecVirtual, 2*max(size/32, 1))
	for i := range sums {
		sums[i] = ZMM()
		VMOVDQA64(zero, sums[i])
	}
	return sums
}

// multiplyAVX512 adds the products of one pair to its sums. A block of 16 lanes takes half registers.
func (a args) multiplyAVX512(size int, sums []reg.VecVirtual, evens reg.VecVirtual, pair Mem) {
	even, odd := ZMM(), ZMM()
	VPBROADCASTD(pair, odd)
	VPANDD(evens, odd, even)
	VPSLLD(U8(16), odd, odd)
	row := a.rowOf(pair)
	for i := 0; i < len(sums); i += 2 {
		w := ZMM()
		if size == 16 {
			VMOVDQU32(a.weights(row, 0), w.AsY())
			VPDPWSSD(w.AsY(), even.AsY(), sums[i].AsY())
			VPDPWSSD(w.AsY(), odd.AsY(), sums[i+1].AsY())
			continue
		}
		VMOVDQU32(a.weights(row, 16*i), w)
		VPDPWSSD(w, even, sums[i])
		VPDPWSSD(w, odd, sums[i+1])
	}
}

// widenAVX512 adds the sums of a block to its 64-bit accumulators, 8 lanes at a time.
func (a args) widenAVX512(size int, sums []reg.VecVirtual, merge []reg.VecVirtual) {
	for lane := 0; lane < size; lane += 8 {
		couple := lane / 32 * 2
		wide := ZMM()
		VMOVDQA64(merge[lane%32/8], wide)
		VPERMI2D(sums[couple+1], sums[couple], wide)
		VPSRAQ(U8(32), wide, wide)
		acc := Mem{Base: a.acc, Disp: lane * laneAcc}
		VPADDQ(acc, wide, wide)
		VMOVDQU64(wide, acc)
	}
}
