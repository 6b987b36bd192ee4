package power

import (
	"fmt"

	"bdfasim/rtl/activity"
)

// The parallel operators of the units whose number the geometry does not tell.
const (
	laneGroup = 16               // lanes of DRAIN and NORM, and of what rounds a group
	lossLanes = 4                // exponentials a cycle
	turnBits  = 3 * 16 * 16 * 16 // registers of three corner-turn arrays of 16 x 16 elements
	mulSide   = 256.0            // partial-product bits of a 16 x 16 bit multiplication
)

// logic is how many operators and registers a unit is built of: for its leakage and its area. Registers that an event of another
// kind prices (tag by of State) are counted here and not in the geometry.
type logic struct {
	mul16, add32, xor16 float64 // multipliers, 32-bit adders, 16 bits of XOR or multiplexer
	reg                 float64 // flip-flops
	ops                 float64 // operators side by side that one operand is broadcast among; 0 for none
	why                 string
}

// logicOf returns what unit u of a chip of geometry g is built of. Operators are those of the recipes, as often as they stand
// side by side.
func logicOf(g activity.Geometry, u activity.Unit) logic {
	w := operators(g, u)
	w.reg += float64(g.RegBits(u))
	return w
}

func operators(g activity.Geometry, u activity.Unit) logic {
	acc := float64(g.AccBits)
	built := func(m activity.Memory) bool { return g.Memories[m].Macros > 0 }
	// out is the way of n sums to 16 bits: shifter, rounding, saturation and mask, once a lane.
	out := func(n int, bits float64, w logic) logic {
		lanes := float64(min(n, laneGroup))
		w.add32 = float64(w.add32) + float64(lanes*bits/16)
		w.xor16 += lanes
		return w
	}
	lanes := func(n float64) logic {
		return logic{mul16: n, add32: n * acc / 32, reg: n * (acc + 16), ops: n, why: "a multiplier, an adder, accumulator and weight registers a lane"}
	}
	switch {
	case u == activity.Seq:
		return logic{add32: 1, xor16: 4, why: "an operation of 32 bit, decoding of 64"}
	case u == activity.DMA:
		return logic{add32: 2, why: "two address adders"}
	case u == activity.WLD:
		return logic{add32: 2, xor16: 16, reg: turnBits, why: "two address adders; three corner-turn arrays of 16 x 16 elements and their multiplexers"}
	case u == activity.DNNC:
		return lanes(float64(g.Lanes))
	case u == activity.Drain:
		return out(laneGroup, acc, logic{mul16: 2 * 32 * mixMulBits / mulSide, add32: (float64(laneGroup*acc) + 32) / 32, xor16: 6, why: "16 lanes of bias adder, shifter, rounding; the dropout generator"})
	case u == activity.Loss:
		return logic{mul16: lossLanes * 17 * 25 / mulSide, add32: lossLanes*(17+42)/32.0 + 1, xor16: 2, why: "four exponentials with shifter, product and rounding; a divider"}
	case u == activity.DEPC && built(activity.MemEBuf):
		t := g.DEPC
		n := float64(t.N * t.Inputs)
		return out(t.N, 32, logic{add32: n * depcBits(g) / 32, xor16: n, ops: n,
			why: fmt.Sprintf("%d trees of %d adders of %g bit and as many negations each; "+
				"shifters and roundings of 32 bit for a group", t.N, t.Inputs, depcBits(g))})
	case u == activity.EPC && built(activity.MemEPCW):
		t := g.EPC
		n := float64(t.N * t.Inputs)
		if epcLanes(g) {
			w := lanes(n)
			w.xor16, w.reg = 16, w.reg+turnBits
			w.why += fmt.Sprintf(", %g of them; three corner-turn arrays; "+
				"16 shifters and roundings at accumulator width", n)
			return out(laneGroup, acc, w)
		}
		held := float64(max(t.N, laneGroup) * max(t.Inputs, laneGroup)) // a tile has whole groups
		return out(t.N, acc, logic{mul16: n, add32: n * epcBits(g) / 32, reg: 16 * held, ops: n,
			why: fmt.Sprintf("%d trees of %d multipliers and as many adders of %g bit; a tile's weight "+
				"registers; shifters and roundings at accumulator width for a group", t.N, t.Inputs, epcBits(g))})
	case u == activity.Mom:
		n := float64(g.MomLanes)
		return logic{mul16: n * (2*16*24 + 16*16) / mulSide,
			add32: n * (2*(acc+32+40) + 26 + 26 + 17) / 32, xor16: n * 3,
			why: fmt.Sprintf("%g lanes of three products, their shifters and roundings, three sums "+
				"and a leap of an LFSR", n)}
	case u == activity.Norm && built(activity.MemNorm):
		return out(laneGroup, 52, logic{mul16: laneGroup * (26*26 + 32*17) / mulSide, add32: laneGroup * (2*sumBits + 26 + 40 + 48) / 32, xor16: laneGroup*lineBits/16.0 + sumBits/16,
			why: "16 lanes of two multipliers wide enough for all products (26 x 26, 32 x 17), two 64-bit sums, difference, sum and rounding, shifter of 52 bit, comparison; a divider"})
	case u == activity.LFSR:
		return logic{xor16: float64(g.LFSRBits) * 3 / 16, why: fmt.Sprintf("%d feedback bits", g.LFSRBits)}
	case u == activity.OMEM:
		return logic{add32: (2*5 + 4*6) / 32.0, xor16: 2*2 + 4*1, why: "two encoders, four decoders"}
	}
	return logic{}
}
