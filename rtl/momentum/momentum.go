package momentum

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Tick is one cycle; the stages move last first.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	if r := s.Front.Listen(in.Bus, isa.UnitMom, u.act); r >= 0 {
		out.Stat = s.Stats[r&3]
		s.Stats[r&3] = 0
	}
	out.Status = activity.Idle
	out.Done.Valid, out.Read.Valid, out.Write.Valid, out.Free, out.Upd.Valid = false, false, false, false, false
	out.Fault = s.Fault
	if s.Queue.N == 0 || s.Fault.Code != port.FaultNone {
		return
	}
	tag := s.Queue.At(0).Tag
	busy := u.write(in, out)
	busy = u.weightStage(out) || busy
	busy = u.velocityStage() || busy
	reason := u.operandStage(in, out)
	clocked := u.receive(in.Resp)
	clocked = u.fetch(in, out) || clocked
	clocked = u.seed() || clocked
	out.Status = reason
	if busy {
		out.Status = activity.Busy
	}
	if clocked || out.Status == activity.Busy {
		u.act.Rows[tag][activity.ActiveMom]++
	}
	u.retire(in, out)
	out.Fault = s.Fault
}

// write sends a burst of the oldest finished chunk. Behind the last chunk of a command it stops until the command has
// retired, so that WriteIdle speaks of that command alone.
func (u *Unit) write(in *In, out *Out) bool {
	s := &u.State
	c := &s.Ring[s.Send]
	if s.Used == 0 || c.Finished < 2 || s.Retire || !in.WriteRoom {
		return false
	}
	tag := s.Queue.Cmds[c.Slot].Tag
	out.Write.Valid, out.Write.Tag, out.Write.Addr = true, tag, c.address(s.Burst)
	out.Write.Data = port.Burst(s.Data[s.Send][int(s.Burst)*port.BurstBytes:])
	u.act.Rows[tag][activity.ChunkRead]++
	if s.Burst++; s.Burst < c.bursts() {
		return true
	}
	s.Burst = 0
	s.Send = u.after(s.Send)
	s.Used--
	if c.EndCmd {
		s.Retire, s.Settle = true, true
	}
	return true
}

// retire pops the oldest command when its writes are in the memory. The last write needs a cycle to reach the
// controller before WriteIdle can speak of it.
func (u *Unit) retire(in *In, out *Out) {
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
	out.Done = port.Done{Valid: true, Inst: s.Queue.At(0).Inst}
	s.Queue.Pop()
	s.Retire = false
	s.Fetch.Cmd--
	s.Seeder.Cmd--
}

// receive puts an answer into the chunk buffer.
func (u *Unit) receive(r *port.XResp) bool {
	if !r.Valid || r.Port != port.XPortMom {
		return false
	}
	s := &u.State
	c := &s.Ring[s.Recv]
	*(*port.Burst)(s.Data[s.Recv][int(c.Got)*port.BurstBytes:]) = r.Data
	u.act.Rows[s.Queue.Cmds[c.Slot].Tag][activity.ChunkWrite]++
	if c.Got++; c.Got == c.bursts() {
		s.Recv = u.after(s.Recv)
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

// wBursts is the number of bursts of 32 weights or biases.
func (c *Chunk) wBursts() uint8 {
	if c.Bias {
		return 4
	}
	return 2
}

// bursts is the number of bursts of a chunk: those of the weights or biases, then three of velocities.
func (c *Chunk) bursts() uint8 { return c.wBursts() + 3 }

// address is the external address of a burst of the chunk.
func (c *Chunk) address(burst uint8) uint32 {
	if w := c.wBursts(); burst >= w {
		return c.VAddr + uint32(burst-w)*port.BurstBytes
	}
	return c.WAddr + uint32(burst)*port.BurstBytes
}
