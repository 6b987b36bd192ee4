package order

import (
	"fmt"
	"slices"

	"bdfasim/isa"
)

const burstBytes = isa.BurstBytes

// contract is what is needed of a command's contract: the ranges of the parameters that its
// footprint counts by, and its accesses, reads first, so that a write finds what the command reads.
type contract struct {
	ranges   []isa.Clause
	accesses []access
}

type access struct {
	isa.Clause
	act isa.Act
}

// contracts are those of all commands, by their codes.
type contracts [256]contract

func newContracts(m *isa.Machine) (all contracts) {
	for i := range isa.Table {
		all[isa.Table[i].Op] = newContract(isa.Table[i].Op.Contract().Bind(m))
	}
	return all
}

func newContract(clauses isa.Contract) (k contract) {
	var reads, writes []access
	for _, c := range clauses {
		switch act := c.Access.Act; act {
		case 0, isa.Nothing:
		case isa.Write, isa.Region, isa.Update:
			writes = append(writes, access{c, act})
		default:
			reads = append(reads, access{c, act})
		}
	}
	counts := map[int]bool{}
	for i := range clauses {
		clauses[i].Access.CountsBy(func(reg int) { counts[reg] = true })
	}
	for _, c := range clauses {
		if c.Checked() && counts[c.Param] {
			k.ranges = append(k.ranges, c)
		}
	}
	k.accesses = slices.Concat(reads, writes)
	return k
}

// actOf is what an access does in a certain command. A write over what is read is an update, and
// the read is part of it.
func (k *contract) actOf(a *access, e *isa.Env) isa.Act {
	for i := range k.accesses {
		switch b := &k.accesses[i]; {
		case !b.Holds(e):
		case a.Replaces(e, &b.Clause):
			return isa.Update
		case b.Replaces(e, &a.Clause):
			return isa.Nothing
		}
	}
	return a.act
}

// checkLimits returns the first parameter of a command that is out of range.
func (k *checker) checkLimits(c *command, e *isa.Env) error {
	ranges := k.contracts[c.Op].ranges
	for i := range ranges {
		if r := &ranges[i]; r.Holds(e) {
			if _, ok := r.Check(e); !ok {
				return r.Error(e, isa.Lookup(c.Op))
			}
		}
	}
	return nil
}

// footprint collects the spans of a command. The slice is used again by the next one.
type footprint struct {
	spans    []span
	spaces   *[isa.NumSpaces]*space
	act      isa.Act
	in       isa.Space
	err      error
	followed *region // whose words the command reads already
}

func up(n, unit uint64) uint64 { return (n + unit - 1) / unit }

// add adds n addresses of the memory at hand.
func (f *footprint) add(from uint32, n uint64) {
	s := f.spaces[f.in]
	first, end := uint64(from)/s.unit, up(uint64(from)+n, s.unit)
	switch {
	case f.err != nil:
	case uint64(from)%s.unit != 0:
		f.err = fmt.Errorf("address 0x%x of %s is no multiple of %d", from, s.name, s.unit)
	case end > s.size:
		f.err = fmt.Errorf("leaves %s: %d from 0x%x on, it ends at 0x%x", s.name, n, from, s.size*s.unit)
	case end > first:
		if last := len(f.spans) - 1; last >= 0 {
			if b := &f.spans[last]; b.act == f.act && b.space == f.in && b.to == first {
				b.to = end
				return
			}
		}
		f.spans = append(f.spans, span{f.act, f.in, first, end})
	}
}

func (k *checker) footprint(c *command, e *isa.Env) error {
	f := &k.print
	*f = footprint{spans: f.spans[:0], spaces: &k.spaces}
	contract := &k.contracts[c.Op]
	for i := range contract.accesses {
		a := &contract.accesses[i]
		if f.err != nil || !a.Holds(e) {
			continue
		}
		switch f.act, f.in = contract.actOf(a, e), a.Access.Space; f.act {
		case isa.Nothing:
		case isa.Region:
			k.compress(c, f, uint64(a.First(e)), uint64(a.Access.Len.Eval(e)))
		default:
			a.Spans(e, f.add)
		}
	}
	if c.Op == isa.OpDEPCLoad || c.Op == isa.OpEPCLoad {
		k.loaded[c.Unit] = *c.p // the next runs work on that
	}
	return f.err
}

// compress adds the words of a compressed map that a command writes. With flag new its encoder
// starts a region, otherwise it goes on behind what it has written, up to a limit of its own.
func (k *checker) compress(c *command, f *footprint, alloc, limit uint64) {
	limit = min(limit, k.spaces[isa.OMEM].size)
	g := k.encoder[c.Unit]
	f.act = goOn
	if c.is(isa.FlagNew) || g == nil {
		if !c.is(isa.FlagNew) {
			alloc = 0 // the encoder's state after reset
		}
		g, f.act = &region{min(alloc, limit), limit}, isa.Write
		k.encoder[c.Unit] = g
	}
	c.region = g
	f.add(uint32(g.from), g.to-g.from)
	if limit > g.to {
		f.act = isa.Write
		f.add(uint32(g.to), limit-g.to)
		g.to = limit
	}
}
