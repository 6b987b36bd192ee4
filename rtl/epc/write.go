package epc

import (
	"bdfasim/isa"
	"bdfasim/isa/fixed"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// room tells whether a group can be sent.
func room(cmd *port.Cmd, in *In) bool {
	if cmd.Is(isa.FlagX) {
		return in.WRoom
	}
	return in.WriteRoom
}

// write shifts, rounds, masks and saturates the sums of a group and sends them to OMEM or to external memory.
func (u *Unit) write(cmd *port.Cmd, out *Out, word uint16) {
	b, g := uint32(u.S3.Sample), uint32(u.S3.Group)
	addr := cmd.P[isa.EPCDst] + b*cmd.P[isa.EPCDStep]
	u.Settle = 1
	if !cmd.Is(isa.FlagX) {
		w := &out.Write
		w.Valid, w.Addr, w.Tag, w.PC = true, addr+4*g, cmd.Tag, cmd.PC
		u.round(cmd, word, &w.Data)
		return
	}
	var data port.Group
	u.round(cmd, word, &data)
	w := &out.W
	w.Valid, w.Addr, w.Tag = true, addr+port.BurstBytes*g, cmd.Tag
	port.PutGroup(&w.Data, &data)
}

// round makes errors of the sums where the mask is 1.
func (u *Unit) round(cmd *port.Cmd, word uint16, data *port.Group) {
	shift := cmd.Int(isa.EPCShift)
	for t := range data {
		if word>>t&1 == 0 {
			data[t] = 0
			continue
		}
		e, clipped := fixed.Sat(fixed.Away(fixed.Wrap(u.Sum[t], u.accBits), shift), 16)
		if clipped {
			u.Sat++
		}
		u.Max = max(u.Max, uint16(max(e, -e)))
		data[t] = int16(e)
	}
}

// finish waits until the last write is committed: the idle wire tells of it from the second cycle after the write on.
func (u *Unit) finish(cmd *port.Cmd, in *In, out *Out) {
	out.Status = activity.WaitDrain
	if u.Settle > 0 {
		u.Settle--
		return
	}
	idle := in.WriteIdle
	if cmd.Is(isa.FlagX) {
		idle = in.WIdle
	}
	if idle {
		out.Status = activity.Busy
		u.retire(cmd, out)
	}
}
