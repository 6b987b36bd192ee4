package port

import "bdfasim/rtl/activity"

// StreamKind says how OMEM reads a block for the DNNC.
type StreamKind uint8

// The kinds of streams.
const (
	StreamRLC  StreamKind = iota // iRLC decoders, sample after sample, from a compressed map
	StreamRaw                    // the same from a raw map
	StreamGrad                   // tRLC decoder: element after element over all samples
)

// Window says how a stream's blocks are found when its samples are output pixels of a convolution. Pixel b of the stream
// stands at Y, X in image 0 and steps along x to OW, then along y to OH, then to the next image. Its tap (ky, kx) is the
// source pixel
//
//	sy = (Y*Stride ± ky + YOff) >> Div,  sx likewise        - with Flip
//
// which is all zero when it lies outside 0..IH-1, 0..IW-1 or when the shift would drop a 1. Its block is found at
// Src + image*NStep + (sy*IW + sx)*SStep, modulo 2^32.
type Window struct {
	Taps       uint8  `bits:"7"` // blocks of a pixel; 0: no window, the stream's b is a sample
	Chan       uint8  `bits:"7"` // elements of a tap: element e of tap t (from 0) is element t*Chan + e of the stream
	KW         uint8  `bits:"8"` // taps follow each other along kx to KW, then along ky
	KY, KX     uint8  `bits:"8"` // first tap
	OH, OW     uint16 `bits:"16"`
	IH, IW     uint16 `bits:"16"`
	Y, X       uint16 `bits:"16"`
	Stride     uint8  `bits:"4"`
	Div        uint8  `bits:"2"`
	Flip       bool   `bits:"1"`
	YOff, XOff int16  `bits:"16"`
	NStep      uint32 `bits:"32"`
}

// StreamReq asks OMEM for the non-zeros of one 64-element block of NB samples, or of a window's taps at NB pixels. OMEM
// holds two requests.
type StreamReq struct {
	Valid bool         `bits:"1" clk:""`
	Kind  StreamKind   `bits:"2" valid:"Valid"`
	Src   uint32       `bits:"32" valid:"Valid"` // pointer index or word address of sample 0, or of source pixel 0, 0 of image 0
	SStep uint32       `bits:"32" valid:"Valid"` // from sample to sample, or from source pixel to source pixel
	NB    uint8        `bits:"8" valid:"Valid"`  // 1..32 << Split; StreamGrad: 1..32
	Rows  uint8        `bits:"7" valid:"Valid"`  // elements of the block; with a window Taps * Chan
	Split uint8        `bits:"2" valid:"Valid"`  // log2 of the number of streams; sample b is on stream b mod 2^Split
	Win   Window       `valid:"Valid"`
	Tag   activity.Tag `sim:"bookkeeping"`
	PC    uint32       `sim:"bookkeeping"`
}

// XItem is one non-zero on its way to the MACs, or the end of a stream (or, in StreamGrad, of 32 elements).
type XItem struct {
	Valid  bool  `bits:"1" clk:""`
	EOS    bool  `bits:"1" valid:"Valid"`
	X      int16 `bits:"16" valid:"Valid"`
	Elem   uint8 `bits:"6" valid:"Valid"` // element within the block, 0..63
	Sample uint8 `bits:"7" valid:"Valid"` // 0..127
}

// NumStreams is the number of x streams: one a core.
const NumStreams = 4

// EncReq brings one group of 16 lanes to an RLC encoder. Groups of a block come in order; Last completes the block.
type EncReq struct {
	Valid bool         `bits:"1" clk:""`
	Last  bool         `bits:"1" valid:"Valid"`  // the block ends with this group
	New   bool         `bits:"1" valid:"Valid"`  // restart the allocation at Alloc before this block (with the block's first group)
	Group uint8        `bits:"2" valid:"Valid"`  // place in the block, 0..3
	Ptr   uint32       `bits:"32" valid:"Valid"` // pointer index of the block
	Alloc uint32       `bits:"32" valid:"Valid"` // with New: first word of the region
	Limit uint32       `bits:"32" valid:"Valid"` // first word behind the region
	Tag   activity.Tag `sim:"bookkeeping"`
	PC    uint32       `sim:"bookkeeping"`
	Data  Group        `bits:"16" valid:"Valid"`
}

// EPort numbers the encoders.
type EPort uint8

// The encoders.
const (
	EPortDrain EPort = iota
	EPortDMA
	NumEPorts
)

// TileWrite writes 16 lanes of a WMEM row, 2^Split times across the lanes; Full tells with the last write that the
// buffer is complete.
type TileWrite struct {
	Valid bool         `bits:"1" clk:""`
	Full  bool         `bits:"1" valid:"Valid"`
	Buf   uint8        `bits:"1" valid:"Valid"`
	Row   uint8        `bits:"6" valid:"Valid"`
	Group uint8        `bits:"group" valid:"Valid"`
	Split uint8        `bits:"2" valid:"Valid"`
	Tag   activity.Tag `sim:"bookkeeping"`
	Data  Group        `bits:"16" valid:"Valid"`
}

// UpdWrite writes 16 updated weights from the momentum unit to a half of WMEM buffer 1: Buf is the half, Row counts from its
// first row.
type UpdWrite struct {
	TileWrite
	PC uint32 `sim:"bookkeeping"`
}

// BiasWrite brings one burst (8 biases) to the bias buffer.
type BiasWrite struct {
	Valid bool         `bits:"1" clk:""`
	Buf   uint8        `bits:"1" valid:"Valid"`
	Index uint16       `bits:"lane" valid:"Valid"` // of the first bias
	Tag   activity.Tag `sim:"bookkeeping"`
	Data  Burst        `bits:"8" valid:"Valid"`
}

// SignWrite brings one entry to the sign memory of the DEPC; bit i of the entry is bit i%8 of byte i/8.
type SignWrite struct {
	Valid bool         `bits:"1" clk:""`
	Entry uint16       `bits:"16" valid:"Valid"`
	Tag   activity.Tag `sim:"bookkeeping"`
	PC    uint32       `sim:"bookkeeping"`
	Data  Burst        `bits:"8" valid:"Valid"`
}

// ScratchReq is the DMA's access to SEQ's scratch memory: a write of N bytes, or a read of a whole burst.
type ScratchReq struct {
	Valid bool         `bits:"1" clk:""`
	Write bool         `bits:"1" valid:"Valid"`
	Addr  uint32       `bits:"scratch" valid:"Valid"`
	N     uint8        `bits:"6" valid:"Valid"`
	Tag   activity.Tag `sim:"bookkeeping"`
	Data  Burst        `bits:"8" valid:"Valid"` // of a write
}

// ScratchData answers a read.
type ScratchData struct {
	Valid bool  `bits:"1" clk:""`
	Data  Burst `bits:"8" valid:"Valid"`
}
