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

// Header is what the program reads at external address 0. The tag asm names the field in asm/memory.s; the words lie in
// the order of the fields, little-endian.
type Header struct {
	Magic       uint32 `asm:"H_MAGIC"`
	Layers      uint32 `asm:"H_LAYERS"`       // L
	Rule        uint32 `asm:"H_RULE"`         // its place in compile.Rules; a program of another rule refuses the header
	Epochs      uint32 `asm:"H_EPOCHS"`       //
	Batch       uint32 `asm:"H_BATCH"`        // samples of a full batch
	TrainN      uint32 `asm:"H_TRAIN_N"`      // training samples of an epoch
	TestN       uint32 `asm:"H_TEST_N"`       //
	TrainImages uint32 `asm:"H_TRAIN_IMAGES"` // address
	TestImages  uint32 `asm:"H_TEST_IMAGES"`  // address
	ImageStride uint32 `asm:"H_IMAGE_STRIDE"` // bytes
	TrainOrder  uint32 `asm:"H_TRAIN_ORDER"`  // address
	OrderStride uint32 `asm:"H_ORDER_STRIDE"` // bytes an epoch
	TestOrder   uint32 `asm:"H_TEST_ORDER"`   // address
	Results     uint32 `asm:"H_RESULTS"`      // address
	EvalEvery   uint32 `asm:"H_EVAL_EVERY"`   // epochs, 0: never
	Eta         uint32 `asm:"H_ETA"`          // Q0.16, times 32/Batch
	EtaShort    uint32 `asm:"H_ETA_SHORT"`    // Q0.16, times 32/(size of the last batch)
	ShiftEvery  uint32 `asm:"H_SHIFT_EVERY"`  // epochs, 0: never
	ShiftBy     uint32 `asm:"H_SHIFT_BY"`     // bits
	Mu          uint32 `asm:"H_MU"`           // Q0.16
	Lambda      uint32 `asm:"H_LAMBDA"`       // Q0.16
	Seed        uint32 `asm:"H_SEED"`         // of the rounding of W
	CounterStep uint32 `asm:"H_COUNTER_STEP"` // C of section 5
	Inputs      uint32 `asm:"H_INPUTS"`       // N_0
	InPtr       uint32 `asm:"H_IN_PTR"`       // first pointer of o_0
	InBlocks    uint32 `asm:"H_IN_BLOCKS"`    // pointers a sample
	InAlloc     uint32 `asm:"H_IN_ALLOC"`     // OMEM words of o_0: from
	InLimit     uint32 `asm:"H_IN_LIMIT"`     // to
	Signs       uint32 `asm:"H_SIGNS"`        // address of the stored signs
	SignEntries uint32 `asm:"H_SIGN_ENTRIES"` // of 32 bytes
	XMemBytes   uint32 `asm:"H_XMEM_BYTES"`   // external memory used; not read by the program
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

// EpochResult is the record that the program writes after each epoch. Counts are of the epoch's training steps, apart
// from TestN and TestCorrect.
type EpochResult struct {
	Epoch        uint32 `asm:"R_EPOCH"` // from 1
	TrainN       uint32 `asm:"R_TRAIN_N"`
	TrainCorrect uint32 `asm:"R_TRAIN_CORRECT"` // predictions made before each step's update
	TestN        uint32 `asm:"R_TEST_N"`        // 0: not tested
	TestCorrect  uint32 `asm:"R_TEST_CORRECT"`
	Steps        uint32 `asm:"R_STEPS"`   // training steps since the start
	Eta          uint32 `asm:"R_ETA"`     // Q0.16, of full batches
	SatFF        uint32 `asm:"R_SAT_FF"`  // saturations of z
	MaxFF        uint32 `asm:"R_MAX_FF"`  // largest abs(z)
	SatErr       uint32 `asm:"R_SAT_ERR"` // of e_i, i < L
	MaxErr       uint32 `asm:"R_MAX_ERR"`
	MaxTop       uint32 `asm:"R_MAX_TOP"` // largest abs(e_L)
	SatV         uint32 `asm:"R_SAT_V"`
	SatW         uint32 `asm:"R_SAT_W"` // of weights and biases
	MaxV         uint32 `asm:"R_MAX_V"`
	MaxW         uint32 `asm:"R_MAX_W"`
}

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
