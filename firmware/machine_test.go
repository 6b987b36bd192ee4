package firmware

import (
	"encoding/binary"
	"fmt"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// machine runs a program's scalar instructions and hands every command to a checker. Commands compute nothing; only the
// transfers between external memory and scratch are made, because the program depends on them. It knows the instruction
// table's meaning on its own, so that the programs are tested without the chip.
type machine struct {
	code    []isa.Word
	xmem    []byte
	scratch []byte
	r       [isa.NumRegs]uint32
	params  [isa.NumUnits][16]uint32
	pc      uint32
	loops   [][3]uint32 // start, end, passes left
	phase   isa.Phase
	layer   int
	marks   int
	check   *checker
}

// command is an issued command with its parameters and the tag it was issued under.
type command struct {
	info   *isa.Info
	flags  uint16
	p      [16]uint32
	phase  isa.Phase
	layer  int
	mark   int
	serial int    // within its unit
	pc     uint32 // for messages
}

func (c *command) is(flag uint16) bool { return c.flags&flag != 0 }
func (c *command) String() string {
	return fmt.Sprintf("%s at pc %#x under %s %d, parameters %v", c.info.Name, c.pc, c.phase, c.layer, c.p)
}

func newMachine(img *image.Image, p *Plan) *machine {
	m := &machine{code: img.Code, xmem: Memory(img), scratch: make([]byte, 4096), pc: img.Entry}
	for i := range m.scratch {
		m.scratch[i] = 0xa5 // the program must not count on cleared memory
	}
	m.check = newChecker(p)
	return m
}

// run executes until halt.
func (m *machine) run(maxInstructions int) error {
	for range maxInstructions {
		if m.pc%isa.WordBytes != 0 || int(m.pc/isa.WordBytes) >= len(m.code) {
			return fmt.Errorf("pc %#x outside the program", m.pc)
		}
		w := m.code[m.pc/isa.WordBytes]
		if w.Op() == isa.OpHalt {
			return m.check.finish()
		}
		if err := m.step(w); err != nil {
			return fmt.Errorf("pc %#x: %w", m.pc, err)
		}
	}
	return fmt.Errorf("no halt after %d instructions", maxInstructions)
}

func (m *machine) step(w isa.Word) (err error) {
	next := m.pc + isa.WordBytes
	switch op := w.Op(); {
	case op >= isa.OpDMAMap:
		err = m.command(w)
	case op >= isa.OpSet:
		err = m.control(w)
	case op >= isa.OpBeq:
		next, err = m.branch(w, next)
	case op >= isa.OpLw:
		err = m.memory(w)
	default:
		err = m.scalar(w)
	}
	m.r[0] = 0
	m.pc = next
	for len(m.loops) > 0 {
		l := &m.loops[len(m.loops)-1]
		if m.pc != l[1] {
			break
		}
		if l[2] > 0 {
			l[2]--
			m.pc = l[0]
			break
		}
		m.loops = m.loops[:len(m.loops)-1]
	}
	return err
}

func (m *machine) scalar(w isa.Word) error {
	a, b := m.r[w.Ra()], m.r[w.Rb()]
	if w.Op() >= isa.OpAddi {
		b = uint32(w.Imm())
	}
	rd := &m.r[w.Rd()]
	switch w.Op() {
	case isa.OpNop:
	case isa.OpLi:
		*rd = uint32(w.Imm())
	case isa.OpMov:
		*rd = a
	case isa.OpAdd, isa.OpAddi:
		*rd = a + b
	case isa.OpSub:
		*rd = a - b
	case isa.OpMul, isa.OpMuli:
		*rd = a * b
	case isa.OpAnd, isa.OpAndi:
		*rd = a & b
	case isa.OpOr, isa.OpOri:
		*rd = a | b
	case isa.OpXori:
		*rd = a ^ b
	case isa.OpShli:
		*rd = a << (b & 31)
	case isa.OpShr, isa.OpShri:
		*rd = a >> (b & 31)
	case isa.OpMin, isa.OpMini:
		*rd = uint32(min(int32(a), int32(b)))
	default:
		return fmt.Errorf("instruction %#x", uint64(w))
	}
	return nil
}

func (m *machine) branch(w isa.Word, next uint32) (uint32, error) {
	a, b, target := m.r[w.Ra()], m.r[w.Rb()], uint32(w.Imm())
	take := true
	switch w.Op() {
	case isa.OpBeq:
		take = a == b
	case isa.OpBne:
		take = a != b
	case isa.OpBlt:
		take = int32(a) < int32(b)
	case isa.OpBge:
		take = int32(a) >= int32(b)
	case isa.OpBgeu:
		take = a >= b
	case isa.OpJal:
		m.r[w.Rd()] = next
	case isa.OpJr:
		target = a
	case isa.OpLoop:
		if take = int32(a) <= 0; !take {
			m.loops = append(m.loops, [3]uint32{next, target, a - 1})
		}
	default:
		return next, fmt.Errorf("instruction %#x", uint64(w))
	}
	if take {
		next = target
	}
	return next, nil
}

func (m *machine) memory(w isa.Word) error {
	addr := m.r[w.Ra()] + uint32(w.Imm())
	store := w.Op() == isa.OpSw
	if err := m.check.scratch(addr, store); err != nil {
		return err
	}
	switch w.Op() {
	case isa.OpLw:
		m.r[w.Rd()] = binary.LittleEndian.Uint32(m.scratch[addr:])
	case isa.OpLhu:
		m.r[w.Rd()] = uint32(binary.LittleEndian.Uint16(m.scratch[addr:]))
	case isa.OpSw:
		binary.LittleEndian.PutUint32(m.scratch[addr:], m.r[w.Rb()])
	default:
		return fmt.Errorf("instruction %#x", uint64(w))
	}
	return nil
}

func (m *machine) control(w isa.Word) error {
	unit, reg := w.AuxUnit(), w.AuxReg()
	switch w.Op() {
	case isa.OpSet, isa.OpSeti:
		v := uint32(w.Imm())
		if w.Op() == isa.OpSet {
			v = m.r[w.Ra()]
		}
		m.params[unit][reg] = v
		if unit == isa.UnitLoss && reg == isa.LossLabel {
			return m.check.label(v)
		}
	case isa.OpGet:
		m.r[w.Rd()] = 0
		if unit == isa.UnitLoss && reg == isa.LossCorrect {
			m.r[w.Rd()] = uint32(m.check.correct)
			m.check.correct = 0
		}
		return m.check.status(unit)
	case isa.OpWait:
		m.check.wait(unit, int(w.Imm()))
	case isa.OpMark:
		m.phase, m.layer = isa.Phase(w.Aux()), int(m.r[w.Ra()])
		m.marks++
		m.check.seen[fmt.Sprintf("%s %d", m.phase, m.layer)]++
	default:
		return fmt.Errorf("instruction %#x", uint64(w))
	}
	return nil
}

func (m *machine) command(w isa.Word) error {
	info := isa.Lookup(w.Op())
	if info == nil {
		return fmt.Errorf("instruction %#x", uint64(w))
	}
	c := &command{info: info, flags: w.Aux() | uint16(m.r[w.Ra()]), p: m.params[info.Unit], phase: m.phase, layer: m.layer, mark: m.marks, pc: m.pc}
	if err := m.check.issue(c); err != nil {
		return fmt.Errorf("%v: %w", c, err)
	}
	x, n, at := c.p[isa.DMAXAddr], c.p[isa.DMAN], c.p[isa.DMADst]
	switch info.Op {
	case isa.OpDMAScr:
		copy(m.scratch[at:at+n], m.xmem[x:x+n])
	case isa.OpDMAStore:
		copy(m.xmem[x:x+n], m.scratch[at:at+n])
	}
	return nil
}
