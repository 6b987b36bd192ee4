package isa

// Scalar is what a register instruction writes to its destination, by REFERENCE.md: ra and rb are
// the values of its source registers; immediate forms take the immediate for rb. ok is false for
// words that write none (nop) and for other kinds of instructions.
func (w Word) Scalar(ra, rb uint32) (v uint32, ok bool) {
	a, b := ra, rb
	if w.Op() >= OpAddi {
		b = uint32(w.Imm())
	}
	switch w.Op() {
	case OpLi:
		return uint32(w.Imm()), true
	case OpMov:
		return a, true
	case OpAdd, OpAddi:
		return a + b, true
	case OpSub:
		return a - b, true
	case OpMul, OpMuli:
		return a * b, true
	case OpAnd, OpAndi:
		return a & b, true
	case OpOr, OpOri:
		return a | b, true
	case OpXor, OpXori:
		return a ^ b, true
	case OpShl, OpShli:
		return a << (b & 31), true
	case OpShr, OpShri:
		return a >> (b & 31), true
	case OpSar, OpSari:
		return uint32(int32(a) >> (b & 31)), true
	case OpMin, OpMini:
		return uint32(min(int32(a), int32(b))), true
	}
	return 0, false
}

// Branch tells whether a conditional branch is taken: ra and rb are the values of its source
// registers. ok is false for other instructions, jumps and loops among them.
func (w Word) Branch(ra, rb uint32) (taken, ok bool) {
	switch w.Op() {
	case OpBeq:
		return ra == rb, true
	case OpBne:
		return ra != rb, true
	case OpBlt:
		return int32(ra) < int32(rb), true
	case OpBge:
		return int32(ra) >= int32(rb), true
	case OpBltu:
		return ra < rb, true
	case OpBgeu:
		return ra >= rb, true
	}
	return false, false
}

// Cycles is how long SEQ takes for an instruction that does not wait; jumps: the next one is not
// its successor, which was fetched already and is dropped. A loop's way back takes nothing.
func (w Word) Cycles(jumps bool) int {
	switch w.Op() {
	case OpLw, OpLhu, OpLbu:
		return 2 // scratch memory is read in the second
	case OpGet:
		return 3 // bus out, status back
	}
	if jumps {
		return 2
	}
	return 1
}

// ScratchBytes is the size of what a load or store accesses; 0: it is neither.
func (w Word) ScratchBytes() uint32 {
	switch w.Op() {
	case OpLw, OpSw:
		return 4
	case OpLhu, OpSh:
		return 2
	case OpLbu:
		return 1
	}
	return 0
}
