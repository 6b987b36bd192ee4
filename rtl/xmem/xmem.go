package xmem

import (
	"math/bits"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Tick is one cycle. What waits is served before what comes, so a request moves in the next cycle at the earliest.
func (u *Unit) Tick(in *In, out *Out) {
	s := &u.State
	if s.Now == 0 {
		out.Reset()
	}
	u.Sleep()
	was, works := out.Status, out.Resp[0].Valid
	out.Resp[0].Valid, out.Resp[1].Valid = false, false
	if s.Waiting > 0 || s.InFlight > 0 {
		works = true
		u.respond(out)
	}
	out.Status = activity.Idle
	if s.Now >= s.RefreshAt && u.refresh() {
		works = true
	}
	if s.Waiting > 0 {
		out.Status = activity.WaitMemory
		if s.Now < s.RefreshAt && u.work(out) {
			out.Status = activity.Busy
		}
	}
	if in.Called != 0 {
		works = true
		u.acceptAll(in, out)
	}
	if works || out.Status != was {
		u.act.Rows[s.LastTag][activity.ActiveXMem]++
	}
	out.Asleep = s.Waiting == 0 && s.InFlight == 0 && !out.Resp[0].Valid && out.Status == activity.Idle
}

// Reset drives what a controller does that nothing waits in; a tick changes what changes.
func (o *Out) Reset() {
	for p := range o.Room {
		o.Room[p], o.WriteIdle[p] = true, true
	}
}

// RefreshDue reports whether the next tick refreshes.
func (u *Unit) RefreshDue() bool { return u.Now+1 >= u.RefreshAt }

// Sleep is a Tick without requests and without refresh after one that drove Asleep: only time passes.
func (u *Unit) Sleep() {
	u.Now++
	u.act.Rows[0][clockRefresh]++
}

// respond goes on to the next cycle of Pipe and hands over the bursts that arrive in it, if there are any.
func (u *Unit) respond(out *Out) {
	at := int(u.At) + 1 // in a register: what was just stored is slow to load, here and below
	if at > u.t.ReadLatency {
		at = 0
	}
	u.At = uint8(at)
	if u.InFlight == 0 {
		return
	}
	if u.pairs > 1 {
		at *= u.pairs
	}
	for i := range u.Pipe[at : at+u.pairs] {
		f := &u.Pipe[at+i]
		if !f.Valid {
			return
		}
		resp := &out.Resp[i&1]
		resp.Valid, resp.Port = true, f.Port // field by field: a literal would be copied twice
		resp.Data = f.Data
		f.Valid = false
		u.InFlight--
		u.act.Rows[f.Tag][clockResp]++
	}
}

// work moves a burst if one may move, and opens and closes rows. It reports whether a burst moved.
// Where a slot is half a cycle or less, two bursts of different ports move.
func (u *Unit) work(out *Out) bool {
	u.turn()
	moved := u.transfer(0, out)
	if moved != 0 && u.BusFree < (u.Now+1)*SlotUnit {
		u.transfer(moved, out)
	}
	if u.Ports&^u.Hits != 0 || u.Ahead.Valid {
		u.openRows()
	}
	return moved != 0
}

// turn decides whether reads or writes move. Writes are collected, because turning the bus costs ReadToWrite +
// WriteToRead - 2 slots.
func (u *Unit) turn() {
	s := &u.State
	reads := s.Waiting - uint16(s.Writes)
	if s.Still < 255 {
		s.Still++
	}
	if s.Writing {
		if s.Writes == 0 || reads > 0 && int(s.Batch) >= u.cfg.WriteDepth {
			s.Writing = false
		}
		return
	}
	if s.Writes == 0 {
		return
	}
	idle := 0
	if reads == 0 {
		idle = 1
	}
	if s.Held || s.Still >= u.t.lingerByIdle[idle] || u.writesHigh() {
		s.Writing, s.Batch, s.Held = true, 0, false
	}
}

// writesHigh reports whether a write FIFO has reached the high mark.
func (u *Unit) writesHigh() bool {
	high := uint8(u.cfg.WriteHigh)
	if u.Writes < high {
		return false
	}
	for p := numReads; p < len(u.Q); p++ {
		if u.Q[p].N >= high {
			return true
		}
	}
	return false
}

// side is the set of ports of the present direction.
func (u *Unit) side() uint16 {
	if u.Writing {
		return writePorts
	}
	return readPorts
}

// transfer moves the first head, round robin over the ports of the present direction but some, whose
// row is open. It returns that port, as a bit of Ports; 0: no burst moved.
func (u *Unit) transfer(but uint16, out *Out) uint16 {
	s := &u.State
	dir, first, end := 0, port.XPort(0), port.NumXReads
	if s.Writing {
		dir, first, end = 1, port.NumXReads, port.NumXPorts
	}
	if s.Now < s.SlotOK[dir] || s.BusFree >= (s.Now+1)*SlotUnit {
		return 0
	}
	all := s.Ports & u.side() &^ but
	ports := uint32(all)
	if all&(all-1) != 0 { // several: those from Next on, then those before it
		ahead := all >> (s.Next[dir] & 15) << (s.Next[dir] & 15)
		ports = uint32(ahead) | uint32(all^ahead)<<16
	}
	for ; ports != 0; ports &= ports - 1 {
		p := port.XPort(bits.TrailingZeros32(ports) & 15)
		q := &s.Q[p]
		e := &q.E[q.Head&(maxDepth-1)]
		b := &s.Banks[e.Bank]
		if e.Held && !u.released(e) {
			s.Held = true
		} else if s.Hits>>(p&15)&1 != 0 && s.Now >= b.Col {
			u.move(p, q, e, b, out)
			moved := uint16(1) << (p & 15)
			if p++; p == end {
				p = first
			}
			s.Next[dir] = p
			return moved
		}
	}
	return 0
}

// released reports whether the writes that a read must see have been transferred.
func (u *Unit) released(e *Entry) bool {
	for w, n := range &e.After {
		if int32(u.Popped[w]-n) < 0 {
			return false
		}
	}
	return true
}

// The event of a transfer, by port.
var events = [port.NumXPorts]activity.Event{
	port.XPortWLD: activity.XReadWLD, port.XPortDMA: activity.XReadDMA, port.XPortMom: activity.XReadMom,
	port.XPortNorm: activity.XReadNorm, port.XPortEPC: activity.XReadEPC,
	port.XPortMomW: activity.XWriteMom, port.XPortDMAW: activity.XWriteDMA, port.XPortDrainW: activity.XWriteDrain,
	port.XPortDEPCW: activity.XWriteDEPC, port.XPortNormW: activity.XWriteNorm,
}

// move transfers the head e of port p, whose bank b is open.
func (u *Unit) move(p port.XPort, q *FIFO, e *Entry, b *Bank, out *Out) {
	s := &u.State
	s.BusFree = max(s.BusFree, s.Now*SlotUnit) + uint64(u.t.Slot)
	cell := (*port.Burst)(u.mem[e.Addr:])
	if p < port.NumXReads {
		f := u.flight()
		f.Valid, f.Port, f.Tag = true, p, e.Tag
		f.Data = *cell
		s.InFlight++
		b.Pre = max(b.Pre, s.Now+uint64(u.t.ReadToPre))
		s.SlotOK[1] = s.Now + uint64(u.t.ReadToWrite)
	} else {
		w := p - port.NumXReads
		*cell = s.WData[w][q.Head]
		s.Popped[w]++
		s.Writes--
		s.Match[matchSlot(e.Addr)]--
		s.Batch++
		b.Pre = max(b.Pre, s.Now+uint64(u.t.WriteToPre))
		s.SlotOK[0] = s.Now + uint64(u.t.WriteToRead)
		out.WriteIdle[p] = q.N == 1
	}
	u.act.Rows[e.Tag][events[p]]++
	s.Bursts++
	s.LastTag = e.Tag
	q.Head = (q.Head + 1) % maxDepth
	if q.N--; q.N == 0 {
		s.Ports &^= 1 << (p & 15)
	} else {
		u.look(p, q)
	}
	s.Waiting--
	out.Room[p] = u.room(p, q)
}

// flight is the place in Pipe of a burst that moves now.
func (u *Unit) flight() *Flight {
	arrives := int(u.At) - 1 // ReadLatency cycles on, in a ring of one more
	if arrives < 0 {
		arrives = u.t.ReadLatency
	}
	f := &u.Pipe[arrives*u.pairs]
	if f.Valid {
		f = &u.Pipe[arrives*u.pairs+1]
	}
	return f
}

func (u *Unit) room(p port.XPort, q *FIFO) bool {
	depth := u.cfg.ReadDepth
	if p >= port.NumXReads {
		depth = u.cfg.WriteDepth
	}
	return int(q.N)+2 <= depth
}

func matchSlot(addr uint32) uint32 { return addr / port.BurstBytes % matchSlots }

// acceptAll takes the requests of this cycle: reads first, so a write of the same cycle is behind them.
func (u *Unit) acceptAll(in *In, out *Out) {
	var missed *Entry // the last that did
	for ports := in.Called; ports != 0; ports &= ports - 1 {
		p := bits.TrailingZeros16(ports)
		if e := u.accept(port.XPort(p), &in.Req[p], out); e != nil {
			missed = e
		}
	}
	if e := missed; e != nil {
		u.Ahead = Ahead{true, e.Bank, e.Tag, e.Row}
		u.act.Rows[e.Tag][clockAhead]++
	}
}

// accept takes a request, and returns it if its row may be opened ahead.
func (u *Unit) accept(p port.XPort, r *port.XReq, out *Out) (missed *Entry) {
	s := &u.State
	q := &s.Q[p]
	held := q.N
	at := (q.Head + held) % maxDepth
	e := &q.E[at]
	bank, row := u.t.Map(r.Addr)
	e.Addr, e.Row, e.Bank, e.Tag, e.Held = r.Addr, row, bank, r.Tag, false
	slot := matchSlot(r.Addr)
	if p >= port.NumXReads {
		s.WData[p-port.NumXReads][at] = r.Data
		s.Match[slot]++
		s.Writes++
		s.Still = 0
		out.WriteIdle[p] = false
	} else if s.Match[slot] > 0 {
		u.hold(e)
	}
	if held == 0 {
		u.look(p, q)
	} else if b := &s.Banks[bank]; !b.Open || b.Row != row {
		missed = e
	}
	q.N = held + 1
	s.Ports |= 1 << (p & 15)
	s.Waiting++
	s.LastTag = r.Tag
	out.Room[p] = u.room(p, q)
	return missed
}

// hold makes a read wait for the youngest pending write of each write port to its address.
func (u *Unit) hold(e *Entry) {
	for w := range numWrites {
		q := &u.Q[numReads+w]
		e.After[w] = u.Popped[w]
		for i := range q.N {
			if q.E[(q.Head+i)%maxDepth].Addr == e.Addr {
				e.Held, e.After[w] = true, u.Popped[w]+uint32(i)+1
			}
		}
	}
}
