package testbench

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
	"bdfasim/isa/interp"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/seq"
)

// refusals are SEQ's faults and what the interpreter calls them.
var refusals = map[port.FaultCode]error{
	port.FaultIllegal: interp.ErrIllegal, port.FaultPC: interp.ErrPC, port.FaultTrap: interp.ErrTrap,
	port.FaultScratch: interp.ErrScratch, port.FaultLoop: interp.ErrLoops,
}

// TestInterpreterIsTheSequencer runs random programs on SEQ and on the interpreter of the tools.
// Both must execute the same instructions in the same cycles, refuse the same ones, and leave the
// same registers, loops, scratch memory, parameters and mark. Every instruction of the table
// that is not a unit's command must be among them, and every fault.
func TestInterpreterIsTheSequencer(t *testing.T) {
	const programs, least = 10_000, 200
	var executed [256]int
	ends := map[error]int{}
	for seed := range programs {
		p := drawProgram(rand.New(rand.NewPCG(uint64(seed), 11)))
		require.NoError(t, compareWithSEQ(p, &executed, ends), "program %d:\n%s", seed, p)
	}
	var all []string
	for _, info := range isa.Table {
		if info.Format == isa.FmtCmd {
			continue
		}
		all = append(all, fmt.Sprintf("%s %d", info.Name, executed[info.Op]))
		if info.Op != isa.OpTrap { // which is refused
			require.GreaterOrEqual(t, executed[info.Op], least, "%s is hardly executed", info.Name)
		}
	}
	t.Logf("%d programs: %s", programs, strings.Join(all, ", "))
	t.Logf("%d halted, %d were cut off", ends[nil], ends[errCut])
	for _, err := range refusals {
		t.Logf("%d ended with %q", ends[err], err)
		require.GreaterOrEqual(t, ends[err], least, "%v", err)
	}
	require.Greater(t, ends[nil], programs/4, "programs that halt")
	require.Less(t, ends[errCut], programs/20, "programs without an end")
}

// errCut stands for the end of a program that goes on for longer than it is followed.
var errCut = errors.New("cut off")

// cutAfter is how many instructions of a program are compared.
const cutAfter = 1_000

// program is one in a test.
type program []isa.Word

func (p program) String() string {
	var b strings.Builder
	for k, w := range p {
		fmt.Fprintf(&b, "%#4x  %016x  %s\n", k*isa.WordBytes, uint64(w), disasm.Line(w, nil))
	}
	return b.String()
}

// statusOf is what the status registers of a unit read as in these tests.
func statusOf(u isa.Unit) uint32 { return 0x1111 * uint32(u) }

// compareWithSEQ runs a program on both and returns the first difference. It counts executed
// instructions by operation code and ends by their error.
func compareWithSEQ(p program, executed *[256]int, ends map[error]int) error {
	chip := newSequencer(p)
	m := interp.New(&image.Image{Code: p, Scratch: pattern()})
	m.Get = func(u isa.Unit, _ int) uint32 { return statusOf(u) }
	for range cutAfter {
		pc, w := m.PC, m.Word()
		cycles, err := m.Step()
		busy, fault := chip.next()
		switch {
		case err == nil && fault.Code == port.FaultNone && cycles != busy:
			return fmt.Errorf("%s: got %d cycles from isa, %d from SEQ", name(w), cycles, busy)
		case err != nil || fault.Code != port.FaultNone:
			want := refusals[fault.Code]
			ends[want]++
			at := fmt.Sprintf("pc 0x%x: ", fault.PC)
			if !errors.Is(err, want) || fault.PC != pc || !strings.HasPrefix(fmt.Sprint(err), at) {
				return fmt.Errorf("%s: got %v from the interpreter, %s%v from SEQ", name(w), err, at, want)
			}
			return chip.differs(m)
		}
		executed[w.Op()]++
		if err := chip.differs(m); err != nil {
			return fmt.Errorf("behind %s at pc %#x: %w", name(w), pc, err)
		}
		if m.Halted {
			ends[nil]++
			return nil
		}
	}
	ends[errCut]++
	return nil
}

// name is the mnemonic of a word.
func name(w isa.Word) string {
	if info := isa.Lookup(w.Op()); info != nil {
		return info.Name
	}
	return fmt.Sprintf("%#016x", uint64(w))
}

// pattern is the initial scratch memory.
func pattern() []byte {
	b := make([]byte, interp.ScratchBytes)
	for k := range b {
		b[k] = byte(k * 7)
	}
	return b
}

// sequencer is SEQ with units that are done with a command three cycles after it was issued.
type sequencer struct {
	u      *seq.Unit
	in     seq.In
	out    seq.Out
	act    activity.Counts
	due    [3]port.Bus
	params [isa.NumUnits][port.NumParams]uint32
}

func newSequencer(p program) *sequencer {
	s := &sequencer{}
	m := machine.Reference()
	m.Seq.IMemBytes = len(p) * isa.WordBytes
	s.u = seq.New(&m, &s.act)
	if err := s.u.Load(p, 0); err != nil {
		panic(err)
	}
	copy(s.u.State.Scratch, pattern())
	for u := range isa.NumUnits {
		s.in.Stat[u] = statusOf(u)
	}
	return s
}

// next ticks until an instruction is over and returns the cycles in which SEQ was busy with it.
func (s *sequencer) next() (int, port.Fault) {
	retired, busy := false, 0
	for range 100 {
		s.in.Done = [isa.NumUnits]port.Done{}
		if b := s.due[0]; b.Kind == port.BusCmd {
			s.in.Done[b.Unit] = port.Done{Valid: true, Inst: b.Inst}
		}
		s.u.Tick(&s.in, &s.out)
		if s.out.Status == activity.Busy {
			busy++
		}
		bus := s.out.Bus
		s.due = [...]port.Bus{s.due[1], s.due[2], bus}
		if bus.Kind == port.BusParam {
			s.params[bus.Unit][bus.Index] = bus.Val
		}
		retired = retired || s.out.Retire.Valid
		st := &s.u.State
		if st.Fault.Code != port.FaultNone {
			return 0, st.Fault
		}
		if retired && st.Stall == 0 {
			break
		}
	}
	return busy, port.Fault{}
}

// differs compares the state of SEQ with the interpreter's.
func (s *sequencer) differs(m *interp.Machine) error {
	st := &s.u.State
	tag := st.Slots[st.Inst].Tag
	if st.PC != m.PC || st.R != m.R || s.params != m.Params || st.Halted != m.Halted {
		return fmt.Errorf("got pc %#x, registers %x, halted %v, want %#x, %x, %v, or parameters differ",
			m.PC, m.R, m.Halted, st.PC, st.R, st.Halted)
	}
	if tag != activity.MakeTag(uint8(m.Phase), uint8(m.Layer)) || int(st.NLoops) != len(m.Loops) {
		return fmt.Errorf("got %s %d and %d loops, want %s %d and %d", m.Phase, m.Layer, len(m.Loops),
			isa.Phase(tag.Phase()), tag.Layer(), st.NLoops)
	}
	for k, l := range m.Loops {
		if want := st.Loops[k]; l != (interp.Loop{Start: want.Start, End: want.End, Left: want.Count}) {
			return fmt.Errorf("loop %d: got %+v, want %+v", k, l, want)
		}
	}
	if string(st.Scratch) != string(m.Scratch) {
		return errors.New("scratch memory differs")
	}
	return nil
}

// drawProgram draws statements, halt, and functions that they call. The first instructions
// give registers values that are good for addresses and counts.
func drawProgram(rng *rand.Rand) program {
	d := &drawer{rng: rng}
	for range 4 {
		d.emit(isa.Pack(isa.OpLi, d.reg(), 0, 0, 0, int32(rng.IntN(64))))
	}
	d.statements(3+rng.IntN(10), 0)
	d.emit(isa.Pack(isa.OpHalt, 0, 0, 0, 0, 0))
	for len(d.calls) > 0 {
		at := d.calls[0]
		d.calls = d.calls[1:]
		d.p[at] = isa.Pack(isa.OpJal, link, 0, 0, 0, d.here())
		d.statements(1+rng.IntN(4), 3) // without calls, which would lose the link
		d.emit(isa.Pack(isa.OpJr, 0, link, 0, 0, 0))
	}
	return d.p
}

const (
	link    = 15
	counter = 14 // of loops made of branches
)

type drawer struct {
	rng   *rand.Rand
	p     program
	calls []int // instructions that call a function which is still to come
}

func (d *drawer) emit(w isa.Word) { d.p = append(d.p, w) }

// here is the address of the next instruction.
func (d *drawer) here() int32 { return int32(len(d.p) * isa.WordBytes) }

// reg draws a register, rarely one with a purpose.
func (d *drawer) reg() uint8 {
	if d.rng.IntN(50) == 0 {
		return uint8(d.rng.IntN(isa.NumRegs))
	}
	return uint8(d.rng.IntN(counter))
}

// statements draws n statements inside of so many others.
func (d *drawer) statements(n, depth int) {
	for range n {
		switch kind := d.rng.IntN(20); {
		case kind < 3 && depth < 6:
			d.loop(depth)
		case kind < 5 && depth < 6:
			d.skip(depth)
		case kind == 5 && depth < 3:
			d.calls = append(d.calls, len(d.p))
			d.emit(0)
		case kind == 6 && depth < 3:
			d.repeat(depth)
		case kind == 7 && d.rng.IntN(4) == 0:
			d.anything()
		default:
			d.instruction()
		}
	}
}

// anything draws a word. What a lone immediate means, a time perhaps, stays small.
func (d *drawer) anything() {
	w := isa.Word(d.rng.Uint64())
	if info := isa.Lookup(w.Op()); info != nil && info.Format == isa.FmtImm {
		w &^= 0xffff_fff8
	}
	d.emit(w)
}

// loop draws a hardware loop; a fifth one in four is a fault.
func (d *drawer) loop(depth int) {
	d.emit(isa.Pack(isa.OpLi, 13, 0, 0, 0, int32(d.rng.IntN(6)-1)))
	at := len(d.p)
	d.emit(0)
	d.statements(d.rng.IntN(3), depth+1)
	if depth < 6 && d.rng.IntN(3) > 0 {
		d.loop(depth + 1)
	}
	d.statements(d.rng.IntN(2), depth+1)
	d.p[at] = isa.Pack(isa.OpLoop, 0, 13, 0, 0, d.here())
}

// skip draws a branch over statements.
func (d *drawer) skip(depth int) {
	op := isa.OpBeq + isa.Op(d.rng.IntN(int(isa.OpBgeu-isa.OpBeq)+1))
	at := len(d.p)
	d.emit(0)
	d.statements(d.rng.IntN(3), depth+1)
	d.p[at] = isa.Pack(op, 0, d.reg(), d.reg(), 0, d.here())
}

// repeat draws a loop made of a branch, which ends unless its statements change the counter.
func (d *drawer) repeat(depth int) {
	d.emit(isa.Pack(isa.OpLi, counter, 0, 0, 0, int32(1+d.rng.IntN(4))))
	start := d.here()
	d.statements(1+d.rng.IntN(3), depth+3)
	d.emit(isa.Pack(isa.OpAddi, counter, counter, 0, 0, -1))
	d.emit(isa.Pack(isa.OpBlt, 0, 0, counter, 0, start))
}

// instruction draws a row of the table with fitting operands, without the transfers between scratch
// and external memory, which only a DMA makes. A few operands are such as assembly cannot write.
func (d *drawer) instruction() {
	info := &isa.Table[d.rng.IntN(len(isa.Table))]
	one := 1 // in so many
	switch info.Op {
	case isa.OpDMAScr, isa.OpDMAStore:
		return
	case isa.OpHalt, isa.OpTrap, isa.OpJal, isa.OpJr:
		one = 4 // most end the program
	}
	if info.Format == isa.FmtCmd {
		one = 10
	}
	if d.rng.IntN(one) > 0 {
		return
	}
	rd, ra, rb, aux, imm := d.reg(), d.reg(), d.reg(), uint16(0), d.number()
	wild := d.rng.IntN(60) == 0
	for _, o := range info.Format.Operands() {
		switch o {
		case isa.OperandMem:
			if ra, imm = 0, int32(d.rng.IntN(interp.ScratchBytes/4))*4; d.rng.IntN(8) == 0 {
				ra, imm = d.reg(), int32(d.rng.IntN(interp.ScratchBytes+8))
			}
		case isa.OperandTarget: // near, behind this instruction
			imm = d.here() + int32(1+d.rng.IntN(6))*isa.WordBytes
			if wild {
				imm = int32(d.rng.IntN(len(d.p)+20)) * isa.WordBytes
			}
		case isa.OperandCount:
			imm = int32(d.rng.IntN(4))
			if wild {
				imm -= 2
			}
		case isa.OperandParam, isa.OperandStatus, isa.OperandUnit, isa.OperandPhase:
			aux, ra = d.aux(o), d.small()
			if wild {
				aux, ra = uint16(d.rng.IntN(1<<12)), d.reg()
			}
		case isa.OperandFlags:
			aux, ra = uint16(d.rng.Uint32())&info.FlagMask(), 0
			if wild {
				aux, ra = uint16(d.rng.IntN(1<<12)), d.reg()
			}
		}
	}
	if info.Format == isa.FmtImm {
		imm &= 7
	}
	d.emit(isa.Pack(info.Op, rd, ra, rb, aux, imm))
}

// small puts a number below 40 into a register and returns it.
func (d *drawer) small() uint8 {
	r := 1 + uint8(d.rng.IntN(12))
	d.emit(isa.Pack(isa.OpLi, r, 0, 0, 0, int32(d.rng.IntN(33))))
	return r
}

// number draws an immediate, often a small one.
func (d *drawer) number() int32 {
	if d.rng.IntN(2) == 0 {
		return int32(d.rng.IntN(80) - 16)
	}
	return int32(d.rng.Uint32())
}

// aux draws a register, unit or phase that exists.
func (d *drawer) aux(o isa.Operand) uint16 {
	if o == isa.OperandPhase {
		return uint16(d.rng.IntN(int(isa.NumPhases)))
	}
	u := 1 + d.rng.IntN(int(isa.NumUnits)-1)
	n := len(isa.Units[u].Params)
	switch {
	case o == isa.OperandUnit:
		n = 0
	case o == isa.OperandStatus:
		n = len(isa.Units[u].Status)
	}
	return uint16(u)<<8 | uint16(d.rng.IntN(max(1, n)))
}
