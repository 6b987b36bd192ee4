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
	channelBits = 320 // NORM: a record without its padding
	sumBits     = 224 // NORMSUM: two sums, a1, a2 and g
	sumPortBits = 128 // of them in an access: the two sums, or a1, a2 and g
	lineBits    = 20  // LINE: a running maximum and its position
)

const (
	landDepth   = 32 // bursts under way or waiting: they cover the latency of external memory
	blockGroups = 4  // groups of 16 channels whose positions share a burst
	noPlace     = 15 // position of a window without a positive value
)

// In is what the unit sees.
type In struct {
	Bus       *port.Bus
	Resp      *port.XResp // ours when Port is port.XPortNorm
	ReadRoom  bool        `bits:"1"` // of port.XPortNorm
	WriteRoom bool        `bits:"1"` // of port.XPortNormW
	WriteIdle bool        `bits:"1"` // every write accepted from port.XPortNormW is in the memory
}

// Out is what the unit drives.
type Out struct {
	Status activity.Status `bits:"3"`
	Done   port.Done       //
	Fault  port.Fault      //
	Stat   uint32          `bits:"32" clk:"stats"` // the status register last asked for
	Read   port.XRead      `clk:"read"`            // to port.XPortNorm
	Write  port.XReq       `clk:"write"`           // to port.XPortNormW
	Asleep bool            `sim:"bookkeeping"`     // nothing moves before an input changes
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

// Line holds a window's values of 16 channels: running maxima and their positions (fwd), or the
// pooled pixel's errors and positions (back).
type Line struct {
	V   port.Group
	Pos [Lanes]uint8
}

// Operands is a register between the landing FIFO and the last stage of the lanes.
type Operands struct {
	Valid bool       `bits:"1" clk:""`
	At    Walk       //
	Data  port.Burst `bits:"8"`
}

// Result is the register between the lanes and external memory.
type Result struct {
	Valid bool       `bits:"1" clk:""`
	Addr  uint32     `bits:"32"`
	Data  port.Burst `bits:"8"`
}

// Seen is what the status registers learn from a step.
type Seen struct {
	Sat uint8  `bits:"5"`  // clips
	Max uint16 `bits:"16"` // largest abs(e)
}

// State is everything that the unit remembers.
type State struct {
	port.Front
	Told   bool                  `sim:"wires"`           // the status registers learn or are read in this cycle
	Stats  [2]uint32             `bits:"32" clk:"stats"` // sat, max
	Seen   Seen                  `clk:"stats"`           // of the last step, not yet in Stats
	Begun  bool                  `bits:"1"`              // the oldest command is good, and Shape is its
	Shape  Shape                 `clk:"shape"`           //
	Ask    Walk                  `clk:"ask"`             // what is requested next
	Use    Walk                  `clk:"use"`             // what goes to the lanes next
	Flight uint8                 `bits:"6"`              // places of Land that are asked for or taken
	Land   [landDepth]port.Burst `bits:"8" each:"1" clk:"land"`
	Head   uint8                 `bits:"5"`                      // oldest burst of Land
	N      uint8                 `bits:"6"`                      // bursts in it
	A      Operands              `clk:"lanes"`                   //
	Stages []Operands            `clk:"-" by:"clock_norm_lanes"` // the last one's step is worked on
	First  uint8                 `sim:"bookkeeping"`             // of Stages, the one behind A: they lie in a ring
	Moving uint8                 `sim:"bookkeeping"`             // ... how many are valid
	B      Result                `clk:"result"`                  //
	H      port.Group            `bits:"16" clk:"errors"`        // of the group whose z comes next (grad)
	Pos    port.Burst            `bits:"8" clk:"positions"`      // of the 64 channels at work
	Chan   uint16                `bits:"12"`                     // channel at work (fin, grad, update)
	Step   uint16                `bits:"10"`                     // its step
	Divide [2]Divider            `each:"1" clk:"divide"`         //
	Mean   int32                 `bits:"32" clk:"channel"`       // of the channel at work
	Var    int64                 `bits:"48" clk:"channel"`       // its variance
	Retire bool                  `bits:"1"`                      // the oldest command has sent all writes
	Settle bool                  `bits:"1"`                      // WriteIdle does not tell of the last
	Norm   []Channel             `mem:"NORM"`
	Sums   []Sum                 `mem:"NORMSUM"`
	Lines  []Line                `mem:"LINE"`
}

// Unit is the normalisation and pooling unit.
type Unit struct {
	State
	slower  int // cycles for what takes one at 200 MHz
	limits  *port.Limits
	clocked map[activity.Event]activity.Registers
	act     *activity.Counts
}

// levels is the number of gate levels, without a register, that a cycle has for the sequencer.
const levels = 90

// Slower is the number of cycles that the sequencer takes for what takes one at 200 MHz.
func Slower(c *machine.Config) int {
	have := c.Levels() - machine.MarginLevels
	return max(1, (levels+have-1)/have)
}

// New returns a unit of machine c.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{limits: port.NewLimits(isa.UnitNorm, c), act: act}
	n := c.Norm.Channels
	if n == 0 { // not built
		return u
	}
	u.Norm, u.Sums, u.Lines = make([]Channel, n), make([]Sum, n), make([]Line, n/Lanes)
	stages := c.NormStages()
	u.Stages = make([]Operands, len(stages))
	u.slower = Slower(c)
	u.clocked = port.Clocked(activity.Norm, nil, &u.State, Out{})
	place := port.RegBits(activity.Norm, nil, struct{ Walk }{})
	lanes := u.clocked[activity.ClockNormLanes]
	for _, n := range stages {
		lanes.Bits += 1 + place + n
	}
	u.clocked[activity.ClockNormLanes] = lanes
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked; nil if the
// unit is not built.
func (u *Unit) Clocked() map[activity.Event]activity.Registers { return u.clocked }

// Memories are the shapes of the unit's memories: a record has a macro of 256 bits for each half of
// a field of 16 channels, so that a step reads up to ten of them.
func Memories(c *machine.Config) map[activity.Memory]activity.MemoryShape {
	n := c.Norm.Channels
	shape := func(macros, bits, width int) activity.MemoryShape {
		if n == 0 {
			return activity.MemoryShape{Unit: activity.Norm}
		}
		return activity.MemoryShape{
			Macros: macros, Bytes: (n*bits/macros + 7) / 8, WidthBit: width, Unit: activity.Norm,
		}
	}
	return map[activity.Memory]activity.MemoryShape{
		activity.MemNorm:    shape(channelBits/16, channelBits, 256),
		activity.MemNormSum: shape(1, sumBits, Lanes*sumPortBits),
		activity.MemLine:    shape(1, lineBits, Lanes*lineBits),
	}
}

// count adds n events under a command's tag.
func (u *Unit) count(c *port.Cmd, e activity.Event, n int) { u.act.Rows[c.Tag][e] += uint64(n) }
