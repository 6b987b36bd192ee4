// Command tree generates the assembly of package bdfasim/rtl/depc/tree.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	ConstraintExpr("!purego")
	treeAVX2()
	Generate()
}

// treeAVX2 emits the sixteen adder trees of one cycle. A neuron is a double word that holds its sign register twice;
// a pass tests two bits of it, one in each half, turns them into the words +1 and -1, and lets VPMADDWD multiply them
// with the two errors and add. Eight passes take 16 errors, so no sum crosses from neuron to neuron. A product with
// +-1 is formed in 32 bits: -(-32768) is exact.
func treeAVX2() {
	TEXT("treeAVX2", NOSPLIT, "func(e *int16, sign *uint16, out *int32)")
	Pragma("noescape")
	Doc("treeAVX2 is Tree with AVX2.")
	e, sign, out := Load(Param("e"), GP64()), Load(Param("sign"), GP64()), Load(Param("out"), GP64())

	Comment("Neurons 0-7 and 8-15, in order: the unpacking works inside halves of 128 bits, so quarters 1 and 2 swap.")
	signs := YMM()
	VPERMQ(U8(0b11_01_10_00), Mem{Base: sign}, signs)
	first, last := YMM(), YMM()
	VPUNPCKLWD(signs, signs, first)
	VPUNPCKHWD(signs, signs, last)

	zero, one := YMM(), YMM()
	VPXOR(zero, zero, zero)
	VPCMPEQW(one, one, one)
	VPSRLW(U8(15), one, one)

	Comment("Bits 0 and 1 in the low and the high word; every pass moves on by two.")
	scalar, bits := GP32(), YMM()
	MOVL(U32(1<<17|1), scalar)
	VMOVD(scalar, bits.AsX())
	VPBROADCASTD(bits.AsX(), bits)

	halves := [2]reg.VecVirtual{first, last}
	sums := [2]reg.VecVirtual{YMM(), YMM()}
	for pass := range 8 {
		Commentf("Errors %d and %d.", 2*pass, 2*pass+1)
		errors := YMM()
		VPBROADCASTD(Mem{Base: e}.Offset(4*pass), errors)
		for h, half := range halves {
			term := YMM()
			VPAND(bits, half, term)
			VPCMPEQW(zero, term, term) // -1 where the bit is clear
			VPOR(one, term, term)      // and +1 where it is set
			if pass == 0 {
				VPMADDWD(term, errors, sums[h])
				continue
			}
			VPMADDWD(term, errors, term)
			VPADDD(term, sums[h], sums[h])
		}
		if pass < 7 {
			VPSLLW(U8(2), bits, bits)
		}
	}
	VMOVDQU(sums[0], Mem{Base: out})
	VMOVDQU(sums[1], Mem{Base: out}.Offset(32))
	VZEROUPPER()
	RET()
}
