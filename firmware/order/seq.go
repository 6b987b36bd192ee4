package order

import (
	"encoding/binary"
	"fmt"
	"slices"

	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/rtl/port"
)

// scratchBytes is the reference machine's scratch memory.
const scratchBytes = 4 << 10

// maxLoops is the depth of SEQ's loop stack, maxLayer the largest layer of a mark.
const (
	maxLoops = 4
	maxLayer = 31
)

// machine runs the scalar instructions as package rtl/seq does, and gives commands to a checker. A status register reads as 0.
type machine struct {
	*checker
	code    []isa.Word
	scratch []byte
	unknown []bool // bytes of scratch that come from what a unit has computed: their values are not known here
	mem     memory
	r       [isa.NumRegs]uint32
	params  [isa.NumUnits][port.NumParams]uint32
	pc      uint32
	loops   []loop
	halted  bool
	ran     uint64
}

// loop is an entry of the loop stack.
type loop struct{ start, end, left uint32 }

func newMachine(img *image.Image, opt Options) *machine {
	m := &machine{code: img.Code, pc: img.Entry, scratch: make([]byte, max(scratchBytes, len(img.Scratch))), mem: memory{segments: img.Segments}}
	m.unknown = make([]bool, len(m.scratch))
	copy(m.scratch, img.Scratch)
	m.checker = newChecker(uint64(img.XMemBytes), uint64(len(m.scratch)), opt.Findings)
	return m
}

// run executes until halt.
func (m *machine) run(limit uint64) error {
	for !m.halted {
		if m.ran == limit {
			return fmt.Errorf("no halt within %d instructions", limit)
		}
		m.ran++
		if err := m.step(); err != nil {
			return fmt.Errorf("pc 0x%x: %w", m.pc, err)
		}
	}
	return m.finish()
}

func (m *machine) step() error {
	if m.pc%isa.WordBytes != 0 || uint64(m.pc/isa.WordBytes) >= uint64(len(m.code)) {
		return fmt.Errorf("outside the program")
	}
	w := m.code[m.pc/isa.WordBytes]
	next := m.pc + isa.WordBytes
	var err error
	switch op := w.Op(); {
	case op >= isa.OpDMAMap:
		err = m.command(w)
	case op >= isa.OpSet:
		err = m.control(w)
	case op >= isa.OpBeq:
		next, err = m.branch(w, next)
	case op >= isa.OpLw:
		err = m.access(w)
	default:
		err = m.scalar(w)
	}
	if err != nil {
		return err
	}
	m.r[0] = 0
	m.pc = m.loopBack(next)
	return nil
}

// illegal is an instruction that the table does not have.
func illegal(w isa.Word) error { return fmt.Errorf("illegal instruction %#016x", uint64(w)) }

func (m *machine) scalar(w isa.Word) error {
	switch w.Op() {
	case isa.OpHalt:
		m.halted = true
		return nil
	case isa.OpNop:
		return nil
	case isa.OpTrap:
		return fmt.Errorf("trap %d", uint32(w.Imm()))
	}
	v, ok := w.Scalar(m.r[w.Ra()], m.r[w.Rb()])
	if !ok {
		return illegal(w)
	}
	m.r[w.Rd()] = v
	return nil
}

// loopBack returns to the start of the innermost loop whose end is reached; loops that end together unwind together.
func (m *machine) loopBack(next uint32) uint32 {
	for n := len(m.loops); n > 0 && m.loops[n-1].end == next; n-- {
		l := &m.loops[n-1]
		if l.left > 0 {
			l.left--
			return l.start
		}
		m.loops = m.loops[:n-1]
	}
	return next
}

// branch executes branches, jumps and loop starts.
func (m *machine) branch(w isa.Word, next uint32) (uint32, error) {
	a, target := m.r[w.Ra()], uint32(w.Imm())
	take, conditional := w.Branch(a, m.r[w.Rb()])
	switch w.Op() {
	case isa.OpJal:
		m.r[w.Rd()], take = next, true
	case isa.OpJr:
		target, take = a, true
	case isa.OpLoop:
		return m.beginLoop(w, a, next)
	default:
		if !conditional {
			return 0, illegal(w)
		}
	}
	if take {
		return target, nil
	}
	return next, nil
}

// beginLoop starts a loop of some passes, or skips one without passes or instructions.
func (m *machine) beginLoop(w isa.Word, passes, next uint32) (uint32, error) {
	end := uint32(w.Imm())
	switch {
	case end < next:
		return 0, illegal(w)
	case int32(passes) <= 0 || end == next:
		return end, nil
	case len(m.loops) == maxLoops:
		return 0, fmt.Errorf("more than %d loops nested", maxLoops)
	}
	m.loops = append(m.loops, loop{next, end, passes - 1})
	return next, nil
}

// access executes loads and stores.
func (m *machine) access(w isa.Word) error {
	size := uint32(4)
	switch w.Op() {
	case isa.OpLhu, isa.OpSh:
		size = 2
	case isa.OpLbu:
		size = 1
	case isa.OpLw, isa.OpSw:
	default:
		return illegal(w)
	}
	addr := m.r[w.Ra()] + uint32(w.Imm())
	if addr%size != 0 || uint64(addr)+uint64(size) > uint64(len(m.scratch)) {
		return fmt.Errorf("scratch address 0x%x outside the memory or not aligned", addr)
	}
	store := w.Op() >= isa.OpSw
	m.seqAccess(m.seq(w), uint64(addr), uint64(size), store)
	if unknown := m.unknown[addr : addr+size]; store {
		clear(unknown)
	} else if slices.Contains(unknown, true) {
		return fmt.Errorf("looks at what a unit has computed: the program cannot be followed without its value")
	}
	b := m.scratch[addr:]
	switch w.Op() {
	case isa.OpLw:
		m.r[w.Rd()] = binary.LittleEndian.Uint32(b)
	case isa.OpLhu:
		m.r[w.Rd()] = uint32(binary.LittleEndian.Uint16(b))
	case isa.OpLbu:
		m.r[w.Rd()] = uint32(b[0])
	case isa.OpSw:
		binary.LittleEndian.PutUint32(b, m.r[w.Rb()])
	case isa.OpSh:
		binary.LittleEndian.PutUint16(b, uint16(m.r[w.Rb()]))
	}
	return nil
}

// seq stands for SEQ itself in a finding.
func (m *machine) seq(w isa.Word) Command {
	return Command{Unit: isa.UnitSeq, Op: w.Op(), PC: m.pc, Phase: m.phase, Layer: m.layer}
}

// control executes set, seti, get, wait and mark.
func (m *machine) control(w isa.Word) error {
	unit, reg := w.AuxUnit(), int(w.AuxReg())
	if w.Op() != isa.OpMark && (unit == isa.UnitSeq || unit >= isa.NumUnits) {
		return illegal(w)
	}
	switch w.Op() {
	case isa.OpSet:
		return m.param(w, unit, reg, m.r[w.Ra()])
	case isa.OpSeti:
		return m.param(w, unit, reg, uint32(w.Imm()))
	case isa.OpGet:
		if reg >= len(isa.Units[unit].Status) {
			return illegal(w)
		}
		m.rests(m.seq(w), unit, isa.Units[unit].Status[reg].Name, ReadsUnwritten)
		m.r[w.Rd()] = 0
	case isa.OpWait:
		if w.Imm() < 0 {
			return illegal(w)
		}
		m.wait(m.pc, unit, w.Imm())
	case isa.OpMark:
		if w.Aux() >= uint16(isa.NumPhases) || m.r[w.Ra()] > maxLayer {
			return illegal(w)
		}
		m.phase, m.layer = isa.Phase(w.Aux()), int(m.r[w.Ra()])
	default:
		return illegal(w)
	}
	return nil
}

// param writes a parameter register. The loss unit's labels are not copied with a command: they may be written only while it rests.
func (m *machine) param(w isa.Word, unit isa.Unit, reg int, v uint32) error {
	if reg >= len(isa.Units[unit].Params) {
		return illegal(w)
	}
	m.params[unit][reg] = v
	if unit == isa.UnitLoss && reg == isa.LossLabel {
		m.rests(m.seq(w), unit, isa.Units[unit].Params[reg].Name, OverwritesUnread)
	}
	return nil
}

// command issues a command, and makes the transfers between external memory and scratch that the program depends on.
func (m *machine) command(w isa.Word) error {
	info := isa.Lookup(w.Op())
	if info == nil {
		return illegal(w)
	}
	flags := w.Aux() | uint16(m.r[w.Ra()])
	if flags&^info.FlagMask() != 0 {
		return illegal(w)
	}
	c := &command{info: info, flags: flags, p: &m.params[info.Unit], pc: m.pc}
	if err := m.issue(c); err != nil {
		return fmt.Errorf("%s: %w", info.Name, err)
	}
	x, n, at := c.p[isa.DMAXAddr], c.p[isa.DMAN], c.p[isa.DMADst]
	switch info.Op {
	case isa.OpDMAScr:
		m.mem.read(m.scratch[at:at+n], x)
		m.computed(m.unknown[at:at+n], x)
	case isa.OpDMAStore:
		if slices.Contains(m.unknown[at:at+n], true) {
			return fmt.Errorf("%s: stores what a unit has computed: the program cannot be followed without its value", info.Name)
		}
		m.mem.write(x, m.scratch[at:at+n])
	}
	return nil
}

func (m *machine) report() *Report {
	r := m.checker.report()
	r.Instructions = m.ran
	return r
}
