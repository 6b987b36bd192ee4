package dma

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

const (
	groupElems = 16
	lastGroup  = 3 // of a block
)

// pixel is the number of elements that are cut into blocks of their own.
func pixel(c *port.Cmd) uint32 {
	if chans := c.P[isa.DMAChan]; chans > 0 {
		return chans
	}
	return c.P[isa.DMAN]
}

// beginRow starts a row of a map.
func (s *State) beginRow(c *port.Cmd) { s.At, s.Elem, s.Left, s.Block = 0, 0, c.P[isa.DMAN], 0 }

// encode sends one group of up to 16 elements of a pixel, from the oldest burst or across its end.
func (u *Unit) encode(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	if !in.EncRoom {
		out.Status = activity.WaitDrain
		return
	}
	size := min(pixel(c), s.Elem+s.Left) // the last pixel of a row may be shorter
	n := min(groupElems, size-s.Elem)
	bytes := n
	if c.Is(isa.FlagI16) {
		bytes = 2 * n
	}
	end := uint32(s.At) + bytes
	if end > port.BurstBytes && s.N < 2 {
		return // the rest of the group has not come
	}
	group := s.Elem / groupElems % (lastGroup + 1)
	out.Enc = port.EncReq{
		Valid: true, New: c.Is(isa.FlagNew) && s.Use.Row == 0 && s.Block == 0, Group: uint8(group),
		Ptr:  c.P[isa.DMADst] + s.Use.Row*c.P[isa.DMADStep] + s.Block,
		Last: group == lastGroup || s.Elem+n == size, Alloc: c.P[isa.DMAAlloc], Limit: c.P[isa.DMALimit], Tag: c.Tag, PC: c.PC,
	}
	s.gather(c.Is(isa.FlagI16), n, &out.Enc.Data)
	u.count(clockEnc)
	u.count(clockMap)
	if out.Enc.Last {
		s.Block++
	}
	if s.Elem += n; s.Elem == size {
		s.Elem = 0
	}
	out.Status = activity.Busy
	if s.Left -= n; s.Left == 0 { // the row ends with the burst that its last element lies in
		u.pop(uint8((end + port.BurstBytes - 1) / port.BurstBytes))
		s.beginRow(c)
		return
	}
	s.At = uint8(end % port.BurstBytes)
	u.pop(uint8(end / port.BurstBytes))
}

// gather widens the n elements that begin at byte At of the oldest burst; the other lanes are 0 already.
func (s *State) gather(wide bool, n uint32, g *port.Group) {
	b := &s.Land[s.Head]
	if wide { // groups are whole bursts, but for the last one of a row
		for i := range g[:n] {
			g[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
		}
		return
	}
	here := min(n, port.BurstBytes-uint32(s.At))
	for i, v := range b[s.At:][:here] {
		g[i] = int16(v)
	}
	for i, v := range s.Land[(s.Head+1)%landDepth][:n-here] {
		g[here:][i] = int16(v)
	}
}
