package rtl

import (
	"cmp"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/epc"
	"bdfasim/rtl/xmem"
)

// Config describes the chip: package machine has its fields.
type Config = machine.Config

// DefaultConfig is the reference machine.
func DefaultConfig() Config { return machine.Reference() }

// For adds what a program has commands for and the description leaves out: the normalisation unit,
// the EPC as trees, the hardware for fused schedules.
func For(c Config, code []isa.Word) Config {
	for _, w := range code {
		info := isa.Lookup(w.Op())
		switch {
		case info == nil:
		case info.Unit == isa.UnitNorm && c.Norm.Channels == 0:
			c.Norm.Channels = machine.BuiltChannels
		case info.Unit == isa.UnitEPC && c.EPC.Kind == epc.None:
			c.EPC.Kind = epc.Tree
		case info.Op == isa.OpMomW && w.Aux()&isa.FlagUpd != 0:
			c.Fused = true
		}
	}
	return c
}

// Validate reports everything that cannot be built.
func Validate(c *Config) error {
	return cmp.Or(c.Validate(), xmem.Validate(c))
}
