package drain

import (
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

const (
	group      = 16
	blockElems = 64 // the most that a block of a compressed map has
)

// State is everything that the drain remembers.
type State struct {
	port.Front
	Bias   []int32 `mem:"BIAS"` // two buffers of a bias a lane
	BiasAt int     `mem:"BIAS"` // address that the memory has taken

	Running bool   `bits:"1"`
	Read    bool   `bits:"1"` // every group was asked for
	Sent    bool   `bits:"1"` // and has been sent
	Settle  bool   `bits:"1"` // it does not show in the idle wires yet
	Bank    uint8  `bits:"bank"`
	From    reader `clk:"read"`
	Asked   asked  `clk:"read"`
	Sums    sums   `clk:"sums"`
	Pipe    pipe   `clk:"pipe"`
	To      sender `clk:"send"`
	Sat     uint32 `bits:"32" clk:"count"`
	Max     uint32 `bits:"16" clk:"count"`
	Wraps   uint64 `sim:"bookkeeping"` // sums that did not fit AccBits (checking mode)
}

// reader is the next group to ask for.
type reader struct {
	Sample  uint8  `bits:"7"`
	Group   uint8  `bits:"group"`
	Ctr     uint32 `bits:"32"`   // dropout counter of the sample
	Mask    uint32 `bits:"mask"` // words of the group and of the sample
	MaskRow uint32 `bits:"mask"`
}

// place says where in the command a group on its way stands.
type place struct {
	Valid bool  `bits:"1" clk:""`
	N     uint8 `bits:"5"` // lanes that exist
	Last  bool  `bits:"1"` // of its sample
	End   bool  `bits:"1"` // of the command
}

// asked goes with a request.
type asked struct {
	place
	Mix uint32 `bits:"32"` // dropout: what the hash begins with
}

// sums are behind the bias.
type sums struct {
	place
	Sum  port.AccData `bits:"acc"`
	Mix  uint32       `bits:"32"` // dropout: the hash half-way
	Mask uint16       `bits:"16"` // f', all ones without
}

// pipe is behind shift and clip.
type pipe struct {
	place
	Data port.Group `bits:"16"`
	Sat  uint16     `bits:"16"` // lanes that were clipped
	Keep uint16     `bits:"16"` // lanes that dropout leaves
}

// sender is where the next group goes.
type sender struct {
	First   bool   `bits:"1"`  // in the first block
	At      uint8  `bits:"2"`  // place in its block
	Addr    uint32 `bits:"32"` // of the group, or the pointer of its block
	Row     uint32 `bits:"32"` // of the sample
	Mask    uint32 `bits:"mask"`
	MaskRow uint32 `bits:"mask"`
}

// In is what the drain sees in a cycle.
type In struct {
	Bus       *port.Bus
	Head      port.BankHead
	Acc       port.AccData `bits:"acc"` // answers Out.Acc
	Mask      port.MaskData
	Bias      port.BiasWrite
	EncRoom   bool `bits:"1"`
	EncIdle   bool `bits:"1"`
	WriteRoom bool `bits:"1"`
	WriteIdle bool `bits:"1"`
	XRoom     bool `bits:"1"`
	XIdle     bool `bits:"1"`
}

// Out is what the drain drives.
type Out struct {
	Status activity.Status `bits:"3"`
	Done   port.Done
	Fault  port.Fault
	Stat   uint32        `bits:"32" clk:"stat"`
	Free   bool          `bits:"1"` // release the head bank
	Acc    port.AccReq   `clk:"read"`
	Mask   port.MaskReq  `clk:"mask"`
	Enc    port.EncReq   `clk:"enc"`
	Write  port.WriteReq `clk:"write"`
	X      port.XReq     `clk:"x"`           // raw groups with flag x
	Asleep bool          `sim:"bookkeeping"` // nothing moves before a bank, a bias or something on the bus comes
}
