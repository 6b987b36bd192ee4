package dma

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// size is the number of bytes of a row in external memory.
func size(c *port.Cmd) uint64 {
	n := uint64(c.P[isa.DMAN])
	switch {
	case c.Op == isa.OpDMABias:
		return 4 * n
	case c.Op == isa.OpDMASign:
		return signBytes * n
	case c.Op == isa.OpDMASave || c.Op == isa.OpDMAMap && c.Is(isa.FlagI16):
		return 2 * n
	}
	return n
}

// begin checks a command and counts its bursts.
func (u *Unit) begin(c *port.Cmd) {
	s := &u.State
	if !u.limits.Check(c, nil, &s.Fault) {
		return
	}
	rows := uint32(1)
	if c.Op == isa.OpDMAMap || c.Op == isa.OpDMASave {
		rows = max(1, c.P[isa.DMARows])
	}
	total := (size(c) + port.BurstBytes - 1) / port.BurstBytes
	s.Begun, s.Rows, s.Total, s.Flown, s.Settle = true, rows, uint32(total), 0, 2
	s.Ask, s.Use = place{}, place{}
	row := &u.act.Rows[c.Tag]
	row[clockBegin]++
	row[clockAsk]++
	row[clockUse]++
	if c.Op == isa.OpDMAMap {
		s.beginRow(c)
		row[clockMap]++
	}
}
