package port

import (
	"math/bits"

	"bdfasim/isa/machine"
)

// WidthsOf are the widths that the tags of this package name, and that of an accumulator.
func WidthsOf(c *machine.Config) Widths {
	return Widths{
		"acc":     c.DNNC.AccBits,
		"bank":    Index(c.Banks()),
		"group":   Index(c.DNNC.Lanes / 16),
		"lane":    Index(c.DNNC.Lanes),
		"mask":    Index(c.OMEM.MaskWords),
		"pointer": Index(c.OMEM.Pointers),
		"scratch": Index(c.Seq.ScratchBytes),
		"word":    Index(c.OMEM.Words),
	}
}

// Index is the number of bits, at least one, that tell n things apart.
func Index(n int) int { return max(1, bits.Len(uint(n-1))) }
