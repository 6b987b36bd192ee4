package isa

import (
	"fmt"
	"math/bits"
)

// Format says which operands an instruction has and where they lie in the word; the assembler, the
// disassembler and the manual are loops over it. formatTable has the operands of each.
type Format uint8

// The formats.
const (
	FmtNone Format = iota
	FmtRdImm
	FmtRdRa
	FmtRdRaRb
	FmtRdRaImm
	FmtLoad
	FmtStore
	FmtBranch
	FmtJal
	FmtRa
	FmtLoop
	FmtSet
	FmtSetImm
	FmtGet
	FmtCmd
	FmtWait
	FmtMark
	FmtImm
)

// Operand is what is written for some fields of the word; operandTable says how, and which.
type Operand uint8

// The operands.
const (
	OperandRd Operand = iota // a register, as the next two
	OperandRa
	OperandRb
	OperandImm    // any 32-bit value
	OperandMem    // an offset and a register
	OperandTarget // a code address, a multiple of WordBytes
	OperandCount  // a value that is not negative
	OperandParam  // a parameter register
	OperandStatus // a status register
	OperandUnit   // a unit with a command queue
	OperandPhase
	OperandFlags // flags known when assembled, and a register with further ones
	numOperands
)

// Masks of the fields of a word.
const (
	maskRd  Word = 0xf << 52
	maskRa  Word = 0xf << 48
	maskRb  Word = 0xf << 44
	maskAux Word = 0xfff << 32
	maskImm Word = 0xffff_ffff
)

// operandTable has a row for each operand: how the manual writes it and the bits that it fills.
var operandTable = [numOperands]struct {
	syntax string
	mask   Word
}{
	OperandRd:     {"rd", maskRd},
	OperandRa:     {"ra", maskRa},
	OperandRb:     {"rb", maskRb},
	OperandImm:    {"imm", maskImm},
	OperandMem:    {"imm(ra)", maskImm | maskRa},
	OperandTarget: {"target", maskImm},
	OperandCount:  {"n", maskImm},
	OperandParam:  {"unit.reg", maskAux},
	OperandStatus: {"unit.reg", maskAux},
	OperandUnit:   {"unit", maskAux},
	OperandPhase:  {"phase", maskAux},
	OperandFlags:  {"flag, ..., ra", maskAux | maskRa},
}

// formatTable lists the operands of each format in the order in which they are written.
var formatTable = [...][]Operand{
	FmtNone:    {},
	FmtRdImm:   {OperandRd, OperandImm},
	FmtRdRa:    {OperandRd, OperandRa},
	FmtRdRaRb:  {OperandRd, OperandRa, OperandRb},
	FmtRdRaImm: {OperandRd, OperandRa, OperandImm},
	FmtLoad:    {OperandRd, OperandMem},
	FmtStore:   {OperandRb, OperandMem},
	FmtBranch:  {OperandRa, OperandRb, OperandTarget},
	FmtJal:     {OperandRd, OperandTarget},
	FmtRa:      {OperandRa},
	FmtLoop:    {OperandRa, OperandTarget},
	FmtSet:     {OperandParam, OperandRa},
	FmtSetImm:  {OperandParam, OperandImm},
	FmtGet:     {OperandRd, OperandStatus},
	FmtCmd:     {OperandFlags},
	FmtWait:    {OperandUnit, OperandCount},
	FmtMark:    {OperandPhase, OperandRa},
	FmtImm:     {OperandImm},
}

// String returns the operand as the manual writes it.
func (o Operand) String() string {
	if o < numOperands {
		return operandTable[o].syntax
	}
	return "operand?"
}

// Word returns a word with v in the field of an operand that has one alone, in rd, ra, rb or aux.
func (o Operand) Word(v uint16) Word {
	mask := operandTable[o].mask
	return Word(v) << bits.TrailingZeros64(uint64(mask)) & mask
}

// Operands returns the operands of a format in written order; the slice must not be changed.
func (f Format) Operands() []Operand { return formatTable[f] }

// Check tells whether the word is an instruction: its operation code exists, each operand has a
// value that assembly could write, and all other bits are zero. Whether a target lies within a
// program is not asked.
func (w Word) Check() error {
	info := Lookup(w.Op())
	if info == nil {
		return fmt.Errorf("word 0x%016x: operation code 0x%02x is no instruction",
			uint64(w), uint8(w.Op()))
	}
	rest := w &^ (0xff << 56)
	for _, o := range info.Format.Operands() {
		rest &^= operandTable[o].mask
		if err := w.checkOperand(o, info); err != nil {
			return fmt.Errorf("%s: %w", info.Name, err)
		}
	}
	if rest != 0 {
		return fmt.Errorf("%s: bits that belong to no operand: got 0x%016x, want 0",
			info.Name, uint64(rest))
	}
	return nil
}

// checkOperand tells whether one operand's fields hold a value that assembly could write.
func (w Word) checkOperand(o Operand, info *Info) error {
	switch o {
	case OperandTarget:
		if w.Imm() < 0 || w.Imm()%WordBytes != 0 {
			return fmt.Errorf("target: got %d, want a multiple of %d from 0 upward", w.Imm(), WordBytes)
		}
	case OperandCount:
		if w.Imm() < 0 {
			return fmt.Errorf("count: got %d, want 0 or more", w.Imm())
		}
	case OperandParam, OperandStatus:
		if u := w.AuxUnit(); u >= NumUnits || int(w.AuxReg()) >= len(Units[u].regs(o)) {
			return fmt.Errorf("unit %d has no such register: got %d", u, w.AuxReg())
		}
		if info.Op == OpSeti {
			return CheckParam(w.Aux(), w.Imm())
		}
	case OperandUnit:
		if u := w.AuxUnit(); u == UnitSeq || u >= NumUnits || w.AuxReg() != 0 {
			return fmt.Errorf("unit: got 0x%03x, want a unit with a command queue", w.Aux())
		}
	case OperandPhase:
		if w.Aux() >= uint16(NumPhases) {
			return fmt.Errorf("phase: got %d, want less than %d", w.Aux(), NumPhases)
		}
	case OperandFlags:
		if bad := w.Aux() &^ info.FlagMask(); bad != 0 {
			return fmt.Errorf("flags: got 0x%03x, want only bits of 0x%03x", w.Aux(), info.FlagMask())
		}
		if len(info.Flags) == 0 && w.Ra() != 0 {
			return fmt.Errorf("flags: got register %s, but the command has no flags", RegName(w.Ra()))
		}
	}
	return nil
}

// FlagMask returns the aux bits of all flags that the command takes.
func (info *Info) FlagMask() uint16 {
	var m uint16
	for _, f := range info.Flags {
		m |= 1 << f.Bit
	}
	return m
}

// regs returns the registers that a Param or Status operand may name.
func (u *UnitInfo) regs(o Operand) []Reg {
	if o == OperandStatus {
		return u.Status
	}
	return u.Params
}
