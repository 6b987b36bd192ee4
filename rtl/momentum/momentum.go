package momentum

import (
	"math/bits"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Tick is one cycle; the stages move last first.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	was, tag := out.Status, activity.Tag(0)
	s.Told = false
	moved := out.Done.Valid || out.Read.Valid || out.Write.Valid || // they fall
		out.Free || out.Acc.Valid || out.Upd.Valid
	if b := in.Bus; b.Calls(isa.UnitMom) {
		moved, tag = true, b.Tag
		if r := s.Front.Listen(b, isa.UnitMom, u.act); r >= 0 {
			out.Stat = s.Stats[r&3]
			s.Stats[r&3] = 0
			s.Told = true
		}
	}
	out.Status = activity.Idle
	out.Done.Valid, out.Read.Valid, out.Write.Valid = false, false, false
	out.Free, out.Acc.Valid, out.Upd.Valid = false, false, false
	if c := s.Front.Oldest(); c != nil {
		tag = c.Tag
		moved = u.work(in, out) || moved
	}
	out.Fault = s.Fault
	if s.Told {
		u.act.Rows[tag][activity.ClockMomStats]++
	}
	moved = moved || out.Status != was
	if moved {
		u.act.Rows[tag][activity.ActiveMom]++
	}
	out.Asleep = !moved && !s.Told && out.Status.Waits()
}

// work is a cycle with a command; it reports whether anything moved.
func (u *Unit) work(in *In, out *Out) (moved bool) {
	u.later(out)
	busy := u.send(in, out)
	shown := u.show()
	busy = u.lanesMove(in, out) || busy
	out.Status = u.ask(in, out)
	moved = out.Acc.Valid || u.Asked.Valid || shown
	moved = u.receive(in.Resp) || moved
	moved = u.fetch(in, out) || moved
	moved = u.seed() || moved
	moved = u.check() || moved
	if busy {
		out.Status = activity.Busy
	}
	return u.retire(in, out) || moved || busy
}

// send writes a burst that stands at the outputs of Results. Behind the last chunk of a command it
// stops until the command has retired, so that WriteIdle speaks of that command alone.
func (u *Unit) send(in *In, out *Out) bool {
	s := &u.State
	c := &s.Ring[s.Send]
	burst := uint8(1) << c.macro(s.Burst)
	if s.Shown&burst == 0 || s.Retire || !in.WriteRoom {
		return false
	}
	tag := s.Queue.Cmds[c.Slot].Tag
	out.Write.Valid, out.Write.Tag, out.Write.Addr = true, tag, c.address(s.Burst)
	out.Write.Data = port.Burst(s.Results[int(s.Send)*chunkStride+int(s.Burst)*port.BurstBytes:])
	u.act.Rows[tag][activity.ClockMomWrite]++
	s.Shown &^= burst
	if s.Burst++; s.Burst < c.bursts() {
		return true
	}
	s.Burst = 0
	s.Send = u.after(s.Send)
	s.Used--
	s.Ended--
	if c.EndCmd {
		s.Retire, s.Settle = true, true
	}
	return true
}

// show reads bursts to write, those of the chunk at Send that have not been sent and, in the other
// macros, those of the next one, but for macros that a result goes to in this cycle.
func (u *Unit) show() (moved bool) {
	s := &u.State
	free := ^s.Shown
	if p := u.results(); p.Valid {
		free &^= u.touches(p)
	}
	place, left := s.Send, uint8(0)
	for range min(s.Ended, 2) {
		c := &s.Ring[place]
		mine := c.macros() &^ left
		if left == 0 {
			m := c.macro(s.Burst)
			mine = mine >> m << m
			left = mine
		}
		if mine &= free; mine != 0 {
			moved = true
			s.Shown |= mine
			row := &u.act.Rows[s.Queue.Cmds[c.Slot].Tag]
			row[activity.ChunkRead] += uint64(bits.OnesCount8(mine))
		}
		place = u.after(place)
	}
	return moved
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
	s.Retire = false
	s.Fetch.Cmd--
	s.Seeder.Cmd--
	s.Check.retire()
	return true
}

// landing returns, as a bit, the macro that takes a burst in this cycle.
func (u *Unit) landing(r *port.XResp) uint8 {
	if !r.Valid || r.Port != port.XPortMom {
		return 0
	}
	return 1 << u.Ring[u.Recv].macro(u.Got)
}

// receive puts an answer into the chunk memory.
func (u *Unit) receive(r *port.XResp) bool {
	if !r.Valid || r.Port != port.XPortMom {
		return false
	}
	s := &u.State
	c := &s.Ring[s.Recv]
	*(*port.Burst)(s.Fetched[int(s.Recv)*chunkStride+int(s.Got)*port.BurstBytes:]) = r.Data
	u.act.Rows[s.Queue.Cmds[c.Slot].Tag][activity.ChunkWrite]++
	if s.Got++; s.Got == c.bursts() {
		s.Got = 0
		s.Recv = u.after(s.Recv)
		s.Ready++
	}
	return true
}

// after is the ring place behind i.
func (u *Unit) after(i uint8) uint8 {
	if i++; int(i) == u.chunks {
		return 0
	}
	return i
}

// weights is the number of bursts of 32 weights or biases.
func (c *Chunk) weights() uint8 {
	if c.Bias {
		return 4
	}
	return 2
}

// bursts is the number of bursts of a chunk: those of the weights or biases, then those of
// velocities.
func (c *Chunk) bursts() uint8 { return c.weights() + velocities }

// address is the external address of a burst of the chunk.
func (c *Chunk) address(burst uint8) uint32 {
	if w := c.weights(); burst >= w {
		return c.VAddr + uint32(burst-w)*port.BurstBytes
	}
	return c.WAddr + uint32(burst)*port.BurstBytes
}
