package dnnc

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
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
	Handed bool `bits:"1"` // it is at the drain or the momentum unit, or on its way there
	ToMom  bool `bits:"1"`
}

// buffer is what the array knows of a weight buffer.
type buffer struct {
	Full bool `bits:"1"`
	Part bool `bits:"1"` // something was written since it was released
}

// maxBuffers is the number of weight buffers: two that the loader fills, and in a chip for fused
// schedules the halves of the second for updated weights.
const maxBuffers = 4

// outer is an accumulation of dnnc.mac that waits while a gradient has the array.
type outer struct {
	Open  bool  `bits:"1"`
	Bank  uint8 `bits:"bank"`
	Split uint8 `bits:"2"`
}

// end follows the last operand of a command, or of a bank, to the accumulators.
type end struct {
	Done bool  `bits:"1"`
	Inst uint8 `bits:"4"` // of the command
	Hand bool  `bits:"1"`
	Bank uint8 `bits:"bank"` // that is handed over
}

// depth is the number of cycles from the FIFO to the register of a sum, less one: a cycle for WMEM,
// one for the product and its sum, or two if products have registers.
func depth(c *machine.Config) int { return 2 + c.ProductRegisters() }

// State is everything that the array remembers. The operands put off in Pairs are part of the
// accumulators' value: Flush applies them.
type State struct {
	port.Front
	FIFO    [port.NumStreams]fifo
	Items   [port.NumStreams * fifoSize]item `each:"1" clk:"item"`
	Several bool                             `sim:"bookkeeping"` // streams but the first have items

	Asked   uint8   `bits:"3"` // queued commands whose stream was requested
	Hold    bool    `bits:"1"` // a request was sent in the last cycle: StreamRoom is out of date
	Begun   bool    `bits:"1"` // the oldest command has its weights
	Open    bool    `bits:"1"` // an accumulation is under way
	Opening bool    `bits:"1"` // it needs a bank
	Kind    accKind `bits:"2"` // of that accumulation
	Split   uint8   `bits:"2"` // of that accumulation
	Outer   outer   // forward sums that a gradient was begun inside of

	Half  uint8                  `bits:"1" clk:"work"` // half of a long gradient block under way
	Ended uint8                  `bits:"4" clk:"work"` // streams whose end was seen
	Ones  uint8                  `bits:"6" clk:"work"` // samples done by dnnc.ones
	Row   [port.NumStreams]uint8 `bits:"6"`            // row in the registers of a stream's cores

	Buffers []buffer
	Freed   []uint8 `bits:"8" each:"1" clk:"freed"` // how often a buffer was released

	Banks   []bank
	Touched []uint32 `bits:"32" each:"1" clk:"touched"` // rows in use, by bank and stream
	Bank    uint8    `bits:"bank"`                      // that accumulates at present
	Halves  [2]uint8 `bits:"bank"`                      // of the halves of a gradient
	Line    []uint8  `bits:"bank"`                      // handed over, the first one longest ago
	Lined   uint8    `bits:"2"`                         // number of those

	Ends   []end // on their way to the accumulators, the youngest first
	Flying uint8 `sim:"bookkeeping"` // cycles until the youngest arrives

	WMEM []int16 `mem:"WMEM"` // buffer, row, lane
	Acc  []int64 `mem:"ACC"`  // bank, row, lane

	UpdPC  uint32                                `sim:"bookkeeping"` // of the last updated weights
	Moved  bool                                  `sim:"bookkeeping"` // a bank or buffer changed hands
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
	Stream port.StreamReq        `clk:"stream"`
	XRoom  [port.NumStreams]bool `bits:"1"`
	WFreed [maxBuffers]uint8     `bits:"8" clk:"-" by:"clock_dnnc_freed"` // filled as often, it is empty
	Head   port.BankHead         `clk:"-" by:"clock_dnnc"`                // State.Line
	Asleep bool                  `sim:"bookkeeping"`                      // nothing moves before an input changes
}

// current is what the oldest command says, laid out for the inner loop.
type current struct {
	c       *port.Cmd
	row     *activity.Row
	buf     uint8
	upd     bool    // updated weights
	w       []int16 // the weights
	base    uint16  // the first of their rows
	plain   bool    // one stream, weights of the loader
	grad    bool
	ones    bool
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
		ones: c.Op == isa.OpDNNCOnes,
		last: c.Is(isa.FlagLast), halves: kindOf(c) == accHalves, shift: uint8(c.P[isa.DNNCSplit]),
		upd: c.Op == isa.OpDNNCMac && c.Is(isa.FlagUpd), groups: int(c.P[isa.DNNCGroups]),
	}
	k.streams = 1 << k.shift
	k.plain = c.Op == isa.OpDNNCMac && !k.upd && k.streams == 1
	k.width = u.lanes >> k.shift
	wmem := int(k.buf)
	if k.upd {
		wmem, k.base, k.buf = 1, uint16(k.buf)*AccRows, k.buf+2
	}
	k.w = u.WMEM[wmem*WRows*u.lanes:][:WRows*u.lanes]
}
