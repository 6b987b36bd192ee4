package firmware

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Magic begins the header; its low half counts changes of the structures below.
const Magic = 0xBDFA0001

// Sizes of the structures in external memory, multiples of the 32 bytes of a burst.
const (
	HeaderBytes = 160
	LayerBytes  = 256
	RecordBytes = 64
)

// The learning rules as the header numbers them.
const (
	ruleBP   = 0
	ruleBDFA = 1
)

// Header is what the program reads at external address 0. The tag asm names the field in asm/memory.s; the words lie in
// the order of the fields, little-endian.
type Header struct {
	Magic       uint32 `asm:"H_MAGIC"`
	Layers      uint32 `asm:"H_LAYERS"`       // L
	LayerTable  uint32 `asm:"H_LAYER_TABLE"`  // address of the descriptor of layer 1
	Rule        uint32 `asm:"H_RULE"`         // 0 BP, 1 BDFA
	SRAM        uint32 `asm:"H_SRAM"`         // 1: stored feedback signs
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

// Layer is the descriptor of layer i. Addresses of weights, velocities and biases are external byte addresses, those of
// errors and raw maps OMEM words, those of masks mask words. The fields from FoIn on are for readers of an image.
type Layer struct {
	NIn            uint32 `asm:"D_N_IN"`
	NOut           uint32 `asm:"D_N_OUT"`
	Hidden         uint32 `asm:"D_HIDDEN"` // 1, or 0 for the top layer
	Split          uint32 `asm:"D_SPLIT"`  // of N_i lanes
	Weights        uint32 `asm:"D_WEIGHTS"`
	WStep          uint32 `asm:"D_W_STEP"` // bytes from a block to the one for the next 64 outputs
	Velocities     uint32 `asm:"D_VELOCITIES"`
	VStep          uint32 `asm:"D_V_STEP"`
	Biases         uint32 `asm:"D_BIASES"`
	BiasVelocities uint32 `asm:"D_BIAS_VELOCITIES"`
	InPtr          uint32 `asm:"D_IN_PTR"`
	InBlocks       uint32 `asm:"D_IN_BLOCKS"`
	Out            uint32 `asm:"D_OUT"`      // first pointer of o_i, or word of the logits
	OutStep        uint32 `asm:"D_OUT_STEP"` // pointers or words a sample
	OutAlloc       uint32 `asm:"D_OUT_ALLOC"`
	OutLimit       uint32 `asm:"D_OUT_LIMIT"`
	Mask           uint32 `asm:"D_MASK"`
	MaskStep       uint32 `asm:"D_MASK_STEP"`
	FFShift        int32  `asm:"D_FF_SHIFT"`
	Fo             int32  `asm:"D_FO"`
	Err            uint32 `asm:"D_ERR"`
	ErrStep        uint32 `asm:"D_ERR_STEP"`
	LowErr         uint32 `asm:"D_LOW_ERR"` // Low: of layer i-1, 0 if that is the input
	LowErrStep     uint32 `asm:"D_LOW_ERR_STEP"`
	LowMask        uint32 `asm:"D_LOW_MASK"`
	LowMaskStep    uint32 `asm:"D_LOW_MASK_STEP"`
	LowShift       int32  `asm:"D_LOW_SHIFT"`
	LowSplit       uint32 `asm:"D_LOW_SPLIT"`
	LowSeed        uint32 `asm:"D_LOW_SEED"`
	LowEntry       uint32 `asm:"D_LOW_ENTRY"`
	GShift         int32  `asm:"D_G_SHIFT"`
	DecayShift     int32  `asm:"D_DECAY_SHIFT"`
	TShift         int32  `asm:"D_T_SHIFT"`
	GBShift        int32  `asm:"D_GB_SHIFT"`
	TBShift        int32  `asm:"D_TB_SHIFT"`
	Counter        uint32 `asm:"D_COUNTER"`      // base_i of section 5
	CounterStep    uint32 `asm:"D_COUNTER_STEP"` // 32 KB
	FoIn           int32  `asm:"D_FO_IN"`
	Fw             int32  `asm:"D_FW"`
	Fe             int32  `asm:"D_FE"`
	Fv             int32  `asm:"D_FV"`
	SatW           uint32 `asm:"D_SAT_W"` // initial weights that were clipped
	SatB           uint32 `asm:"D_SAT_B"` // initial biases
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
