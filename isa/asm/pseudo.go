package asm

import "bdfasim/isa"

// Pseudo is what a mnemonic stands for; a pseudo instruction is one of the table with some operands
// fixed or in another order.
type Pseudo struct {
	Name     string
	Operands []isa.Operand // as written; each fills the field of its kind
	Base     isa.Word      // the other fields
	Means    string        // for the manual
}

// Pseudos is the table of pseudo instructions.
var Pseudos = []Pseudo{
	{"j", target, base(isa.OpJal, 0, 0), "jal r0, target"},
	{"call", target, base(isa.OpJal, isa.LinkReg, 0), "jal r15, target"},
	{"ret", nil, isa.Pack(isa.OpJr, 0, isa.LinkReg, 0, 0, 0), "jr r15"},
	{"bgt", swapped, base(isa.OpBlt, 0, 0), "branch if rb > ra: blt ra, rb, target"},
	{"ble", swapped, base(isa.OpBge, 0, 0), "branch if rb <= ra: bge ra, rb, target"},
	{"bgtu", swapped, base(isa.OpBltu, 0, 0), "branch if rb > ra, unsigned: bltu ra, rb, target"},
	{"bleu", swapped, base(isa.OpBgeu, 0, 0), "branch if rb <= ra, unsigned: bgeu ra, rb, target"},
	{"beqz", withZero, base(isa.OpBeq, 0, 0), "beq ra, r0, target"},
	{"bnez", withZero, base(isa.OpBne, 0, 0), "bne ra, r0, target"},
	{"bltz", withZero, base(isa.OpBlt, 0, 0), "blt ra, r0, target"},
	{"bgez", withZero, base(isa.OpBge, 0, 0), "bge ra, r0, target"},
	{"bgtz", fromZero, base(isa.OpBlt, 0, 0), "branch if rb > 0: blt r0, rb, target"},
	{"blez", fromZero, base(isa.OpBge, 0, 0), "branch if rb <= 0: bge r0, rb, target"},
	{"neg", []isa.Operand{isa.OperandRd, isa.OperandRb}, base(isa.OpSub, 0, 0), "sub rd, r0, rb"},
	{"not", []isa.Operand{isa.OperandRd, isa.OperandRa}, base(isa.OpXori, 0, -1), "xori rd, ra, -1"},
}

var (
	target   = []isa.Operand{isa.OperandTarget}
	swapped  = []isa.Operand{isa.OperandRb, isa.OperandRa, isa.OperandTarget}
	withZero = []isa.Operand{isa.OperandRa, isa.OperandTarget}
	fromZero = []isa.Operand{isa.OperandRb, isa.OperandTarget}
)

func base(op isa.Op, rd uint8, imm int32) isa.Word { return isa.Pack(op, rd, 0, 0, 0, imm) }
