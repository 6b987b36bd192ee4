package rtl

import (
	"maps"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/depc"
	"bdfasim/rtl/dnnc"
	"bdfasim/rtl/epc"
	"bdfasim/rtl/momentum"
	"bdfasim/rtl/norm"
	"bdfasim/rtl/omem"
)

// Geometry tells the sizes that set prices. Memories are split into macros as their ports need: OMEM into its banks,
// WMEM and the accumulators into groups of 16 lanes, the exponential table into four copies for four look-ups a cycle.
func (c *Chip) Geometry() activity.Geometry {
	cfg := &c.cfg
	groups := cfg.DNNC.Lanes / 16
	banks := cfg.Banks()
	accBytes := dnnc.AccRows * 16 * cfg.DNNC.AccBits / 8
	g := activity.Geometry{
		Lanes: cfg.DNNC.Lanes, AccBits: cfg.DNNC.AccBits, ClockMHz: cfg.ClockMHz,
		DRAM: string(cfg.XMem.Kind), MomLanes: cfg.Momentum.Lanes, LFSRBits: cfg.LFSR.Bits,
		DEPC: activity.Trees{N: cfg.DEPC.Neurons, Inputs: cfg.DEPC.Inputs},
		EPC:  activity.Trees{N: cfg.EPC.Neurons, Inputs: cfg.EPC.Inputs},
	}
	g.Memories = map[activity.Memory]activity.MemoryShape{
		activity.MemIMem:    {Macros: 1, Bytes: cfg.Seq.IMemBytes, WidthBit: 64, Unit: activity.Seq},
		activity.MemScratch: {Macros: 1, Bytes: cfg.Seq.ScratchBytes, WidthBit: 32, Unit: activity.Seq},
		activity.MemOMEM:    {Macros: omem.NumBanks, Bytes: cfg.OMEM.Words * 8 / omem.NumBanks, WidthBit: 64, Unit: activity.OMEM},
		activity.MemPtr:     {Macros: omem.NumPtrBanks, Bytes: (cfg.OMEM.Pointers*3 + omem.NumPtrBanks - 1) / omem.NumPtrBanks, WidthBit: 24, Unit: activity.OMEM},
		activity.MemMask:    {Macros: 1, Bytes: cfg.OMEM.MaskWords * 2, WidthBit: 16, Unit: activity.OMEM},
		activity.MemTRLC:    {Macros: 2, Bytes: omem.BlockElems * 32 * 2, WidthBit: 16, Unit: activity.OMEM},
		activity.MemWMEM:    {Macros: 2 * groups, Bytes: dnnc.WRows * 16 * 2, WidthBit: 256, Unit: activity.WLD},
		activity.MemAcc:     {Macros: banks * groups, Bytes: accBytes, WidthBit: 16 * cfg.DNNC.AccBits, Unit: activity.DNNC},
		activity.MemBias:    {Macros: 1, Bytes: 2 * cfg.DNNC.Lanes * 4, WidthBit: 256, Unit: activity.Drain},
		activity.MemExpTab:  {Macros: 4, Bytes: 256 * 4, WidthBit: 32, Unit: activity.Loss},
		activity.MemLogit:   {Macros: 1, Bytes: cfg.Loss.Classes * 2, WidthBit: 64, Unit: activity.Loss},
		activity.MemChunk:   momentum.Memory(cfg),
	}
	maps.Copy(g.Memories, c.optionalMemories())
	for name, m := range g.Memories {
		g.Memories[name] = split(m)
	}
	for _, unit := range c.units() {
		for event, registers := range unit.Clocked() {
			g.Clocked[event] = registers
		}
	}
	return g
}

// maxMacro is the size up to which a memory is one macro; a larger one is made of several, of which an access reaches one.
const maxMacro = 128 << 10

// split makes several macros of one that is too large.
func split(m activity.MemoryShape) activity.MemoryShape {
	for m.Bytes > maxMacro {
		m.Macros, m.Bytes = 2*m.Macros, (m.Bytes+1)/2
	}
	return m
}

// optionalMemories are those of units that need not be built; a memory of none has no macros.
func (c *Chip) optionalMemories() map[activity.Memory]activity.MemoryShape {
	cfg := &c.cfg
	m := map[activity.Memory]activity.MemoryShape{}
	maps.Copy(m, depc.Memories(cfg))
	maps.Copy(m, norm.Memories(cfg))
	maps.Copy(m, epc.Memories(cfg))
	return m
}
