package momentum

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// ask reads the operands of the next part of the oldest chunk that is complete, and returns what
// the unit waits for, or Busy. They stand at the outputs of the memories in the next cycle.
func (u *Unit) ask(in *In, out *Out) activity.Status {
	s := &u.State
	if s.ToWork == 0 {
		return activity.WaitMemory
	}
	c := &s.Ring[s.Work]
	cmd := &s.Queue.Cmds[c.Slot]
	first := int(c.Group)*groupLanes + int(s.Next)*u.lanes
	next := Part{Valid: true, Chunk: s.Work, Index: s.Next}
	next.N = uint8(max(0, min(u.lanes, int(cmd.P[isa.MomLanes])-first)))
	if wait := u.waits(in, c, &next, cmd); wait != activity.Idle {
		return wait
	}
	s.Asked = next
	row := &u.act.Rows[cmd.Tag]
	row[activity.ClockMomAsk]++
	row[activity.ChunkRead] += u.accesses(&next)
	row[activity.MomLane] += uint64(next.N)
	if next.N > 0 {
		out.Acc = port.AccReq{
			Valid: true, Bank: in.Head.Bank, Row: c.Row, Group: uint8(first / groupLanes),
		}
		row[activity.AccRead] += uint64(next.N+groupLanes-1) / groupLanes
	}
	if s.Next++; s.Next < u.parts {
		return activity.Busy
	}
	s.Next = 0
	s.Work = u.after(s.Work)
	s.ToWork--
	s.Ready--
	out.Free = c.EndHalf
	return activity.Busy
}

// waits returns what the next part waits for, Idle for nothing. The first part of a command with
// flag upd waits until its half of WMEM buffer 1 is free; then the half is the command's.
func (u *Unit) waits(in *In, c *Chunk, next *Part, cmd *port.Cmd) activity.Status {
	s := &u.State
	start := c.First && next.Index == 0
	fills := start && c.Group == 0 && cmd.Is(isa.FlagUpd)
	half := cmd.Flags & isa.FlagB1
	switch {
	case !in.Head.Valid || !in.Head.ToMom:
		return activity.WaitOperand
	case s.Ready == 0:
		return activity.WaitMemory
	case start && !c.Bias && !s.Seeder.ready(), u.paced(cmd):
		return activity.Busy
	case fills && s.Filled[half] != in.Freed[half]:
		return activity.WaitWeight
	case u.touches(next)&u.landing(in.Resp) != 0:
		return activity.WaitMemory
	case fills:
		s.Filled[half]++
	}
	return activity.Idle
}

// accesses is the number of macros that a part touches.
func (u *Unit) accesses(p *Part) uint64 { return uint64(bits.OnesCount8(u.touches(p))) }

// paced reports whether a part must wait for WMEM: it takes one group of 16 weights a cycle.
func (u *Unit) paced(cmd *port.Cmd) bool {
	return u.lanes > groupLanes && u.front.Valid && cmd.Is(isa.FlagUpd)
}

// results is the part whose results are written in this cycle, if it is valid.
func (u *Unit) results() *Part {
	if u.write == 0 {
		return &u.Asked
	}
	return &u.stage(u.write).Part
}

// stage is the i-th place of a part on its way, front the first one.
func (u *Unit) stage(i int) *Stage {
	if i == 0 {
		return &u.front
	}
	return &u.Stages[i-1]
}

// lanesMove moves all parts on, and writes the results of one.
func (u *Unit) lanesMove(in *In, out *Out) (moved bool) {
	if u.front.Part = u.Asked; u.Asked.Valid {
		u.Asked.Valid = false
		u.operands(in)
		u.act.Rows[u.Queue.Cmds[u.Ring[u.front.Chunk].Slot].Tag][activity.ClockMomLanes]++
	}
	for i := len(u.Stages); i >= 0; i-- {
		p := u.stage(i)
		if !p.Valid {
			continue
		}
		moved = true
		cmd := &u.Queue.Cmds[u.Ring[p.Chunk].Slot]
		if i == u.write {
			u.update(p, cmd, out)
		}
		if i < len(u.Stages) {
			to := &u.Stages[i]
			to.Part, to.Seen = p.Part, p.Seen
			if i < u.write {
				to.Lanes, p.Lanes = p.Lanes, to.Lanes // what is left means nothing
			}
		} else {
			u.tell(&p.Seen)
			u.Told = true
		}
		if i > 0 {
			p.Valid = false
		}
	}
	return moved
}

// operands takes what stands at the outputs of the memories.
func (u *Unit) operands(in *In) {
	p := &u.front
	c := &u.Ring[p.Chunk]
	d := u.Fetched[int(p.Chunk)*chunkStride:][:chunkStride]
	w, v := c.offsets(int(p.Index) * u.lanes)
	for l := range p.Lanes {
		a := &p.Lanes[l]
		a.Grad, a.Rand = 0, 0
		a.V = int32(uint32(d[v])<<8|uint32(d[v+1])<<16|uint32(d[v+2])<<24) >> 8
		v += 3
		if c.Bias {
			a.W = int32(uint32(d[w]) | uint32(d[w+1])<<8 | uint32(d[w+2])<<16 | uint32(d[w+3])<<24)
			w += 4
		} else {
			a.W = int32(int16(uint16(d[w]) | uint16(d[w+1])<<8))
			w += 2
		}
	}
	at := int(p.Index) * u.lanes % groupLanes // of the first lane, with half a group in a part
	for from := 0; from < int(p.N); from += groupLanes {
		lanes := p.Lanes[from:min(from+groupLanes, int(p.N))]
		sums := in.Acc[from/groupLanes][at:][:len(lanes)]
		for l, sum := range sums {
			lanes[l].Grad = fixed.Wrap(sum, u.accBits)
		}
	}
	if !c.Bias {
		u.draw(c, p, &u.Queue.Cmds[c.Slot])
	}
}

// offsets returns where the weights and velocities from a lane on lie in a chunk.
func (c *Chunk) offsets(lane int) (w, v int) {
	bursts := int(c.weights()) * port.BurstBytes
	return lane * bursts / chunkLanes, bursts + lane*3
}

// update makes the new weights or biases and velocities of a part, V' and W' of
// docs/arithmetic.md section 5, and writes them to the chunk memory; lanes that do not exist keep
// what was read.
func (u *Unit) update(p *Stage, cmd *port.Cmd, out *Out) {
	c := &u.Ring[p.Chunk]
	mu, eta, lambda := int64(cmd.P[isa.MomMu]), int64(cmd.P[isa.MomEta]), int64(cmd.P[isa.MomLambda])
	gshift, dshift, tshift := cmd.Int(isa.MomGShift), cmd.Int(isa.MomDShift), cmd.Int(isa.MomTShift)
	width := uint(16)
	if c.Bias {
		lambda, dshift, width = 0, 0, 32
	}
	seen := Seen{}
	lanes := p.Lanes[:p.N]
	for l := range lanes {
		a := &lanes[l]
		v := fixed.TowardZero(mu*int64(a.V), 16)
		v += fixed.Away(a.Grad, gshift) + fixed.Away(lambda*int64(a.W), dshift)
		v, clipped := fixed.Sat(v, 24)
		if clipped {
			seen.SatV++
		}
		seen.MaxV = max(seen.MaxV, magnitude(v))
		step := int64(0)
		if c.Bias {
			step = fixed.Away(eta*v, tshift)
		} else {
			step = fixed.Stochastic(eta*v, tshift, a.Rand)
		}
		x, clipped := fixed.Sat(int64(a.W)-step, width)
		if clipped {
			seen.SatW++
		}
		if !c.Bias { // biases have another format: a maximum of both would say nothing
			seen.MaxW = max(seen.MaxW, magnitude(x))
		}
		a.V, a.W = int32(v), int32(x)
	}
	p.Seen = seen
	u.put(c, p)
	u.act.Rows[cmd.Tag][activity.ChunkWrite] += u.accesses(&p.Part)
	if p.Index == u.parts-1 {
		u.Ended++
	}
	if cmd.Is(isa.FlagUpd) {
		u.forward(c, p, cmd, out)
	}
}

func magnitude(v int64) uint32 { return uint32(max(v, -v)) }

// put writes the lanes of a part to the chunk memory.
func (u *Unit) put(c *Chunk, p *Stage) {
	d := u.Results[int(p.Chunk)*chunkStride:][:chunkStride]
	w, v := c.offsets(int(p.Index) * u.lanes)
	for l := range p.Lanes {
		a := &p.Lanes[l]
		d[v], d[v+1], d[v+2] = byte(a.V), byte(a.V>>8), byte(a.V>>16)
		v += 3
		d[w], d[w+1] = byte(a.W), byte(a.W>>8)
		w += 2
		if c.Bias {
			d[w], d[w+1] = byte(a.W>>16), byte(a.W>>24)
			w += 2
		}
	}
}

// tell gives the status registers what was seen of a part.
func (u *Unit) tell(seen *Seen) {
	s := &u.Stats
	s[isa.MomSatV] += uint32(seen.SatV)
	s[isa.MomSatW] += uint32(seen.SatW)
	s[isa.MomMaxV] = max(s[isa.MomMaxV], seen.MaxV)
	s[isa.MomMaxW] = max(s[isa.MomMaxW], seen.MaxW)
}

// forward sends the new weights of a part to WMEM, 16 at a time, lanes that do not exist as they
// were read: 8 lanes wait for the other half of their group, of 32 the second group follows in the
// next cycle.
func (u *Unit) forward(c *Chunk, p *Stage, cmd *port.Cmd, out *Out) {
	first := int(p.Index) * u.lanes
	group := c.Group + uint8(first/groupLanes)
	if !exists(cmd, group) {
		return
	}
	u.act.Rows[cmd.Tag][activity.ClockMomUpd]++
	switch {
	case u.lanes == groupLanes:
		header(&out.Upd, c, cmd, group)
		weights(out.Upd.Data[:], p.Lanes)
	case u.lanes > groupLanes:
		header(&out.Upd, c, cmd, group)
		weights(out.Upd.Data[:], p.Lanes)
		if exists(cmd, group+1) {
			header(&u.Later[0], c, cmd, group+1)
			weights(u.Later[0].Data[:], p.Lanes[groupLanes:])
		}
	case first%groupLanes == 0:
		weights(u.Later[0].Data[:u.lanes], p.Lanes)
	default:
		header(&out.Upd, c, cmd, group)
		copy(out.Upd.Data[:u.lanes], u.Later[0].Data[:])
		weights(out.Upd.Data[u.lanes:], p.Lanes)
	}
}

// exists reports whether a command has lanes in a group.
func exists(cmd *port.Cmd, group uint8) bool { return groupLanes*uint32(group) < cmd.P[isa.MomLanes] }

// header says where a group of new weights goes.
func header(to *port.UpdWrite, c *Chunk, cmd *port.Cmd, group uint8) {
	to.Valid, to.PC, to.Tag = true, cmd.PC, cmd.Tag
	to.Buf, to.Row, to.Group = uint8(cmd.Flags&isa.FlagB1), c.Row, group
	to.Split = uint8(cmd.P[isa.MomSplit])
	to.Full = c.EndCmd && (group == c.Group+1 || !exists(cmd, group+1))
}

func weights(to []int16, from []Lane) {
	for l := range to {
		to[l] = int16(from[l].W)
	}
}

// later sends the second group of 32 lanes.
func (u *Unit) later(out *Out) {
	if len(u.Later) > 0 && u.Later[0].Valid {
		out.Upd = u.Later[0]
		u.Later[0].Valid = false
		u.act.Rows[out.Upd.Tag][activity.ClockMomUpd]++
	}
}
