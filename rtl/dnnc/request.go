package dnnc

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// asks is the next command that has not asked for its stream yet, if there is one.
func (u *Unit) asks() *port.Cmd { return &u.Queue.Cmds[(u.Queue.Head+u.Asked)%port.QueueDepth] }

// request asks OMEM for the stream of c, if it has one.
func (u *Unit) request(c *port.Cmd, out *Out) {
	s := &u.State
	if c.Op == isa.OpDNNCOnes {
		s.Asked++
		u.clocked = true
		return
	}
	kind := port.StreamRLC
	if c.Op == isa.OpDNNCGrad {
		kind = port.StreamGrad
	} else if c.Is(isa.FlagRaw) {
		kind = port.StreamRaw
	}
	if !u.limits.Check(c, nil, &s.Fault) {
		return
	}
	out.Stream = port.StreamReq{
		Valid: true, Kind: kind, Src: c.P[isa.DNNCSrc], SStep: c.P[isa.DNNCSStep],
		NB: uint8(c.P[isa.DNNCNB]), Rows: uint8(c.P[isa.DNNCRows]), Split: uint8(c.P[isa.DNNCSplit]),
		Win: window(c), Tag: c.Tag, PC: c.PC,
	}
	u.act.Rows[c.Tag][activity.ClockDNNCStream]++
	u.clocked = true
	s.Asked++
	s.Hold = true
}

// window unpacks the parameters of a window stream.
func window(c *port.Cmd) port.Window {
	p := &c.P
	if p[isa.DNNCTaps] == 0 {
		return port.Window{}
	}
	return port.Window{
		Taps: uint8(p[isa.DNNCTaps]), Chan: uint8(p[isa.DNNCChan]),
		KW: uint8(p[isa.DNNCTap] >> 16), KY: uint8(p[isa.DNNCTap] >> 8), KX: uint8(p[isa.DNNCTap]),
		OH: uint16(p[isa.DNNCOut] >> 16), OW: uint16(p[isa.DNNCOut]),
		IH: uint16(p[isa.DNNCIn] >> 16), IW: uint16(p[isa.DNNCIn]),
		Y: uint16(p[isa.DNNCAt] >> 16), X: uint16(p[isa.DNNCAt]),
		Stride: uint8(p[isa.DNNCStep] & 15), Div: uint8(p[isa.DNNCStep] >> 4 & 15),
		Flip: p[isa.DNNCStep]>>8&1 == 1,
		YOff: int16(p[isa.DNNCOff] >> 16), XOff: int16(p[isa.DNNCOff]),
		NStep: p[isa.DNNCNStep],
	}
}
