package rtl

import (
	"errors"
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/depc"
	"bdfasim/rtl/dnnc"
	"bdfasim/rtl/epc"
	"bdfasim/rtl/loss"
	"bdfasim/rtl/momentum"
	"bdfasim/rtl/norm"
	"bdfasim/rtl/omem"
	"bdfasim/rtl/seq"
	"bdfasim/rtl/xmem"
)

// Config holds the parameters of the chip. The numbers of lanes, streams and rows of the data path are fixed.
type Config struct {
	FreqMHz   float64 // clock, for converting times of the external memory and for reports
	MaskWords int     // 16-bit words of the f' mask memory
	Seq       seq.Config
	XMem      xmem.Config
	OMEM      omem.Config
	DNNC      dnnc.Config
	Loss      loss.Config
	DEPC      depc.Config
	Mom       momentum.Config
	Norm      norm.Config // not built by default
	EPC       epc.Config  // likewise
	Fused     bool        // hardware for fused schedules: a third accumulator bank, and a path from the momentum unit to WMEM
	Toggles   bool        // the data paths count bits that change, too (events Toggle*): nothing else differs but the simulator's speed
}

// DefaultConfig is the reference machine for fully connected networks: the units for normalisation and for errors with
// multipliers are not built.
func DefaultConfig() Config {
	return Config{
		FreqMHz:   200,
		MaskWords: isa.Reference()[isa.MaskWords],
		Seq:       seq.DefaultConfig(),
		XMem:      xmem.DefaultConfig(),
		OMEM:      omem.DefaultConfig(),
		DNNC:      dnnc.DefaultConfig(),
		Loss:      loss.DefaultConfig(),
		DEPC:      depc.DefaultConfig(),
		Mom:       momentum.DefaultConfig(),
		EPC:       epc.DefaultConfig(),
	}
}

// For adds what a program has commands for and the configuration leaves out: the normalisation unit, the EPC as trees, the
// hardware for fused schedules.
func (c Config) For(code []isa.Word) Config {
	for _, w := range code {
		info := isa.Lookup(w.Op())
		switch {
		case info == nil:
		case info.Unit == isa.UnitNorm && c.Norm.Channels == 0:
			c.Norm = norm.DefaultConfig()
		case info.Unit == isa.UnitEPC && c.EPC.Kind == epc.None:
			c.EPC.Kind = epc.Tree
		case info.Op == isa.OpMomW && w.Aux()&isa.FlagUpd != 0:
			c.Fused = true
		}
	}
	return c
}

// Machine is what commands see of a chip with this configuration.
func (c Config) Machine() isa.Machine {
	m := isa.Reference() // the data path is fixed
	m[isa.AccBits], m[isa.Banks] = c.DNNC.AccBits, dnnc.Config{Fused: c.Fused}.Banks()
	m[isa.XMemBytes], m[isa.ScratchBytes] = c.XMem.Bytes, c.Seq.ScratchBytes
	m[isa.OMEMWords], m[isa.Pointers], m[isa.MaskWords] = c.OMEM.Words, c.OMEM.Pointers, c.MaskWords
	m[isa.LossClasses], m[isa.Channels] = c.Loss.Classes, c.Norm.Channels
	m[isa.DEPCClasses], m[isa.SignEntries] = c.DEPC.Classes, c.DEPC.SignEntries
	if c.EPC.Kind != epc.None {
		m[isa.EPCErrors] = c.EPC.Errors
	}
	return m
}

// Validate reports everything that cannot be built.
func (c Config) Validate() error {
	var errs []error
	if !(c.FreqMHz > 0 && c.FreqMHz <= 10000) {
		errs = append(errs, fmt.Errorf("clock of %g MHz, want more than 0 and at most 10,000", c.FreqMHz))
	}
	if c.MaskWords < 1 || c.MaskWords > 1<<20 {
		errs = append(errs, fmt.Errorf("mask memory of %d words, want 1 to %d", c.MaskWords, 1<<20))
	}
	for _, v := range []interface{ Validate() error }{c.Seq, c.XMem, c.OMEM, c.DNNC, c.Loss, c.DEPC, c.Mom, c.Norm, c.EPC} {
		errs = append(errs, v.Validate())
	}
	return errors.Join(errs...)
}
