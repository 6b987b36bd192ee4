package norm

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Tick is one cycle; the stages move last first.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	was, tag := out.Status, activity.Tag(0)
	s.Told = false
	moved := out.Done.Valid || out.Read.Valid || out.Write.Valid // they fall
	if b := in.Bus; b.Calls(isa.UnitNorm) {
		moved, tag = true, b.Tag
		if r := s.Front.Listen(b, isa.UnitNorm, u.act); r >= 0 {
			out.Stat = s.Stats[r&1]
			s.Stats[r&1] = 0
			s.Told = true
		}
	}
	out.Status = activity.Idle
	out.Done.Valid, out.Read.Valid, out.Write.Valid = false, false, false
	if c := s.Front.Oldest(); c != nil {
		tag = c.Tag
		moved = u.work(c, in, out) || moved
	}
	out.Fault = s.Fault
	if s.Told {
		u.act.Rows[tag][activity.ClockNormStats]++
	}
	moved = moved || out.Status != was
	if moved {
		u.act.Rows[tag][activity.ActiveNorm]++
	}
	out.Asleep = !moved && !s.Told && out.Status.Waits()
}

// work is a cycle with a command; it reports whether anything moved.
func (u *Unit) work(c *port.Cmd, in *In, out *Out) (moved bool) {
	s := &u.State
	busy := false
	u.learn(c)
	switch {
	case !s.Begun:
		busy = u.begin(c)
	case s.Chan < u.perChannel(c):
		busy = u.channelStep(c)
	default:
		busy = u.write(c, in, out)
		busy = u.lanes(c) || busy
		busy = u.take(c) || busy
		moved = u.receive(c, in.Resp)
		moved = u.request(c, in, out) || moved
		moved = u.finish(out) || moved
	}
	out.Status = activity.WaitMemory
	if busy {
		out.Status = activity.Busy
	}
	return u.retire(in, out) || moved || busy
}

// learn tells the status registers of the last step.
func (u *Unit) learn(c *port.Cmd) {
	s := &u.State
	if s.Seen == (Seen{}) {
		return
	}
	s.Stats[isa.NormSat] += uint32(s.Seen.Sat)
	s.Stats[isa.NormMax] = max(s.Stats[isa.NormMax], uint32(s.Seen.Max))
	s.Seen = Seen{}
	s.Told = true
}

// begin checks a command and puts the walks at their start.
func (u *Unit) begin(c *port.Cmd) bool {
	s := &u.State
	if !u.limits.Check(c, nil, &s.Fault) {
		return true
	}
	s.Begun = true
	s.Shape = shape(c)
	u.count(c, activity.ClockNormShape, 1)
	u.count(c, activity.ClockNormAsk, 1)
	u.count(c, activity.ClockNormUse, 1)
	s.Chan, s.Step = 0, 0
	if c.Op == isa.OpNormFin || c.Op == isa.OpNormUpdate {
		s.Ask.End, s.Use.End = true, true
		return true
	}
	s.Ask.begin(&s.Shape)
	s.Use = s.Ask
	return true
}

// write sends the result of the lanes.
func (u *Unit) write(c *port.Cmd, in *In, out *Out) bool {
	b := &u.B
	if !b.Valid || !in.WriteRoom {
		return false
	}
	b.Valid = false
	u.count(c, activity.ClockNormWrite, 1)
	out.Write.Valid, out.Write.Tag, out.Write.Addr, out.Write.Data = true, c.Tag, b.Addr, b.Data
	return true
}

// last is what the lanes work on: the last register, A if none cuts them.
func (u *Unit) last() *Operands {
	switch n := len(u.Stages); {
	case n == 0:
		return &u.A
	case u.First == 0:
		return &u.Stages[n-1]
	}
	return &u.Stages[u.First-1]
}

// lanes moves all steps on and works on the last one, if its result finds B free.
func (u *Unit) lanes(c *port.Cmd) (moved bool) {
	p := u.last()
	if p.Valid {
		if u.B.Valid {
			return false
		}
		p.Valid = false
		moved = true
		u.step(c)
	}
	if len(u.Stages) == 0 {
		return moved
	}
	if moved {
		u.Moving--
	}
	moved = moved || u.Moving > 0 || u.A.Valid
	if u.First == 0 {
		u.First = uint8(len(u.Stages))
	}
	u.First-- // each stage is the next one now, and what was the last one is free
	if u.A.Valid {
		u.Stages[u.First] = u.A
		u.A.Valid = false
		u.Moving++
	}
	return moved
}

// step works on a step of the walk.
func (u *Unit) step(c *port.Cmd) {
	switch c.Op {
	case isa.OpNormLoad:
		u.loadHalf(c)
	case isa.OpNormStore:
		u.storeHalf(c)
	case isa.OpNormStat:
		u.stat(c)
	case isa.OpNormFwd:
		u.forward(c)
	case isa.OpNormBack:
		u.back(c)
	case isa.OpNormGrad:
		u.grad(c)
	}
}

// take moves the next step of the walk into A, with its burst if it reads one.
func (u *Unit) take(c *port.Cmd) bool {
	s := &u.State
	if s.A.Valid || s.Use.End {
		return false
	}
	if s.Use.reads(&s.Shape) {
		if s.N == 0 {
			return false
		}
		s.A.Data = s.Land[s.Head]
		s.Head = (s.Head + 1) % landDepth
		s.N--
		s.Flight--
	}
	s.A.Valid, s.A.At = true, s.Use
	s.Use.next(&s.Shape)
	u.count(c, activity.ClockNormUse, 1)
	u.count(c, activity.ClockNormLanes, 1)
	return true
}

// receive lands an answer.
func (u *Unit) receive(c *port.Cmd, r *port.XResp) bool {
	s := &u.State
	if !r.Valid || r.Port != port.XPortNorm {
		return false
	}
	s.Land[(s.Head+s.N)%landDepth] = r.Data
	s.N++
	u.count(c, activity.ClockNormLand, 1)
	return true
}

// request walks ahead and asks for a burst as long as the landing FIFO has a place for it.
func (u *Unit) request(c *port.Cmd, in *In, out *Out) bool {
	s := &u.State
	w := &s.Ask
	if w.End {
		return false
	}
	if w.reads(&s.Shape) {
		if !in.ReadRoom || s.Flight == landDepth {
			return false
		}
		out.Read.Valid, out.Read.Tag, out.Read.Addr = true, c.Tag, w.source(&s.Shape, c)
		s.Flight++
		u.count(c, activity.ClockNormRead, 1)
	}
	w.next(&s.Shape)
	u.count(c, activity.ClockNormAsk, 1)
	return true
}

// finish notices that the walk is at its end and the stages are empty.
func (u *Unit) finish(out *Out) bool {
	s := &u.State
	if s.Retire || !s.Use.End || s.A.Valid || s.B.Valid || s.Moving > 0 {
		return false
	}
	s.Retire = true
	s.Settle = out.Write.Valid
	return true
}

// retire pops the oldest command when its writes are in the memory. The last write needs a cycle to
// reach the controller before WriteIdle can speak of it.
func (u *Unit) retire(in *In, out *Out) bool {
	s := &u.State
	switch {
	case !s.Retire || out.Write.Valid:
		return false
	case s.Settle:
		s.Settle = false
		return true
	case !in.WriteIdle:
		return false
	}
	out.Done = s.Front.Retire()
	s.Retire, s.Begun = false, false
	return true
}

// emit gives B a burst to write.
func (u *Unit) emit(c *port.Cmd, addr uint32, data *port.Burst) {
	u.B.Valid, u.B.Addr, u.B.Data = true, addr, *data
	u.count(c, activity.ClockNormResult, 1)
}
