package depc

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// beginLoad takes the shape that later runs use and asks for the stream.
func (u *Unit) beginLoad(cmd *port.Cmd, in *In, out *Out) {
	u.Phase = PhaseLoad
	u.Classes, u.Batch = uint16(cmd.P[isa.DEPCN]), uint8(cmd.P[isa.DEPCNB])
	u.Passes = (u.Classes + passWidth - 1) / passWidth
	u.Sample, u.Pass, u.Asked = 0, 0, false
	u.ask(cmd, in, out)
}

// ask requests the stream when its port has room.
func (u *Unit) ask(cmd *port.Cmd, in *In, out *Out) {
	out.ReadRoom = true
	if !in.ReqRoom {
		out.Status = activity.WaitOperand
		return
	}
	u.Asked = true
	out.Status = activity.Busy
	out.Req = port.ReadReq{
		Valid: true, Addr: cmd.P[isa.DEPCSrc], Groups: u.Passes, Rows: u.Batch,
		Stride: cmd.P[isa.DEPCSStep], Tag: cmd.Tag, PC: cmd.PC,
	}
}

// load is a cycle of depc.load: a group that arrives goes straight into the error buffer, so there is always room. It
// reports whether registers were clocked.
func (u *Unit) load(cmd *port.Cmd, in *In, out *Out) bool {
	if !u.Asked {
		u.ask(cmd, in, out)
		return u.Asked
	}
	out.ReadRoom = true
	if !in.Read.Valid {
		out.Status = activity.WaitOperand
		return false
	}
	out.Status = activity.Busy
	e := &u.EBuf[int(u.Sample)*u.columns+int(u.Pass)]
	*e = in.Read.Data
	for c := u.passClasses(); c < passWidth; c++ {
		e[c] = 0 // what pads a row must not reach the trees
	}
	u.act.Rows[cmd.Tag][activity.EBufWrite]++
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

// passClasses is the number of classes of the present pass.
func (u *Unit) passClasses() int {
	return min(passWidth, int(u.Classes)-passWidth*int(u.Pass))
}
