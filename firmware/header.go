package firmware

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"bdfasim/isa/image"
)

// Magic begins the header; its low half counts changes of the structures below.
const Magic = 0xBDFA0002

// Sizes of the structures in external memory, multiples of the 32 bytes of a burst.
const (
	HeaderBytes = 160
	RecordBytes = 64
)

// Header is what the program reads at external address 0: docs/firmware.md has meanings and units.
// The words lie in the order of the fields, little-endian; asm/memory.s names them: EtaShort is
// H_ETA_SHORT.
type Header struct {
	Magic       uint32
	Layers      uint32
	Rule        uint32
	Epochs      uint32
	Batch       uint32
	TrainN      uint32
	TestN       uint32
	TrainImages uint32
	TestImages  uint32
	ImageStride uint32
	TrainOrder  uint32
	OrderStride uint32
	TestOrder   uint32
	Results     uint32
	EvalEvery   uint32
	Eta         uint32
	EtaShort    uint32
	ShiftEvery  uint32
	ShiftBy     uint32
	Mu          uint32
	Lambda      uint32
	Seed        uint32
	CounterStep uint32
	Inputs      uint32
	InPtr       uint32
	InBlocks    uint32
	InAlloc     uint32
	InLimit     uint32
	Signs       uint32
	SignEntries uint32
	XMemBytes   uint32
}

// EtaAt returns the learning rate, Q0.16, that the program gives the momentum unit in an epoch (from 0) for a batch of nb
// samples: corrected for short batches, and shifted every ShiftEvery epochs.
func (h *Header) EtaAt(epoch, nb int) uint32 {
	eta := h.Eta
	if nb != int(h.Batch) {
		eta = h.EtaShort
	}
	if h.ShiftEvery == 0 {
		return eta
	}
	return eta >> (uint32(epoch) / h.ShiftEvery * h.ShiftBy)
}

// Tests tells whether the program runs the test set after an epoch (from 0).
func (h *Header) Tests(epoch int) bool {
	n := uint32(epoch + 1)
	return h.EvalEvery > 0 && (n%h.EvalEvery == 0 || n == h.Epochs)
}

// Read returns the records of the epochs finished so far. mem is external memory from address 0.
func (h *Header) Read(mem []byte) []EpochResult {
	var out []EpochResult
	for e := uint32(0); e < h.Epochs; e++ {
		var r EpochResult
		if err := Decode(mem[h.Results+e*RecordBytes:], &r); err != nil || r.Epoch == 0 {
			break
		}
		out = append(out, r)
	}
	return out
}

// EpochResult is the record that the program writes after each epoch (docs/firmware.md, Result
// record). In asm/memory.s SatFF is R_SAT_FF.
type EpochResult struct {
	Epoch        uint32
	TrainN       uint32
	TrainCorrect uint32
	TestN        uint32
	TestCorrect  uint32
	Steps        uint32
	Eta          uint32
	SatFF        uint32
	MaxFF        uint32
	SatErr       uint32
	MaxErr       uint32
	MaxTop       uint32
	SatV         uint32
	SatW         uint32
	MaxV         uint32
	MaxW         uint32
}

// Words are the bytes of a structure of 32-bit fields.
func Words(v any) []byte { return Encode(v, binary.Size(v)) }

// Encode lays a structure of 32-bit fields into size bytes.
func Encode(v any, size int) []byte {
	out := make([]byte, size)
	if _, err := binary.Encode(out, binary.LittleEndian, v); err != nil {
		panic(fmt.Sprintf("firmware: %T does not fit into %d bytes: %v", v, size, err)) // a change of the structures only
	}
	return out
}

// Decode is the inverse of Encode. mem may be longer than the structure.
func Decode(mem []byte, v any) error {
	return binary.Read(bytes.NewReader(mem), binary.LittleEndian, v)
}

// Memory returns the external memory that an image starts with: its segments, zeros elsewhere.
func Memory(img *image.Image) []byte {
	mem := make([]byte, img.XMemBytes)
	for _, s := range img.Segments {
		copy(mem[s.Addr:], s.Data)
	}
	return mem
}
