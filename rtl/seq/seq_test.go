package seq

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// TestLoops nests hardware loops with drawn counts and bodies, some ending at the same place, against Go's own loops.
func TestLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		depth := rapid.IntRange(1, MaxLoops).Draw(t, "depth")
		var code []isa.Word
		count, tail := make([]int, depth), make([]int, depth)
		loopAt := make([]int, depth)
		for d := range depth {
			count[d] = rapid.IntRange(-1, 4).Draw(t, "count")
			tail[d] = rapid.IntRange(0, 2).Draw(t, "instructions behind the inner loop")
			code = append(code, li(1, int32(count[d])))
			loopAt[d] = len(code)
			code = append(code, 0)
			for range rapid.IntRange(0, 2).Draw(t, "instructions before") {
				code = append(code, opi(isa.OpAddi, uint8(2+d), uint8(2+d), 1))
			}
		}
		code = append(code, opi(isa.OpAddi, 10, 10, 1)) // the innermost body
		for d := depth - 1; d >= 0; d-- {
			code[loopAt[d]] = isa.Pack(isa.OpLoop, 0, 1, 0, 0, int32(len(code)*8)) // ends here
			for range tail[d] {
				code = append(code, opi(isa.OpAddi, 11, 11, 1))
			}
		}
		code = append(code, halt)

		// The same by interpretation: positions instead of a program counter.
		want, cycles := [isa.NumRegs]uint32{}, 0
		var body func(d, from, to int)
		body = func(d, from, to int) {
			for pc := from; pc < to; {
				w := code[pc]
				cycles++
				pc++
				switch w.Op() {
				case isa.OpLi:
					want[1] = uint32(w.Imm())
				case isa.OpAddi:
					want[w.Rd()]++
				case isa.OpLoop:
					end := int(w.Imm()) / 8
					n := int(int32(want[1]))
					if n <= 0 {
						cycles++ // a taken branch
					}
					for range max(n, 0) {
						body(d+1, pc, end)
					}
					pc = end
				}
			}
		}
		body(0, 0, len(code)-1)

		b := newBench(t, code...)
		require.Equal(t, cycles+1, b.run(t), "the jump back costs nothing")
		require.Equal(t, want, b.u.State.R)
		require.Zero(t, b.u.State.NLoops)
	})
}

func TestBranchToTheEndOfALoop(t *testing.T) {
	// A branch to the loop's end goes on with the next pass.
	b := newBench(t, li(1, 5), isa.Pack(isa.OpLoop, 0, 1, 0, 0, 5*8), opi(isa.OpAddi, 2, 2, 1), branch(isa.OpBeq, 0, 0, 5), opi(isa.OpAddi, 3, 3, 1), halt)
	require.Equal(t, 2+5*3+1, b.run(t))
	require.Equal(t, [2]uint32{5, 0}, [2]uint32{b.u.State.R[2], b.u.State.R[3]})
}

func TestBranchOutOfALoop(t *testing.T) {
	// The loop stays on the stack, so that it goes on when the program comes back to its end.
	b := newBench(t, li(1, 3), isa.Pack(isa.OpLoop, 0, 1, 0, 0, 4*8), branch(isa.OpBeq, 0, 0, 6), opi(isa.OpAddi, 2, 2, 1), opi(isa.OpAddi, 3, 3, 1), halt,
		branch(isa.OpBeq, 0, 0, 3))
	b.run(t)
	require.Equal(t, [2]uint32{3, 1}, [2]uint32{b.u.State.R[2], b.u.State.R[3]})
	require.Zero(t, b.u.State.NLoops)
}

func TestEmptyLoop(t *testing.T) {
	b := newBench(t, li(1, 5), isa.Pack(isa.OpLoop, 0, 1, 0, 0, 2*8), opi(isa.OpAddi, 2, 2, 1), halt)
	require.Equal(t, 5, b.run(t))
	require.EqualValues(t, 1, b.u.State.R[2])
	require.Zero(t, b.u.State.NLoops)
}

func TestQueueFull(t *testing.T) {
	b := newBench(t, cmd(isa.OpDNNCMac, 0), cmd(isa.OpDNNCMac, 0), cmd(isa.OpDNNCMac, 0), cmd(isa.OpDNNCMac, 0), cmd(isa.OpDNNCMac, 0), cmd(isa.OpMomW, 0), halt)
	for range 20 {
		b.tick()
	}
	require.Len(t, b.bus, port.QueueDepth)
	require.Equal(t, activity.WaitOperand, b.out.Status)
	require.Equal(t, isa.UnitDNNC, b.out.WaitUnit)
	require.False(t, b.out.Retire.Valid)
	b.retire(isa.UnitDNNC, 0)
	require.Len(t, b.bus, port.QueueDepth+1, "in the tick that sees Done")
	b.tick()
	require.Equal(t, isa.UnitMom, b.bus[5].Unit, "another unit's queue is its own")
	b.run(t)
	require.False(t, b.out.Finished)
	for range 4 {
		b.retire(isa.UnitDNNC, 0)
		require.False(t, b.out.Finished)
	}
	b.retire(isa.UnitMom, 0)
	for range 2 {
		b.tick()
	}
	require.True(t, b.out.Finished)
	require.Equal(t, []TagDone{{true, 0, 0}}, b.tags)
}

func TestWait(t *testing.T) {
	b := newBench(t, cmd(isa.OpDrainErr, 0), cmd(isa.OpDrainErr, 0), cmd(isa.OpDrainErr, 0), wait(isa.UnitDrain, 1), halt)
	for range 9 {
		b.tick()
	}
	require.Equal(t, activity.WaitOperand, b.out.Status)
	require.Equal(t, isa.UnitDrain, b.out.WaitUnit)
	b.retire(isa.UnitDrain, 0)
	require.Equal(t, activity.WaitOperand, b.out.Status, "two are outstanding")
	b.retire(isa.UnitDrain, 0)
	require.True(t, b.out.Retire.Valid)
	b.run(t)
}

func TestMarks(t *testing.T) {
	// A command carries the tag and slot of the last mark; a mark is reported when its commands have retired.
	b := newBench(t,
		li(1, 3), cmd(isa.OpMomW, 0), mark(isa.PhaseFF, 1), cmd(isa.OpMomW, 0), cmd(isa.OpDEPCRun, 0), mark(isa.PhaseEP, 1), cmd(isa.OpMomW, 0), halt)
	b.run(t)
	require.Len(t, b.bus, 4)
	ff, ep := activity.MakeTag(uint8(isa.PhaseFF), 3), activity.MakeTag(uint8(isa.PhaseEP), 3)
	for i, want := range []struct {
		tag  activity.Tag
		inst uint8
	}{{0, 0}, {ff, 1}, {ff, 1}, {ep, 2}} {
		require.Equal(t, want.tag, b.bus[i].Tag)
		require.Equal(t, want.inst, b.bus[i].Inst)
	}
	require.Empty(t, b.tags)
	b.retire(isa.UnitMom, 1)
	b.retire(isa.UnitMom, 0)
	b.tick()
	require.Equal(t, []TagDone{{true, 0, 0}}, b.tags)
	b.retire(isa.UnitMom, 2)
	b.tick()
	require.Len(t, b.tags, 1, "the present mark is reported when the program has halted and nothing is outstanding")
	b.retire(isa.UnitDEPC, 1)
	for range 4 {
		b.tick()
	}
	require.Equal(t, []TagDone{{true, 0, 0}, {true, ff, 1}, {true, ep, 2}}, b.tags)
	require.True(t, b.out.Finished)
}

func TestMarkSlots(t *testing.T) {
	// One command of the first mark stays outstanding: the sixteenth further mark would take its slot.
	code := []isa.Word{cmd(isa.OpMomW, 0)}
	for i := range 20 {
		code = append(code, mark(isa.PhaseMisc, 0), li(2, int32(i)))
	}
	b := newBench(t, append(code, halt)...)
	for range 100 {
		b.tick()
	}
	require.Equal(t, activity.WaitOperand, b.out.Status)
	require.Equal(t, isa.UnitSeq, b.out.WaitUnit)
	require.EqualValues(t, port.MarkSlots-2, b.u.State.R[2])
	require.Len(t, b.tags, port.MarkSlots-2, "the others are reported meanwhile")
	b.retire(isa.UnitMom, 0)
	b.run(t)
	for range 20 {
		b.tick()
	}
	require.True(t, b.out.Finished)
	require.Len(t, b.tags, 21)
	seen := map[uint32]bool{}
	for _, d := range b.tags {
		require.False(t, seen[d.Serial], "mark %d is reported twice", d.Serial)
		seen[d.Serial] = true
	}
}

func TestGetSeesTheAnswerOfTheNextCycle(t *testing.T) {
	b := newBench(t, isa.Pack(isa.OpGet, 4, 0, 0, uint16(isa.UnitLoss)<<8, 0), op3(isa.OpMov, 5, 4, 0), halt)
	b.in.Stat[isa.UnitLoss] = 1
	b.tick() // Get goes out
	b.tick() // the unit sees it and drives its status
	b.in.Stat[isa.UnitLoss] = 2
	b.tick()
	b.in.Stat[isa.UnitLoss] = 3
	b.run(t)
	require.EqualValues(t, 2, b.u.State.R[5])
}

func TestRegisterZero(t *testing.T) {
	b := newBench(t, li(0, 9), opi(isa.OpLw, 0, 0, 0), isa.Pack(isa.OpGet, 0, 0, 0, uint16(isa.UnitLoss)<<8, 0), isa.Pack(isa.OpJal, 0, 0, 0, 0, 32), halt)
	b.u.State.Scratch[0] = 1
	b.in.Stat[isa.UnitLoss] = 7
	require.Equal(t, 1+2+3+2+1, b.run(t))
	require.Zero(t, b.u.State.R[0])
}

func TestScratchPort(t *testing.T) {
	b := newBench(t, opi(isa.OpAddi, 1, 1, 1), opi(isa.OpLw, 2, 0, 8), halt)
	b.in.Scratch = port.ScratchReq{Valid: true, Write: true, Addr: 8, N: 5, Tag: 9, Data: port.Burst{1, 2, 3, 4, 5, 6, 7}}
	b.tick()
	require.False(t, b.out.Scratch.Valid)
	s := &b.u.State
	require.Equal(t, []byte{0, 1, 2, 3, 4, 5, 0, 0}, s.Scratch[7:15])
	b.in.Scratch = port.ScratchReq{Valid: true, Addr: 12, Tag: 9}
	b.tick()
	require.True(t, b.out.Scratch.Valid)
	require.Equal(t, port.Burst{5}, b.out.Scratch.Data)
	b.run(t)
	require.False(t, b.out.Scratch.Valid)
	require.EqualValues(t, 0x04030201, s.R[2])
	require.EqualValues(t, 2, b.act.Rows[9][activity.ScratchWrite], "five bytes touch two words")
	require.EqualValues(t, 8, b.act.Rows[9][activity.ScratchRead])
	require.EqualValues(t, 1, b.act.Rows[0][activity.ScratchRead])
}

func TestFaults(t *testing.T) {
	loop := func(end int) isa.Word { return isa.Pack(isa.OpLoop, 0, 1, 0, 0, int32(8*end)) }
	for name, c := range map[string]struct {
		code []isa.Word
		want port.Fault
	}{
		"cleared memory": {[]isa.Word{0}, port.Fault{Code: port.FaultIllegal}},
		"running out":    {[]isa.Word{li(1, 1)}, port.Fault{Code: port.FaultPC, PC: 8, Arg: 8}},
		"jump outside":   {[]isa.Word{branch(isa.OpBeq, 0, 0, 500)}, port.Fault{Code: port.FaultPC, PC: 4000, Arg: 4000}},
		"jump unaligned": {[]isa.Word{li(1, 4), isa.Pack(isa.OpJr, 0, 1, 0, 0, 0)}, port.Fault{Code: port.FaultPC, PC: 4, Arg: 4}},
		"load unaligned": {[]isa.Word{opi(isa.OpLw, 1, 0, 2)}, port.Fault{Code: port.FaultScratch, Arg: 2}},
		"half unaligned": {[]isa.Word{opi(isa.OpLhu, 1, 0, 1)}, port.Fault{Code: port.FaultScratch, Arg: 1}},
		"load outside":   {[]isa.Word{opi(isa.OpLbu, 1, 0, 4096)}, port.Fault{Code: port.FaultScratch, Arg: 4096}},
		"store below":    {[]isa.Word{isa.Pack(isa.OpSw, 0, 0, 0, 0, -4)}, port.Fault{Code: port.FaultScratch, Arg: 1<<32 - 4}},
		"store unaligned": {
			[]isa.Word{isa.Pack(isa.OpSh, 0, 0, 0, 0, 3)}, port.Fault{Code: port.FaultScratch, Arg: 3}},
		"trap":       {[]isa.Word{isa.Pack(isa.OpTrap, 0, 0, 0, 0, -1)}, port.Fault{Code: port.FaultTrap, Arg: 1<<32 - 1}},
		"loop depth": {[]isa.Word{li(1, 2), loop(9), loop(9), loop(9), loop(9), loop(9)}, port.Fault{Code: port.FaultLoop, PC: 40, Arg: 5}},
	} {
		b := newBench(t, c.code...)
		for range 20 {
			b.tick()
		}
		require.Equal(t, c.want, b.out.Fault, name)
		require.Equal(t, activity.Idle, b.out.Status)
	}
	for name, w := range map[string]isa.Word{
		"set of no unit":     isa.Pack(isa.OpSeti, 0, 0, 0, uint16(isa.NumUnits)<<8, 0),
		"set of no register": isa.Pack(isa.OpSet, 0, 0, 0, uint16(isa.UnitDMA)<<8|isa.NumDMAParams, 0),
		"get of no register": isa.Pack(isa.OpGet, 1, 0, 0, uint16(isa.UnitDMA)<<8, 0),
		"wait for seq":       wait(isa.UnitSeq, 0),
		"wait for no unit":   wait(isa.NumUnits, 0),
		"wait below 0":       wait(isa.UnitMom, -1),
		"phase":              mark(isa.NumPhases, 0),
		"loop backward":      isa.Pack(isa.OpLoop, 0, 0, 0, 0, 0),
	} {
		b := newBench(t, w)
		b.tick()
		b.tick()
		require.Equal(t, port.Fault{Code: port.FaultIllegal, Arg: uint64(w)}, b.out.Fault, name)
		require.Empty(t, b.bus)
	}
}

func TestLoad(t *testing.T) {
	m := machine.Reference()
	m.Seq = machine.Seq{IMemBytes: 16, ScratchBytes: 32}
	u := New(&m, new(activity.Counts))
	require.NoError(t, u.Load([]isa.Word{halt, halt}, 8))
	require.EqualValues(t, 8, u.State.PC)
	require.Error(t, u.Load(make([]isa.Word, 3), 0), "too long")
	require.Error(t, u.Load([]isa.Word{halt}, 8), "entry behind the program")
	require.Error(t, u.Load([]isa.Word{halt}, 4), "entry unaligned")
}

func TestTickDoesNotAllocate(t *testing.T) {
	b := newBench(t,
		li(1, 1<<30), isa.Pack(isa.OpLoop, 0, 1, 0, 0, 8*8), opi(isa.OpAddi, 2, 2, 1), isa.Pack(isa.OpSw, 0, 0, 2, 0, 4), opi(isa.OpLw, 3, 0, 4),
		cmd(isa.OpMomW, 0), mark(isa.PhaseFF, 5), isa.Pack(isa.OpGet, 4, 0, 0, uint16(isa.UnitMom)<<8, 0), halt)
	require.Zero(t, testing.AllocsPerRun(2000, func() {
		b.in.Done[isa.UnitMom] = port.Done{Valid: b.out.Bus.Kind == port.BusCmd, Inst: b.out.Bus.Inst}
		b.u.Tick(&b.in, &b.out)
	}))
	require.Equal(t, port.FaultNone, b.out.Fault.Code)
	require.Greater(t, b.u.State.R[2], uint32(100))
}

// A program of known length clocks its groups so often.
func TestClocks(t *testing.T) {
	b := newBench(t, mark(isa.PhaseFF, 0), li(1, 3), isa.Pack(isa.OpLoop, 0, 1, 0, 0, 5*8),
		opi(isa.OpAddi, 2, 2, 1), isa.Pack(isa.OpSet, 0, 2, 0, uint16(isa.UnitMom)<<8, 0), cmd(isa.OpMomW, 0), halt)
	b.run(t)
	b.tick()
	b.in.Scratch = port.ScratchReq{Valid: true}
	b.tick()
	b.retire(isa.UnitMom, 1)
	for range 9 {
		b.tick()
	}
	require.True(t, b.out.Finished)
	for e, n := range map[activity.Event]int{
		clockReg: 1 + 3, clockLoop: 1, clockCount: 1 + 2, clockBus: 3 + 1, clockScratch: 1,
		clockSlot:          1 + 1 + 1 + 1,      // mark, its predecessor is done, command, that is done with its mark
		activity.ActiveSeq: 11 + 1 + 1 + 1 + 1, // instructions, the end of work, scratch memory, a command is done, the run is
	} {
		require.EqualValues(t, n, b.act.Total(e), "%v", e)
	}
	sum := b.u.Clocked()
	require.Equal(t, activity.Registers{Bits: 32, Copies: isa.NumRegs}, sum[clockReg])
	require.Equal(t, activity.Registers{Bits: 2 * 15, Copies: MaxLoops}, sum[clockLoop])
	require.Equal(t, activity.Registers{Bits: 4 + 4 + 8 + 16 + 4 + 32, Copies: 1}, sum[clockBus])
}
