package epc

import "bdfasim/rtl/port"

// Phase is what the unit does with the oldest command.
type Phase uint8

// The phases.
const (
	PhaseIdle Phase = iota
	PhaseLoad
	PhaseRun
)

// Stage says whose data are in a pipeline register.
type Stage struct {
	Valid  bool   `bits:"1"`
	First  bool   `bits:"1"` // first pass of its group
	Last   bool   `bits:"1"` // last pass of its group
	Sample uint8  `bits:"5"`
	Group  uint16 `bits:"12"`
}

// Block is 16 neurons x 16 errors of the matrix, a row a neuron.
type Block = [lanes]port.Group

// Tile is 64 errors x 256 neurons of the matrix, a row an error.
type Tile = [tileErrors][tileGroups * lanes]int16

// State is every register and memory of the unit, of all kinds: Trees and Gate, or Lanes, is not built in the others.
type State struct {
	port.Front
	Phase Phase `bits:"2"`

	Errors uint16 `bits:"errors"` // of the latest load; 0 before the first
	Batch  uint8  `bits:"6"`
	Passes uint16 `bits:"passes"`
	Asked  bool   `bits:"1"` // the load's stream is requested

	// Issue: sample innermost, then pass, then group. A load counts its rows and groups in Sample and Pass.
	Sample uint8  `bits:"5"`
	Pass   uint16 `bits:"passes"`
	Group  uint16 `bits:"13"`
	Groups uint16 `bits:"13"`
	Settle uint8  `bits:"1"` // cycles until the idle wires tell of the last write

	Fetch Fetch
	E     port.Group   `bits:"16"` // errors of a sample at the multipliers
	S3    Stage        // of Sum
	Sum   [lanes]int64 `bits:"acc"`
	Trees TreeState
	Gate  GateState
	Lanes LaneState

	Sat uint32 `bits:"32"`
	Max uint16 `bits:"16"`

	EBuf    []port.Group              `mem:"EPCE"`  // [sample][pass]
	NonZero [maxBatch][maxTiles]uint8 `sim:"gated"` // LaneMask: bit p tells that pass p of a sample's tile has an error that is not 0
	Blocks  [maxBlocks]Block          `mem:"EPCW"`  // where bursts land: the weight memory of the trees, the corner-turn of the lanes
	Tiles   []Tile                    `mem:"EPCW"`  // the weight memory of the lanes
	Partial [][lanes]int64            `mem:"EPCP"`  // partial sums: [sample], LaneMask [sample][group of the tile]
}

// TreeState is what Tree and TreeGate have.
type TreeState struct {
	W   Block        `sim:"gated"` // weights at the multipliers; clocked once a block
	S1  Stage        // of E
	S2  Stage        // of Out
	Out [lanes]int64 `bits:"36"` // sums of the trees: 16 products of 32 bits
}

// GateState is what TreeGate has besides: the mask word of the sample and group in each stage.
type GateState struct {
	M1 uint16 `bits:"16"`
	M2 uint16 `bits:"16"`
	M3 uint16 `bits:"16"`
}

// Mode is what the lanes do.
type Mode uint8

// The modes.
const (
	ModeStream Mode = iota // an error or a swap a cycle
	ModeClose              // the last row goes back to the partial-sum memory
	ModeDrain              // 16 sums a cycle go to the rounding
	ModeDone               // no tile of neurons is left
)

// noRow marks lanes without a row of partial sums.
const noRow = 0x3f

// rowAt names a sample in a tile: what a swap brings.
type rowAt struct {
	Tile   uint16 `bits:"9"`     // of neurons
	Block  uint8  `bits:"tiles"` // of errors
	Sample uint8  `bits:"6"`
}

// LaneState is what LaneMask has. The lanes' registers of partial sums and weights are not among it: sums are added in
// place, and the lanes are clocked, and priced, with each product.
type LaneState struct {
	At   rowAt  // of the errors in E
	Pass uint16 `bits:"passes"` // of E
	Left uint16 `bits:"16"`     // errors of E to come
	Mode Mode   `bits:"2"`

	Row     uint8              `bits:"6"`  // sample whose sums are in the lanes
	Touched uint32             `bits:"32"` // samples of the tile that have sums
	Mask    [tileGroups]uint16 `bits:"16"` // f' of Row
	Next    rowAt              // whose f' are read ahead
	NextN   uint8              `bits:"5"` // words that are read
	NextEnd bool               `bits:"1"` // no swap will come
	NextF   [tileGroups]uint16 `sim:"gated"`

	Sample uint8 `bits:"5"` // next to drain
	Group  uint8 `bits:"4"`

	Fill    walk  // block whose columns are written
	Column  uint8 `bits:"4"`
	FillBuf uint8 `bits:"1"`
	Full    uint8 `bits:"2"` // tiles that are complete and not used up
	Buf     uint8 `bits:"1"` // the oldest of them
}
