package momentum

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// limit is the range of a parameter, as a signed number.
type limit struct {
	index  int
	lo, hi int64
}

// The shifts are limited so that no intermediate value leaves 63 bits: |gradient| < 2^47, lambda * w < 2^31,
// eta * v < 2^39.
var (
	limitsBoth = [...]limit{
		{isa.MomLanes, 1, 256}, {isa.MomGShift, -14, 62}, {isa.MomEta, 0, 0xffff}, {isa.MomMu, 0, 0xffff},
	}
	limitsW   = [...]limit{{isa.MomRows, 1, 64}, {isa.MomDShift, -30, 62}, {isa.MomTShift, 0, 62}, {isa.MomLambda, 0, 0xffff}}
	limitsUpd = [...]limit{{isa.MomRows, 1, bankRows}, {isa.MomSplit, 0, 2}}
	limitsB   = [...]limit{{isa.MomTShift, -22, 62}}
)

// check returns the first fault in the parameters of a command.
func (u *Unit) check(c *port.Cmd) port.Fault {
	own := limitsW[:]
	if c.Op == isa.OpMomB {
		own = limitsB[:]
	}
	if f := outside(c, limitsBoth[:]); f.Code != port.FaultNone {
		return f
	}
	if f := outside(c, own); f.Code != port.FaultNone {
		return f
	}
	_, lanes := shape(c)
	if c.Is(isa.FlagUpd) {
		if f := u.checkUpd(c, lanes); f.Code != port.FaultNone {
			return f
		}
	}
	for b := range blocks(lanes) {
		w, v := blockAddr(c, b)
		wBytes, vBytes := extent(c, b)
		for _, r := range [2]region{{w, wBytes}, {v, vBytes}} {
			if r.base%port.BurstBytes != 0 || uint64(r.base) >= u.bytes {
				return port.Fault{Code: port.FaultXAddr, PC: c.PC, Arg: uint64(r.base)}
			}
			if end := uint64(r.base) + uint64(r.bytes); end > u.bytes {
				return port.Fault{Code: port.FaultXAddr, PC: c.PC, Arg: end - port.BurstBytes}
			}
		}
	}
	return port.Fault{}
}

// checkUpd returns the first fault in what a command with flag upd needs beside.
func (u *Unit) checkUpd(c *port.Cmd, lanes int) port.Fault {
	if !u.cfg.Fused {
		return port.Fault{Code: port.FaultIllegal, PC: c.PC, Arg: uint64(c.Op)}
	}
	if f := outside(c, limitsUpd[:]); f.Code != port.FaultNone {
		return f
	}
	if lanes > 256>>c.P[isa.MomSplit] {
		return port.Fault{Code: port.FaultParam, PC: c.PC, Arg: uint64(isa.MomLanes)<<32 | uint64(lanes)}
	}
	return port.Fault{}
}

func outside(c *port.Cmd, limits []limit) port.Fault {
	for _, l := range limits {
		if v := int64(int32(c.P[l.index])); v < l.lo || v > l.hi {
			return port.Fault{Code: port.FaultParam, PC: c.PC, Arg: uint64(l.index)<<32 | uint64(c.P[l.index])}
		}
	}
	return port.Fault{}
}

// region is a piece of external memory.
type region struct{ base, bytes uint32 }

func (r region) overlaps(o region) bool {
	return uint64(r.base) < uint64(o.base)+uint64(o.bytes) && uint64(o.base) < uint64(r.base)+uint64(r.bytes)
}

// extent returns how many bytes of a block a command touches, from its start to its last burst.
func extent(c *port.Cmd, block int) (w, v uint32) {
	rows, lanes := shape(c)
	chunks := uint32(min(2, (lanes-blockLanes*block+chunkLanes-1)/chunkLanes))
	before := uint32(rows - 1)
	if c.Op == isa.OpMomB {
		return chunks * chunkLanes * 4, chunks * chunkLanes * 3
	}
	return before*blockLanes*2 + chunks*chunkLanes*2, before*blockLanes*3 + chunks*chunkLanes*3
}

// overlaps reports whether a command touches memory that an older one in the queue will still write: it must not be
// read ahead of that.
func (u *Unit) overlaps(c *port.Cmd, index uint8) bool {
	for i := range index {
		if touch(c, u.Queue.At(i)) {
			return true
		}
	}
	return false
}

// touch compares every block of a with every block of b.
func touch(a, b *port.Cmd) bool {
	_, aLanes := shape(a)
	_, bLanes := shape(b)
	for i := range blocks(aLanes) {
		aw, av := regions(a, i)
		for j := range blocks(bLanes) {
			bw, bv := regions(b, j)
			if aw.overlaps(bw) || aw.overlaps(bv) || av.overlaps(bw) || av.overlaps(bv) {
				return true
			}
		}
	}
	return false
}

func regions(c *port.Cmd, block int) (w, v region) {
	w.base, v.base = blockAddr(c, block)
	w.bytes, v.bytes = extent(c, block)
	return w, v
}
