package rtl

import (
	"cmp"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/xmem"
)

// Config describes the chip: package machine has its fields.
type Config = machine.Config

// DefaultConfig is the reference machine.
func DefaultConfig() Config { return machine.Reference() }

// For adds what a program has commands for and the description leaves out.
func For(c Config, code []isa.Word) Config { return isa.For(c, code) }

// Validate reports everything that cannot be built.
func Validate(c *Config) error {
	return cmp.Or(c.Validate(), xmem.Validate(c))
}
