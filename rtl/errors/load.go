package errors

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// BeginLoad takes the shape that later runs use and asks for the stream.
func (c *Core) BeginLoad(cmd *port.Cmd, in *In, out *Out) {
	c.Phase = PhaseLoad
	c.Errors, c.Batch = uint16(cmd.P[isa.DEPCN]), uint8(cmd.P[isa.DEPCNB])
	c.Columns = (c.Errors + Group - 1) / Group
	c.Passes = uint16((int(c.Errors) + c.TileI - 1) / c.TileI)
	c.Sample, c.Pass, c.Asked = 0, 0, false
	c.ask(cmd, in, out)
}

// ask requests the stream when its port has room.
func (c *Core) ask(cmd *port.Cmd, in *In, out *Out) {
	out.ReadRoom = true
	if !in.ReqRoom {
		out.Status = activity.WaitOperand
		return
	}
	c.Asked = true
	out.Req = port.ReadReq{
		Valid: true, Addr: cmd.P[isa.DEPCSrc], Groups: c.Columns, Rows: c.Batch,
		Stride: cmd.P[isa.DEPCSStep], Tag: cmd.Tag, PC: cmd.PC,
	}
}

// Load is a cycle of a load: a group that arrives goes straight into the error buffer, so there is
// always room. It returns the group, or nil.
func (c *Core) Load(cmd *port.Cmd, in *In, out *Out) []int16 {
	if !c.Asked {
		if c.ask(cmd, in, out); c.Asked {
			c.clock(cmd, Begin)
		}
		return nil
	}
	out.ReadRoom = true
	if !in.Read.Valid {
		out.Status = activity.WaitOperand
		return nil
	}
	at := int(c.Sample)*c.row + Group*int(c.Pass)
	g := c.EBuf[at : at+Group]
	copy(g, in.Read.Data[:])
	c.count(cmd, c.kit.EWrite)
	if c.Pass++; c.Pass < c.Columns {
		return g
	}
	c.Pass = 0
	// What pads a row must not reach the trees.
	clear(c.EBuf[int(c.Sample)*c.row+int(c.Errors) : int(c.Sample)*c.row+int(c.Passes)*c.TileI])
	if c.Sample++; c.Sample == c.Batch {
		out.ReadRoom = false
		c.retire(out)
	}
	return g
}
