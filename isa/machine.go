package isa

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

// Machine describes a machine as far as its commands show it.
type Machine [NumSizes]int

// SizeInfo is a row of Sizes.
type SizeInfo struct {
	Name, Doc string
	Reference int // the reference machine's
	Largest   int // of what can be built
}

// Sizes is the table of the machine's sizes.
var Sizes = [NumSizes]SizeInfo{
	Lanes:        {"LANES", "lanes of the MAC array", 256, 256},
	Group:        {"GROUP", "lanes of a group: what moves in a cycle, a burst of int16", 16, 16},
	Block:        {"BLOCK", "rows of a weight buffer; elements of a block of a map", 64, 64},
	Streams:      {"STREAMS", "streams into the MAC array", 4, 4},
	Batch:        {"BATCH", "samples of a batch, and rows of an accumulator bank", 32, 32},
	Banks:        {"BANKS", "accumulator banks; with a third, fused schedules", 2, 3},
	AccBits:      {"ACCBITS", "bits of an accumulator", 48, 62},
	OMEMWords:    {"WORDS", "64-bit words of OMEM", 1 << 15, 1 << 18},
	Pointers:     {"POINTERS", "pointers to blocks of compressed maps", 1 << 13, 1 << 20},
	MaskWords:    {"MASKS", "16-bit words of the f' mask memory", 1 << 13, 1 << 20},
	SignEntries:  {"SIGNS", "256-bit entries of the sign memory", 512, 1 << 16},
	BiasBuffers:  {"BIASES", "bias buffers of a bias a lane", 2, 2},
	ScratchBytes: {"SCRATCH", "bytes of scratch memory", 4 << 10, 1 << 20},
	XMemBytes:    {"EXTERNAL", "bytes of external memory", 64 << 20, 1 << 32},
	LossClasses:  {"CLASSES", "classes of the loss unit", 1024, 1024},
	DEPCClasses:  {"SIGNCLASSES", "classes of the DEPC; 0: it is not built", 128, 4096},
	EPCErrors:    {"ERRORS", "errors of the EPC; 0: it is not built", 0, 4096},
	Channels:     {"CHANNELS", "channels of the normalisation unit; 0: it is not built", 0, 2048},
}

// Reference is the reference machine.
func Reference() (m Machine) {
	for i, s := range Sizes {
		m[i] = s.Reference
	}
	return m
}

// Largest is the largest machine that can be built.
func Largest() (m Machine) {
	for i, s := range Sizes {
		m[i] = s.Largest
	}
	return m
}
