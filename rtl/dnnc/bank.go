package dnnc

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// begin starts the oldest command when its stream was asked for and its weights are there. It
// returns what the command waits for, Idle for a fault, or Busy.
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
	if u.fused() && s.Open && s.Kind == accMac && (kind == accGrad || kind == accOnes) &&
		c.Is(isa.FlagFirst) && c.Is(isa.FlagLast) {
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
	s.Begun, u.clocked = true, true
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
		clear(s.Touched[int(next)*port.NumStreams:][:port.NumStreams])
		u.cur.row[activity.ClockDNNCTouched] += port.NumStreams
		u.clocked = true
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
	touched := s.Touched[int(s.Bank)*port.NumStreams:][:port.NumStreams]
	for i := range k.streams {
		for r := range uint8(AccRows) {
			if touched[i]>>r&1 == 0 {
				clear(u.row(s.Bank, r, i*k.width, k.width))
			}
		}
	}
	s.Banks[s.Bank] = bank{Handed: true, ToMom: toMom}
	s.Ends[0].Hand, s.Ends[0].Bank, s.Flying = true, s.Bank, uint8(len(s.Ends))
}

// arrive moves what follows the operands on: a bank whose last sums are in place is handed over, a
// command retires.
func (u *Unit) arrive(out *Out) {
	s := &u.State
	e := s.Ends[len(s.Ends)-1]
	copy(s.Ends[1:], s.Ends)
	s.Ends[0] = end{}
	s.Flying--
	if e.Hand {
		s.Line[s.Lined] = e.Bank
		s.Lined++
		s.Moved = true
	}
	if e.Done {
		out.Done = port.Done{Valid: true, Inst: e.Inst}
	}
	u.clocked = true
}

// endHalf leaves the bank of one half of a gradient block. The other half's is opened when it is
// first reached.
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
func (u *Unit) finish() {
	s, k := &u.State, &u.cur
	u.Flush()
	if k.c.Is(isa.FlagFree) {
		b := &s.Buffers[k.buf]
		b.Full, b.Part = false, false
		s.Freed[k.buf]++
		k.row[activity.ClockDNNCFreed]++
		s.Moved = true
	}
	s.Ends[0].Done, s.Ends[0].Inst, s.Flying = true, k.c.Inst, uint8(len(s.Ends))
	s.Queue.Pop()
	s.Asked--
	s.Ended, s.Begun = 0, false
}
