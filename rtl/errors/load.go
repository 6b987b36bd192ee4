package errors

import (
	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// beginLoad takes the shape that later runs use and asks for the stream.
func (c *Core) beginLoad(cmd *port.Cmd, in *In, out *Out) {
	c.Phase = PhaseLoad
	c.Errors, c.Batch = uint16(cmd.P[isa.DEPCN]), uint8(cmd.P[isa.DEPCNB])
	c.Columns = (c.Errors + Group - 1) / Group
	c.Passes = uint16((int(c.Errors) + c.TileI - 1) / c.TileI)
	c.Sample, c.Pass, c.Asked = 0, 0, false
	c.Clock(Begin)
	c.ask(cmd, in, out)
}

// ask requests the stream when its port has room.
func (c *Core) ask(cmd *port.Cmd, in *In, out *Out) {
	if out.ReadRoom = true; !in.ReqRoom {
		out.Status = activity.WaitOperand
		return
	}
	c.Asked = true
	out.Req = port.ReadReq{
		Valid: true, Addr: cmd.P[isa.DEPCSrc], Groups: c.Columns, Rows: c.Batch,
		Stride: cmd.P[isa.DEPCSStep], Tag: cmd.Tag, PC: cmd.PC,
	}
}

// load is a cycle of a load: a group that arrives goes straight into the error buffer, so there is
// always room. It returns the group, or nil.
func (c *Core) load(cmd *port.Cmd, in *In, out *Out) (g []int16) {
	if !c.Asked {
		if c.ask(cmd, in, out); c.Asked {
			c.Clock(Begin)
		}
		return nil
	}
	if out.ReadRoom = true; !in.Read.Valid {
		out.Status = activity.WaitOperand
		return nil
	}
	row := c.EBuf[int(c.Sample)*c.row:][:int(c.Passes)*c.TileI]
	g = row[Group*int(c.Pass):][:Group]
	copy(g, in.Read.Data[:])
	c.Count(cmd, c.kit.EWrite, 1)
	if c.Pass++; c.Pass < c.Columns {
		return g
	}
	c.Pass = 0
	clear(row[c.Errors:]) // what pads a row must not reach the trees
	if c.Sample++; c.Sample == c.Batch {
		out.ReadRoom = false
		c.retire(out)
	}
	return g
}
