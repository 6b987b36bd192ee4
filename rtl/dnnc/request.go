package dnnc

import (
	"bdfasim/isa"
	"bdfasim/rtl/dnnc/lanes"
	"bdfasim/rtl/port"
)

// maxSplit is log2 of the number of streams.
const maxSplit = 2

// request asks OMEM for the stream of the next command that has not asked yet, in order.
func (u *Unit) request(in *In, out *Out) {
	s := &u.s
	if s.Hold {
		s.Hold = false
		return
	}
	c := s.Queue.At(s.Asked)
	if c.Op == isa.OpDNNCOnes {
		s.Asked++
		return
	}
	if !in.StreamRoom {
		return
	}
	kind := port.StreamRLC
	if c.Op == isa.OpDNNCGrad {
		kind = port.StreamGrad
	} else if c.Is(isa.FlagRaw) {
		kind = port.StreamRaw
	}
	if !u.check(c) {
		return
	}
	out.Stream = port.StreamReq{
		Valid: true, Kind: kind, Src: c.P[isa.DNNCSrc], SStep: c.P[isa.DNNCSStep], NB: uint8(c.P[isa.DNNCNB]),
		Rows: uint8(c.P[isa.DNNCRows]), Split: uint8(c.P[isa.DNNCSplit]), Win: window(c), Tag: c.Tag, PC: c.PC,
	}
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
		Stride: uint8(p[isa.DNNCStep] & 15), Div: uint8(p[isa.DNNCStep] >> 4 & 15), Flip: p[isa.DNNCStep]>>8&1 == 1,
		YOff: int16(p[isa.DNNCOff] >> 16), XOff: int16(p[isa.DNNCOff]),
		NStep: p[isa.DNNCNStep],
	}
}

// check faults on parameters out of range.
func (u *Unit) check(c *port.Cmd) bool {
	if c.Is(isa.FlagUpd) && !u.cfg.Fused {
		u.s.Fault.Raise(port.FaultIllegal, c.PC, uint64(c.Op))
		return false
	}
	p := &c.P
	samples := uint32(AccRows)
	if c.Op == isa.OpDNNCMac && p[isa.DNNCSplit] <= maxSplit {
		samples <<= p[isa.DNNCSplit]
	}
	bad := -1
	switch {
	case p[isa.DNNCNB]-1 >= samples:
		bad = isa.DNNCNB
	case p[isa.DNNCRows]-1 >= lanes.Rows:
		bad = isa.DNNCRows
	case p[isa.DNNCSplit] > maxSplit || c.Op != isa.OpDNNCMac && p[isa.DNNCSplit] != 0:
		bad = isa.DNNCSplit
	case p[isa.DNNCGroups]-1 >= Lanes/16>>p[isa.DNNCSplit]:
		bad = isa.DNNCGroups
	case c.Op == isa.OpDNNCMac && c.Is(isa.FlagUpd) && p[isa.DNNCRows] > AccRows:
		bad = isa.DNNCRows
	case p[isa.DNNCTaps] > 0 && c.Op != isa.OpDNNCOnes:
		bad = badWindow(c)
	}
	if bad < 0 {
		return true
	}
	u.s.Fault.BadParam(c, bad)
	return false
}

// badWindow names a window parameter that is out of range, or is negative.
func badWindow(c *port.Cmd) int {
	p := &c.P
	step := p[isa.DNNCStep]
	switch {
	case p[isa.DNNCChan]-1 >= lanes.Rows:
		return isa.DNNCChan
	case uint64(p[isa.DNNCTaps])*uint64(p[isa.DNNCChan]) != uint64(p[isa.DNNCRows]):
		return isa.DNNCRows
	case p[isa.DNNCOut]>>16 == 0 || uint16(p[isa.DNNCOut]) == 0:
		return isa.DNNCOut
	case p[isa.DNNCIn]>>16 == 0 || uint16(p[isa.DNNCIn]) == 0:
		return isa.DNNCIn
	case p[isa.DNNCTap]>>16-1 >= 255:
		return isa.DNNCTap
	case step&15 == 0 || step>>4&15 > 2 || step>>9 != 0:
		return isa.DNNCStep
	}
	return -1
}
