package seq

import (
	"bdfasim/isa"
	"bdfasim/rtl/port"
)

// scalar executes the register instructions, halt, nop and trap.
func (u *Unit) scalar(w isa.Word) {
	s := &u.s
	a, b := s.R[w.Ra()], s.R[w.Rb()]
	if w.Op() >= isa.OpAddi {
		b = uint32(w.Imm())
	}
	var v uint32
	switch w.Op() {
	case isa.OpHalt:
		s.Halted = true
		return
	case isa.OpNop:
		return
	case isa.OpTrap:
		u.fault(port.FaultTrap, uint64(uint32(w.Imm())))
		return
	case isa.OpLi:
		v = uint32(w.Imm())
	case isa.OpMov:
		v = a
	case isa.OpAdd, isa.OpAddi:
		v = a + b
	case isa.OpSub:
		v = a - b
	case isa.OpMul, isa.OpMuli:
		v = a * b
	case isa.OpAnd, isa.OpAndi:
		v = a & b
	case isa.OpOr, isa.OpOri:
		v = a | b
	case isa.OpXor, isa.OpXori:
		v = a ^ b
	case isa.OpShl, isa.OpShli:
		v = a << (b & 31)
	case isa.OpShr, isa.OpShri:
		v = a >> (b & 31)
	case isa.OpSar, isa.OpSari:
		v = uint32(int32(a) >> (b & 31))
	case isa.OpMin, isa.OpMini:
		v = uint32(min(int32(a), int32(b)))
	default:
		u.fault(port.FaultIllegal, uint64(w))
		return
	}
	u.setReg(w.Rd(), v)
}
