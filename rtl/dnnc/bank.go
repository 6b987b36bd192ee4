package dnnc

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// begin starts the oldest command when its stream was asked for and its weights are there. It returns what the command
// waits for, Idle for a fault, or Busy.
func (u *Unit) begin() activity.Status {
	s := &u.State
	c := s.Queue.At(0)
	if s.Asked == 0 {
		return activity.WaitOperand
	}
	buf := c.Flags & isa.FlagB1
	if c.Op == isa.OpDNNCMac && c.Is(isa.FlagUpd) {
		buf += 2
	}
	if !s.Buffers[buf].Full {
		return activity.WaitWeight
	}
	kind := kindOf(c)
	if u.fused() && s.Open && s.Kind == accMac && (kind == accGrad || kind == accOnes) && c.Is(isa.FlagFirst) && c.Is(isa.FlagLast) {
		u.setAside()
	}
	if c.Is(isa.FlagFirst) == s.Open || s.Open && kind != s.Kind {
		s.Fault.Raise(port.FaultBank, c.PC, uint64(c.Flags))
		return activity.Idle
	}
	if split := c.P[isa.DNNCSplit]; s.Open && split != uint32(s.Split) {
		s.Fault.BadParam(c, isa.DNNCSplit)
		return activity.Idle
	}
	if c.Op == isa.OpDNNCOnes && !u.limits.Check(c, nil, &s.Fault) {
		return activity.Idle
	}
	s.Begun = true
	s.Opening, s.Open, s.Kind, s.Split = !s.Open, true, kind, uint8(c.P[isa.DNNCSplit])
	u.lay()
	return activity.Busy
}

// setAside leaves the open forward sums, with their bank, to a gradient or a sum of errors.
func (u *Unit) setAside() {
	s := &u.State
	u.writeRows() // in the cycle of the first swap, which reads from another bank
	s.Outer = outer{Open: true, Bank: s.Bank, Split: s.Split}
	s.Open = false
}

// closed ends an accumulation and takes up the one that it was begun inside of.
func (u *Unit) closed() {
	s := &u.State
	if s.Open = s.Outer.Open; s.Open {
		s.Kind, s.Split, s.Outer.Open = accMac, s.Outer.Split, false
		u.toBank(s.Outer.Bank)
	}
}

// openBank takes a free bank, not the one that was used last.
func (u *Unit) openBank() bool {
	s := &u.State
	banks := uint8(len(s.Banks))
	for k := uint8(1); k < banks; k++ {
		next := (s.Bank + k) % banks
		b := &s.Banks[next]
		if b.Handed {
			continue
		}
		s.Opening = false
		b.Touched = [port.NumStreams]uint32{}
		s.Halves[s.Half] = next
		u.toBank(next)
		return true
	}
	return false
}

// toBank goes on with a bank, with nothing in the row registers.
func (u *Unit) toBank(bank uint8) {
	u.Bank = bank
	for i := range u.Row {
		u.Row[i] = noRow
	}
}

// writeRows writes the rows in the registers to the bank.
func (u *Unit) writeRows() {
	s, k := &u.State, &u.cur
	u.Flush()
	for i := 0; i < k.streams; i++ {
		if s.Row[i] != noRow {
			k.row[activity.AccWrite] += uint64(k.groups)
		}
	}
}

// handBank gives the bank to the drain or the momentum unit. Rows that no operand met are zero.
func (u *Unit) handBank(toMom bool) {
	s, k := &u.State, &u.cur
	u.writeRows()
	b := &s.Banks[s.Bank]
	for i := range k.streams {
		for r := range uint8(AccRows) {
			if b.Touched[i]>>r&1 == 0 {
				clear(u.row(s.Bank, r, i*k.width, k.width))
			}
		}
	}
	s.Line[s.Lined] = s.Bank
	s.Lined++
	b.Handed, b.ToMom, s.Moved = true, toMom, true
}

// endHalf leaves the bank of one half of a gradient block. The other half's is opened when it is first reached.
func (u *Unit) endHalf() {
	s, k := &u.State, &u.cur
	if !k.last {
		u.writeRows()
	}
	s.Half ^= 1
	if s.Half == 1 && k.c.Is(isa.FlagFirst) {
		s.Opening = true
	} else if s.Half == 1 || !k.last {
		u.toBank(s.Halves[s.Half])
	}
}

// finish ends the oldest command and, with flag free, releases the weight buffer.
func (u *Unit) finish(out *Out) {
	s, k := &u.State, &u.cur
	u.Flush()
	if k.c.Is(isa.FlagFree) {
		b := &s.Buffers[k.buf]
		b.Full, b.Part = false, false
		b.Freed++
		s.Moved = true
	}
	out.Done = port.Done{Valid: true, Inst: k.c.Inst}
	s.Queue.Pop()
	s.Asked--
	s.Ended, s.Begun = 0, false
}
