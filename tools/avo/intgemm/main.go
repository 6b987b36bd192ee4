// Command intgemm generates the assembly of package bdfasim/golden/intgemm.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The shape of a tile: rows of up to 64 lanes, in panels of 16.
const (
	rows       = 6
	panelLanes = 16
	tileLanes  = 64
)

func main() {
	ConstraintExpr("amd64")
	ConstraintExpr("!purego")
	for _, panels := range []int{1, 2, 4} {
		tile(fmt.Sprintf("tile%dAVX512", panels), panels, avx512{})
	}
	tile("tile1AVX2", 1, avx2{})
	gather()
	squares()
	Generate()
}

// gather emits the packing of a panel from rows somewhere in memory.
func gather() {
	TEXT("gatherAVX2", NOSPLIT, "func(dst, src *int16, at *int, pairs int)")
	Pragma("noescape")
	Doc("gatherAVX2 interleaves 16 numbers from src[at[2p]] on with 16 from src[at[2p+1]] on.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	at, pairs := Load(Param("at"), GP64()), Load(Param("pairs"), GP64())
	Label("next")
	row, even, odd := GP64(), YMM(), YMM()
	low, high, first, last := YMM(), YMM(), YMM(), YMM()
	for i, v := range []reg.VecVirtual{even, odd} {
		MOVQ(Mem{Base: at}.Offset(8*i), row)
		VMOVDQU(Mem{Base: src, Index: row, Scale: 2}, v)
	}
	VPUNPCKLWD(odd, even, low) // works inside halves of 128 bits
	VPUNPCKHWD(odd, even, high)
	VPERM2I128(U8(0x20), high, low, first)
	VPERM2I128(U8(0x31), high, low, last)
	VMOVDQU(first, Mem{Base: dst})
	VMOVDQU(last, Mem{Base: dst}.Offset(32))
	ADDQ(U8(16), at)
	ADDQ(U8(4*panelLanes), dst)
	DECQ(pairs)
	JNZ(LabelRef("next"))
	VZEROUPPER()
	RET()
}

// squares emits the sums of squares of a panel's lanes. A pair's fits 32 bits without a sign.
func squares() {
	TEXT("squaresAVX2", NOSPLIT, "func(panel *int16, pairs int, sums *uint64)")
	Pragma("noescape")
	Doc("squaresAVX2 sets 16 sums, in some order, to those of the squares of a lane.")
	panel, pairs := Load(Param("panel"), GP64()), Load(Param("pairs"), GP64())
	var sums [4]reg.VecVirtual
	for i := range sums {
		sums[i] = YMM()
		VPXOR(sums[i], sums[i], sums[i])
	}
	mask := YMM()
	VPCMPEQD(mask, mask, mask)
	VPSRLQ(U8(32), mask, mask)
	Label("pair")
	for half := range 2 {
		x, y := YMM(), YMM()
		VMOVDQU(Mem{Base: panel}.Offset(32*half), x)
		VPMADDWD(x, x, x)
		VPAND(x, mask, y)
		VPADDQ(y, sums[2*half], sums[2*half])
		VPSRLQ(U8(32), x, x)
		VPADDQ(x, sums[2*half+1], sums[2*half+1])
	}
	ADDQ(U8(4*panelLanes), panel)
	DECQ(pairs)
	JNZ(LabelRef("pair"))
	to := Load(Param("sums"), GP64())
	for i, sum := range sums {
		VMOVDQU(sum, Mem{Base: to}.Offset(32*i))
	}
	VZEROUPPER()
	RET()
}

// isa is what the two instruction sets do differently.
type isa interface {
	lanes() int // of a vector of 32-bit sums
	vector() reg.VecVirtual
	clear(sum reg.VecVirtual)
	load(from Mem, to reg.VecVirtual)
	multiply(pair, weights, sum reg.VecVirtual) // sum += pair0*weights0 + pair1*weights1
	widen(sum reg.VecVirtual, to Mem)           // to += sum, in 64 bits
}

// tile emits one kernel of the given panels. Sums are 32 bits wide and wrap, the caller knows that
// the last one fits.
func tile(name string, panels int, set isa) {
	TEXT(name, NOSPLIT, "func(a *int16, at *int, segs, step, pairs int, b *int16, stride int, c *int64)")
	Pragma("noescape")
	Doc(name + " is tileGo for " + fmt.Sprint(panels) + " panels; step and stride are in bytes.")
	a, at := Load(Param("a"), GP64()), Load(Param("at"), GP64())
	var row [rows]reg.GPVirtual
	for r := range row {
		row[r] = GP64()
		MOVQ(Mem{Base: at}.Offset(8*r), row[r])
		LEAQ(Mem{Base: a, Index: row[r], Scale: 2}, row[r])
	}
	b, segs := Load(Param("b"), GP64()), Load(Param("segs"), GP64())
	stride, stride3 := Load(Param("stride"), GP64()), GP64()
	if panels == 4 {
		LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, stride3)
	}
	n := panels * panelLanes / set.lanes() // vectors in a row
	var sums [rows][]reg.VecVirtual
	for r := range sums {
		for range n {
			sums[r] = append(sums[r], set.vector())
			set.clear(sums[r][len(sums[r])-1])
		}
	}
	pair, pairs := GP64(), Load(Param("pairs"), GP64())
	Label("segment")
	XORQ(pair, pair)
	Label("pair")
	weights := make([]reg.VecVirtual, n)
	for v := range weights {
		lane := v * set.lanes()
		from := Mem{Base: b, Disp: lane % panelLanes * 4}
		switch lane / panelLanes {
		case 1:
			from.Index, from.Scale = stride, 1
		case 2:
			from.Index, from.Scale = stride, 2
		case 3:
			from.Index, from.Scale = stride3, 1
		}
		weights[v] = set.vector()
		set.load(from, weights[v])
	}
	for r := range row {
		x := set.vector()
		VPBROADCASTD(Mem{Base: row[r], Index: pair, Scale: 4}, x)
		for v := range weights {
			set.multiply(x, weights[v], sums[r][v])
		}
	}
	ADDQ(U8(4*panelLanes), b)
	INCQ(pair)
	CMPQ(pair, pairs)
	JL(LabelRef("pair"))
	step := Load(Param("step"), pair)
	for r := range row {
		ADDQ(step, row[r])
	}
	DECQ(segs)
	JNZ(LabelRef("segment"))

	c := Load(Param("c"), GP64())
	for r := range row {
		for v := range weights {
			set.widen(sums[r][v], Mem{Base: c, Disp: (r*tileLanes + v*set.lanes()) * 8})
		}
	}
	VZEROUPPER()
	RET()
}

type avx512 struct{}

func (avx512) lanes() int             { return 16 }
func (avx512) vector() reg.VecVirtual { return ZMM() }
func (avx512) clear(sum reg.VecVirtual) {
	VPXORD(sum, sum, sum)
}
func (avx512) load(from Mem, to reg.VecVirtual)           { VMOVDQU32(from, to) }
func (avx512) multiply(pair, weights, sum reg.VecVirtual) { VPDPWSSD(weights, pair, sum) }
func (avx512) widen(sum reg.VecVirtual, to Mem) {
	low, high := ZMM(), ZMM()
	VPMOVSXDQ(sum.AsY(), low)
	VPADDQ(to, low, low)
	VMOVDQU64(low, to)
	VEXTRACTI64X4(U8(1), sum, high.AsY())
	VPMOVSXDQ(high.AsY(), high)
	VPADDQ(to.Offset(64), high, high)
	VMOVDQU64(high, to.Offset(64))
}

type avx2 struct{}

func (avx2) lanes() int             { return 8 }
func (avx2) vector() reg.VecVirtual { return YMM() }
func (avx2) clear(sum reg.VecVirtual) {
	VPXOR(sum, sum, sum)
}
func (avx2) load(from Mem, to reg.VecVirtual) { VMOVDQU(from, to) }
func (avx2) multiply(pair, weights, sum reg.VecVirtual) {
	products := YMM()
	VPMADDWD(weights, pair, products)
	VPADDD(products, sum, sum)
}
func (avx2) widen(sum reg.VecVirtual, to Mem) {
	low := YMM()
	VPMOVSXDQ(sum.AsX(), low)
	VPADDQ(to, low, low)
	VMOVDQU(low, to)
	VEXTRACTI128(U8(1), sum, sum.AsX())
	VPMOVSXDQ(sum.AsX(), sum)
	VPADDQ(to.Offset(32), sum, sum)
	VMOVDQU(sum, to.Offset(32))
}
