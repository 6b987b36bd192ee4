package rtl

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/xmem"
)

// connect is the netlist: it computes what every unit sees from what all units drove in the last
// cycle. Wide data are copied only when valid, and a unit that sleeps through the cycle (see wake)
// is given nothing. It returns the units that tick.
func (c *Chip) connect() units {
	w := &c.wires
	called := isa.UnitSeq // whom the bus speaks to; UnitSeq: nobody
	if c.bus.Kind = w.Seq.Bus.Kind; c.bus.Kind != port.BusNone {
		c.bus = w.Seq.Bus
		called = c.bus.Unit
	}
	if c.ticking.has(activity.XMem) || c.resp[0].Valid {
		c.respond()
	}
	t := c.wake(called)
	if t.has(activity.XMem) {
		c.connectXMem()
	}
	if t.has(activity.OMEM) {
		c.connectOMEM()
	}
	if t.has(activity.WLD) {
		c.connectWLD()
	}
	if t.has(activity.DNNC) {
		c.connectDNNC()
	}
	if t&^often != 0 {
		c.connectOthers(t)
	}
	c.ticking, c.ticked = t, t
	return t
}

// connectOthers is the netlist before the units that seldom tick.
func (c *Chip) connectOthers(t units) {
	if t.has(activity.Seq) {
		c.connectSeq()
	}
	if t&rare == 0 {
		return
	}
	if t.has(activity.DMA) {
		c.connectDMA()
	}
	if t.has(activity.Drain) {
		c.connectDrain()
	}
	if t.has(activity.Loss) {
		c.connectLoss()
	}
	if t.has(activity.DEPC) {
		c.connectDEPC()
	}
	if t.has(activity.Mom) {
		c.connectMom()
	}
	if t.has(activity.Norm) {
		c.connectNorm()
	}
	if t.has(activity.EPC) {
		c.connectEPC()
	}
	if t.has(activity.LFSR) {
		c.connectLFSR()
	}
}

// respond brings the bursts that were read; a second one goes to another unit than the first.
func (c *Chip) respond() {
	first, second := &c.wires.XMem.Resp[0], &c.wires.XMem.Resp[1]
	if c.resp[0].Valid = first.Valid; first.Valid {
		c.resp[0] = *first
	}
	if c.resp[1].Valid {
		*c.listener(c.resp[1].Port) = &c.resp[0]
	}
	if c.resp[1].Valid = second.Valid; second.Valid {
		c.resp[1] = *second
		*c.listener(second.Port) = &c.resp[1]
	}
}

// listener is where a unit looks for answers.
func (c *Chip) listener(p port.XPort) **port.XResp {
	in := &c.ins
	return [port.NumXReads]**port.XResp{
		port.XPortWLD: &in.WLD.Resp, port.XPortDMA: &in.DMA.Resp, port.XPortMom: &in.Mom.Resp,
		port.XPortNorm: &in.Norm.Resp, port.XPortEPC: &in.EPC.Resp,
	}[p]
}

func (c *Chip) connectSeq() {
	w, in := &c.wires, &c.ins.Seq
	d := &in.Done
	d[isa.UnitDMA], d[isa.UnitWLD], d[isa.UnitDNNC], d[isa.UnitDrain] = w.DMA.Done, w.WLD.Done, w.DNNC.Done, w.Drain.Done
	d[isa.UnitLoss], d[isa.UnitDEPC], d[isa.UnitMom], d[isa.UnitNorm], d[isa.UnitEPC] = w.Loss.Done, w.DEPC.Done, w.Mom.Done, w.Norm.Done, w.EPC.Done
	s := &in.Stat
	s[isa.UnitDrain], s[isa.UnitLoss], s[isa.UnitDEPC], s[isa.UnitMom] = w.Drain.Stat, w.Loss.Stat, w.DEPC.Stat, w.Mom.Stat
	s[isa.UnitNorm], s[isa.UnitEPC] = w.Norm.Stat, w.EPC.Stat
	if in.Scratch.Valid = w.DMA.Scratch.Valid; in.Scratch.Valid {
		in.Scratch = w.DMA.Scratch
	}
}

func (c *Chip) connectDMA() {
	w, in := &c.wires, &c.ins.DMA
	in.XRoom, in.WRoom, in.WIdle = w.XMem.Room[port.XPortDMA], w.XMem.Room[port.XPortDMAW], w.XMem.WriteIdle[port.XPortDMAW]
	in.EncRoom, in.EncIdle = w.OMEM.EncRoom[port.EPortDMA], w.OMEM.EncIdle[port.EPortDMA]
	in.ReqRoom = w.OMEM.ReqRoom[port.RPortDMA]
	group(&in.Read, &w.OMEM.ReadData[port.RPortDMA])
	if in.Scratch.Valid = w.Seq.Scratch.Valid; in.Scratch.Valid {
		in.Scratch = w.Seq.Scratch
	}
}

func (c *Chip) connectWLD() {
	w, in := &c.wires, &c.ins.WLD
	in.XRoom = w.XMem.Room[port.XPortWLD]
	in.Freed, in.ReqRoom = [2]uint8(w.DNNC.WFreed[:2]), w.OMEM.ReqRoom[port.RPortWLD]
	group(&in.Read, &w.OMEM.ReadData[port.RPortWLD])
}

func (c *Chip) connectDNNC() {
	w, in := &c.wires, &c.ins.DNNC
	in.X, in.StreamRoom = w.OMEM.X, w.OMEM.StreamRoom
	in.FreeDrain, in.FreeMom = w.Drain.Free, w.Mom.Free
	if in.Tile.Valid = w.WLD.Tile.Valid; in.Tile.Valid {
		in.Tile = w.WLD.Tile
	}
	if in.Upd.Valid = w.Mom.Upd.Valid; in.Upd.Valid {
		in.Upd = w.Mom.Upd
	}
}

func (c *Chip) connectDrain() {
	w, in := &c.wires, &c.ins.Drain
	in.Head = c.head()
	if w.Drain.Acc.Valid {
		in.Acc = port.AccData(c.DNNC.Read(&w.Drain.Acc))
	}
	c.serveMask(&w.Drain.Mask, &in.Mask, false)
	in.EncRoom, in.EncIdle = w.OMEM.EncRoom[port.EPortDrain], w.OMEM.EncIdle[port.EPortDrain]
	in.WriteRoom, in.WriteIdle = w.OMEM.WriteRoom[port.WPortDrain], w.OMEM.WriteIdle[port.WPortDrain]
	in.XRoom, in.XIdle = w.XMem.Room[port.XPortDrainW], w.XMem.WriteIdle[port.XPortDrainW]
	if in.Bias.Valid = w.DMA.Bias.Valid; in.Bias.Valid {
		in.Bias = w.DMA.Bias
	}
}

// head is the bank that waits longest; in the cycle after its release the DNNC's register is out of date.
func (c *Chip) head() port.BankHead {
	h := c.wires.DNNC.Head
	h.Valid = h.Valid && !c.wires.Drain.Free && !c.wires.Mom.Free
	return h
}

func (c *Chip) connectLoss() {
	w, in := &c.wires.OMEM, &c.ins.Loss
	in.ReqRoom, in.WriteRoom, in.WriteIdle = w.ReqRoom[port.RPortLoss], w.WriteRoom[port.WPortLoss], w.WriteIdle[port.WPortLoss]
	group(&in.Read, &w.ReadData[port.RPortLoss])
}

func (c *Chip) connectDEPC() {
	w, in := &c.wires, &c.ins.DEPC
	o := &w.OMEM
	in.ReqRoom, in.WriteRoom, in.WriteIdle = o.ReqRoom[port.RPortDEPC], o.WriteRoom[port.WPortDEPC], o.WriteIdle[port.WPortDEPC]
	in.WRoom, in.WIdle = w.XMem.Room[port.XPortDEPCW], w.XMem.WriteIdle[port.XPortDEPCW]
	group(&in.Read, &o.ReadData[port.RPortDEPC])
	c.serveMask(&w.DEPC.Mask, &in.Mask, w.Drain.Mask.Valid)
	if in.RNGFull = w.LFSR.Full; in.RNGFull {
		in.RNGReg = w.LFSR.Reg
	}
	if in.Sign.Valid = w.DMA.Sign.Valid; in.Sign.Valid {
		in.Sign = w.DMA.Sign
	}
}

func (c *Chip) connectMom() {
	w, in := &c.wires, &c.ins.Mom
	x := &w.XMem
	in.ReadRoom, in.WriteRoom, in.WriteIdle = x.Room[port.XPortMom], x.Room[port.XPortMomW], x.WriteIdle[port.XPortMomW]
	in.Head = c.head()
	in.Freed = [2]uint8(w.DNNC.WFreed[2:])
	if a := &w.Mom.Acc; a.Valid {
		row := c.DNNC.Read(a)
		in.Acc[0] = port.AccData(row)
		if c.cfg.Momentum.Lanes > 16 {
			in.Acc[1] = port.AccData(row[16:])
		}
	}
}

func (c *Chip) connectNorm() {
	x, in := &c.wires.XMem, &c.ins.Norm
	in.ReadRoom, in.WriteRoom, in.WriteIdle = x.Room[port.XPortNorm], x.Room[port.XPortNormW], x.WriteIdle[port.XPortNormW]
}

func (c *Chip) connectEPC() {
	w, in := &c.wires, &c.ins.EPC
	o := &w.OMEM
	in.ReqRoom, in.WriteRoom, in.WriteIdle = o.ReqRoom[port.RPortEPC], o.WriteRoom[port.WPortEPC], o.WriteIdle[port.WPortEPC]
	in.XRoom = w.XMem.Room[port.XPortEPC]
	in.WRoom, in.WIdle = w.XMem.Room[port.XPortDEPCW], w.XMem.WriteIdle[port.XPortDEPCW]
	group(&in.Read, &o.ReadData[port.RPortEPC])
	c.serveMask(&w.EPC.Mask, &in.Mask, w.Drain.Mask.Valid || w.DEPC.Mask.Valid)
}

func (c *Chip) connectLFSR() {
	d, in := &c.wires.DEPC, &c.ins.LFSR
	in.Start, in.Seed, in.Passes, in.Bits = d.RNGStart, d.RNGSeed, d.RNGPasses, d.RNGBits
	in.Last, in.Fills, in.Tag, in.Take = d.RNGLast, d.RNGFills, d.RNGTag, d.RNGTake
}

func (c *Chip) connectOMEM() {
	w, in := &c.wires, &c.ins.OMEM
	if in.Stream.Valid = w.DNNC.Stream.Valid; in.Stream.Valid {
		in.Stream = w.DNNC.Stream
	}
	in.XRoom = w.DNNC.XRoom
	if w.WLD.Req.Valid || in.Called || c.othersMoved(activity.OMEM) {
		c.connectOMEMPorts()
	}
}

// othersMoved reports whether wires of units that seldom tick may have changed since u last ticked.
func (c *Chip) othersMoved(u activity.Unit) bool { return c.ticked&^often != 0 || !c.ticked.has(u) }

func (c *Chip) connectOMEMPorts() {
	w, in := &c.wires, &c.ins.OMEM
	in.ReadRoom[port.RPortWLD], in.ReadRoom[port.RPortLoss], in.ReadRoom[port.RPortDEPC] = w.WLD.ReadRoom, w.Loss.ReadRoom, w.DEPC.ReadRoom
	in.ReadRoom[port.RPortDMA], in.ReadRoom[port.RPortEPC] = w.DMA.ReadRoom, w.EPC.ReadRoom
	called := w.Drain.Enc.Valid || w.DMA.Enc.Valid || w.WLD.Req.Valid || w.Loss.Req.Valid || w.DEPC.Req.Valid ||
		w.DMA.Req.Valid || w.EPC.Req.Valid || w.EPC.Write.Valid || w.Drain.Write.Valid || w.Loss.Write.Valid || w.DEPC.Write.Valid
	if !called && !in.Called {
		return
	}
	in.Called = called
	encode(&in.Enc[port.EPortDrain], &w.Drain.Enc)
	encode(&in.Enc[port.EPortDMA], &w.DMA.Enc)
	stream(&in.Read[port.RPortWLD], &w.WLD.Req)
	stream(&in.Read[port.RPortLoss], &w.Loss.Req)
	stream(&in.Read[port.RPortDEPC], &w.DEPC.Req)
	stream(&in.Read[port.RPortDMA], &w.DMA.Req)
	stream(&in.Read[port.RPortEPC], &w.EPC.Req)
	write(&in.Write[port.WPortDrain], &w.Drain.Write)
	write(&in.Write[port.WPortLoss], &w.Loss.Write)
	write(&in.Write[port.WPortDEPC], &w.DEPC.Write)
	write(&in.Write[port.WPortEPC], &w.EPC.Write)
}

func (c *Chip) connectXMem() {
	w, in := &c.wires, &c.ins.XMem
	in.Called = 0
	read(in, port.XPortWLD, &w.WLD.X)
	if !c.othersMoved(activity.XMem) { // so they ask for nothing
		return
	}
	read(in, port.XPortDMA, &w.DMA.X)
	read(in, port.XPortMom, &w.Mom.Read)
	request(in, port.XPortMomW, &w.Mom.Write)
	request(in, port.XPortDMAW, &w.DMA.W)
	read(in, port.XPortNorm, &w.Norm.Read)
	request(in, port.XPortEPC, &w.EPC.X)
	request(in, port.XPortDrainW, &w.Drain.X)
	request(in, port.XPortNormW, &w.Norm.Write)
	if w.EPC.W.Valid { // a chip has one of the two
		request(in, port.XPortDEPCW, &w.EPC.W)
	} else {
		request(in, port.XPortDEPCW, &w.DEPC.W)
	}
}

func request(in *xmem.In, p port.XPort, out *port.XReq) {
	r := &in.Req[p]
	if r.Valid = out.Valid; r.Valid {
		*r = *out
		in.Called |= 1 << p
	}
}

func read(in *xmem.In, p port.XPort, out *port.XRead) {
	r := &in.Req[p]
	if r.Valid = out.Valid; r.Valid {
		r.Addr, r.Tag = out.Addr, out.Tag
		in.Called |= 1 << p
	}
}

func group(in, out *port.ReadData) {
	if in.Valid = out.Valid; in.Valid {
		*in = *out
	}
}

func encode(in, out *port.EncReq) {
	if in.Valid = out.Valid; in.Valid {
		*in = *out
	}
}

func stream(in, out *port.ReadReq) {
	if in.Valid = out.Valid; in.Valid {
		*in = *out
	}
}

func write(in, out *port.WriteReq) {
	if in.Valid = out.Valid; in.Valid {
		*in = *out
	}
}
