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

// StreamReq asks OMEM for the non-zeros of one 64-element block of NB samples. OMEM holds two requests.
type StreamReq struct {
	Valid bool
	Kind  StreamKind
	Src   uint32 // pointer index or word address of sample 0
	SStep uint32
	NB    uint8
	Rows  uint8 // elements of the block
	Split uint8 // log2 of the number of streams; sample b is on stream b mod 2^Split
	Tag   activity.Tag
	PC    uint32
}

// XItem is one non-zero on its way to the MACs, or the end of a stream (or, in StreamGrad, of 32 elements).
type XItem struct {
	Valid  bool
	EOS    bool
	X      int16
	Elem   uint8 // element within the block, 0..63
	Sample uint8 // 0..31
}

// NumStreams is the number of x streams: one a core.
const NumStreams = 4

// EncReq brings one group of 16 lanes to an RLC encoder. Groups of a block come in order; Last completes the block.
type EncReq struct {
	Valid bool
	Last  bool   // the block ends with this group
	New   bool   // restart the allocation at Alloc before this block (with the block's first group)
	Group uint8  // place in the block, 0..3
	Ptr   uint32 // pointer index of the block
	Alloc uint32 // with New: first word of the region
	Limit uint32 // first word behind the region
	Tag   activity.Tag
	PC    uint32
	Data  Group
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
	Valid bool
	Full  bool
	Buf   uint8
	Row   uint8
	Group uint8
	Split uint8
	Tag   activity.Tag
	Data  Group
}

// BiasWrite brings one burst (8 biases) to the bias buffer.
type BiasWrite struct {
	Valid bool
	Buf   uint8
	Index uint16 // of the first bias
	Tag   activity.Tag
	Data  Burst
}

// SignWrite brings one entry to the sign memory of the DEPC; bit i of the entry is bit i%8 of byte i/8.
type SignWrite struct {
	Valid bool
	Entry uint16
	Tag   activity.Tag
	PC    uint32
	Data  Burst
}

// ScratchReq is the DMA's access to SEQ's scratch memory: a write of N bytes, or a read of a whole burst.
type ScratchReq struct {
	Valid bool
	Write bool
	Addr  uint32
	N     uint8
	Tag   activity.Tag
	Data  Burst
}

// ScratchData answers a read.
type ScratchData struct {
	Valid bool
	Data  Burst
}
