package seq

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// scalar executes the register instructions, halt, nop and trap.
func (u *Unit) scalar(w isa.Word) {
	s := &u.State
	switch w.Op() {
	case isa.OpHalt:
		s.Halted = true
		return
	case isa.OpNop:
		return
	case isa.OpTrap:
		u.fault(port.FaultTrap, uint64(uint32(w.Imm())))
		return
	}
	v, ok := w.Scalar(s.R[w.Ra()], s.R[w.Rb()])
	if !ok {
		u.fault(port.FaultIllegal, uint64(w))
		return
	}
	u.setReg(w.Rd(), v)
}
