package port

import (
	"reflect"

	"bdfasim/isa"
	"bdfasim/isa/machine"
)

// Limits are what the commands of a unit must keep to in a certain machine: their contracts as
// package isa has them.
type Limits struct {
	of    [16][]limit // by the low bits of the operation code
	first isa.Op      // of these operations
	size  [isa.NumSpaces]uint64
	list  [2][]piece // for two commands, used again
}

// limit is a clause that is checked, laid out for a quick look.
type limit struct {
	cond   condition
	plain  bool // the parameter lies in lo..hi
	param  uint8
	flag   uint16
	lo, hi int32
	clause *isa.Clause
}

// condition says when a limit holds.
type condition uint8

const (
	always condition = iota
	again            // where the one before does
	byFlag
	byClause
)

// beyond is the fault for an address outside of a memory, or not aligned.
var beyond = [isa.NumSpaces]FaultCode{
	isa.External: FaultXAddr, isa.OMEM: FaultOMEMAddr, isa.MaskMem: FaultOMEMAddr,
	isa.ScratchMem: FaultScratch,
}

// NewLimits works out the limits of a unit.
func NewLimits(u isa.Unit, c *machine.Config) *Limits {
	l, m := &Limits{}, isa.Of(c)
	for s, info := range isa.Spaces {
		l.size[s] = uint64(m[info.Size])
	}
	for _, row := range isa.Table {
		if row.Unit != u || row.Format != isa.FmtCmd {
			continue
		}
		l.first = row.Op &^ 15
		l.of[row.Op&15] = limitsOf(row.Op.Contract().Bind(&m))
	}
	return l
}

// limitsOf lays out a contract.
func limitsOf(contract isa.Contract) []limit {
	list := []limit{}
	for i := range contract {
		k := &contract[i]
		if k.Needs.IsZero() && !k.Checked() && k.Access.Check == isa.Unchecked {
			continue
		}
		q := limit{param: uint8(k.Param), flag: k.If.Flag(), clause: k}
		q.lo, q.hi, q.plain = k.Plain()
		switch n := len(list); {
		case k.If.IsZero():
		case n > 0 && reflect.DeepEqual(k.If, list[n-1].clause.If):
			q.cond = again
		case q.flag != 0:
			q.cond = byFlag
		default:
			q.cond = byClause
		}
		list = append(list, q)
	}
	return list
}

// Check raises the first fault in the parameters of a command, and reports whether there is none.
// loaded has the parameters of the last load, for units with commands that go on with it.
func (l *Limits) Check(c *Cmd, loaded *[NumParams]uint32, f *Fault) bool {
	limits := l.of[c.Op&15]
	if limits == nil || c.Op&^15 != l.first {
		f.Raise(FaultIllegal, c.PC, uint64(c.Op))
		return false
	}
	e := isa.Env{P: &c.P, Loaded: loaded, Flags: c.Flags}
	holds := true
	for i := range limits {
		q := &limits[i]
		switch q.cond {
		case always:
			holds = true
		case byFlag:
			holds = c.Flags&q.flag != 0
		case byClause:
			holds = q.clause.Holds(&e)
		}
		if v := int32(c.P[q.param]); !holds || q.plain && v >= q.lo && v <= q.hi {
			continue
		}
		if q.clause.Access.Check == isa.ByBlock { // the last ones
			l.blocks(c, f)
			return f.Code == FaultNone
		}
		if l.clause(q.clause, c, &e, f); f.Code != FaultNone {
			return false
		}
	}
	return true
}

// clause raises a fault if the command does not keep to a clause.
func (l *Limits) clause(k *isa.Clause, c *Cmd, e *isa.Env, f *Fault) {
	switch {
	case !k.Needs.IsZero():
		if k.Needs.Eval(e) == 0 {
			f.Raise(FaultIllegal, c.PC, uint64(c.Op))
		}
	case k.Access.Act != 0:
		l.access(k, c, e, f)
	default:
		switch v, ok := k.Check(e); {
		case ok:
		case k.Range.Seed:
			f.Raise(FaultSeed, c.PC, uint64(v))
		default:
			f.Raise(FaultParam, c.PC, uint64(k.Param)<<32|uint64(v))
		}
	}
}

// access raises a fault if the command leaves a memory, in the way that the clause tells.
func (l *Limits) access(k *isa.Clause, c *Cmd, e *isa.Env, f *Fault) {
	in := k.Access.Space
	bad, unaligned := k.Unaligned(e)
	if !unaligned {
		if k.Access.Check == isa.ByAlign {
			return
		}
		end, piece := k.End(e)
		if end <= l.size[in] && k.IsApart(e) {
			return
		}
		bad = end - piece
	}
	switch k.Access.Check {
	case isa.ByParam:
		f.BadParam(c, k.Param)
		return
	case isa.ByBase:
		bad = uint64(k.First(e))
	}
	f.Raise(beyond[in], c.PC, bad)
}

// blocks raises a fault for the first block that leaves a memory.
func (l *Limits) blocks(c *Cmd, f *Fault) {
	l.list[0] = l.pieces(l.list[0][:0], c)
	for _, p := range l.list[0] {
		size := l.size[p.in]
		if p.from%isa.Spaces[p.in].Align != 0 || p.from >= size {
			f.Raise(beyond[p.in], c.PC, p.from)
		} else if p.from+p.n > size {
			f.Raise(beyond[p.in], c.PC, p.from+p.n-BurstBytes)
		}
	}
}

// piece is a block of memory.
type piece struct {
	in      isa.Space
	from, n uint64
}

// pieces appends what a command accesses block by block, the first blocks of all its accesses
// first.
func (l *Limits) pieces(to []piece, c *Cmd) []piece {
	e := isa.Env{P: &c.P, Flags: c.Flags}
	limits := l.of[c.Op&15]
	for block, before := uint64(0), -1; before < len(to); block++ {
		before = len(to)
		for i := range limits {
			k := limits[i].clause
			if k.Access.Check != isa.ByBlock || !k.Holds(&e) {
				continue
			}
			if from, n, ok := k.Block(&e, block); ok {
				to = append(to, piece{k.Access.Space, uint64(from), n})
			}
		}
	}
	return to
}

// Touch reports whether two commands meet in what they access block by block.
func (l *Limits) Touch(a, b *Cmd) bool {
	l.list = [2][]piece{l.pieces(l.list[0][:0], a), l.pieces(l.list[1][:0], b)}
	for _, p := range l.list[0] {
		for _, q := range l.list[1] {
			if p.from < q.from+q.n && q.from < p.from+p.n {
				return true
			}
		}
	}
	return false
}
