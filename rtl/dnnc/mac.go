package dnnc

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/dnnc/lanes"
	"bdfasim/rtl/port"
)

// stream takes one operand of each stream: a MAC on the row that is in the registers, or a swap of that row.
func (u *Unit) stream(c *port.Cmd, buf uint8, out *Out) bool {
	s := &u.s
	grad := c.Op == isa.OpDNNCGrad
	streams := 1 << (c.P[isa.DNNCSplit] & 3)
	worked := false
	for i := 0; i < streams; i++ {
		f := &s.FIFO[i]
		if f.N == 0 || s.Ended>>i&1 == 1 {
			continue
		}
		worked = true
		x := &f.Q[f.Head]
		if x.EOS {
			s.Ended |= 1 << i
		} else {
			arow, wrow := x.Sample, x.Elem
			if grad {
				arow, wrow = x.Elem%AccRows, x.Sample
			}
			if arow != s.Row[i] {
				u.swap(c, i, arow, streams)
				continue
			}
			u.mac(c, i, lanes.Pair{X: x.X, Row: uint16(wrow)}, buf, streams)
		}
		f.Head = (f.Head + 1) % fifoSize
		f.N--
	}
	if bits.OnesCount8(s.Ended) == streams {
		u.endStream(c, buf, grad, out)
	}
	return worked
}

// endStream closes the accumulation of the streams. A gradient block of more than 32 elements ends twice.
func (u *Unit) endStream(c *port.Cmd, buf uint8, grad bool, out *Out) {
	s := &u.s
	if grad {
		u.handBank(c, true)
		s.Ended = 0
		if c.P[isa.DNNCRows] > AccRows && s.Ones == 0 {
			s.Ones = 1 // the first half is out
			return
		}
		s.Ones = 0
	} else if c.Is(isa.FlagLast) {
		u.handBank(c, false)
	}
	u.finish(c, buf, out)
}

// ones adds one row of WMEM a cycle to accumulator row 0: the sum of the errors over the samples.
func (u *Unit) ones(c *port.Cmd, buf uint8, out *Out) bool {
	s := &u.s
	if s.Row[0] != 0 {
		u.swap(c, 0, 0, 1)
		return true
	}
	u.mac(c, 0, lanes.Pair{X: 1, Row: uint16(s.Ones)}, buf, 1)
	if s.Ones++; uint32(s.Ones) == c.P[isa.DNNCNB] {
		s.Ones = 0
		u.handBank(c, true)
		u.finish(c, buf, out)
	}
	return true
}

// swap brings another accumulator row into the registers; a row that nothing was added to yet starts at zero.
func (u *Unit) swap(c *port.Cmd, i int, arow uint8, streams int) {
	s := &u.s
	u.flush(i, uint8(c.Flags&isa.FlagB1), streams, int(c.P[isa.DNNCGroups]))
	row := &u.act.Rows[c.Tag]
	groups := uint64(c.P[isa.DNNCGroups])
	if s.Row[i] != noRow {
		row[activity.AccWrite] += groups
	}
	s.Row[i] = arow
	if s.Touched[i]>>arow&1 == 1 {
		row[activity.AccRead] += groups
		return
	}
	s.Touched[i] |= 1 << arow
	width := Lanes / streams
	clear(u.acc[s.Bank][arow][i*width : (i+1)*width])
}

// mac multiplies one operand with a weight row in all active lanes of a stream.
func (u *Unit) mac(c *port.Cmd, i int, p lanes.Pair, buf uint8, streams int) {
	s := &u.s
	groups := int(c.P[isa.DNNCGroups])
	s.Pairs[i][s.NPairs[i]] = p
	s.NPairs[i]++
	row := &u.act.Rows[c.Tag]
	row[activity.MAC] += uint64(16 * groups)
	row[activity.WMEMRead] += uint64(groups)
	if s.NPairs[i] == maxPairs {
		u.flush(i, buf, streams, groups)
	}
}

// flush applies the operands that were put off for one stream.
func (u *Unit) flush(i int, buf uint8, streams, groups int) {
	s := &u.s
	if n := s.NPairs[i]; n > 0 {
		lanes.Accumulate(&u.acc[s.Bank][s.Row[i]], &s.WMEM[buf], s.Pairs[i][:n], i*(Lanes/streams), 16*groups)
		s.NPairs[i] = 0
	}
}

// Flush applies all operands that were put off, so that the accumulators hold what the chip's would.
func (u *Unit) Flush() {
	c := u.s.Queue.At(0)
	if c == nil {
		return
	}
	streams := 1 << (c.P[isa.DNNCSplit] & 3)
	for i := 0; i < streams; i++ {
		u.flush(i, uint8(c.Flags&isa.FlagB1), streams, int(c.P[isa.DNNCGroups]))
	}
}
