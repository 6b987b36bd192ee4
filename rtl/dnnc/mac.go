package dnnc

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/dnnc/lanes"
	"bdfasim/rtl/port"
)

// stream takes one operand of each stream: a MAC on the row that is in the registers, or a swap of
// that row.
func (u *Unit) stream() bool {
	s, k := &u.State, &u.cur
	if k.grad {
		return u.streamGrad()
	}
	worked := false
	for i := range s.FIFO[:k.streams] {
		f := &s.FIFO[i]
		if f.N == 0 || s.Ended>>i&1 == 1 {
			continue
		}
		worked = true
		x := s.first(i)
		arow := x.Sample >> k.shift
		switch {
		case x.EOS:
			s.Ended |= 1 << i
			k.row[activity.ClockDNNCOperand]++
		case arow == s.Row[i]: // mac, without a call
			if s.NPairs[i] == maxPairs {
				u.flush(i)
			}
			s.putOff(i, lanes.Pair{X: x.X, Row: k.base + uint16(x.Elem)})
		default:
			u.swap(i, arow)
			continue
		}
		f.pop()
	}
	if s.Ended != 0 && bits.OnesCount8(s.Ended) == k.streams {
		if k.last {
			u.handBank(false)
			s.Open = false
		}
		u.finish()
	}
	return worked
}

// product does what stream does in the common case, if it is one: one stream, a product on the row at hand.
func (u *Unit) product() bool {
	s, k := &u.State, &u.cur
	f := &s.FIFO[0]
	if !k.plain || !s.Begun || s.Opening || f.N == 0 {
		return false
	}
	x := s.first(0)
	if x.EOS || x.Sample != s.Row[0] {
		return false
	}
	if s.NPairs[0] == maxPairs {
		u.flush(0)
	}
	s.putOff(0, lanes.Pair{X: x.X, Row: k.base + uint16(x.Elem)})
	f.pop()
	k.row[activity.ClockDNNCWork]++
	return true
}

// streamGrad takes one operand of a gradient block. A block of more than 32 elements ends twice.
func (u *Unit) streamGrad() bool {
	s := &u.State
	f := &s.FIFO[0]
	if f.N == 0 {
		return false
	}
	x := s.first(0)
	arow := x.Elem % AccRows
	switch {
	case x.EOS:
		u.endGrad()
	case arow == s.Row[0]:
		u.mac(0, lanes.Pair{X: x.X, Row: uint16(x.Sample)})
	default:
		u.swap(0, arow)
		return true
	}
	f.pop()
	return true
}

// endGrad closes a gradient block or the first half of one.
func (u *Unit) endGrad() {
	s, k := &u.State, &u.cur
	k.row[activity.ClockDNNCOperand]++
	if k.last {
		u.handBank(true)
	}
	if k.halves {
		if u.endHalf(); s.Half == 1 {
			return
		}
	}
	if k.last {
		u.closed()
	}
	u.finish()
}

// ones adds one row of WMEM a cycle to accumulator row 0: the sum of the errors over the samples.
func (u *Unit) ones() {
	s, k := &u.State, &u.cur
	switch {
	case s.Row[0] != 0:
		u.swap(0, 0)
	case uint32(s.Ones) < k.c.P[isa.DNNCNB]:
		u.mac(0, lanes.Pair{X: 1, Row: uint16(s.Ones)})
		s.Ones++
	default:
		s.Ones = 0
		k.row[activity.ClockDNNCOperand]++
		if k.last {
			u.handBank(true)
			u.closed()
		}
		u.finish()
	}
}

// swap brings another accumulator row into the registers; a row that nothing was added to yet
// starts at zero.
func (u *Unit) swap(i int, arow uint8) {
	s, k := &u.State, &u.cur
	u.flush(i)
	if s.Row[i] != noRow {
		k.row[activity.AccWrite] += uint64(k.groups)
	}
	s.Row[i] = arow
	k.row[activity.ClockDNNCOperand]++
	touched := &s.Touched[int(s.Bank)*port.NumStreams+i]
	if *touched>>arow&1 == 1 {
		k.row[activity.AccRead] += uint64(k.groups)
		return
	}
	*touched |= 1 << arow
	k.row[activity.ClockDNNCTouched]++
	clear(u.row(s.Bank, arow, i*k.width, k.width))
}

// mac multiplies one operand with a weight row in all active lanes of a stream. The work, and its
// events, are put off until somebody can see them.
func (u *Unit) mac(i int, p lanes.Pair) {
	if u.NPairs[i] == maxPairs {
		u.flush(i)
	}
	u.putOff(i, p)
}

// putOff notes an operand; there is a place for it.
func (s *State) putOff(i int, p lanes.Pair) {
	n := s.NPairs[i]
	s.Pairs[i][n%maxPairs] = p
	s.NPairs[i] = n + 1
}

// flush applies the operands that were put off for one stream.
func (u *Unit) flush(i int) {
	s, k := &u.State, &u.cur
	n := int(s.NPairs[i])
	if n == 0 {
		return
	}
	if u.toggles != nil {
		u.applyCounted(i, s.Pairs[i][:n])
	} else {
		acc := u.row(s.Bank, s.Row[i], i*k.width, group*k.groups)
		lanes.Accumulate(acc, k.w[i*k.width:], u.lanes, s.Pairs[i][:n])
	}
	k.row[activity.MAC] += uint64(16 * k.groups * n)
	k.row[activity.WMEMRead] += uint64(k.groups * n)
	k.row[activity.ClockDNNCOperand] += uint64(n)
	if u.products {
		k.row[activity.ClockDNNCProduct] += uint64(group * k.groups * n)
	}
	s.NPairs[i] = 0
}

// Flush applies all operands that were put off, so that accumulators and event counts are what the
// chip's would be.
func (u *Unit) Flush() {
	for i := range u.NPairs {
		u.flush(i)
	}
}
