package lfsr

import (
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// RegWords is the number of 64-bit words of a fill.
const RegWords = 4

// In is what the generator sees; doc.go says when it is valid.
type In struct {
	Start  bool         `bits:"1"`
	Seed   uint32       `bits:"32" valid:"Start"`
	Passes uint16       `bits:"9" valid:"Start"`
	Bits   uint16       `bits:"9" valid:"Start"`
	Last   uint16       `bits:"9" valid:"Start"`
	Fills  uint32       `bits:"32" valid:"Start"`
	Tag    activity.Tag `sim:"bookkeeping"`
	Take   bool         `bits:"1"`
}

// Out is what the generator shows: the fill on offer is kept here, and nowhere else.
type Out struct {
	Full   bool             `bits:"1"`
	Reg    [RegWords]uint64 `bits:"64" valid:"Full" clk:"reg"`
	Status activity.Status  `bits:"3"`
}

// State is every register of the generator but Out's.
type State struct {
	S    uint32           `bits:"32"`            // the LFSR
	Fill [RegWords]uint64 `bits:"64" clk:"fill"` // the fill being made
	Pos  uint16           `bits:"9"`             // its bits so far
	Pass uint8            `bits:"8" clk:"reg"`   // its place in the group
	End  uint8            `bits:"8" clk:"begin"` // that of the group's last fill
	Bits uint16           `bits:"9" clk:"begin"`
	Last uint16           `bits:"9" clk:"begin"`
	Left uint32           `bits:"32" clk:"reg"` // fills not yet moved to Reg
	Tag  activity.Tag     `sim:"bookkeeping"`
}

// Groups of registers beside the unit's own.
const (
	clockBegin = activity.ClockLFSR + iota
	clockFill
	clockReg
)

// Unit is the generator.
type Unit struct {
	State
	act     *activity.Counts
	leap    uint16 // bits made in a cycle
	clocked map[activity.Event]activity.Registers
}

// New returns a stopped generator that counts in act. Without a DEPC there is none to take signs, and
// it is not built.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{act: act, leap: uint16(c.LFSR.Bits)}
	if c.DEPC.Classes == 0 {
		return u
	}
	u.clocked = port.Clocked(activity.LFSR, nil, &u.State, Out{})
	// A leap clocks the bits of the fill that it makes, but no fewer than a group has.
	bits := max(c.LFSR.Bits, 8)
	u.clocked[clockFill] = activity.Registers{Bits: bits, Copies: 64 * RegWords / bits}
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers { return u.clocked }

// Tick is one clock cycle.
func (u *Unit) Tick(in *In, out *Out) {
	was := out.Status
	out.Status = activity.Idle
	switch {
	case in.Start:
		u.State = State{
			S: in.Seed, Fill: u.Fill, End: uint8(in.Passes - 1), Bits: in.Bits, Last: in.Last, Left: in.Fills, Tag: in.Tag,
		}
		out.Status, out.Full = activity.Busy, false
		row := &u.act.Rows[u.Tag]
		row[clockBegin]++
		row[clockReg]++
	case u.Left > 0 || in.Take:
		out.Status = u.work(in.Take, out)
	}
	if out.Status == activity.Busy || out.Status != was {
		u.act.Rows[u.Tag][activity.ActiveLFSR]++
	}
}

// work frees Reg when it was taken, makes the next bits and moves a complete fill.
func (u *Unit) work(take bool, out *Out) activity.Status {
	status := activity.WaitDrain
	if take {
		out.Full = false
		status = activity.Busy
	}
	if u.Left == 0 {
		return status
	}
	size := u.Bits
	if u.Pass == u.End {
		size = u.Last
	}
	if u.Pos < size {
		u.make(min(u.leap, size-u.Pos))
		status = activity.Busy
	}
	if u.Pos >= size && !out.Full {
		u.moveFill(out)
		status = activity.Busy
	}
	return status
}

// make makes n bits of the fill.
func (u *Unit) make(n uint16) {
	at := u.Pos & 63
	word := &u.Fill[u.Pos>>6&(RegWords-1)]
	mask := (uint64(1)<<n - 1) << at
	*word = *word&^mask | uint64(u.S)<<at&mask
	u.Pos += n
	u.S = leap(u.S, uint(n))
	row := &u.act.Rows[u.Tag]
	row[activity.LFSRStep]++
	row[clockFill]++
}

// moveFill offers the complete fill and prepares the next.
func (u *Unit) moveFill(out *Out) {
	out.Reg, out.Full = u.Fill, true
	u.act.Rows[u.Tag][clockReg]++
	u.Pos = 0
	u.Left--
	if u.Pass == u.End {
		u.Pass = 0
	} else {
		u.Pass++
	}
}

// leap advances the LFSR by so many steps at once, 4, 8, 16 or 32; doc.go derives it. The bits that
// come out are the low ones of s.
func leap(s uint32, n uint) uint32 {
	if n > 16 {
		s, n = leap(s, 16), 16
	}
	fb := s ^ s>>10 ^ s>>30 ^ s>>31
	fb ^= fb << 1
	fb ^= fb << 3
	fb ^= fb << 6
	fb ^= fb << 12
	return s>>n | fb<<(32-n)
}
