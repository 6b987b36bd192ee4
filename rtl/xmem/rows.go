package xmem

import (
	"math/bits"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// openRows sends at most one activate and one precharge command, for the heads of the present direction, then for the
// other heads, then for the row looked ahead.
func (u *Unit) openRows() {
	s := &u.State
	// The heads that miss: of the present direction as bits 0 to 15 at their ports, the others from bit 16 on.
	missed := s.Ports &^ s.Hits
	side := missed & u.side()
	ports := uint32(side) | uint32(missed^side)<<16
	mayAct := s.Now >= s.ActOK && s.Now >= s.ActTimes[s.ActSlot]
	mayPre := true
	for ; ports != 0; ports &= ports - 1 {
		e := u.head(ports)
		b := &s.Banks[e.Bank]
		switch {
		case !b.Open:
			if mayAct && s.Now >= b.Act {
				u.activate(b, e.Row, e.Tag)
				mayAct = false
			}
		case b.Row != e.Row:
			if mayPre && s.Now >= b.Pre && !u.needed(e.Bank, false) {
				u.precharge(b)
				mayPre = false
			}
		}
	}
	if s.Ahead.Valid {
		u.lookAhead(mayAct, mayPre)
	}
}

// head is the oldest request of the port that the lowest bit of a set names, modulo 16.
func (u *Unit) head(ports uint32) *Entry {
	q := &u.Q[bits.TrailingZeros32(ports)&15]
	return &q.E[q.Head&(maxDepth-1)]
}

// lookAhead prepares the row that a young request will need, unless a head still uses its bank.
func (u *Unit) lookAhead(mayAct, mayPre bool) {
	s := &u.State
	b := &s.Banks[s.Ahead.Bank]
	switch {
	case b.Open && b.Row == s.Ahead.Row:
		s.Ahead.Valid = false
	case b.Open:
		if mayPre && s.Now >= b.Pre && !u.needed(s.Ahead.Bank, true) {
			u.precharge(b)
		}
	case mayAct && s.Now >= b.Act:
		u.activate(b, s.Ahead.Row, s.Ahead.Tag)
		s.Ahead.Valid = false
	}
}

// needed reports whether a head of the present direction (or of both) hits the open row of a bank.
func (u *Unit) needed(bank uint8, both bool) bool {
	s := &u.State
	ports := s.Ports
	if !both {
		ports &= u.side()
	}
	for ports := uint32(ports); ports != 0; ports &= ports - 1 {
		if e := u.head(ports); e.Bank == bank && e.Row == s.Banks[bank].Row {
			return true
		}
	}
	return false
}

func (u *Unit) activate(b *Bank, row uint32, tag activity.Tag) {
	s := &u.State
	b.Open, b.Row = true, row
	b.Col = s.Now + uint64(u.t.TRCD)
	b.Pre = s.Now + uint64(u.t.TRAS)
	s.ActOK = s.Now + uint64(u.t.TRRD)
	s.ActTimes[s.ActSlot] = s.Now + uint64(u.t.TFAW)
	s.ActSlot = (s.ActSlot + 1) % 4
	u.act.Rows[tag][activity.XActivate]++
	u.act.Rows[tag][clockBank]++
	u.lookAll()
}

func (u *Unit) precharge(b *Bank) {
	b.Open = false
	b.Act = u.Now + uint64(u.t.TRP)
	u.lookAll()
}

// look notes whether the head of a port's FIFO, which has one, finds its row open.
func (u *Unit) look(p port.XPort, q *FIFO) {
	s := &u.State
	e := &q.E[q.Head&(maxDepth-1)]
	bit := uint16(1) << (p & 15)
	if b := &s.Banks[e.Bank]; b.Open && b.Row == e.Row {
		s.Hits |= bit
	} else {
		s.Hits &^= bit
	}
}

// lookAll looks at all heads, when a row was opened or closed.
func (u *Unit) lookAll() {
	for ports := u.Ports; ports != 0; ports &= ports - 1 {
		p := bits.TrailingZeros16(ports)
		u.look(port.XPort(p), &u.Q[p])
	}
}

// refresh waits until every bank may be closed (no burst moves meanwhile), closes all and refreshes. It
// reports whether it does.
func (u *Unit) refresh() bool {
	s := &u.State
	open := false
	for i := range s.Banks {
		b := &s.Banks[i]
		if b.Open && s.Now < b.Pre || !b.Open && s.Now < b.Act {
			return false
		}
		open = open || b.Open
	}
	ready := s.Now + uint64(u.t.TRFC)
	if open {
		ready += uint64(u.t.TRPab)
	}
	for i := range s.Banks {
		s.Banks[i].Open = false
		s.Banks[i].Act = ready
	}
	s.RefreshAt += uint64(u.t.TREFI)
	s.Hits = 0
	u.act.Rows[0][activity.XRefresh]++
	return true
}
