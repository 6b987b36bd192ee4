package drain

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// ask is the first stage: it asks for the next group of accumulators, and for the mask if that is
// to be read.
func (u *Unit) ask(c *port.Cmd, out *Out) {
	s, r := &u.State, &u.From
	row := &u.act.Rows[c.Tag]
	count, split := int(c.P[isa.DrainLanes]), c.P[isa.DrainSplit]&3
	first := group * int(r.Group)
	lane := first + int(r.Sample)&(1<<split-1)*(u.lanes>>split)
	out.Acc = port.AccReq{
		Valid: true, Bank: s.Bank, Row: r.Sample >> split, Group: uint8(lane / group),
	}
	row[activity.AccRead]++
	row[activity.ClockDrainRead]++
	s.BiasAt = int(c.Flags&isa.FlagB1)*u.lanes + first
	last := first+group >= count
	end := last && uint32(r.Sample)+1 == c.P[isa.DrainNB]
	s.Asked.place = place{Valid: true, N: uint8(min(group, count-first)), Last: last, End: end}
	switch {
	case c.Op == isa.OpDrainErr && !c.Is(isa.FlagAll):
		out.Mask = port.MaskReq{Valid: true, Addr: r.Mask}
		row[activity.MaskRead]++
		row[activity.ClockDrainMask]++
	case drops(c):
		s.Asked.Mix = c.P[isa.DrainSeed] ^ (r.Ctr + uint32(r.Group))
	}
	r.Group++
	r.Mask++
	if last {
		r.Group = 0
		r.Sample = (r.Sample + 1) & 127
		r.Ctr += c.P[isa.DrainCStep]
		r.MaskRow += c.P[isa.DrainMStep]
		r.Mask = r.MaskRow
	}
	s.Read = end
}

// add is the second stage: it adds the biases to the accumulators that were asked for, and releases
// the bank behind the last ones.
func (u *Unit) add(c *port.Cmd, in *In, out *Out) {
	a, b := &u.Asked, &u.Sums
	if b.Valid = a.Valid; !a.Valid {
		return
	}
	a.Valid, out.Acc.Valid = false, false
	b.place = a.place
	b.Valid = true
	b.Mask = ^uint16(0)
	row := &u.act.Rows[c.Tag]
	row[activity.ClockDrainSums]++
	n := int(a.N)
	switch {
	case c.Op != isa.OpDrainErr:
		u.addBias(b.Sum[:n], in.Acc[:n], u.Bias[u.BiasAt:u.BiasAt+n])
		row[activity.BiasRead]++
	case !c.Is(isa.FlagAll):
		b.Mask = in.Mask.Data
		out.Mask.Valid = false
		fallthrough
	default:
		u.wrap(b.Sum[:n], in.Acc[:n])
	}
	if drops(c) {
		b.Mix = port.MixBegin(a.Mix)
	}
	out.Free = a.End
}

// narrow is the third stage: it brings the sums to 16 bits.
func (u *Unit) narrow(c *port.Cmd) {
	b, p := &u.Sums, &u.Pipe
	if p.Valid = b.Valid; !b.Valid {
		return
	}
	b.Valid = false
	p.place = b.place
	p.Valid = true
	shift := c.Int(isa.DrainShift)
	p.Sat = 0
	for i := range p.Data {
		v, clipped := narrow(b.Sum[i], shift)
		exists := uint16(i-int(b.N)) >> 15 & (b.Mask >> i) & 1
		p.Data[i] = v & -int16(exists)
		p.Sat |= clipped & exists << i
	}
	p.Keep = ^uint16(0)
	row := &u.act.Rows[c.Tag]
	if drops(c) {
		p.Keep = uint16(port.MixEnd(b.Mix))
		row[activity.DropRand]++
	}
	row[activity.DrainLane] += uint64(b.N)
	row[activity.ClockDrainPipe]++
}

// room reports whether the next group can be sent.
func room(c *port.Cmd, in *In) bool {
	switch {
	case external(c):
		return in.XRoom
	case c.Op == isa.OpDrainAct:
		return in.EncRoom
	}
	return in.WriteRoom
}

// send is the last stage: it passes a group to the encoder or to memory, and counts.
func (u *Unit) send(c *port.Cmd, out *Out) {
	s, p, to := &u.State, &u.Pipe, &u.To
	row := &u.act.Rows[c.Tag]
	row[activity.ClockDrainSend]++
	row[activity.ClockDrainCount]++
	s.Sat += uint32(bits.OnesCount16(p.Sat))
	for _, v := range p.Data {
		s.Max = max(s.Max, uint32(max(int32(v), -int32(v))))
	}
	switch {
	case external(c):
		x := &out.X
		x.Valid, x.Tag, x.Addr = true, c.Tag, to.Addr
		port.PutGroup(&x.Data, &p.Data)
		to.Addr += port.BurstBytes
		row[activity.ClockDrainX]++
	case c.Op == isa.OpDrainAct:
		u.encode(c, out)
		row[activity.MaskWrite]++
		row[activity.ClockDrainMask]++
		row[activity.ClockDrainEnc]++
	default:
		out.Write = port.WriteReq{Valid: true, Addr: to.Addr, Tag: c.Tag, PC: c.PC, Data: p.Data}
		to.Addr += group / 4
		row[activity.ClockDrainWrite]++
	}
	p.Valid = false
	to.Mask++
	if p.Last {
		to.Row += c.P[isa.DrainDStep]
		to.MaskRow += c.P[isa.DrainMStep]
		to.Addr, to.Mask = to.Row, to.MaskRow
	}
	s.Sent, s.Settle = p.End, p.End
}

// encode passes a group to the encoder, behind ReLU and dropout, and writes its mask.
func (u *Unit) encode(c *port.Cmd, out *Out) {
	p, to := &u.Pipe, &u.To
	data := p.Data
	mask := rectify(&data, p.Keep)
	out.Mask = port.MaskReq{Valid: true, Write: true, Addr: to.Mask, Data: mask}
	last := p.Last || to.At == groupsOf(c)-1
	out.Enc = port.EncReq{
		Valid: true, Last: last, New: c.Is(isa.FlagNew) && to.First, Group: to.At, Ptr: to.Addr,
		Alloc: c.P[isa.DrainAlloc], Limit: c.P[isa.DrainLimit], Tag: c.Tag, PC: c.PC, Data: data,
	}
	if to.At++; last {
		to.At, to.First = 0, false
		to.Addr++
	}
}

// groupsOf is the number of groups of a block of the compressed map.
func groupsOf(c *port.Cmd) uint8 {
	if b := c.P[isa.DrainBlock]; b > 0 {
		return uint8(b / group)
	}
	return blockElems / group
}

// external reports whether a command writes to external memory.
func external(c *port.Cmd) bool { return c.Is(isa.FlagX) && c.Op != isa.OpDrainAct }

// drops reports whether a command drops outputs.
func drops(c *port.Cmd) bool { return c.Op == isa.OpDrainAct && c.Is(isa.FlagDrop) }

// addBias adds biases to accumulators, modulo 2^AccBits.
func (u *Unit) addBias(to, acc []int64, bias []int32) {
	accBits := uint(u.widths["acc"])
	for i := range to {
		sum := fixed.Wrap(acc[i], accBits)
		full := sum + int64(bias[i])
		to[i] = fixed.Wrap(full, accBits)
		if sum != acc[i] {
			u.Wraps++
		}
		if to[i] != full {
			u.Wraps++
		}
	}
}

// wrap takes accumulators modulo 2^AccBits.
func (u *Unit) wrap(to, acc []int64) {
	accBits := uint(u.widths["acc"])
	for i := range to {
		if to[i] = fixed.Wrap(acc[i], accBits); to[i] != acc[i] {
			u.Wraps++
		}
	}
}
