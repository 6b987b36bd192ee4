// Command lanes generates the assembly of package bdfasim/rtl/dnnc/lanes.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Sizes of the memories that the kernels walk, in bytes.
const (
	pairBytes = 4 // Pair: X int16, then Row uint16
	laneW     = 2 // a weight
	laneAcc   = 8 // an accumulator lane
)

// signature is shared by all kernels: one run of m >= 1 pairs over n lanes, n a multiple of 16,
// with weight rows that lie stride bytes apart. The pairs are given by the first X, because the
// generator knows only basic types.
const signature = "func(acc *int64, w *int16, stride int, pairs *int16, m int, n int)"

func main() {
	ConstraintExpr("amd64")
	ConstraintExpr("!purego")
	weighAVX2()
	avx2()
	avx512()
	Generate()
}

// args holds the registers of a kernel's arguments. acc and w advance with the lanes, pairs stays.
type args struct{ acc, w, stride, pairs, m, n reg.Register }

func begin(name, doc string) args {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(doc)
	return args{
		acc:    Load(Param("acc"), GP64()),
		w:      Load(Param("w"), GP64()),
		stride: Load(Param("stride"), GP64()),
		pairs:  Load(Param("pairs"), GP64()),
		m:      Load(Param("m"), GP64()),
		n:      Load(Param("n"), GP64()),
	}
}

// blocks emits one loop for each block size, largest first, that runs while that many lanes are
// left.
func (a args) blocks(name string, sizes []int, body func(size int, label string)) {
	for i, size := range sizes {
		label := name + string(rune('A'+i))
		Label(label)
		CMPQ(a.n, U32(size))
		JLT(LabelRef(label + "done"))
		body(size, label)
		ADDQ(U32(size*laneAcc), a.acc)
		ADDQ(U32(size*laneW), a.w)
		SUBQ(U32(size), a.n)
		JMP(LabelRef(label))
		Label(label + "done")
	}
	VZEROUPPER()
	RET()
}

// rowOf puts the byte offset of the weight row of the pair at p into a new register.
func (a args) rowOf(p Mem) reg.GPVirtual {
	row := GP64()
	MOVWQZX(p.Offset(2), row)
	IMULQ(a.stride, row)
	return row
}

// weights is the operand for 'lane' of the block, in the weight row at byte offset row.
func (a args) weights(row reg.Register, lane int) Mem {
	return Mem{Base: a.w, Index: row, Scale: 1, Disp: lane * laneW}
}
