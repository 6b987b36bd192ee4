package norm

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Tick is one cycle; the stages move last first.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	if r := s.Front.Listen(in.Bus, isa.UnitNorm, u.act); r >= 0 {
		out.Stat = s.Stats[r&1]
		s.Stats[r&1] = 0
	}
	out.Status = activity.Idle
	out.Done.Valid, out.Read.Valid, out.Write.Valid = false, false, false
	out.Fault = s.Fault
	c := s.Queue.At(0)
	if c == nil || s.Fault.Code != port.FaultNone {
		return
	}
	var busy, clocked bool
	switch {
	case !s.Begun:
		busy = u.begin(c)
	case s.Chan < u.perChannel(c):
		busy = u.channelStep(c)
	default:
		busy = u.write(c, in, out)
		busy = u.lanes(c) || busy
		busy = u.take() || busy
		clocked = u.receive(in.Resp)
		clocked = u.request(c, in, out) || clocked
		u.finish(c, out)
	}
	out.Status = activity.WaitMemory
	if busy {
		out.Status = activity.Busy
	}
	if busy || clocked {
		u.count(c, activity.ActiveNorm, 1)
	}
	u.retire(c, in, out)
	out.Fault = s.Fault
}

// begin checks a command and puts the walks at their start.
func (u *Unit) begin(c *port.Cmd) bool {
	s := &u.State
	if !u.limits.Check(c, nil, &s.Fault) {
		return true
	}
	s.Begun = true
	s.Shape = shape(c)
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
	out.Write.Valid, out.Write.Tag, out.Write.Addr, out.Write.Data = true, c.Tag, b.Addr, b.Data
	return true
}

// lanes works on register A, if its result finds B free.
func (u *Unit) lanes(c *port.Cmd) bool {
	s := &u.State
	if !s.A.Valid || s.B.Valid {
		return false
	}
	s.A.Valid = false
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
	return true
}

// take moves the next step of the walk into A, with its burst if it reads one.
func (u *Unit) take() bool {
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
	return true
}

// receive lands an answer.
func (u *Unit) receive(r *port.XResp) bool {
	s := &u.State
	if !r.Valid || r.Port != port.XPortNorm {
		return false
	}
	s.Land[(s.Head+s.N)%landDepth] = r.Data
	s.N++
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
	}
	w.next(&s.Shape)
	return true
}

// finish notices that the walk is at its end and the stages are empty.
func (u *Unit) finish(c *port.Cmd, out *Out) {
	s := &u.State
	if s.Retire || !s.Use.End || s.A.Valid || s.B.Valid {
		return
	}
	s.Retire = true
	s.Settle = out.Write.Valid
}

// retire pops the oldest command when its writes are in the memory. The last write needs a cycle to reach the
// controller before WriteIdle can speak of it.
func (u *Unit) retire(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	if !s.Retire || out.Write.Valid {
		return
	}
	if s.Settle {
		s.Settle = false
		return
	}
	if !in.WriteIdle {
		return
	}
	out.Done = port.Done{Valid: true, Inst: c.Inst}
	s.Queue.Pop()
	s.Retire, s.Begun = false, false
}

// emit gives B a burst to write.
func (u *Unit) emit(addr uint32, data *port.Burst) {
	u.B.Valid, u.B.Addr, u.B.Data = true, addr, *data
}
