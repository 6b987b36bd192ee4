package power

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl/activity"
)

// reference is the geometry of the reference machine. The register bits are round numbers invented
// for these tests: 1,000 times its place for a unit, of which 20, 10 at once, are of each group but
// the unit's own.
func reference() activity.Geometry {
	mem := func(macros, kb, width int, u activity.Unit) activity.MemoryShape {
		return activity.MemoryShape{Macros: macros, Bytes: kb * 1024, WidthBit: width, Unit: u}
	}
	g := activity.Geometry{
		Lanes: 256, AccBits: 48, ClockMHz: 200, DRAM: "lpddr3-1600", MomLanes: 16, LFSRBits: 8,
		DEPC: activity.Trees{N: 16, Inputs: 16}, EPC: activity.Trees{N: 16, Inputs: 16},
	}
	g.Memories = map[activity.Memory]activity.MemoryShape{
		activity.MemIMem:    mem(1, 16, 64, activity.Seq),
		activity.MemScratch: mem(1, 4, 32, activity.Seq),
		activity.MemOMEM:    mem(8, 32, 64, activity.OMEM),
		activity.MemPtr:     mem(1, 24, 32, activity.OMEM),
		activity.MemMask:    mem(1, 16, 16, activity.OMEM),
		activity.MemTRLC:    mem(2, 4, 16, activity.OMEM),
		activity.MemWMEM:    mem(32, 2, 256, activity.DNNC),
		activity.MemAcc:     mem(32, 3, 768, activity.DNNC),
		activity.MemBias:    mem(1, 2, 256, activity.Drain),
		activity.MemEBuf:    mem(1, 8, 256, activity.DEPC),
		activity.MemDEPCP:   mem(1, 2, 512, activity.DEPC),
		activity.MemSign:    mem(1, 16, 256, activity.DEPC),
		activity.MemExpTab:  mem(4, 1, 32, activity.Loss),
		activity.MemLogit:   mem(1, 2, 64, activity.Loss),
		activity.MemChunk:   mem(1, 2, 256, activity.Mom),
		activity.MemNorm:    mem(1, 16, 256, activity.Norm),
		activity.MemNormSum: mem(1, 8, 1024, activity.Norm),
		activity.MemLine:    mem(1, 2, 320, activity.Norm),
		activity.MemEPCW:    mem(2, 2, 256, activity.EPC),
		activity.MemEPCE:    mem(1, 8, 256, activity.EPC),
		activity.MemEPCP:    mem(1, 3, 768, activity.EPC),
	}
	for e := range activity.NumEvents {
		switch u := activity.Events[e].Unit; {
		case e == activity.Active(u):
			g.Clocked[e].Bits, g.Clocked[e].Copies = g.Clocked[e].Bits+1000*(int(u)+1), 1
		case e.IsClock():
			g.Clocked[e] = activity.Registers{Bits: 10, Copies: 2}
			g.Clocked[activity.Active(u)].Bits -= 20
		}
	}
	return g
}

func prices(t testing.TB) *PriceList {
	l, err := Default65().Prices(reference())
	require.NoError(t, err)
	return l
}

// without returns the reference machine without some memories.
func without(ms ...activity.Memory) activity.Geometry {
	g := reference()
	for _, m := range ms {
		s := g.Memories[m]
		s.Macros = 0
		g.Memories[m] = s
	}
	return g
}

// The two ways to build the core that computes errors.
func depcChip() activity.Geometry {
	g := without(activity.MemEPCW, activity.MemEPCE, activity.MemEPCP)
	return unclocked(g, activity.EPC)
}

func epcChip() activity.Geometry {
	g := without(activity.MemEBuf, activity.MemDEPCP, activity.MemSign)
	return unclocked(g, activity.DEPC, activity.LFSR)
}

// unclocked has no registers in some units.
func unclocked(g activity.Geometry, units ...activity.Unit) activity.Geometry {
	for e := range g.Clocked {
		if slices.Contains(units, activity.Events[e].Unit) {
			g.Clocked[e] = activity.Registers{}
		}
	}
	return g
}

// laneChip is epcChip with lanes in place of trees.
func laneChip() activity.Geometry {
	g := epcChip()
	g.Memories[activity.MemEPCW] = activity.MemoryShape{Macros: 32, Bytes: 2048, WidthBit: 256, Unit: activity.EPC}
	g.Memories[activity.MemEPCP] = activity.MemoryShape{Macros: 16, Bytes: 32 * 16 * 6, WidthBit: 768, Unit: activity.EPC}
	return g
}
