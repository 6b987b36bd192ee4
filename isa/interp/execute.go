package interp

import (
	"encoding/binary"
	"fmt"
	"slices"

	"bdfasim/isa"
)

// scalar executes register instructions, halt, nop and trap.
func (m *Machine) scalar(w isa.Word) error {
	switch w.Op() {
	case isa.OpHalt:
		m.Halted = true
	case isa.OpNop:
	case isa.OpTrap:
		return fmt.Errorf("%w %d", ErrTrap, uint32(w.Imm()))
	default:
		v, ok := w.Scalar(m.R[w.Ra()], m.R[w.Rb()])
		if !ok {
			return illegal(w)
		}
		m.R[w.Rd()] = v
	}
	return nil
}

// loopBack returns to the start of the innermost loop whose end is reached; loops that end together
// unwind together.
func (m *Machine) loopBack(next uint32) uint32 {
	for n := len(m.Loops); n > 0 && m.Loops[n-1].End == next; n-- {
		l := &m.Loops[n-1]
		if l.Left > 0 {
			l.Left--
			return l.Start
		}
		m.Loops = m.Loops[:n-1]
	}
	return next
}

func (m *Machine) branch(w isa.Word, next uint32) (pc uint32, jumps bool, err error) {
	a, target := m.R[w.Ra()], uint32(w.Imm())
	take, conditional := w.Branch(a, m.R[w.Rb()])
	switch w.Op() {
	case isa.OpJal:
		m.R[w.Rd()], take = next, true
	case isa.OpJr:
		target, take = a, true
	case isa.OpLoop:
		if target < next { // its end would never be reached
			return 0, false, illegal(w)
		}
		if take = int32(a) <= 0 || target == next; take {
			break
		}
		if len(m.Loops) == MaxLoops {
			return 0, false, ErrLoops
		}
		m.Loops = append(m.Loops, Loop{next, target, a - 1})
	default:
		if !conditional {
			return 0, false, illegal(w)
		}
	}
	if take {
		return target, true, nil
	}
	return next, false, nil
}

func (m *Machine) access(w isa.Word) error {
	size := w.ScratchBytes()
	addr, load := m.R[w.Ra()]+uint32(w.Imm()), isa.Lookup(w.Op()).Format == isa.FmtLoad
	if addr%size != 0 || uint64(addr)+uint64(size) > uint64(len(m.Scratch)) {
		return fmt.Errorf("%w 0x%x outside the memory or not aligned", ErrScratch, addr)
	}
	if m.Access != nil {
		m.Access(addr, size, load)
	}
	b, unknown := m.Scratch[addr:addr+size], m.unknown[addr:addr+size]
	var v [4]byte
	if !load {
		binary.LittleEndian.PutUint32(v[:], m.R[w.Rb()])
		copy(b, v[:])
		clear(unknown)
		return nil
	}
	if slices.Contains(unknown, true) {
		return fmt.Errorf("looks at %w", ErrUnknown)
	}
	copy(v[:], b)
	m.R[w.Rd()] = binary.LittleEndian.Uint32(v[:])
	return nil
}

// control executes set, seti, get, wait and mark; false: it waits.
func (m *Machine) control(w isa.Word) (bool, error) {
	u, reg, v := w.AuxUnit(), int(w.AuxReg()), uint32(w.Imm())
	if w.Op() != isa.OpMark && (u == isa.UnitSeq || u >= isa.NumUnits) {
		return false, illegal(w)
	}
	switch w.Op() {
	case isa.OpSet, isa.OpSeti:
		if reg >= len(isa.Units[u].Params) {
			return false, illegal(w)
		}
		if w.Op() == isa.OpSet {
			v = m.R[w.Ra()]
		}
		m.Params[u][reg] = v
		if m.Param != nil {
			m.Param(u, reg)
		}
	case isa.OpGet:
		if reg >= len(isa.Units[u].Status) {
			return false, illegal(w)
		}
		v = 0
		if m.Get != nil {
			v = m.Get(u, reg)
		}
		m.R[w.Rd()] = v
	case isa.OpWait:
		if w.Imm() < 0 {
			return false, illegal(w)
		}
		return m.Wait == nil || m.Wait(u, w.Imm()), nil
	case isa.OpMark:
		if w.Aux() >= uint16(isa.NumPhases) || m.R[w.Ra()] > MaxLayer {
			return false, illegal(w)
		}
		m.Phase, m.Layer = isa.Phase(w.Aux()), int(m.R[w.Ra()])
		if m.Mark != nil {
			m.Mark()
		}
	default:
		return false, illegal(w)
	}
	return true, nil
}

// command issues a command and makes the transfers that the program may depend on; false: it waits.
func (m *Machine) command(info *isa.Info, w isa.Word) (bool, error) {
	c := Command{info, w.Aux() | uint16(m.R[w.Ra()]), &m.Params[info.Unit]}
	if c.Flags&^info.FlagMask() != 0 {
		return false, illegal(w)
	}
	if m.Command != nil {
		if ok, err := m.Command(c); err != nil {
			return false, fmt.Errorf("%s: %w", info.Name, err)
		} else if !ok {
			return false, nil
		}
	}
	if info.Op == isa.OpDMAScr || info.Op == isa.OpDMAStore {
		if err := m.transfer(c); err != nil {
			return false, fmt.Errorf("%s: %w", info.Name, err)
		}
	}
	return true, nil
}

// transfer moves bytes between scratch and external memory at once. A program must have waited
// before it looks at them, so it cannot tell.
func (m *Machine) transfer(c Command) error {
	x, n, at := c.Params[isa.DMAXAddr], c.Params[isa.DMAN], c.Params[isa.DMADst]
	if uint64(at)+uint64(n) > uint64(len(m.Scratch)) {
		return fmt.Errorf("%w 0x%x: %d bytes leave the memory", ErrScratch, at, n)
	}
	b, unknown := m.Scratch[at:at+n], m.unknown[at:at+n]
	m.doubt.moved(x, m.doubt.scratch[at:at+n], c.Info.Op == isa.OpDMAStore)
	if c.Info.Op == isa.OpDMAStore {
		if slices.Contains(unknown, true) {
			return fmt.Errorf("stores %w", ErrUnknown)
		}
		m.mem.move(x, b, true)
		return nil
	}
	m.mem.move(x, b, false)
	clear(unknown)
	if m.Fetched != nil {
		m.Fetched(x, unknown)
	}
	return nil
}
