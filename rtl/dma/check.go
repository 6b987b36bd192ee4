package dma

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// Limits of the counters.
const (
	maxRows      = 1 << 16
	maxN         = 1 << 20
	maxCopyBytes = maxN * port.BurstBytes
	maxBiases    = 256
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
	s := &u.s
	rows := uint32(1)
	if c.Op == isa.OpDMAMap || c.Op == isa.OpDMASave {
		rows = max(1, c.P[isa.DMARows])
	}
	if rows > maxRows {
		s.Fault.BadParam(c, isa.DMARows)
		return
	}
	total := (size(c) + port.BurstBytes - 1) / port.BurstBytes
	if !u.checkAddress(c, rows, total) || !u.checkN(c) || !u.checkTarget(c, total) {
		return
	}
	s.Begun, s.Rows, s.Total, s.Flown, s.Settle = true, rows, uint32(total), 0, 2
	s.Ask, s.Use = place{}, place{}
	if c.Op == isa.OpDMAMap {
		s.beginRow(c)
	}
}

// checkAddress faults on rows of total bursts that are not aligned or not inside external memory.
func (u *Unit) checkAddress(c *port.Cmd, rows uint32, total uint64) bool {
	x, step := uint64(c.P[isa.DMAXAddr]), uint64(c.P[isa.DMAXStep])
	if rows == 1 {
		step = 0
	}
	if x%port.BurstBytes != 0 || step%port.BurstBytes != 0 || x+uint64(rows-1)*step+total*port.BurstBytes > uint64(u.cfg.XMemBytes) {
		u.s.Fault.Raise(port.FaultXAddr, c.PC, x)
		return false
	}
	return true
}

// checkN faults on a number of elements, or of them in a pixel, that the command cannot have.
func (u *Unit) checkN(c *port.Cmd) bool {
	n, limit, unit := c.P[isa.DMAN], uint32(maxN), uint32(1)
	switch c.Op {
	case isa.OpDMABias:
		limit = maxBiases
	case isa.OpDMAStore:
		unit = port.BurstBytes
	case isa.OpDMACopy:
		limit, unit = maxCopyBytes, port.BurstBytes
	}
	if n == 0 || n > limit || n%unit != 0 {
		u.s.Fault.BadParam(c, isa.DMAN)
		return false
	}
	if chans := c.P[isa.DMAChan]; c.Op == isa.OpDMAMap && chans > 0 && c.Is(isa.FlagI16) && chans%groupElems != 0 {
		u.s.Fault.BadParam(c, isa.DMAChan)
		return false
	}
	return true
}

// checkTarget faults on a dst outside the memory that it lies in, as far as that does not check itself.
func (u *Unit) checkTarget(c *port.Cmd, total uint64) bool {
	dst := uint64(c.P[isa.DMADst])
	switch c.Op {
	case isa.OpDMAScr, isa.OpDMAStore:
		if dst%4 != 0 || dst+size(c) > uint64(u.cfg.ScratchBytes) {
			u.s.Fault.Raise(port.FaultScratch, c.PC, dst)
			return false
		}
	case isa.OpDMASign:
		if dst+total > uint64(u.cfg.SignEntries) {
			u.s.Fault.BadParam(c, isa.DMADst)
			return false
		}
	case isa.OpDMACopy:
		x, end := uint64(c.P[isa.DMAXAddr]), total*port.BurstBytes
		apart := dst+end <= x || x+end <= dst
		if dst%port.BurstBytes != 0 || dst+end > uint64(u.cfg.XMemBytes) || !apart {
			u.s.Fault.Raise(port.FaultXAddr, c.PC, dst)
			return false
		}
	}
	return true
}
