package epc

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// beginLoad takes the shape that later runs use and asks for the stream.
func (u *Unit) beginLoad(cmd *port.Cmd, in *In, out *Out) {
	u.Phase = PhaseLoad
	u.Errors, u.Batch = uint16(cmd.P[isa.EPCN]), uint8(cmd.P[isa.EPCNB])
	u.Passes = (u.Errors + passWidth - 1) / passWidth
	u.Sample, u.Pass, u.Asked = 0, 0, false
	u.request(cmd, in, out)
}

// request asks OMEM for the stream when its port has room.
func (u *Unit) request(cmd *port.Cmd, in *In, out *Out) {
	out.ReadRoom = true
	if !in.ReqRoom {
		out.Status = activity.WaitOperand
		return
	}
	u.Asked = true
	out.Status = activity.Busy
	out.Req = port.ReadReq{
		Valid: true, Addr: cmd.P[isa.EPCSrc], Groups: u.Passes, Rows: u.Batch,
		Stride: cmd.P[isa.EPCSStep], Tag: cmd.Tag, PC: cmd.PC,
	}
}

// load is a cycle of epc.load: a group that arrives goes straight into the error buffer, so there is always room. It
// reports whether registers were clocked.
func (u *Unit) load(cmd *port.Cmd, in *In, out *Out) bool {
	if !u.Asked {
		u.request(cmd, in, out)
		return u.Asked
	}
	out.ReadRoom = true
	if !in.Read.Valid {
		out.Status = activity.WaitOperand
		return false
	}
	out.Status = activity.Busy
	u.store(&in.Read.Data)
	u.act.Rows[cmd.Tag][activity.EPCEWrite]++
	if u.Pass++; u.Pass < u.Passes {
		return true
	}
	u.Pass = 0
	if u.Sample++; u.Sample == u.Batch {
		out.ReadRoom = false
		u.retire(cmd, out)
	}
	return true
}

// store writes a group of errors; what pads a row must not reach the multipliers.
func (u *Unit) store(g *port.Group) {
	e := &u.EBuf[int(u.Sample)*u.columns+int(u.Pass)]
	*e = *g
	clear(e[u.passErrors():])
	if u.kind != LaneMask {
		return
	}
	flags := &u.NonZero[u.Sample][u.Pass/tilePasses]
	if u.Pass%tilePasses == 0 {
		*flags = 0
	}
	if *e != (port.Group{}) {
		*flags |= 1 << (u.Pass % tilePasses)
	}
}

// passErrors is the number of errors of the present pass.
func (u *Unit) passErrors() int {
	return min(passWidth, int(u.Errors)-passWidth*int(u.Pass))
}
