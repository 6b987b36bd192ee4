package main

import (
	"fmt"
	"strconv"

	"bdfasim/firmware"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/rtl/epc"
	"bdfasim/sim"
)

// cyclePS is a cycle of a chip's clock in picoseconds, for waveforms.
func cyclePS(chip *rtl.Chip) uint64 { return uint64(1e6/chip.Config().ClockMHz + 0.5) }

// Sizes of external memory in MiB: the reference machine's, and the largest: addresses have 32 bits, and LPDDR3 parts end
// there.
const (
	defaultXMemMB = 64
	maxXMemMB     = 2048
)

// maxErrors is the most that the error buffer of a DEPC or EPC can be built for, errors of a sample.
const maxErrors = 4096

// maxIMemBytes is the largest instruction memory that a chip is built with.
const maxIMemBytes = 128 << 10

// mib is a size of external memory in MiB.
type mib int

// UnmarshalText is called by kong.
func (m *mib) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 1 || n > maxXMemMB || n&(n-1) != 0 {
		return fmt.Errorf("got %s, want a power of two, 1 to %d", text, maxXMemMB)
	}
	*m = mib(n)
	return nil
}

// chipFlags say what differs from the reference machine.
type chipFlags struct {
	XMemMB mib    `name:"xmem-mb" placeholder:"MB" help:"External memory in MiB, a power of two, at most 2048 (default: 64, more if the program needs it)."`
	OMEMKB string `name:"omem-kb" enum:",256,512,1024,2048" default:"" placeholder:"KB" help:"OMEM in KiB, 256 to 2048 (default: 256). Pointer table and f' masks grow with it. A program is compiled for a size; run it with that or more."`
	EPC    string `name:"epc" enum:"tree,tree-gate,lane-mask" default:"tree" help:"How the EPC is built, for programs that use one: tree (trees of multipliers), tree-gate (the same, gated where the error or f' is 0) or lane-mask (lanes that skip both)."`

	toggles bool // count toggled bits, for power's second activity model
}

// omemTimes is how many times as large as the reference machine's OMEM, pointers and masks are.
func (f *chipFlags) omemTimes() int {
	kb, err := strconv.Atoi(f.OMEMKB)
	if err != nil { // not given
		return 1
	}
	return kb / 256
}

// capacities are those of the reference machine with the memories that were asked for.
func (f *chipFlags) capacities() machine.Config {
	c := machine.Reference()
	c.OMEM.Words, c.OMEM.Pointers, c.OMEM.MaskWords = c.OMEM.Words*f.omemTimes(), c.OMEM.Pointers*f.omemTimes(), c.OMEM.MaskWords*f.omemTimes()
	return c
}

// kind is the kind of the EPC.
func (f *chipFlags) kind() epc.Kind {
	for _, k := range []epc.Kind{epc.TreeGate, epc.LaneMask} {
		if k.String() == f.EPC {
			return k
		}
	}
	return epc.Tree
}

// config is the chip for an image: the reference machine with the units that the program has commands for, instruction memory and
// error buffers that hold the program and what it loads, and enough external memory.
func (f *chipFlags) config(img *image.Image) rtl.Config {
	cfg := rtl.For(rtl.DefaultConfig(), img.Code)
	cfg.Toggles = f.toggles
	cap := f.capacities()
	cfg.OMEM.Words, cfg.OMEM.Pointers, cfg.OMEM.MaskWords = cap.OMEM.Words, cap.OMEM.Pointers, cap.OMEM.MaskWords
	for len(img.Code)*isa.WordBytes > cfg.Seq.IMemBytes && cfg.Seq.IMemBytes < maxIMemBytes {
		cfg.Seq.IMemBytes *= 2
	}
	if cfg.EPC.Kind != epc.None {
		cfg.EPC.Kind = f.kind()
	}
	cfg.DEPC.Classes = max(cfg.DEPC.Classes, loaded(img.Code, isa.UnitDEPC, isa.DEPCN))
	cfg.EPC.Errors = max(cfg.EPC.Errors, loaded(img.Code, isa.UnitEPC, isa.EPCN))
	mb := int(f.XMemMB)
	if mb == 0 {
		for mb = defaultXMemMB; mb<<20 < int(img.XMemBytes) && mb < maxXMemMB; mb *= 2 {
		}
	}
	cfg.XMem.Bytes = mb << 20
	return cfg
}

// loaded is the largest number that a program puts into a parameter register, rounded up to 16; a chip that cannot be built
// so large keeps its size, and its unit will say what is wrong.
func loaded(code []isa.Word, unit isa.Unit, reg uint8) int {
	most := 0
	for _, w := range code {
		if w.Op() == isa.OpSeti && w.AuxUnit() == unit && w.AuxReg() == reg {
			if n := int(w.Imm()); n <= maxErrors {
				most = max(most, (n+15)&^15)
			}
		}
	}
	return most
}

// newEngine builds the chip for an image and loads it.
func newEngine(img *image.Image, cfg rtl.Config) (*sim.Engine, error) {
	chip, err := rtl.New(cfg)
	if err != nil {
		return nil, err
	}
	e := sim.New(chip)
	return e, e.LoadImage(img)
}

// pricesOf are the prices of a chip's events.
func pricesOf(chip *rtl.Chip) (*power.PriceList, error) {
	return power.Default65().Prices(chip.Geometry())
}

// headerOf returns the header of a training program, nil for other programs.
func headerOf(img *image.Image) *firmware.Header {
	for _, s := range img.Segments {
		if s.Addr != 0 || len(s.Data) < firmware.HeaderBytes {
			continue
		}
		h := &firmware.Header{}
		if err := firmware.Decode(s.Data, h); err != nil || h.Magic != firmware.Magic {
			return nil
		}
		results := uint64(h.Results) + uint64(h.Epochs)*firmware.RecordBytes
		if h.Batch < 1 || h.Batch > firmware.MaxBatch || h.TrainN < 1 || results > uint64(img.XMemBytes) {
			return nil
		}
		return h
	}
	return nil
}

// stepsOf is the number of training steps of a program.
func stepsOf(h *firmware.Header) int {
	return int((uint64(h.TrainN)+uint64(h.Batch)-1)/uint64(h.Batch)) * int(h.Epochs)
}

// chipTable is how a chip differs from program to program.
func chipTable(cfg rtl.Config) *table.Table {
	t := table.New("Chip", "part", "size")
	t.Row("external memory", fmt.Sprintf("%d MiB", cfg.XMem.Bytes>>20))
	t.Row("OMEM", fmt.Sprintf("%d KiB", cfg.OMEM.Words>>7))
	t.Row("instruction memory", fmt.Sprintf("%d KiB", cfg.Seq.IMemBytes>>10))
	t.Row("fused schedules: third accumulator bank", built(cfg.Fused, "yes"))
	t.Row("error buffer of the DEPC", fmt.Sprintf("%d errors", cfg.DEPC.Classes))
	t.Row("EPC", built(cfg.EPC.Kind != epc.None, "%s, %d errors", cfg.EPC.Kind, cfg.EPC.Errors))
	t.Row("normalisation and pooling", built(cfg.Norm.Channels > 0, "%d channels", cfg.Norm.Channels))
	return t
}

// built describes a unit that may be left out.
func built(is bool, format string, args ...any) string {
	if !is {
		return "not built"
	}
	return fmt.Sprintf(format, args...)
}
