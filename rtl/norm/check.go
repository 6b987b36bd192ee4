package norm

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// limit is the range of a parameter, as a signed number.
type limit struct {
	index  int
	lo, hi int64
}

const (
	maxEdge  = 4095
	maxPool  = 3
	minShift = -15
	maxShift = 62
)

var (
	limitsMap    = [...]limit{{isa.NormNB, 1, 32}, {isa.NormH, 1, maxEdge}, {isa.NormW, 1, maxEdge}}
	limitsPool   = [...]limit{{isa.NormPool, 1, maxPool}}
	limitsShift  = [...]limit{{isa.NormShift, minShift, maxShift}}
	limitsUpdate = [...]limit{
		{isa.NormEta, 0, 0xffff}, {isa.NormMu, 0, 0xffff}, {isa.NormGShift, minShift, maxShift}, {isa.NormTShift, minShift, maxShift},
	}
)

// region is a piece of external memory that a command touches.
type region struct {
	index int // parameter with its address
	bytes uint64
}

// check returns the first fault in the parameters of a command.
func (u *Unit) check(c *port.Cmd) (f port.Fault) {
	if u.cfg.Channels == 0 || !owns(c.Op) {
		return port.Fault{Code: port.FaultIllegal, PC: c.PC, Arg: uint64(c.Op)}
	}
	chans := [...]limit{{isa.NormChan, 1, int64(u.cfg.Channels)}}
	if outside(c, &f, chans[:]) {
		return f
	}
	bn := c.Is(isa.FlagBN)
	switch c.Op {
	case isa.OpNormLoad, isa.OpNormStore:
		u.inside(c, &f, region{isa.NormRec, uint64(c.P[isa.NormChan]) * recordBytes})
		return f
	case isa.OpNormUpdate:
		outside(c, &f, limitsUpdate[:])
		return f
	case isa.OpNormFin:
		if c.P[isa.NormEps] == 0 {
			f.BadParam(c, isa.NormEps)
		}
		if c.Is(isa.FlagEval) {
			return f
		}
	}
	pools := c.Op == isa.OpNormFwd || c.Op == isa.OpNormBack
	if outside(c, &f, limitsMap[:]) || pools && outside(c, &f, limitsPool[:]) ||
		(c.Op == isa.OpNormFwd && bn || c.Op == isa.OpNormGrad) && outside(c, &f, limitsShift[:]) {
		return f
	}
	if pools {
		edge := int(c.P[isa.NormPool])
		if !f.InRange(c, isa.NormH, edge, maxEdge) || !f.InRange(c, isa.NormW, edge, maxEdge) {
			return f
		}
	}
	u.checkMaps(c, &f, bn)
	return f
}

// checkMaps looks at the maps of a command whose sizes are good.
func (u *Unit) checkMaps(c *port.Cmd, f *port.Fault, bn bool) {
	s := shape(c)
	pixels := uint64(s.Images) * uint64(s.H) * uint64(s.W)
	cells := uint64(s.Images) * uint64(s.RowsY) * uint64(s.RowsX)
	full, pooled := pixels*uint64(s.Groups)*port.BurstBytes, cells*uint64(s.Groups)*port.BurstBytes
	pos := region{isa.NormPos, cells * uint64(blocks(s.Groups)) * port.BurstBytes}
	switch c.Op {
	case isa.OpNormStat:
		u.inside(c, f, region{isa.NormSrc, full})
	case isa.OpNormFwd:
		u.inside(c, f, region{isa.NormSrc, full})
		u.inside(c, f, region{isa.NormDst, pooled})
		u.inside(c, f, pos)
	case isa.OpNormBack:
		u.inside(c, f, region{isa.NormAux, pooled})
		u.inside(c, f, pos)
		if bn {
			u.inside(c, f, region{isa.NormSrc, full})
		}
		u.inside(c, f, region{isa.NormDst, full})
	case isa.OpNormGrad:
		u.inside(c, f, region{isa.NormAux, full})
		u.inside(c, f, region{isa.NormSrc, full})
		u.inside(c, f, region{isa.NormDst, full})
	}
}

// inside raises FaultXAddr unless a region is aligned and in the memory.
func (u *Unit) inside(c *port.Cmd, f *port.Fault, r region) {
	base := uint64(c.P[r.index])
	if base%port.BurstBytes != 0 || base >= u.bytes {
		f.Raise(port.FaultXAddr, c.PC, base)
	} else if base+r.bytes > u.bytes {
		f.Raise(port.FaultXAddr, c.PC, base+r.bytes-port.BurstBytes)
	}
}

// outside raises FaultParam for the first parameter that is out of range, and reports whether there is a fault.
func outside(c *port.Cmd, f *port.Fault, limits []limit) bool {
	for _, l := range limits {
		if v := int64(int32(c.P[l.index])); v < l.lo || v > l.hi {
			f.BadParam(c, l.index)
		}
	}
	return f.Code != port.FaultNone
}
