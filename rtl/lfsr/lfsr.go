package lfsr

import (
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// LeapBits is the number of bits made in a cycle.
const LeapBits = 8

// RegWords is the number of 64-bit words of a fill.
const RegWords = 4

// In is what the generator sees; doc.go says when it is valid.
type In struct {
	Start  bool
	Seed   uint32
	Passes uint16
	Bits   uint16
	Last   uint16
	Fills  uint32
	Tag    activity.Tag
	Take   bool
}

// Out is what the generator shows.
type Out struct {
	Full   bool
	Reg    [RegWords]uint64
	Status activity.Status
}

// State is every register of the generator but Out's, which repeat Full and Reg.
type State struct {
	S    uint32           `bits:"32"` // the LFSR
	Fill [RegWords]uint64 `bits:"64"` // the fill being made
	Pos  uint16           `bits:"9"`  // its bits so far
	Pass uint8            `bits:"8"`  // its place in the group
	End  uint8            `bits:"8"`  // that of the group's last fill
	Reg  [RegWords]uint64 `bits:"64"` // the fill on offer
	Full bool             `bits:"1"`
	Bits uint16           `bits:"9"`
	Last uint16           `bits:"9"`
	Left uint32           `bits:"32"` // fills not yet moved to Reg
	Tag  activity.Tag     `bits:"8"`
}

// Unit is the generator.
type Unit struct {
	State
	act     *activity.Counts
	regBits int
}

// New returns a stopped generator that counts in act.
func New(c *machine.Config, act *activity.Counts) *Unit {
	u := &Unit{act: act}
	if c.DEPC.Classes > 0 { // else there is no DEPC to take signs
		u.regBits = port.RegBits(activity.LFSR, nil, State{})
	}
	return u
}

// Clocked is the number of register bits by the event that counts when they are clocked.
func (u *Unit) Clocked() map[activity.Event]activity.Registers {
	return map[activity.Event]activity.Registers{activity.ActiveLFSR: {Bits: u.RegBits(), Copies: 1}}
}

// RegBits returns the number of clocked register bits.
func (u *Unit) RegBits() int { return u.regBits }

// Tick is one clock cycle.
func (u *Unit) Tick(in *In, out *Out) {
	out.Status = activity.Idle
	switch {
	case in.Start:
		u.State = State{S: in.Seed, End: uint8(in.Passes - 1), Bits: in.Bits, Last: in.Last, Left: in.Fills, Tag: in.Tag}
		out.Status = activity.Busy
		u.act.Rows[u.Tag][activity.ActiveLFSR]++
	case u.Left > 0 || in.Take:
		out.Status = u.work(in.Take)
		if out.Status == activity.Busy {
			u.act.Rows[u.Tag][activity.ActiveLFSR]++
			out.Reg = u.Reg
		}
	}
	out.Full = u.Full
}

// work frees Reg when it was taken, makes the next bits and moves a complete fill.
func (u *Unit) work(take bool) activity.Status {
	status := activity.WaitDrain
	if take {
		u.Full = false
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
		u.Fill[u.Pos>>6&(RegWords-1)] |= uint64(u.S&(1<<LeapBits-1)) << (u.Pos & 63)
		u.Pos += LeapBits
		u.S = leap(u.S)
		u.act.Rows[u.Tag][activity.LFSRStep]++
		status = activity.Busy
	}
	if u.Pos >= size && !u.Full {
		u.moveFill()
		status = activity.Busy
	}
	return status
}

// moveFill offers the complete fill and prepares the next.
func (u *Unit) moveFill() {
	u.Reg, u.Full = u.Fill, true
	u.Fill, u.Pos = [RegWords]uint64{}, 0
	u.Left--
	if u.Pass == u.End {
		u.Pass = 0
	} else {
		u.Pass++
	}
}

// leap advances the LFSR by LeapBits steps at once; doc.go derives it. The bits that come out are the low LeapBits of s.
func leap(s uint32) uint32 {
	a := (s ^ s>>10 ^ s>>30 ^ s>>31) & (1<<LeapBits - 1)
	fb := a ^ a<<1 ^ a<<3 ^ a<<4 ^ a<<6 ^ a<<7
	return s>>LeapBits | fb<<(32-LeapBits)
}
