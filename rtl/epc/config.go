package epc

import (
	"math/bits"

	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Sizes that the structure fixes.
const (
	maxBatch   = 32
	lanes      = 16 // neurons of a group
	passWidth  = 16 // errors of a pass
	tileGroups = 16 // groups of a neuron tile: 256 lanes (LaneMask)
	tilePasses = 4  // passes of an error tile: 64 rows (LaneMask)
	tileErrors = tilePasses * passWidth
	maxErrors  = 4096
	maxTiles   = maxErrors / tileErrors
	maxGroups  = 4096 // of 65,535 neurons
	blockEdge  = 64   // neurons and errors of a block in external memory
	blockBytes = 2 * blockEdge * blockEdge
)

// Kind says how the multipliers are arranged and when they stand still.
type Kind = machine.EPCKind

// The kinds.
const (
	None     = machine.EPCNone
	Tree     = machine.EPCTree
	TreeGate = machine.EPCTreeGate
	LaneMask = machine.EPCLaneMask
)

// widths are those of the registers that count errors, passes, tiles of errors and blocks, for 1,024 errors or for as many
// as are built beyond, and of the sums.
func widths(c *machine.Config) port.Widths {
	n := uint(max(c.EPC.Errors, 1024))
	return port.Widths{
		"errors": bits.Len(n), "passes": bits.Len(n / passWidth), "tiles": bits.Len((n + tileErrors - 1) / tileErrors),
		"blocks": bits.Len(maxGroups * n / passWidth), "acc": c.DNNC.AccBits,
	}
}

// Memories returns the macros of the unit's memories: weights, errors and partial sums. There are
// none when it is not built.
func Memories(c *machine.Config) map[activity.Memory]activity.MemoryShape {
	sums := maxBatch * lanes * c.DNNC.AccBits / 8 // bytes of the partial sums of 16 lanes
	e := activity.MemoryShape{Macros: 1, Bytes: maxBatch * c.EPC.Errors * 2, WidthBit: 256, Unit: activity.EPC}
	w := activity.MemoryShape{Macros: 2, Bytes: lanes * passWidth * 2, WidthBit: 256, Unit: activity.EPC}
	p := activity.MemoryShape{Macros: 1, Bytes: sums, WidthBit: lanes * c.DNNC.AccBits, Unit: activity.EPC}
	switch c.EPC.Kind {
	case None:
		return nil
	case LaneMask:
		w.Macros, w.Bytes = 2*tileGroups, tilePasses*passWidth*lanes*2
		p.Macros = tileGroups
	}
	return map[activity.Memory]activity.MemoryShape{activity.MemEPCW: w, activity.MemEPCE: e, activity.MemEPCP: p}
}
