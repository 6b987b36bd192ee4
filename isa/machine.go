package isa

import "bdfasim/isa/machine"

// Size is a size of the machine that contracts depend on.
type Size uint8

// The sizes; Sizes says what they are.
const (
	Lanes Size = iota
	Group
	Block
	Streams
	Batch
	Banks
	AccBits
	OMEMWords
	Pointers
	MaskWords
	SignEntries
	BiasBuffers
	ScratchBytes
	XMemBytes
	LossClasses
	DEPCClasses
	EPCErrors
	Channels
	NumSizes
)

// Machine is a machine as far as its commands show it: Of takes it from the description.
type Machine [NumSizes]int

// Sizes is the table of the machine's sizes. Largest is that of what can be built.
var Sizes = [NumSizes]struct {
	Name, Doc string
	Largest   int
}{
	Lanes:        {"LANES", "lanes of the MAC array", 1024},
	Group:        {"GROUP", "lanes of a group: what moves in a cycle, a burst of int16", machine.Group},
	Block:        {"BLOCK", "rows of a weight buffer; elements of a block of a map", machine.Block},
	Streams:      {"STREAMS", "streams into the MAC array", machine.Streams},
	Batch:        {"BATCH", "samples of a batch, and rows of an accumulator bank", machine.Batch},
	Banks:        {"BANKS", "accumulator banks; with a third, fused schedules", 3},
	AccBits:      {"ACCBITS", "bits of an accumulator", 62},
	OMEMWords:    {"WORDS", "64-bit words of OMEM", 1 << 18},
	Pointers:     {"POINTERS", "pointers to blocks of compressed maps", 1 << 20},
	MaskWords:    {"MASKS", "16-bit words of the f' mask memory", 1 << 20},
	SignEntries:  {"SIGNS", "256-bit entries of the sign memory", 1 << 16},
	BiasBuffers:  {"BIASES", "bias buffers of a bias a lane", 2},
	ScratchBytes: {"SCRATCH", "bytes of scratch memory", 1 << 20},
	XMemBytes:    {"EXTERNAL", "bytes of external memory", 1 << 32},
	LossClasses:  {"CLASSES", "classes of the loss unit", 1024},
	DEPCClasses:  {"SIGNCLASSES", "classes of the DEPC; 0: it is not built", 4096},
	EPCErrors:    {"ERRORS", "errors of the EPC; 0: it is not built", 4096},
	Channels:     {"CHANNELS", "channels of the normalisation unit; 0: it is not built", 2048},
}

// Of is what commands see of a machine.
func Of(c *machine.Config) Machine {
	errors := c.EPC.Errors
	if c.EPC.Kind == machine.EPCNone {
		errors = 0
	}
	return Machine{
		Lanes:        c.DNNC.Lanes,
		Group:        machine.Group,
		Block:        machine.Block,
		Streams:      machine.Streams,
		Batch:        machine.Batch,
		Banks:        c.Banks(),
		AccBits:      c.DNNC.AccBits,
		OMEMWords:    c.OMEM.Words,
		Pointers:     c.OMEM.Pointers,
		MaskWords:    c.OMEM.MaskWords,
		SignEntries:  c.DEPC.SignEntries,
		BiasBuffers:  2,
		ScratchBytes: c.Seq.ScratchBytes,
		XMemBytes:    c.XMem.Bytes,
		LossClasses:  c.Loss.Classes,
		DEPCClasses:  c.DEPC.Classes,
		EPCErrors:    errors,
		Channels:     c.Norm.Channels,
	}
}

// For adds what a program has commands for and the description leaves out: the normalisation unit,
// the EPC as trees, the hardware for fused schedules.
func For(c machine.Config, code []Word) machine.Config {
	for _, w := range code {
		info := Lookup(w.Op())
		switch {
		case info == nil:
		case info.Unit == UnitNorm && c.Norm.Channels == 0:
			c.Norm.Channels = machine.BuiltChannels
		case info.Unit == UnitEPC && c.EPC.Kind == machine.EPCNone:
			c.EPC.Kind = machine.EPCTree
		case info.Op == OpMomW && w.Aux()&FlagUpd != 0:
			c.Fused = true
		}
	}
	return c
}

// Reference is the reference machine.
func Reference() Machine {
	c := machine.Reference()
	return Of(&c)
}

// Largest is the largest machine that can be built.
func Largest() (m Machine) {
	for i, s := range Sizes {
		m[i] = s.Largest
	}
	return m
}
