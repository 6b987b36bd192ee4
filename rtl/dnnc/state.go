package dnnc

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/dnnc/lanes"
	"bdfasim/rtl/port"
)

// Sizes that no machine changes.
const (
	AccRows  = 32 // of an accumulator bank
	WRows    = 64 // of a weight buffer
	fifoSize = 8
	group    = lanes.Step
)

// maxPairs is how many MACs of one row are put off before they are applied; integer addition makes that exact.
const maxPairs = 64

// noRow marks a stream without an accumulator row in its registers.
const noRow = 0xff

// accKind says what an open accumulation is made of: its commands are all of one kind.
type accKind uint8

const (
	accMac accKind = iota
	accGrad
	accHalves // gradients with a bank for each half
	accOnes
)

// kindOf is the kind of accumulation that a command takes part in.
func kindOf(c *port.Cmd) accKind {
	switch {
	case c.Op == isa.OpDNNCMac:
		return accMac
	case c.Op == isa.OpDNNCOnes:
		return accOnes
	case c.P[isa.DNNCRows] > AccRows:
		return accHalves
	}
	return accGrad
}

// fifo says where the non-zeros of one stream stand in Items.
type fifo struct {
	Head uint8 `bits:"3"`
	N    uint8 `bits:"4"`
}

// item is a non-zero operand, or the end of a stream.
type item struct {
	EOS    bool  `bits:"1"`
	X      int16 `bits:"16"`
	Elem   uint8 `bits:"6"`
	Sample uint8 `bits:"7"`
}

// bank is what the array knows of a bank of accumulators.
type bank struct {
	Handed  bool                    `bits:"1"` // it is at the drain or the momentum unit
	ToMom   bool                    `bits:"1"`
	Touched [port.NumStreams]uint32 `bits:"32"` // rows that hold something, while it is open
}

// buffer is what the array knows of a weight buffer.
type buffer struct {
	Full  bool  `bits:"1"`
	Part  bool  `bits:"1"` // something was written since it was released
	Freed uint8 `bits:"8"` // how often it was released
}

// maxBuffers is the number of weight buffers: two that the loader fills, and in a chip for fused schedules the halves of
// the second for updated weights.
const maxBuffers = 4

// outer is an accumulation of dnnc.mac that waits while a gradient has the array.
type outer struct {
	Open  bool  `bits:"1"`
	Bank  uint8 `bits:"bank"`
	Split uint8 `bits:"2"`
}

// State is everything that the array remembers. The operands put off in Pairs are part of the accumulators' value:
// Flush applies them.
type State struct {
	port.Front
	FIFO    [port.NumStreams]fifo
	Items   [port.NumStreams * fifoSize]item `sim:"gated"`
	Several bool                             `sim:"bookkeeping"` // streams other than the first hold something
	Asked   uint8                            `bits:"3"`          // queued commands whose stream was requested
	Hold    bool                             `bits:"1"`          // a stream request was sent in the last cycle: its effect on StreamRoom is not seen yet
	Begun   bool                             `bits:"1"`          // the oldest command has its weights
	Buffers []buffer
	Banks   []bank
	Line    []uint8                `bits:"bank"`       // banks that are handed over, the one that waits longest first
	Lined   uint8                  `bits:"2"`          // their number
	Moved   bool                   `sim:"bookkeeping"` // a bank or a buffer changed hands in this cycle
	Bank    uint8                  `bits:"bank"`       // bank that accumulates at present
	Halves  [2]uint8               `bits:"bank"`       // banks of the halves of a gradient
	Outer   outer                  // forward sums that a gradient was begun inside of
	Open    bool                   `bits:"1"`          // an accumulation is under way
	Opening bool                   `bits:"1"`          // it needs a bank
	Kind    accKind                `bits:"2"`          // of that accumulation
	Split   uint8                  `bits:"2"`          // of that accumulation
	Half    uint8                  `bits:"1"`          // the half of a block of more than 32 elements that is under way
	Row     [port.NumStreams]uint8 `bits:"6"`          // accumulator row in the registers of a stream's cores
	Ended   uint8                  `bits:"4"`          // streams whose end was seen
	Ones    uint8                  `bits:"6"`          // samples done by dnnc.ones
	UpdPC   uint32                 `sim:"bookkeeping"` // of the command that wrote updated weights last

	WMEM []int16 `mem:"WMEM"` // buffer, row, lane
	Acc  []int64 `mem:"ACC"`  // bank, row, lane

	Pairs  [port.NumStreams][maxPairs]lanes.Pair `sim:"bookkeeping"`
	NPairs [port.NumStreams]uint8                `sim:"bookkeeping"`
}

// In is what the array sees in a cycle.
type In struct {
	Bus        *port.Bus
	X          [port.NumStreams]port.XItem
	StreamRoom bool `bits:"1"`
	Tile       port.TileWrite
	Upd        port.UpdWrite
	FreeDrain  bool `bits:"1"` // the drain releases the head bank
	FreeMom    bool `bits:"1"` // the momentum unit does
}

// Out is what the array drives.
type Out struct {
	Status activity.Status `bits:"3"`
	Done   port.Done
	Fault  port.Fault
	Stream port.StreamReq
	XRoom  [port.NumStreams]bool `bits:"1"`
	WFreed [maxBuffers]uint8     `bits:"8"` // a buffer is empty when it was filled as often as it was released
	Head   port.BankHead
}

// current is what the oldest command says, laid out for the inner loop.
type current struct {
	c       *port.Cmd
	row     *activity.Row
	buf     uint8
	upd     bool    // updated weights
	w       []int16 // the weights
	base    uint16  // the first of their rows
	grad    bool
	last    bool
	halves  bool  // a gradient block of more than 32 elements, which has a bank for each half
	shift   uint8 // log2 of the number of streams
	streams int
	width   int // lanes of a stream
	groups  int // active groups of 16 lanes of a stream
}

// lay lays the oldest command out.
func (u *Unit) lay() {
	c := u.Queue.At(0)
	k := &u.cur
	*k = current{
		c: c, row: &u.act.Rows[c.Tag], buf: uint8(c.Flags & isa.FlagB1), grad: c.Op == isa.OpDNNCGrad,
		last: c.Is(isa.FlagLast), halves: kindOf(c) == accHalves, shift: uint8(c.P[isa.DNNCSplit]),
		upd: c.Op == isa.OpDNNCMac && c.Is(isa.FlagUpd), groups: int(c.P[isa.DNNCGroups]),
	}
	k.streams = 1 << k.shift
	k.width = u.lanes >> k.shift
	wmem := int(k.buf)
	if k.upd {
		wmem, k.base, k.buf = 1, uint16(k.buf)*AccRows, k.buf+2
	}
	k.w = u.WMEM[wmem*WRows*u.lanes:][:WRows*u.lanes]
}
