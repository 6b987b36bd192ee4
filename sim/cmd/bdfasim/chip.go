package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/sim"
)

// Sizes of external memory in MiB: the largest is what addresses of 32 bits and LPDDR3 parts allow.
const maxXMemMB = 2048

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

// machineFlags name the machine.
type machineFlags struct {
	Machine string   `placeholder:"NAME|FILE" help:"${machine}"`
	Set     []string `sep:"none" placeholder:"FIELD=VALUE" help:"${set}"`
}

// machine is the one that was named, else the given one, with its changes.
func (f *machineFlags) machine(given machine.Config) (machine.Config, error) {
	var err error
	if f.Machine != "" {
		given, err = machine.Named(f.Machine)
	}
	if err == nil && len(f.Set) > 0 {
		err = given.Set("--set", f.Set...)
	}
	if err == nil {
		err = rtl.Validate(&given)
	}
	if err != nil {
		return given, usageError{err}
	}
	return given, nil
}

// chipFlags say on which machine a program runs.
type chipFlags struct {
	machineFlags
	XMemMB mib    `name:"xmem-mb" placeholder:"MB" help:"${xmem_mb}"`
	OMEMKB string `name:"omem-kb" enum:",256,512,1024,2048" default:"" placeholder:"KB" help:"${omem_kb}"`
	EPC    string `name:"epc" enum:",tree,tree-gate,lane-mask" default:"" help:"${epc}"`

	toggles bool // count toggled bits, for power's second activity model
}

// base is the machine before it is fitted to a program.
func (f *chipFlags) base(given machine.Config) (machine.Config, error) {
	m, err := f.machine(given)
	if err != nil {
		return m, err
	}
	if kb, err := strconv.Atoi(f.OMEMKB); err == nil {
		words := kb << 7
		m.OMEM.Pointers, m.OMEM.MaskWords = m.OMEM.Pointers*words/m.OMEM.Words, m.OMEM.MaskWords*words/m.OMEM.Words
		m.OMEM.Words = words
	}
	if f.XMemMB != 0 {
		m.XMem.Bytes = int(f.XMemMB) << 20
	}
	if f.EPC != "" {
		err = m.EPC.Kind.UnmarshalText([]byte(f.EPC))
	}
	m.Toggles = f.toggles
	return m, cmp.Or(err, rtl.Validate(&m))
}

// forImage is the machine of an image: the one that was named, the one that the image was compiled
// for, or the reference machine.
func (f *chipFlags) forImage(img *image.Image) (machine.Config, error) {
	given := machine.Reference()
	if made, ok := compile.MachineOf(img); ok {
		given = made
	}
	m, err := f.base(given)
	return f.fit(m, img), err
}

// fit adds what a program needs: the units that it has commands for, instruction memory and error
// buffers that hold the program and what it loads, and external memory.
func (f *chipFlags) fit(m machine.Config, img *image.Image) machine.Config {
	if m.EPC.Kind != machine.EPCNone && !uses(img.Code, isa.UnitEPC) {
		m.EPC.Kind = machine.EPCNone
	}
	m = rtl.For(m, img.Code)
	for len(img.Code)*isa.WordBytes > m.Seq.IMemBytes && m.Seq.IMemBytes < maxIMemBytes {
		m.Seq.IMemBytes *= 2
	}
	m.DEPC.Classes = max(m.DEPC.Classes, loaded(img.Code, isa.UnitDEPC, isa.DEPCN))
	m.EPC.Errors = max(m.EPC.Errors, loaded(img.Code, isa.UnitEPC, isa.EPCN))
	for f.XMemMB == 0 && m.XMem.Bytes < int(img.XMemBytes) && m.XMem.Bytes < maxXMemMB<<20 {
		m.XMem.Bytes *= 2
	}
	return m
}

// uses reports whether a program has a command for a unit.
func uses(code []isa.Word, unit isa.Unit) bool {
	return slices.ContainsFunc(code, func(w isa.Word) bool {
		info := isa.Lookup(w.Op())
		return info != nil && info.Format == isa.FmtCmd && info.Unit == unit
	})
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

// cyclePS is a cycle of a chip in picoseconds, for waveforms.
func cyclePS(c *rtl.Chip) uint64 {
	m := c.Config()
	return uint64(float64(1e3*m.ClockNS()) + 0.5)
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

// parts is how many sub-batches n samples are, each with a loss.
func parts(n int) int { return (n + firmware.SubBatch - 1) / firmware.SubBatch }

// lossesOf is how many losses a program computes in an epoch: one for each sub-batch.
func lossesOf(h *firmware.Header) int {
	n, batch := int(h.TrainN), int(h.Batch)
	return n/batch*parts(batch) + parts(n%batch)
}

// stepsAt is how many training steps are complete after so many losses.
func stepsAt(h *firmware.Header, losses int) int {
	epoch := lossesOf(h)
	return losses/epoch*(stepsOf(h)/int(h.Epochs)) + losses%epoch/parts(int(h.Batch))
}

// perStep counts losses, and calls step with those that complete a training step.
func perStep(h *firmware.Header, losses *int, step func()) func() {
	return func() {
		before := stepsAt(h, *losses)
		if *losses++; stepsAt(h, *losses) > before {
			step()
		}
	}
}

// chipTable is the whole machine, field by field, so that a result tells what it is the result of.
func chipTable(m machine.Config) *table.Table {
	t := table.New("Machine", "field", "value")
	m.Each(func(field string, value any) { t.Row(field, fmt.Sprint(value)) })
	return t
}
