package rtl

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// wake adds the units that something reaches in this cycle to those that ticked on in the last one
// (see note). Any other unit would tick without effect: its state and its Out stay as they are. So
// would a unit that drives Asleep: in its last tick nothing moved, and nothing will before one of
// its inputs changes. Neither an idle unit nor one that sleeps drives a Valid, so only awake ones
// need to be looked at. TestSleep proves it all against a chip that ticks everything.
func (c *Chip) wake(called isa.Unit) units {
	w, t := &c.wires, c.ticking
	if called != isa.UnitSeq {
		t = t.with(activity.Unit(called))
	}
	if t&^often != 0 {
		t = c.wakeByOthers(t)
	}
	if w.DMA.Asleep || w.Drain.Asleep || w.Mom.Asleep || w.Norm.Asleep {
		t = c.wakeOthers(t)
	}
	if w.WLD.Asleep && c.reachesWLD() {
		t = t.with(activity.WLD)
	}
	if !t.has(activity.DNNC) && c.reachesDNNC() {
		t = t.with(activity.DNNC)
	}
	if !t.has(activity.OMEM) && (t&^often&callOMEM != 0 || w.WLD.Req.Valid || w.DNNC.Stream.Valid ||
		w.DNNC.XRoom != c.ins.OMEM.XRoom) {
		t = t.with(activity.OMEM)
	}
	if !t.has(activity.XMem) {
		if t&callXMem != 0 && c.callsXMem() || c.XMem.RefreshDue() {
			t = t.with(activity.XMem)
		} else {
			c.XMem.Sleep()
		}
	}
	if !t.has(activity.Seq) && t&callSeq != 0 && c.callsSeq() {
		t = t.with(activity.Seq)
	}
	return t
}

// wakeByOthers adds the units that those reach that seldom tick.
func (c *Chip) wakeByOthers(t units) units {
	w := &c.wires
	if t.has(activity.DMA) {
		if w.DMA.Bias.Valid {
			t = t.with(activity.Drain)
		}
		if w.DMA.Sign.Valid {
			t = t.with(activity.DEPC)
		}
	}
	if t.has(activity.DEPC) && (w.DEPC.RNGStart || w.DEPC.RNGTake) {
		t = t.with(activity.LFSR)
	}
	return t
}

// wakeOthers adds those that seldom tick and wait, if an input of theirs changes.
func (c *Chip) wakeOthers(t units) units {
	w, in := &c.wires, &c.ins
	x, o := &w.XMem, &w.OMEM
	if d := &in.DMA; w.DMA.Asleep && (answers(d.Resp, port.XPortDMA) || w.Seq.Scratch.Valid ||
		o.ReadData[port.RPortDMA].Valid || o.ReqRoom[port.RPortDMA] != d.ReqRoom ||
		o.EncRoom[port.EPortDMA] != d.EncRoom || o.EncIdle[port.EPortDMA] != d.EncIdle ||
		x.Room[port.XPortDMA] != d.XRoom || x.Room[port.XPortDMAW] != d.WRoom ||
		x.WriteIdle[port.XPortDMAW] != d.WIdle) {
		t = t.with(activity.DMA)
	}
	head := c.head()
	if w.Drain.Asleep && head.Valid && !head.ToMom {
		t = t.with(activity.Drain)
	}
	if m := &in.Mom; w.Mom.Asleep && (answers(m.Resp, port.XPortMom) || head != m.Head ||
		m.Freed != [2]uint8(w.DNNC.WFreed[2:]) || x.Room[port.XPortMom] != m.ReadRoom ||
		x.Room[port.XPortMomW] != m.WriteRoom || x.WriteIdle[port.XPortMomW] != m.WriteIdle) {
		t = t.with(activity.Mom)
	}
	if n := &in.Norm; w.Norm.Asleep && (answers(n.Resp, port.XPortNorm) ||
		x.Room[port.XPortNorm] != n.ReadRoom || x.Room[port.XPortNormW] != n.WriteRoom ||
		x.WriteIdle[port.XPortNormW] != n.WriteIdle) {
		t = t.with(activity.Norm)
	}
	return t
}

// answers reports whether a burst comes for a port.
func answers(r *port.XResp, p port.XPort) bool { return r.Valid && r.Port == p }

// reachesWLD reports whether an input of the loader changes, which waits.
func (c *Chip) reachesWLD() bool {
	w, in := &c.wires, &c.ins.WLD
	o := &w.OMEM
	return answers(in.Resp, port.XPortWLD) || w.XMem.Room[port.XPortWLD] != in.XRoom ||
		[2]uint8(w.DNNC.WFreed[:2]) != in.Freed || o.ReqRoom[port.RPortWLD] != in.ReqRoom ||
		o.ReadData[port.RPortWLD].Valid
}

// reachesDNNC reports whether an input of the array changes, which is idle or waits.
func (c *Chip) reachesDNNC() bool {
	w := &c.wires
	x := &w.OMEM.X
	return w.WLD.Tile.Valid || w.Mom.Upd.Valid || w.Drain.Free || w.Mom.Free ||
		x[0].Valid || x[1].Valid || x[2].Valid || x[3].Valid || w.OMEM.StreamRoom != c.ins.DNNC.StreamRoom
}

// callsXMem reports whether a unit asks external memory for a burst.
func (c *Chip) callsXMem() bool {
	w := &c.wires
	return w.WLD.X.Valid || c.ticked&^often != 0 && (w.DMA.X.Valid || w.DMA.W.Valid ||
		w.Mom.Read.Valid || w.Mom.Write.Valid || w.Norm.Read.Valid || w.Norm.Write.Valid ||
		w.EPC.X.Valid || w.EPC.W.Valid || w.Drain.X.Valid || w.DEPC.W.Valid)
}

// callsSeq reports whether a command retires or the DMA calls for the scratch memory.
func (c *Chip) callsSeq() bool {
	w := &c.wires
	return w.WLD.Done.Valid || w.DNNC.Done.Valid || c.ticked&^often != 0 && (w.DMA.Scratch.Valid ||
		w.DMA.Done.Valid || w.Drain.Done.Valid || w.Loss.Done.Valid || w.DEPC.Done.Valid ||
		w.Mom.Done.Valid || w.Norm.Done.Valid || w.EPC.Done.Valid)
}
