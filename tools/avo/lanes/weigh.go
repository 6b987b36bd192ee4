package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// weighAVX2 emits the survey that a list of pairs passes before a kernel may take it whole.
func weighAVX2() {
	TEXT("weighAVX2", NOSPLIT, "func(pairs *int16, m int) (weight uint32, rows uint32)")
	Pragma("noescape")
	Doc("weighAVX2 returns the sum of |X| (below 2^32 while m < 2^17) and the union of the bits of all rows.")
	p, left := Load(Param("pairs"), GP64()), Load(Param("m"), GP64())
	weights, rows, low := YMM(), YMM(), YMM()
	VPXOR(weights, weights, weights)
	VPXOR(rows, rows, rows)
	VPCMPEQD(low, low, low)
	VPSRLD(U8(16), low, low)

	Label("weighEight")
	SUBQ(U8(8), left)
	JLT(LabelRef("weighFold"))
	x, row := YMM(), YMM()
	VMOVDQU(Mem{Base: p}, row)
	VPABSW(row, x) // |-32768| is 0x8000, right as an unsigned word
	VPAND(low, x, x)
	VPSRLD(U8(16), row, row)
	VPADDD(x, weights, weights)
	VPOR(row, rows, rows)
	ADDQ(U8(8*pairBytes), p)
	JMP(LabelRef("weighEight"))

	Label("weighFold")
	weight := fold(weights, func(a, b, to Op) { VPADDD(a, b, to) })
	union := fold(rows, VPOR)
	VZEROUPPER()
	ADDQ(U8(8), left)

	Label("weighOne")
	SUBQ(U8(1), left)
	JLT(LabelRef("weighDone"))
	value, negative := GP32(), GP32()
	MOVWLSX(Mem{Base: p}, value)
	MOVL(value, negative)
	NEGL(negative)
	CMOVLPL(negative, value)
	ADDL(value, weight)
	MOVWLZX(Mem{Base: p}.Offset(2), value)
	ORL(value, union)
	ADDQ(U8(pairBytes), p)
	JMP(LabelRef("weighOne"))

	Label("weighDone")
	Store(weight, ReturnIndex(0))
	Store(union, ReturnIndex(1))
	RET()
}

// fold joins the eight double words of v into one.
func fold(v reg.VecVirtual, join func(a, b, to Op)) reg.Register {
	half, one := XMM(), GP32()
	VEXTRACTI128(U8(1), v, half)
	join(half, v.AsX(), v.AsX())
	for _, order := range []U8{0b01_00_11_10, 0b10_11_00_01} { // swap halves, then neighbours
		VPSHUFD(order, v.AsX(), half)
		join(half, v.AsX(), v.AsX())
	}
	VMOVD(v.AsX(), one)
	return one
}
