package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// avx2 emits accumulateAVX2. Two weight rows are interleaved word by word, so that one VPMADDWD multiplies both by
// their operands and adds the products. The interleave works inside halves of 128 bits: of each 16 lanes, sum "lo"
// holds lanes 0-3 and 8-11, sum "hi" lanes 4-7 and 12-15.
func avx2() {
	a := begin("accumulateAVX2", "accumulateAVX2 applies one run of pairs with AVX2.")
	a.blocks("avx2", []int{64, 16}, func(size int, label string) {
		sums := make([]reg.VecVirtual, size/8)
		for i := range sums {
			sums[i] = YMM()
			VPXOR(sums[i], sums[i], sums[i])
		}
		p, left := GP64(), GP64()
		MOVQ(a.pairs, p)
		MOVQ(a.m, left)
		SUBQ(U8(2), left)
		JLT(LabelRef(label + "odd"))

		Label(label + "two")
		first, second := Mem{Base: p}, Mem{Base: p}.Offset(pairBytes)
		x, y := YMM(), YMM()
		VPBROADCASTD(first, x)             // X0 in the even words
		VPBROADCASTD(second.Offset(-2), y) // X1 in the odd words
		VPBLENDW(U8(0xAA), y, x, x)
		a.multiplyAVX2(sums, x, a.rowOf(first), a.rowOf(second))
		ADDQ(U8(2*pairBytes), p)
		SUBQ(U8(2), left)
		JGE(LabelRef(label + "two"))

		Label(label + "odd")
		CMPQ(left, I8(-1))
		JNE(LabelRef(label + "add"))
		Comment("A pair without a partner meets its row twice, the second time with 0.")
		last, zero := YMM(), YMM()
		VPBROADCASTD(Mem{Base: p}, last)
		VPXOR(zero, zero, zero)
		VPBLENDW(U8(0xAA), zero, last, last)
		row := a.rowOf(Mem{Base: p})
		a.multiplyAVX2(sums, last, row, row)

		Label(label + "add")
		for i := 0; i < len(sums); i += 2 {
			a.widenAVX2(8*i, sums[i], sums[i+1])
		}
	})
}

// multiplyAVX2 adds x0*row0 + x1*row1 to the 32-bit sums; x holds (x0, x1) in every double word.
func (a args) multiplyAVX2(sums []reg.VecVirtual, x reg.VecVirtual, row0, row1 reg.Register) {
	for i := 0; i < len(sums); i += 2 {
		w0, w1, lo, hi := YMM(), YMM(), YMM(), YMM()
		VMOVDQU(a.weights(row0, 8*i), w0)
		VMOVDQU(a.weights(row1, 8*i), w1)
		VPUNPCKLWD(w1, w0, lo)
		VPUNPCKHWD(w1, w0, hi)
		VPMADDWD(lo, x, lo)
		VPMADDWD(hi, x, hi)
		VPADDD(lo, sums[i], sums[i])
		VPADDD(hi, sums[i+1], sums[i+1])
	}
}

// widenAVX2 adds the sums of 16 lanes to the 64-bit accumulators, back in lane order.
func (a args) widenAVX2(lane int, lo, hi reg.VecVirtual) {
	for i, sum := range []reg.VecVirtual{lo, hi} {
		low, high, wide := lane+4*i, lane+4*i+8, YMM()
		VPMOVSXDQ(sum.AsX(), wide)
		a.addAVX2(low, wide)
		VEXTRACTI128(U8(1), sum, sum.AsX())
		VPMOVSXDQ(sum.AsX(), wide)
		a.addAVX2(high, wide)
	}
}

func (a args) addAVX2(lane int, wide reg.VecVirtual) {
	acc := Mem{Base: a.acc, Disp: lane * laneAcc}
	VPADDQ(acc, wide, wide)
	VMOVDQU(wide, acc)
}
