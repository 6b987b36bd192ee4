package rtl

import (
	"bdfasim/isa"
	"bdfasim/rtl/omem"
	"bdfasim/rtl/port"
)

// connect is the netlist: it computes what every unit sees from what all units drove in the last cycle. Wide data are
// copied only when valid.
func (c *Chip) connect() {
	w, in := &c.wires, &c.ins
	if c.bus.Kind != port.BusNone || w.Seq.Bus.Kind != port.BusNone {
		c.bus = w.Seq.Bus
	}
	if c.resp.Valid = w.XMem.Resp.Valid; c.resp.Valid {
		c.resp = w.XMem.Resp
	}

	d := &in.Seq.Done
	d[isa.UnitDMA], d[isa.UnitWLD], d[isa.UnitDNNC], d[isa.UnitDrain] = w.DMA.Done, w.WLD.Done, w.DNNC.Done, w.Drain.Done
	d[isa.UnitLoss], d[isa.UnitDEPC], d[isa.UnitMom] = w.Loss.Done, w.DEPC.Done, w.Mom.Done
	st := &in.Seq.Stat
	st[isa.UnitDrain], st[isa.UnitLoss], st[isa.UnitDEPC], st[isa.UnitMom] = w.Drain.Stat, w.Loss.Stat, w.DEPC.Stat, w.Mom.Stat
	if in.Seq.Scratch.Valid = w.DMA.Scratch.Valid; in.Seq.Scratch.Valid {
		in.Seq.Scratch = w.DMA.Scratch
	}

	x := &w.XMem
	in.DMA.XRoom, in.DMA.WRoom, in.DMA.WIdle = x.Room[port.XPortDMA], x.Room[port.XPortDMAW], x.WriteIdle[port.XPortDMAW]
	in.WLD.XRoom = x.Room[port.XPortWLD]
	in.Mom.ReadRoom, in.Mom.WriteRoom, in.Mom.WriteIdle = x.Room[port.XPortMom], x.Room[port.XPortMomW], x.WriteIdle[port.XPortMomW]
	request(&in.XMem.Req[port.XPortWLD], &w.WLD.X)
	request(&in.XMem.Req[port.XPortDMA], &w.DMA.X)
	request(&in.XMem.Req[port.XPortMom], &w.Mom.Read)
	request(&in.XMem.Req[port.XPortMomW], &w.Mom.Write)
	request(&in.XMem.Req[port.XPortDMAW], &w.DMA.W)

	o := &w.OMEM
	in.DMA.EncRoom, in.DMA.EncIdle = o.EncRoom[port.EPortDMA], o.EncIdle[port.EPortDMA]
	if in.DMA.Scratch.Valid = w.Seq.Scratch.Valid; in.DMA.Scratch.Valid {
		in.DMA.Scratch = w.Seq.Scratch
	}
	in.WLD.Freed, in.WLD.ReqRoom = w.DNNC.WFreed, o.ReqRoom[port.RPortWLD]
	group(&in.WLD.Read, &o.ReadData[port.RPortWLD])

	in.DNNC.X, in.DNNC.StreamRoom = o.X, o.StreamRoom
	in.DNNC.FreeDrain, in.DNNC.FreeMom = w.Drain.Free, w.Mom.Free
	if in.DNNC.Tile.Valid = w.WLD.Tile.Valid; in.DNNC.Tile.Valid {
		in.DNNC.Tile = w.WLD.Tile
	}

	in.Drain.Head = w.DNNC.Head
	in.Drain.EncRoom, in.Drain.EncIdle = o.EncRoom[port.EPortDrain], o.EncIdle[port.EPortDrain]
	in.Drain.WriteRoom, in.Drain.WriteIdle = o.WriteRoom[port.WPortDrain], o.WriteIdle[port.WPortDrain]
	if in.Drain.Bias.Valid = w.DMA.Bias.Valid; in.Drain.Bias.Valid {
		in.Drain.Bias = w.DMA.Bias
	}

	in.Loss.ReqRoom, in.Loss.WriteRoom, in.Loss.WriteIdle = o.ReqRoom[port.RPortLoss], o.WriteRoom[port.WPortLoss], o.WriteIdle[port.WPortLoss]
	group(&in.Loss.Read, &o.ReadData[port.RPortLoss])

	in.DEPC.ReqRoom, in.DEPC.WriteRoom, in.DEPC.WriteIdle = o.ReqRoom[port.RPortDEPC], o.WriteRoom[port.WPortDEPC], o.WriteIdle[port.WPortDEPC]
	group(&in.DEPC.Read, &o.ReadData[port.RPortDEPC])
	if in.DEPC.RNGFull = w.LFSR.Full; in.DEPC.RNGFull {
		in.DEPC.RNGReg = w.LFSR.Reg
	}
	if in.DEPC.Sign.Valid = w.DMA.Sign.Valid; in.DEPC.Sign.Valid {
		in.DEPC.Sign = w.DMA.Sign
	}
	g := &in.LFSR
	g.Start, g.Seed, g.Passes, g.Bits = w.DEPC.RNGStart, w.DEPC.RNGSeed, w.DEPC.RNGPasses, w.DEPC.RNGBits
	g.Last, g.Fills, g.Tag, g.Take = w.DEPC.RNGLast, w.DEPC.RNGFills, w.DEPC.RNGTag, w.DEPC.RNGTake

	in.Mom.Head = w.DNNC.Head
	c.connectOMEM(&in.OMEM)
}

// connectOMEM computes the inputs of OMEM.
func (c *Chip) connectOMEM(in *omem.In) {
	w := &c.wires
	if in.Stream.Valid = w.DNNC.Stream.Valid; in.Stream.Valid {
		in.Stream = w.DNNC.Stream
	}
	in.XRoom = w.DNNC.XRoom
	encode(&in.Enc[port.EPortDrain], &w.Drain.Enc)
	encode(&in.Enc[port.EPortDMA], &w.DMA.Enc)
	stream(&in.Read[port.RPortWLD], &w.WLD.Req)
	stream(&in.Read[port.RPortLoss], &w.Loss.Req)
	stream(&in.Read[port.RPortDEPC], &w.DEPC.Req)
	in.ReadRoom[port.RPortWLD], in.ReadRoom[port.RPortLoss], in.ReadRoom[port.RPortDEPC] = w.WLD.ReadRoom, w.Loss.ReadRoom, w.DEPC.ReadRoom
	write(&in.Write[port.WPortDrain], &w.Drain.Write)
	write(&in.Write[port.WPortLoss], &w.Loss.Write)
	write(&in.Write[port.WPortDEPC], &w.DEPC.Write)
}

func request(in, out *port.XReq) {
	if in.Valid = out.Valid; in.Valid {
		*in = *out
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
