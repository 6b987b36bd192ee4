package power

import (
	"fmt"
	"math/bits"

	"bdfasim/rtl/activity"
)

// Term is N times a constant.
type Term struct {
	Base Base
	N    float64
}

// access says which memory an event reads or writes.
type access struct {
	mem   activity.Memory
	write bool
	bits  int // of the access; 0 is the width of the macro
}

// recipe says what one event is made of: constants, at most one memory access, and why.
type recipe struct {
	terms []Term
	mem   access
	why   string
	zero  bool            // the event costs nothing by itself, for the reason in why
	need  activity.Memory // the event's unit is not built if this memory, which the event need not reach, is not
}

// add is an addition of so many bits: energy grows linearly with width, as carry chains do (and as 16 to 32 bits does in
// the source).
func add(bits float64) Term {
	if bits <= 16 {
		return Term{Add16, bits / 16}
	}
	return Term{Add32, bits / 32}
}

// mul is an a x b bit multiplication: energy grows with the number of partial-product bits.
func mul(a, b float64) Term { return Term{Mul16, a * b / (16 * 16)} }

// mux is n times 16 bits of two-way multiplexers, negations or XORs.
func mux(n float64) Term { return Term{Xor16, n} }

// burstBits is a transfer of external memory: 32 bytes.
const burstBits = 256

// Widths of the units that do a multiplication an event.
const (
	mixMulBits = 32 * 33 / 2 / 32.0 // of a 32 x 32 bit product mod 2^32, 528 bits of partial products remain: as 32 x 16.5
	sumBits    = 64                 // a sum of the normalisation unit
	lineBits   = 16 + 4             // a running maximum and its place in the window
)

// treeBits is the last level of a tree over terms of so many bits.
func treeBits(term int, t activity.Trees) float64 {
	return float64(term + bits.Len(uint(t.Inputs-1)))
}

// depcBits and epcBits are those of the trees of errors and of products.
func depcBits(g activity.Geometry) float64 { return treeBits(16, g.DEPC) }
func epcBits(g activity.Geometry) float64  { return treeBits(32, g.EPC) }

// bursts are the events that are a burst of external memory.
var bursts = []activity.Event{
	activity.XReadDMA, activity.XReadWLD, activity.XReadMom, activity.XReadNorm, activity.XReadEPC,
	activity.XWriteDMA, activity.XWriteMom, activity.XWriteDrain,
	activity.XWriteDEPC, activity.XWriteNorm,
}

// accesses adds the events that are one access of a memory and nothing else.
func accesses(g activity.Geometry, r *[activity.NumEvents]recipe) {
	for _, m := range []struct {
		mem         activity.Memory
		read, write activity.Event
	}{
		{activity.MemScratch, activity.ScratchRead, activity.ScratchWrite},
		{activity.MemOMEM, activity.OMEMRead, activity.OMEMWrite},
		{activity.MemPtr, activity.PtrRead, activity.PtrWrite},
		{activity.MemMask, activity.MaskRead, activity.MaskWrite},
		{activity.MemTRLC, activity.TRLCRead, activity.TRLCWrite},
		{activity.MemWMEM, activity.WMEMRead, activity.WMEMWrite},
		{activity.MemAcc, activity.AccRead, activity.AccWrite},
		{activity.MemBias, activity.BiasRead, activity.BiasWrite},
		{activity.MemLogit, activity.LogitRead, activity.LogitWrite},
		{activity.MemEBuf, activity.EBufRead, activity.EBufWrite},
		{activity.MemDEPCP, activity.DEPCPRead, activity.DEPCPWrite},
		{activity.MemSign, activity.SignRead, activity.SignWrite},
		{activity.MemChunk, activity.ChunkRead, activity.ChunkWrite},
		{activity.MemNorm, activity.NormRead, activity.NormWrite},
		{activity.MemNormSum, activity.NormSumRead, activity.NormSumWrite},
		{activity.MemLine, activity.LineRead, activity.LineWrite},
		{activity.MemEPCW, activity.EPCWRead, activity.EPCWWrite},
		{activity.MemEPCE, activity.EPCERead, activity.EPCEWrite},
		{activity.MemEPCP, activity.EPCPRead, activity.EPCPWrite},
	} {
		r[m.read] = recipe{mem: access{mem: m.mem}, why: "one read at the macro's width"}
		r[m.write] = recipe{mem: access{m.mem, true, 0}, why: "one write at the macro's width"}
	}
	r[activity.IMemRead] = recipe{mem: access{mem: activity.MemIMem}, why: "one read at the macro's width"}

	// Those of so many bits, whatever the macro's width.
	row := 16 * g.AccBits
	of := func(bits int, what string, read, write activity.Event) {
		r[read].mem.bits, r[read].why = bits, what+" read"
		r[write].mem.bits, r[write].why = bits, what+" written"
	}
	of(row, "16 accumulators", activity.AccRead, activity.AccWrite)
	of(burstBits, "32 bytes", activity.ChunkRead, activity.ChunkWrite)
	of(16*2*sumBits, "16 channels' two sums of 64 bit", activity.NormSumRead, activity.NormSumWrite)
	of(16*lineBits, "16 maxima of 16 and places of 4 bit", activity.LineRead, activity.LineWrite)
	r[activity.BiasRead].mem.bits, r[activity.BiasRead].why = 512, "16 biases of 32 bit read"
	r[activity.BiasWrite].mem.bits, r[activity.BiasWrite].why = 256, "8 biases of 32 bit written"
}

// recipes returns what each event is made of on a chip of geometry g, in the model of events: operators cost what their
// sources state for random operands, of whose bits half change from one operation to the next. Shifters and rounding are counted as additions of
// the same width: a barrel shifter of 48 bits has six rows of multiplexers, about as many gates as an adder's carry
// chain.
func recipes(g activity.Geometry) [activity.NumEvents]recipe {
	acc := float64(g.AccBits)
	r := [activity.NumEvents]recipe{
		activity.SeqInstr: {terms: []Term{add(32), mux(4)},
			why: "one 32-bit operation or loop count, 64 bits of decoding; the fetch is imem_read"},

		activity.XActivate: {zero: true, why: "inside the energy a bit, which is that of streaming whole rows"},
		activity.XRefresh:  {zero: true, why: "background power of the external memory, which has an account of its own"},

		activity.RLCEncode: {terms: []Term{add(5), mux(2)}, why: "zero test, 5-bit run count, 16-bit multiplexer into the word"},
		activity.RLCDecode: {terms: []Term{add(6), mux(1)}, why: "6-bit position plus run, 16-bit multiplexer out of the word"},

		activity.CornerTurn: {terms: []Term{mux(16), {RegBit, 256}}, why: "16 elements into a row of 256 register bits, clocked when written, and out through 16-bit multiplexers"},
		activity.MAC:        {terms: []Term{mul(16, 16), add(acc), {RegBit, acc + 16}}, why: "multiply, add at accumulator width, at random operands; the lane's accumulator and weight registers, clocked when it works"},

		activity.DrainLane: {terms: []Term{add(3 * acc), mux(1)}, why: "at accumulator width bias add, shifter and rounding as adds; 16 bits of saturation and mask"},
		activity.DropRand:  {terms: []Term{mul(32, mixMulBits), mul(32, mixMulBits), add(32), mux(6)}, why: "two 32-bit products mod 2^32, half of whose partial products exist; a 32-bit sum for the counter; three XORs of 32 bit"},

		activity.ExpTab: {terms: []Term{add(17)}, mem: access{mem: activity.MemExpTab},
			why: "a table read, 17-bit shifter as an add"},
		activity.LossMul: {terms: []Term{mul(17, 25), add(42)},
			why: "the wider of the unit's products, 17 x 25 bit, and its rounding"},
		activity.LossDiv: {terms: []Term{add(32), mux(2)},
			why: "32-bit subtraction and restoring multiplexer"},

		activity.DEPCAdd: {terms: []Term{add(depcBits(g)), mux(1)}, need: activity.MemEBuf,
			why: fmt.Sprintf("%g bits, the last and widest level of a tree over %d errors of 16 bits, "+
				"at random operands; a 16-bit negation", depcBits(g), g.DEPC.Inputs)},
		activity.LFSRStep: {terms: []Term{mux(float64(g.LFSRBits) * 3 / 16)},
			why: fmt.Sprintf("%d feedback bits, each an XOR of four taps; the register is clock_lfsr",
				g.LFSRBits)},

		activity.MomLane: {terms: []Term{mul(16, 24), mul(16, 24), mul(16, 16), add(2 * (acc + 32 + 40)), add(26 + 26 + 17)},
			why: "mu v and eta v at 16 x 24, lambda w at 16 x 16 bit; shifter and rounding of g at accumulator width, of lambda w at 32, of eta v at 40 bit; two sums of 26, one of 17 bit"},
		activity.MomRand: {terms: []Term{mux(16 * 3 / 16.0)},
			why: "16 feedback bits, each an XOR of four taps; the register is clock_mom_lfsr"},
	}
	burst := recipe{zero: true, why: free[g.DRAM]}
	if m, ok := memories[g.DRAM]; ok {
		burst = recipe{terms: []Term{{m.bit, burstBits}}, why: "a burst of 32 bytes"}
	}
	for _, e := range bursts {
		r[e] = burst
	}
	accesses(g, &r)
	normRecipes(&r)
	epcRecipes(g, &r)
	silent(&r)
	for e, registers := range g.Clocked {
		if e := activity.Event(e); e.IsClock() {
			r[e] = recipe{terms: []Term{{RegBit, float64(registers.Bits)}}, why: "flip-flops, one clocked cycle"}
		}
	}
	return r
}

// normRecipes adds the events of the normalisation unit. Its lanes work on 25 bits (a difference of 17 bits with 8 more
// fraction bits), 26 bits (an error so) and 41 bits (the former times r of 17 bits).
func normRecipes(r *[activity.NumEvents]recipe) {
	arithmetic := func(why string, terms ...Term) recipe {
		return recipe{terms: terms, need: activity.MemNorm, why: why}
	}
	sums := func(why string) recipe {
		return arithmetic(why, mul(16, 16), add(sumBits), add(sumBits))
	}
	r[activity.NormStat] = sums("the square; a 64-bit sum of elements and one of squares")
	r[activity.NormBack] = sums("h times xhat; a 64-bit sum of errors and one of products")
	r[activity.NormLane] = arithmetic("(z - m) r at 24 x 17, gamma xhat at 24 x 16 bit; difference of 25 bit, shifter and rounding of 41; shifter, rounding and sum with beta of 40; two saturations of 16 bit",
		mul(24, 17), mul(24, 16), add(25+2*41+3*40), mux(2))
	r[activity.NormPool] = arithmetic("16-bit comparison; multiplexers for 16 bits and 4 of the place", add(16), mux(lineBits/16.0))
	r[activity.NormGrad] = arithmetic("xhat a2 at 16 x 32, times g at 26 x 26 bit; rounding of 48 bit, two differences of 26; shifter and rounding of 52; a saturation of 16 bit",
		mul(16, 32), mul(26, 26), add(48+2*26+2*52), mux(1))
	r[activity.NormStep] = arithmetic("64-bit subtraction and restoring multiplexer", add(sumBits), mux(sumBits/16))
}

// epcLanes says whether the EPC is an array of lanes, each with a sum of its own, rather than trees with one row of sums.
func epcLanes(g activity.Geometry) bool { return g.Memories[activity.MemEPCP].Macros > 1 }

// epcRecipes adds the events of the EPC. Like an addition of the DEPC, a multiplication in a tree takes the width of the last
// level, so that neither core is flattered; a lane is one of the DNNC.
func epcRecipes(g activity.Geometry, r *[activity.NumEvents]recipe) {
	if epcLanes(g) {
		r[activity.EPCMul] = r[activity.MAC]
	} else {
		r[activity.EPCMul] = recipe{terms: []Term{mul(16, 16), add(epcBits(g))},
			why: fmt.Sprintf("a 16 x 16 bit product at random operands; one addition of %g bit, the last "+
				"and widest level of a tree over %d products of 32 bits, which has as many adders as "+
				"products with the one at its root", epcBits(g), g.EPC.Inputs)}
		held := &r[activity.EPCWRead]
		held.terms = []Term{{RegBit, 256}}
		held.why += "; 16 weight registers at the multipliers, clocked when written"
	}
	r[activity.EPCMul].need = activity.MemEPCW
}
