package dma

import (
	"encoding/binary"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// streamGroups is the longest stream that a request to OMEM asks for.
const streamGroups = 255

// save asks OMEM for the groups of a row, at most streamGroups at a time, and writes those that come.
func (u *Unit) save(c *port.Cmd, in *In, out *Out) {
	s := &u.State
	out.Status = activity.WaitOperand
	if in.Read.Valid {
		u.landGroup(c, &in.Read.Data)
		out.Status = activity.Busy
	}
	if s.N > 0 {
		if in.WRoom {
			u.write(c, out)
		} else if out.Status != activity.Busy {
			out.Status = activity.WaitDrain
		}
	}
	// One stream at a time: until the first group has come, ReqRoom may tell of the time before the request.
	if s.Flown == 0 && s.Ask.Row < s.Rows && in.ReqRoom {
		n := min(s.Total-s.Ask.Burst, streamGroups)
		out.Req = port.ReadReq{
			Valid: true, Addr: c.P[isa.DMADst] + s.Ask.Row*c.P[isa.DMADStep] + 4*s.Ask.Burst, Groups: uint16(n), Rows: 1, Tag: c.Tag, PC: c.PC,
		}
		u.count(clockReq)
		u.asked(n)
		s.Flown = uint8(n)
		out.Status = activity.Busy
	}
	out.ReadRoom = s.N+2 <= landDepth
}

// landGroup lands a group as a burst; elements behind the end of a row become 0.
func (u *Unit) landGroup(c *port.Cmd, g *port.Group) {
	s := &u.State
	n := len(g)
	// The group is the last of its row when all that was asked has come and the next to ask for is a row's first.
	if s.Flown == 1 && s.Ask.Burst == 0 {
		n = int(c.P[isa.DMAN]-1)%groupElems + 1
	}
	var b port.Burst
	for i, v := range g[:n] {
		binary.LittleEndian.PutUint16(b[2*i:], uint16(v))
	}
	u.push(&b)
}
