package epc

import (
	"fmt"
	"math/bits"

	"bdfasim/isa"
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
type Kind uint8

// The kinds. They give the same errors, but for None, which gives none.
const (
	None     Kind = iota // not built: every command raises FaultIllegal
	Tree                 // 16 trees of 16 multipliers
	TreeGate             // the same, with operands gated where the error is 0 or the neuron's f' is
	LaneMask             // 256 lanes, one error that is not 0 a cycle, lanes gated by f'
	numKinds
)

var kindNames = [numKinds]string{"none", "tree", "tree-gate", "lane-mask"}

func (k Kind) String() string {
	if k < numKinds {
		return kindNames[k]
	}
	return "kind?"
}

// Config holds the sizes of the unit.
type Config struct {
	Kind    Kind
	Errors  int  // capacity of the error buffer for a sample, a multiple of 16
	AccBits int  // sums are taken modulo 2^AccBits
	Toggles bool // count bits that change, too; the chip fills it in
}

// DefaultConfig is the reference machine, which has a DEPC and no EPC; the sizes are those of one that is built.
func DefaultConfig() Config {
	return Config{Kind: None, Errors: 512, AccBits: isa.Reference()[isa.AccBits]}
}

// Validate reports the first size that cannot be built.
func (c Config) Validate() error {
	switch {
	case c.Kind >= numKinds:
		return fmt.Errorf("epc: kind: got %d, want 0..%d", c.Kind, numKinds-1)
	case c.Errors < passWidth || c.Errors > maxErrors || c.Errors%passWidth != 0:
		return fmt.Errorf("epc: errors: got %d, want a multiple of %d in %d..%d", c.Errors, passWidth, passWidth, maxErrors)
	case c.AccBits < 32 || c.AccBits > 62:
		return fmt.Errorf("epc: partial sums: got %d bits, want 32..62", c.AccBits)
	}
	return nil
}

// widths are those of the registers that count errors, passes, tiles of errors and blocks, for 1,024 errors or for as many
// as are built beyond, and of the sums.
func (c Config) widths() port.Widths {
	n := uint(max(c.Errors, 1024))
	return port.Widths{
		"errors": bits.Len(n), "passes": bits.Len(n / passWidth), "tiles": bits.Len((n + tileErrors - 1) / tileErrors),
		"blocks": bits.Len(maxGroups * n / passWidth), "acc": c.AccBits,
	}
}

// Memories returns the macros of the unit's memories: weights, errors and partial sums. There are none when it is not
// built.
func (c Config) Memories() map[activity.Memory]activity.MemoryShape {
	sums := maxBatch * lanes * c.AccBits / 8 // bytes of the partial sums of 16 lanes
	e := activity.MemoryShape{Macros: 1, Bytes: maxBatch * c.Errors * 2, WidthBit: 256, Unit: activity.EPC}
	w := activity.MemoryShape{Macros: 2, Bytes: lanes * passWidth * 2, WidthBit: 256, Unit: activity.EPC}
	p := activity.MemoryShape{Macros: 1, Bytes: sums, WidthBit: lanes * c.AccBits, Unit: activity.EPC}
	switch c.Kind {
	case None:
		return nil
	case LaneMask:
		w.Macros, w.Bytes = 2*tileGroups, tilePasses*passWidth*lanes*2
		p.Macros = tileGroups
	}
	return map[activity.Memory]activity.MemoryShape{activity.MemEPCW: w, activity.MemEPCE: e, activity.MemEPCP: p}
}
