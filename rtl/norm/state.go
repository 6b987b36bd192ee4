package norm

import (
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Lanes is the number of lanes of the unit: a burst of int16.
const Lanes = 16

// Bits that the memories hold for a channel.
const (
	ChannelBits = 320 // NORM: a record without its padding
	SumBits     = 224 // NORMSUM: two sums, a1, a2 and g
	SumPortBits = 128 // of them in an access: the two sums, or a1, a2 and g
	LineBits    = 20  // LINE: a running maximum and its position
)

const (
	maxChannels = 2048
	landDepth   = 32 // bursts under way or waiting: they cover the latency of external memory
	blockGroups = 4  // groups of 16 channels whose positions share a burst
	noPlace     = 15 // position of a window without a positive value
)

// In is what the unit sees.
type In struct {
	Bus       *port.Bus
	Resp      *port.XResp // ours when Port is port.XPortNorm
	ReadRoom  bool        // of port.XPortNorm
	WriteRoom bool        // of port.XPortNormW
	WriteIdle bool        // every write accepted from port.XPortNormW is in the memory
}

// Out is what the unit drives.
type Out struct {
	Status activity.Status
	Done   port.Done
	Fault  port.Fault
	Stat   uint32    // the status register last asked for
	Read   port.XReq // to port.XPortNorm
	Write  port.XReq // to port.XPortNormW
}

// Channel is the record of a channel, docs/arithmetic.md section 8.
type Channel struct {
	Gamma int32 // scale, 20 fraction bits
	Beta  int32 // shift, 26 fraction bits
	VG    int32 // velocity of the scale, int24
	VB    int32 // velocity of the shift, int24
	RM    int32 // running mean, F+8 fraction bits
	M     int32 // mean of the last batch
	R     uint32
	Sh    int32 // 1/sqrt(X) = R * 2^(Sh/2 - 32)
	RV    int64 // running variance, 2F+16 fraction bits
}

// Sum holds what the unit sums for a channel, and what norm.grad makes of it.
type Sum struct {
	S1, S2    int64 // of z and z*z (stat), or T1 and T2, of h and h*xhat (back)
	A1, A2, G int32 // of norm.grad
}

// Line holds a window's values of 16 channels: running maxima and their positions (fwd), or the pooled pixel's errors and
// positions (back).
type Line struct {
	V   port.Group
	Pos [Lanes]uint8
}

// Operands is the register between the landing FIFO and the lanes.
type Operands struct {
	Valid bool       `bits:"1"`
	At    Walk       //
	Data  port.Burst `bits:"8"`
}

// Result is the register between the lanes and external memory.
type Result struct {
	Valid bool       `bits:"1"`
	Addr  uint32     `bits:"32"`
	Data  port.Burst `bits:"8"`
}

// State is everything that the unit remembers.
type State struct {
	port.Front
	Stats  [2]uint32             `bits:"32"`   // sat, max
	Begun  bool                  `bits:"1"`    // the oldest command is good, and Shape is its
	Shape  Shape                 `sim:"gated"` // written once a command
	Ask    Walk                  // what is requested next
	Use    Walk                  // what goes to the lanes next
	Flight uint8                 `bits:"6"`    // places of Land that are asked for or taken
	Land   [landDepth]port.Burst `sim:"gated"` // landing FIFO
	Head   uint8                 `bits:"5"`    // its oldest burst
	N      uint8                 `bits:"6"`    // bursts in it
	A      Operands              //
	B      Result                //
	H      port.Group            `bits:"16"` // errors of the group whose z comes next (grad)
	Pos    port.Burst            `bits:"8"`  // positions of the 64 channels at work
	Chan   uint16                `bits:"12"` // channel at work (fin, grad, update)
	Step   uint8                 `bits:"7"`  // its step
	Retire bool                  `bits:"1"`  // the oldest command has done its work and sent its writes
	Settle bool                  `bits:"1"`  // WriteIdle does not know of the last one yet
	Norm   []Channel             `mem:"NORM"`
	Sums   []Sum                 `mem:"NORMSUM"`
	Lines  []Line                `mem:"LINE"`
}

// Unit is the normalisation and pooling unit.
type Unit struct {
	State
	limits *port.Limits
	act    *activity.Counts
}

// New returns a unit of machine m. It panics on a config that does not validate.
func New(c *machine.Config, act *activity.Counts) *Unit {
	cfg := &c.Norm
	u := &Unit{limits: port.NewLimits(isa.UnitNorm, c), act: act}
	u.Norm, u.Sums, u.Lines = make([]Channel, cfg.Channels), make([]Sum, cfg.Channels), make([]Line, cfg.Channels/Lanes)
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveNorm: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits is the number of clocked register bits; none if the unit is not built.
func (u *Unit) RegBits() int {
	if len(u.Norm) == 0 {
		return 0
	}
	return port.RegBits(activity.Norm, nil, &u.State)
}

// count adds n events under a command's tag.
func (u *Unit) count(c *port.Cmd, e activity.Event, n int) { u.act.Rows[c.Tag][e] += uint64(n) }
