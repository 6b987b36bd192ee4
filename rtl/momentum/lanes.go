package momentum

import (
	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// operandStage reads 16 lanes of the oldest chunk that is complete: weights, velocities, gradients, random words. It
// returns what the unit waits for, or Busy.
func (u *Unit) operandStage(in *In, out *Out) activity.Status {
	s := &u.State
	if s.ToWork == 0 {
		return activity.WaitMemory
	}
	c := &s.Ring[s.Work]
	switch {
	case !in.Head.Valid || !in.Head.ToMom:
		return activity.WaitOperand
	case c.Got < c.bursts():
		return activity.WaitMemory
	case c.First && s.Half == 0 && !c.Bias && !s.Seeder.ready():
		return activity.Busy
	case c.First && c.Group == 0 && s.Half == 0 && !u.toBuffer(c, in):
		return activity.WaitWeight
	}
	u.load(c, in.Head.Bank)
	s.Half ^= 1
	if s.Half != 0 {
		return activity.Busy
	}
	s.Work = u.after(s.Work)
	s.ToWork--
	if c.EndHalf {
		out.Free = true
	}
	return activity.Busy
}

// toBuffer reports whether a command may begin: those with flag upd need their half of WMEM buffer 1, which then is theirs.
func (u *Unit) toBuffer(c *Chunk, in *In) bool {
	s := &u.State
	cmd := &s.Queue.Cmds[c.Slot]
	if !cmd.Is(isa.FlagUpd) {
		return true
	}
	half := cmd.Flags & isa.FlagB1
	if s.Filled.N[half] != in.Freed[half] {
		return false
	}
	s.Filled.N[half]++
	return true
}

// load fills register A with the group Half of chunk c.
func (u *Unit) load(c *Chunk, bank uint8) {
	s := &u.State
	cmd := &s.Queue.Cmds[c.Slot]
	lanes := int(cmd.P[isa.MomLanes])
	first := int(c.Group+s.Half) * Lanes
	n := max(0, min(Lanes, lanes-first))
	a := &s.A
	a.Valid, a.Chunk, a.Group, a.N = true, s.Work, s.Half, uint8(n)
	if !c.Bias {
		u.draw(c, lanes)
	}
	if n == 0 {
		return
	}
	d := &s.Data[s.Work]
	w, v := c.offsets(s.Half)
	grad := u.acc[(int(bank)*bankRows+int(c.Row&(bankRows-1)))*u.width+first:][:Lanes]
	for l := range n {
		a.Grad[l] = grad[l]
		a.V[l] = int32(uint32(d[v])<<8|uint32(d[v+1])<<16|uint32(d[v+2])<<24) >> 8
		v += 3
		if c.Bias {
			a.W[l] = int32(uint32(d[w]) | uint32(d[w+1])<<8 | uint32(d[w+2])<<16 | uint32(d[w+3])<<24)
			w += 4
		} else {
			a.W[l] = int32(int16(uint16(d[w]) | uint16(d[w+1])<<8))
			w += 2
		}
	}
	row := &u.act.Rows[cmd.Tag]
	row[activity.AccRead]++
	row[activity.MomLane] += uint64(n)
	row[activity.ChunkRead] += c.accesses()
}

// offsets returns where the weights and velocities of a group lie in the chunk buffer.
func (c *Chunk) offsets(group uint8) (w, v int) {
	wBytes := int(c.wBursts()) * port.BurstBytes
	return int(group) * wBytes / 2, wBytes + int(group)*Lanes*3
}

// accesses is the number of 32-byte accesses for a group: half of the weight bursts, and two of the three velocity
// bursts, of which the groups share the middle one.
func (c *Chunk) accesses() uint64 { return uint64(c.wBursts()/2 + 2) }

// velocityStage moves A to B and makes the new velocities, V' of docs/arithmetic.md section 5.
func (u *Unit) velocityStage() bool {
	s := &u.State
	a, b := &s.A, &s.B
	if !a.Valid {
		return false
	}
	a.Valid = false
	b.Valid, b.Chunk, b.Group, b.N = true, a.Chunk, a.Group, a.N
	c := &s.Ring[a.Chunk]
	p := &s.Queue.Cmds[c.Slot]
	gshift, dshift := p.Int(isa.MomGShift), p.Int(isa.MomDShift)
	mu, lambda := int64(p.P[isa.MomMu]), int64(p.P[isa.MomLambda])
	if c.Bias {
		lambda, dshift = 0, 0
	}
	for l := range int(a.N) {
		v := fixed.TowardZero(mu*int64(a.V[l]), 16) + fixed.Away(a.Grad[l], gshift) + fixed.Away(lambda*int64(a.W[l]), dshift)
		v, clipped := fixed.Sat(v, 24)
		if clipped {
			s.Stats[isa.MomSatV]++
		}
		s.Stats[isa.MomMaxV] = max(s.Stats[isa.MomMaxV], magnitude(v))
		b.V[l], b.W[l], b.Rand[l] = int32(v), a.W[l], a.Rand[l]
	}
	return true
}

func magnitude(v int64) uint32 { return uint32(max(v, -v)) }

// weightStage makes the new weights or biases from B and writes both results to the chunk buffer; lanes that do not
// exist keep what was read.
func (u *Unit) weightStage(out *Out) bool {
	s := &u.State
	b := &s.B
	if !b.Valid {
		return false
	}
	b.Valid = false
	c := &s.Ring[b.Chunk]
	c.Finished++
	if b.N == 0 {
		return true
	}
	cmd := &s.Queue.Cmds[c.Slot]
	tshift, eta := cmd.Int(isa.MomTShift), int64(cmd.P[isa.MomEta])
	d := &s.Data[b.Chunk]
	w, v := c.offsets(b.Group)
	for l := range int(b.N) {
		velocity := int64(b.V[l])
		d[v], d[v+1], d[v+2] = byte(velocity), byte(velocity>>8), byte(velocity>>16)
		v += 3
		step, width := int64(0), uint(16)
		if c.Bias {
			step, width = fixed.Away(eta*velocity, tshift), 32
		} else {
			step = fixed.Stochastic(eta*velocity, tshift, b.Rand[l])
		}
		x, clipped := fixed.Sat(int64(b.W[l])-step, width)
		if clipped {
			s.Stats[isa.MomSatW]++
		}
		d[w], d[w+1] = byte(x), byte(x>>8)
		w += 2
		if !c.Bias { // biases have another format: a maximum of both would say nothing
			s.Stats[isa.MomMaxW] = max(s.Stats[isa.MomMaxW], magnitude(x))
		} else {
			d[w], d[w+1] = byte(x>>16), byte(x>>24)
			w += 2
		}
	}
	u.act.Rows[cmd.Tag][activity.ChunkWrite] += c.accesses()
	if cmd.Is(isa.FlagUpd) {
		u.forward(c, cmd, out)
	}
	return true
}

// forward sends the group of new weights in B to WMEM, lanes that do not exist as they were read.
func (u *Unit) forward(c *Chunk, cmd *port.Cmd, out *Out) {
	b := &u.B
	group := c.Group + b.Group
	out.Upd.Valid, out.Upd.PC, out.Upd.Tag = true, cmd.PC, cmd.Tag
	out.Upd.Buf, out.Upd.Row, out.Upd.Group, out.Upd.Split = uint8(cmd.Flags&isa.FlagB1), c.Row, group, uint8(cmd.P[isa.MomSplit])
	out.Upd.Full = c.EndCmd && (b.Group == 1 || Lanes*uint32(group+1) >= cmd.P[isa.MomLanes])
	w, _ := c.offsets(b.Group)
	port.GetGroup((*port.Burst)(u.Data[b.Chunk][w:]), &out.Upd.Data)
}
