package seq

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// effect is what one instruction must do from a known state: r1 = 0x80000005 (a), r2 = 3 (b), r3 = 0x44, scratch byte i = i.
type effect struct {
	word   isa.Word
	rd     uint32 // new r4; it was 0xdead
	next   uint32 // pc behind it, in instructions; 0: the successor
	cycles int    // 0: 1
	bus    port.Bus
	fault  port.FaultCode
	check  func(t *testing.T, s *State)
}

const (
	valA, valB = 0x80000005, 3
	at         = 2 // where the instruction lies
)

// unchanged is r4 of an instruction that writes none.
const unchanged = 0xdead

func aluCases() map[isa.Op]effect {
	cases := map[isa.Op]effect{}
	for op, v := range map[isa.Op]uint32{
		isa.OpAdd: 0x80000008, isa.OpSub: 0x80000002, isa.OpMul: 0x8000000f, isa.OpAnd: 1, isa.OpOr: 0x80000007, isa.OpXor: 0x80000006,
		isa.OpShl: 0x28, isa.OpShr: 0x10000000, isa.OpSar: 0xf0000000, isa.OpMin: valA,
	} {
		cases[op] = effect{word: op3(op, 4, 1, 2), rd: v}
	}
	for op, v := range map[isa.Op]uint32{
		isa.OpAddi: 0x80000002, isa.OpMuli: 0x7ffffff1, isa.OpAndi: valA, isa.OpOri: 0xfffffffd, isa.OpXori: 0x7ffffff8,
		isa.OpShli: 0xa0000000, isa.OpShri: 4, isa.OpSari: 0xfffffffc, isa.OpMini: valA,
	} {
		cases[op] = effect{word: opi(op, 4, 1, -3), rd: v}
	}
	return cases
}

func cases() map[isa.Op]effect {
	c := aluCases()
	c[isa.OpHalt] = effect{word: halt, rd: unchanged, next: at, check: func(t *testing.T, s *State) { require.True(t, s.Halted) }}
	c[isa.OpNop] = effect{word: isa.Pack(isa.OpNop, 0, 0, 0, 0, 0), rd: unchanged}
	c[isa.OpTrap] = effect{word: isa.Pack(isa.OpTrap, 0, 0, 0, 0, 77), rd: unchanged, next: at, fault: port.FaultTrap, check: func(t *testing.T, s *State) {
		require.Equal(t, port.Fault{Code: port.FaultTrap, PC: 8 * at, Arg: 77}, s.Fault)
	}}
	c[isa.OpLi] = effect{word: li(4, -9), rd: 0xfffffff7}
	c[isa.OpMov] = effect{word: op3(isa.OpMov, 4, 1, 0), rd: valA}

	c[isa.OpLw] = effect{word: opi(isa.OpLw, 4, 3, -4), rd: 0x43424140, cycles: 2}
	c[isa.OpLhu] = effect{word: opi(isa.OpLhu, 4, 3, 2), rd: 0x4746, cycles: 2}
	c[isa.OpLbu] = effect{word: opi(isa.OpLbu, 4, 3, 3), rd: 0x47, cycles: 2}
	stored := func(want ...byte) func(t *testing.T, s *State) {
		return func(t *testing.T, s *State) { require.Equal(t, want, s.Scratch[0x48:0x4c]) }
	}
	c[isa.OpSw] = effect{word: isa.Pack(isa.OpSw, 0, 3, 1, 0, 4), rd: unchanged, check: stored(5, 0, 0, 0x80)}
	c[isa.OpSh] = effect{word: isa.Pack(isa.OpSh, 0, 3, 1, 0, 4), rd: unchanged, check: stored(5, 0, 0x4a, 0x4b)}

	for op, taken := range map[isa.Op]bool{
		isa.OpBeq: false, isa.OpBne: true, isa.OpBlt: true, isa.OpBge: false, isa.OpBltu: false, isa.OpBgeu: true,
	} {
		e := effect{word: branch(op, 1, 2, 5), rd: unchanged}
		if taken {
			e.next, e.cycles = 5, 2
		}
		c[op] = e
	}
	c[isa.OpJal] = effect{word: isa.Pack(isa.OpJal, 4, 0, 0, 0, 40), rd: 8 * (at + 1), next: 5, cycles: 2}
	c[isa.OpJr] = effect{word: isa.Pack(isa.OpJr, 0, 5, 0, 0, 0), rd: unchanged, next: 6, cycles: 2}
	c[isa.OpLoop] = effect{word: isa.Pack(isa.OpLoop, 0, 2, 0, 0, 40), rd: unchanged, check: func(t *testing.T, s *State) {
		require.EqualValues(t, 1, s.NLoops)
		require.Equal(t, Loop{Start: 8 * (at + 1), End: 40, Count: 2}, s.Loops[0])
	}}

	aux := uint16(isa.UnitDrain)<<8 | isa.DrainShift
	c[isa.OpSet] = effect{word: isa.Pack(isa.OpSet, 0, 1, 0, aux, 0), rd: unchanged,
		bus: port.Bus{Kind: port.BusParam, Unit: isa.UnitDrain, Index: isa.DrainShift, Val: valA, PC: 8 * at}}
	c[isa.OpSeti] = effect{word: isa.Pack(isa.OpSeti, 0, 0, 0, aux, -6), rd: unchanged,
		bus: port.Bus{Kind: port.BusParam, Unit: isa.UnitDrain, Index: isa.DrainShift, Val: 0xfffffffa, PC: 8 * at}}
	c[isa.OpGet] = effect{word: isa.Pack(isa.OpGet, 4, 0, 0, uint16(isa.UnitDrain)<<8|isa.DrainMax, 0), rd: 1003, cycles: 3,
		bus: port.Bus{Kind: port.BusGet, Unit: isa.UnitDrain, Index: isa.DrainMax, PC: 8 * at}}
	c[isa.OpWait] = effect{word: wait(isa.UnitMom, 0), rd: unchanged}
	c[isa.OpMark] = effect{word: mark(isa.PhaseWG, 2), rd: unchanged, check: func(t *testing.T, s *State) {
		require.EqualValues(t, 1, s.Inst)
		require.Equal(t, Slot{Tag: activity.MakeTag(uint8(isa.PhaseWG), 3), Serial: 1, Used: true}, s.Slots[1])
	}}
	for i := range isa.Table { // all commands alike: the bus carries the operation with all of its flags
		if info := &isa.Table[i]; info.Format == isa.FmtCmd {
			c[info.Op] = effect{word: cmd(info.Op, info.FlagMask()), rd: unchanged,
				bus: port.Bus{Kind: port.BusCmd, Unit: info.Unit, Op: info.Op, Flags: info.FlagMask(), PC: 8 * at},
				check: func(t *testing.T, s *State) {
					require.EqualValues(t, 1, s.Outstanding[info.Unit])
					require.EqualValues(t, 1, s.Slots[0].Outstanding)
				}}
		}
	}
	return c
}

func TestFlagsFromARegister(t *testing.T) {
	// A command's flags are those of the word and those in ra.
	w := isa.Pack(isa.OpDNNCMac, 0, 1, 0, isa.FlagLast, 0)
	b := newBench(t, li(1, isa.FlagFirst|isa.FlagB1), w, li(1, isa.FlagNew), w, halt)
	for range 6 {
		b.tick()
	}
	require.Len(t, b.bus, 1)
	require.EqualValues(t, isa.FlagFirst|isa.FlagB1|isa.FlagLast, b.bus[0].Flags)
	require.Equal(t, port.Fault{Code: port.FaultIllegal, PC: 24, Arg: uint64(w)}, b.out.Fault, "a flag that the command does not have")
}

func TestEveryInstruction(t *testing.T) {
	all := cases()
	for i := range isa.Table {
		info := &isa.Table[i]
		t.Run(info.Name, func(t *testing.T) {
			e, ok := all[info.Op]
			require.True(t, ok, "no case for %s", info.Name)
			require.Equal(t, info.Op, e.word.Op())
			require.NoError(t, e.word.Check())
			code := make([]isa.Word, 8)
			code[at] = e.word
			b := newBench(t, code...)
			s := &b.u.State
			s.PC = 8 * at
			s.R = [isa.NumRegs]uint32{1: valA, 2: valB, 3: 0x44, 4: unchanged, 5: 48}
			for k := range s.Scratch {
				s.Scratch[k] = byte(k)
			}
			b.in.Stat[isa.UnitDrain] = 1003
			cycles := max(1, e.cycles)
			for k := range cycles {
				b.tick()
				require.Equal(t, k == 0 && e.fault == port.FaultNone, b.out.Retire.Valid)
			}
			require.Zero(t, s.Stall, "takes more than %d cycles", cycles)
			next := e.next
			if next == 0 {
				next = at + 1
			}
			require.Equal(t, 8*next, s.PC)
			require.Equal(t, e.rd, s.R[4])
			require.Equal(t, e.fault, s.Fault.Code)
			if e.bus.Kind == port.BusNone {
				require.Empty(t, b.bus)
			} else {
				require.Equal(t, []port.Bus{e.bus}, b.bus)
			}
			if e.check != nil {
				e.check(t, s)
			}
			if e.fault == port.FaultNone {
				require.EqualValues(t, 1, b.act.Rows[0][activity.SeqInstr])
				require.EqualValues(t, cycles, b.act.Rows[0][activity.ActiveSeq])
			}
		})
	}
}

// The page's table of cycles has every instruction that takes more than one. Branches have a row in
// common.
func TestPageHasCycles(t *testing.T) {
	page, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	_, timing, _ := strings.Cut(string(page), "// # Timing")
	timing, _, _ = strings.Cut(timing, "// # ")
	for op, e := range cases() {
		if info := isa.Lookup(op); e.cycles > 1 && info.Format != isa.FmtBranch {
			require.Regexp(t, `\b`+info.Name+`\b`, timing, "rtl/seq/doc.go: # Timing")
		}
	}
}

func TestIllegalCodes(t *testing.T) {
	for op := range 256 {
		if isa.Lookup(isa.Op(op)) != nil {
			continue
		}
		w := isa.Pack(isa.Op(op), 1, 2, 3, 0, 8)
		b := newBench(t, w)
		b.tick()
		b.tick()
		require.Equal(t, port.Fault{Code: port.FaultIllegal, Arg: uint64(w)}, b.out.Fault, "operation code %#x", op)
		require.Empty(t, b.bus)
	}
}
