package errors

import (
	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Put shifts, rounds, masks and saturates the sums of the last stage and sends them to OMEM or
// external memory, a group a cycle. It reports whether that was the last group of the sums.
func (c *Core) Put(cmd *port.Cmd, in *In, out *Out, word *uint32) bool {
	w := &c.To
	room := in.WriteRoom
	if cmd.Is(isa.FlagX) {
		room = in.WRoom
	}
	switch {
	case !room:
		out.Status = activity.WaitDrain
		return false
	case word == nil && !c.HasMask(cmd, 1):
		out.Status = activity.WaitOperand
		return false
	}
	first := 0 // lane of the group for the first sum
	if c.Neurons < Group {
		first = int(c.S3.Part>>c.inLog) * c.Neurons
	}
	whole := first+c.Neurons >= Group
	f := uint16(0)
	if word != nil {
		f = uint16(*word >> (Group * (w.Col & 1)))
	} else {
		f = c.TakeMask(cmd, w.Tile+uint16(w.Col), whole)
	}
	c.send(cmd, out, f, first, whole)
	if !whole {
		return true
	}
	step := uint32(Group / 4)
	if cmd.Is(isa.FlagX) {
		step = port.BurstBytes
	}
	w.step(c, step, cmd.P[isa.DEPCDStep], 1)
	return c.Neurons <= Group || w.Col == 0
}

// send makes errors of sums: those of a group, or of a part of one. They leave when the group is
// whole.
func (c *Core) send(cmd *port.Cmd, out *Out, f uint16, first int, whole bool) {
	c.Settle = 1
	c.Clock(Round)
	w := &c.To
	sums := c.Sum
	if len(sums) > Group {
		sums = sums[Group*int(w.Col):][:Group]
	}
	if !cmd.Is(isa.FlagX) {
		c.Clock(Write)
		o := &out.Write
		o.Valid, o.Tag, o.PC, o.Addr = whole, cmd.Tag, cmd.PC, w.At+Group/4*uint32(w.Col)
		c.round(sums, cmd.Int(isa.DEPCShift), f>>first, o.Data[first:])
		return
	}
	c.Clock(Burst)
	o := &out.W
	o.Valid, o.Tag, o.Addr = whole, cmd.Tag, w.At+port.BurstBytes*uint32(w.Col)
	var e port.Group
	c.round(sums, cmd.Int(isa.DEPCShift), f>>first, e[:])
	for i, v := range e[:len(sums)] {
		o.Data[2*(first+i)], o.Data[2*(first+i)+1] = byte(v), byte(uint16(v)>>8)
	}
}

// round brings the sums whose bit of word is 1 to 16 bits, the others to 0.
func (c *Core) round(sums []int64, shift int, word uint16, to []int16) {
	to = to[:len(sums)]
	bits, clips, top := uint(c.SumBits), uint8(0), [4]uint16{}
	for t, sum := range sums {
		if word>>t&1 == 0 {
			to[t] = 0
			continue
		}
		e, clipped := fixed.Sat(fixed.Away(fixed.Wrap(sum, bits), shift), 16)
		if clipped {
			clips++
		}
		top[t&3] = max(top[t&3], uint16(max(e, -e)))
		to[t] = int16(e)
	}
	c.Fresh, c.Clips, c.Top = true, clips, top
}

// fold adds what the last cycle rounded to the status registers.
func (c *Core) fold() {
	c.Clock(Round)
	c.Fresh = false
	c.Sat += uint32(c.Clips)
	c.Max = max(c.Max, c.Top[0], c.Top[1], c.Top[2], c.Top[3])
}

// Finish ends a run when the last write is committed: its idle wire tells of it from the second
// cycle after the write on.
func (c *Core) Finish(cmd *port.Cmd, in *In, out *Out) {
	out.Status = activity.WaitDrain
	if c.Settle > 0 {
		c.Settle--
		return
	}
	idle := in.WriteIdle
	if cmd.Is(isa.FlagX) {
		idle = in.WIdle
	}
	if idle {
		out.Status = activity.Busy
		c.retire(out)
	}
}
