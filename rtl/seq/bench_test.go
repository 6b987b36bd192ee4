package seq

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

// bench runs a program; units only retire commands and answer get as the test says.
type bench struct {
	u    *Unit
	in   In
	out  Out
	act  activity.Counts
	bus  []port.Bus // everything that was on the bus
	tags []TagDone
	pcs  []uint32 // of the instructions that retired

	t      require.TestingT
	oracle *porttest.Oracle
}

func newBench(t require.TestingT, code ...isa.Word) *bench {
	b := &bench{t: t}
	m := machine.Reference()
	b.u = New(&m, &b.act)
	require.NoError(t, b.u.Load(code, 0))
	b.oracle = porttest.NewOracle(activity.Seq, &b.u.State, &b.out)
	return b
}

// tick is a cycle, after which nothing may have changed whose group was not clocked.
func (b *bench) tick() {
	b.oracle.Check(&b.act) // what the test changed
	b.u.Tick(&b.in, &b.out)
	require.Empty(b.t, b.oracle.Check(&b.act))
	b.in.Done = [isa.NumUnits]port.Done{}
	b.in.Scratch.Valid = false
	if b.out.Bus.Kind != port.BusNone {
		b.bus = append(b.bus, b.out.Bus)
	}
	if b.out.TagDone.Valid {
		b.tags = append(b.tags, b.out.TagDone)
	}
	if b.out.Retire.Valid {
		b.pcs = append(b.pcs, b.out.Retire.PC)
	}
}

// run ticks until the program has executed halt and returns the number of ticks, that of the halt included.
func (b *bench) run(t require.TestingT) (ticks int) {
	for !b.u.Halted {
		b.tick()
		ticks++
		require.Equal(t, port.FaultNone, b.out.Fault.Code, port.FaultTexts[b.out.Fault.Code])
		require.Less(t, ticks, 10_000, "does not end")
	}
	return ticks
}

// retire lets a unit finish its oldest command, of mark slot inst.
func (b *bench) retire(u isa.Unit, inst uint8) {
	b.in.Done[u] = port.Done{Valid: true, Inst: inst}
	b.tick()
}

// Short forms of the instructions.
func li(rd uint8, v int32) isa.Word { return isa.Pack(isa.OpLi, rd, 0, 0, 0, v) }

func branch(op isa.Op, ra, rb uint8, target int) isa.Word {
	return isa.Pack(op, 0, ra, rb, 0, int32(target*isa.WordBytes))
}

func cmd(op isa.Op, flags uint16) isa.Word { return isa.Pack(op, 0, 0, 0, flags, 0) }

func wait(u isa.Unit, n int32) isa.Word { return isa.Pack(isa.OpWait, 0, 0, 0, uint16(u)<<8, n) }

func mark(p isa.Phase, ra uint8) isa.Word { return isa.Pack(isa.OpMark, 0, ra, 0, uint16(p), 0) }

func op3(op isa.Op, rd, ra, rb uint8) isa.Word { return isa.Pack(op, rd, ra, rb, 0, 0) }

func opi(op isa.Op, rd, ra uint8, imm int32) isa.Word { return isa.Pack(op, rd, ra, 0, 0, imm) }

var halt = isa.Pack(isa.OpHalt, 0, 0, 0, 0, 0)

func BenchmarkTick(b *testing.B) {
	s := newBench(b, li(1, 1<<30), isa.Pack(isa.OpLoop, 0, 1, 0, 0, 4*8), opi(isa.OpAddi, 2, 2, 1), opi(isa.OpAddi, 3, 3, 1), halt)
	for b.Loop() {
		s.u.Tick(&s.in, &s.out)
	}
}
