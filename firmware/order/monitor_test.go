package order

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
)

// TestMonitor: accesses in the order of time, which need not be that of the program.
func TestMonitor(t *testing.T) {
	sizes := isa.Reference()
	var p [isa.NumParams]uint32
	issue := func(m *Monitor, op isa.Op, pc uint32) Issued {
		return m.Issue(Command{Unit: isa.Lookup(op).Unit, Op: op, PC: pc}, 0, &p)
	}
	for _, c := range []struct {
		name string
		do   func(m *Monitor, a, b Issued) // a mom.w, then a dma.scr
		want string
	}{
		{"the later one comes first", func(m *Monitor, a, b Issued) {
			m.Access(b, isa.ReadLate, isa.External, 64, 32)
			m.Access(a, isa.Write, isa.External, 64, 32)
		}, "mom.w at pc 0x0 (none 0) overwrites external memory 0x40 to 0x5f, which dma.scr at pc 0x8 (none 0) may not have read yet"},
		{"elsewhere", func(m *Monitor, a, b Issued) {
			m.Access(b, isa.ReadLate, isa.External, 64, 32)
			m.Access(a, isa.Write, isa.External, 96, 32)
		}, ""},
		{"after a wait", func(m *Monitor, a, _ Issued) {
			m.Wait(0x10, isa.UnitMom, 0)
			m.Access(a, isa.Write, isa.External, 64, 32)
			m.Access(issue(m, isa.OpDMAScr, 0x18), isa.ReadLate, isa.External, 64, 32)
		}, ""},
		{"a unit's own command is overtaken", func(m *Monitor, a, _ Issued) {
			m.Access(issue(m, isa.OpMomW, 0x18), isa.ReadEarly, isa.External, 64, 32)
			m.Access(a, isa.Write, isa.External, 64, 32)
		}, "mom.w at pc 0x0 (none 0) overwrites external memory 0x40 to 0x5f, which mom.w at pc 0x18 (none 0) may not have read yet"},
		{"or in turn", func(m *Monitor, a, _ Issued) {
			m.Access(a, isa.Write, isa.External, 64, 32)
			m.Access(issue(m, isa.OpMomW, 0x18), isa.ReadEarly, isa.External, 64, 32)
		}, ""},
		{"SEQ has read what comes later", func(m *Monitor, _, b Issued) {
			m.Scratch(Command{Op: isa.OpLw, PC: 0x20}, 4, 4, isa.ReadEarly)
			m.Access(b, isa.Write, isa.ScratchMem, 0, 32)
		}, "dma.scr at pc 0x8 (none 0) overwrites scratch memory 0x4 to 0x7, which lw at pc 0x20 (none 0) may not have read yet"},
		{"behind the end", func(m *Monitor, a, _ Issued) {
			m.Access(a, isa.Write, isa.PtrMem, uint64(sizes[isa.Pointers]), 4)
		}, ""},
		{"itself", func(m *Monitor, a, _ Issued) { m.Overlap(a, isa.OMEM, 8, 4) },
			"mom.w at pc 0x0 (none 0) writes OMEM 0x8 to 0xb for one element and uses it for another"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMonitor(&sizes, 0)
			a := issue(m, isa.OpMomW, 0)
			c.do(m, a, issue(m, isa.OpDMAScr, 8))
			found := m.Report().Findings
			if c.want == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, c.want, found[0].String())
		})
	}
}
