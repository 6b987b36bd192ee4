package interp

import (
	"slices"

	"bdfasim/isa"
)

// doubt follows what depends on status registers, which a Blind machine does not know.
type doubt struct {
	regs    uint16
	scratch []bool          // bytes
	bursts  map[uint32]bool // of external memory, that dma.store wrote, by address / isa.BurstBytes

	from, to uint32 // between these instructions may be skipped
}

// skips reports whether an instruction may be skipped.
func (d *doubt) skips(pc uint32) bool { return d.from <= pc && pc < d.to }

// of reports whether an operand of an instruction is in doubt. Fields that it does not use are 0.
func (d *doubt) of(w isa.Word) bool { return (d.regs>>w.Ra()|d.regs>>w.Rb())&1 != 0 }

// put notes whether a register is in doubt. One that may have been skipped settles nothing.
func (d *doubt) put(r uint8, doubtful bool, pc uint32) {
	if doubtful {
		d.regs |= 1 << r
	} else if !d.skips(pc) {
		d.regs &^= 1 << r
	}
	d.regs &^= 1
}

// believe follows doubt through an instruction that is about to be executed. It refuses one that
// does something else with another value than to keep it.
func (m *Machine) believe(w isa.Word, format isa.Format) error {
	d, doubtful := &m.doubt, m.doubt.of(w)
	switch op := w.Op(); {
	case op == isa.OpGet:
		d.put(w.Rd(), true, m.PC)
	case format == isa.FmtLoad || format == isa.FmtStore:
		return m.keep(w)
	case op < isa.OpLw:
		d.put(w.Rd(), doubtful, m.PC)
	case op == isa.OpJal:
		d.put(w.Rd(), false, m.PC)
	case !doubtful:
	case format == isa.FmtBranch:
		return m.either(w)
	default:
		return ErrStatus
	}
	return nil
}

// keep follows doubt through a load or a store.
func (m *Machine) keep(w isa.Word) error {
	d := &m.doubt
	b, err := m.doubtAt(w)
	if isa.Lookup(w.Op()).Format == isa.FmtLoad {
		d.put(w.Rd(), slices.Contains(b, true), m.PC)
		return err
	}
	for i := range b {
		b[i] = d.regs>>w.Rb()&1 != 0 || d.skips(m.PC) && b[i]
	}
	return err
}

// doubtAt are the bytes of a load or store, none if it will be refused.
func (m *Machine) doubtAt(w isa.Word) ([]bool, error) {
	addr, size := m.R[w.Ra()]+uint32(w.Imm()), w.ScratchBytes()
	switch {
	case m.doubt.regs>>w.Ra()&1 != 0:
		return nil, ErrStatus
	case uint64(addr)+uint64(size) > uint64(len(m.Scratch)):
		return nil, nil
	}
	return m.doubt.scratch[addr : addr+size], nil
}

// either lets a branch in doubt skip instructions that only compute or access scratch memory: what
// they write is in doubt, too, and what follows is the same on both ways.
func (m *Machine) either(w isa.Word) error {
	d, from, to := &m.doubt, m.PC+isa.WordBytes, uint32(w.Imm())
	inLoop := func(l Loop) bool { return from <= l.End && l.End < to }
	if to < from || uint64(to/isa.WordBytes) > uint64(len(m.code)) || slices.ContainsFunc(m.Loops, inLoop) {
		return ErrStatus
	}
	for _, s := range m.code[from/isa.WordBytes : to/isa.WordBytes] {
		info := isa.Lookup(s.Op())
		switch {
		case info == nil || s.Op() >= isa.OpBeq || s.Op() == isa.OpHalt || s.Op() == isa.OpTrap:
			return ErrStatus
		case s.ScratchBytes() > 0:
			b, err := m.doubtAt(s)
			if err != nil {
				return err
			}
			load := info.Format == isa.FmtLoad
			if m.Access != nil && len(b) > 0 {
				m.Access(m.R[s.Ra()]+uint32(s.Imm()), s.ScratchBytes(), load)
			}
			for i := range b {
				b[i] = b[i] || !load
			}
		}
		d.regs |= 1 << s.Rd() &^ 1
	}
	d.from, d.to = from, to
	return nil
}

// moved follows doubt through dma.store and dma.scr.
func (d *doubt) moved(x uint32, scratch []bool, store bool) {
	for burst := x / isa.BurstBytes; len(scratch) > 0; burst++ {
		part := scratch[:min(len(scratch), isa.BurstBytes)]
		if store {
			d.bursts[burst] = slices.Contains(part, true)
		} else {
			for i := range part {
				part[i] = d.bursts[burst]
			}
		}
		scratch = scratch[len(part):]
	}
}
