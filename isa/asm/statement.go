package asm

import (
	"fmt"
	"strconv"

	"bdfasim/isa"
)

// statements assembles the statements of one line, separated by semicolons.
func (a *assembler) statements(c *cursor, p pos) {
	a.attempt(p, func() {
		for more := true; more && !a.stop; more = c.accept(';') {
			a.statement(c, p)
		}
	})
}

// statement assembles labels and then an instruction, a directive, a macro or nothing.
func (a *assembler) statement(c *cursor, p pos) {
	word, col := a.labels(c, p)
	if word == "" {
		return
	}
	p.col = col
	op := operations[word]
	switch {
	case directives[word] != nil:
		directives[word](a, c, p)
	case a.macros[word] != nil:
		a.expand(a.macros[word], c, p)
	case c.assigns():
		c.i = col
		a.constant(c, p, '=', true)
	case op != nil:
		a.instruction(op, c, p)
	default:
		fail(col, "%s", unknownWord(word))
	}
	c.end("the end of the statement")
}

func unknownWord(word string) string {
	if word[0] != '.' {
		return fmt.Sprintf("unknown instruction or macro %q", word)
	}
	for begin, end := range blockEnd {
		if word == begin || word == end {
			return word + " must be the first word of its line, and blocks must begin and end alike"
		}
	}
	if isConditional(word) {
		return word + " must be the first word of its line"
	}
	return fmt.Sprintf("unknown directive %q", word)
}

// labels defines the labels here and returns the word behind them with its column.
func (a *assembler) labels(c *cursor, p pos) (word string, col int) {
	for !c.atEnd() {
		p.col = c.i
		name := ""
		if isDigit(c.s[c.i]) {
			name = a.localLabel(c)
		} else {
			if word = c.ident(); word == "" {
				c.want("a label, an instruction or a directive")
			}
			if c.peek() != ':' {
				return word, p.col
			}
			c.i = p.col
			name = c.name()
		}
		a.symbol(name, p.col).define(p, false).value = value{a.section.loc(), a.section.space}
		a.section.used = true
		c.accept(':')
	}
	return "", c.i
}

// localLabel returns the inner name of a label that is a number.
func (a *assembler) localLabel(c *cursor) string {
	start := c.i
	word := c.while(isIdent)
	n, err := strconv.ParseUint(word, 10, 16)
	if err != nil || c.peek() != ':' {
		fail(start, "got %q, want a statement; "+
			"a local label is a decimal number below 65536 and ':'", word)
	}
	a.locals[n]++
	return localName(n, a.locals[n])
}

// define makes a symbol a defined one, unless it is already and may not be set again.
func (s *symbol) define(p pos, varies bool) *symbol {
	switch {
	case !s.defined || s.varies && varies:
	case s.at.line == nil:
		fail(p.col, "symbol %q is defined already, by an option", s.name)
	default:
		fail(p.col, "symbol %q is defined already, at %s", s.name, place(s.at.line))
	}
	s.defined, s.varies, s.at = true, varies, p
	return s
}

// constant handles name, value as behind .equ, and name = value.
func (a *assembler) constant(c *cursor, p pos, separator byte, varies bool) {
	p.col = c.col()
	s := a.symbol(c.name(), p.col)
	c.expect(separator)
	var e expr
	good := a.attempt(p, func() { e = a.expression(c) }) // which may be of what s was
	s.define(p, varies)
	s.value, s.lazy, s.bad = e.value, e.node, !good
	if !good {
		panic(silent)
	}
	a.later(p, e, func(value) {})
}

// operations holds all mnemonics.
var operations = func() map[string]*Pseudo {
	m := map[string]*Pseudo{}
	for _, i := range isa.Table {
		m[i.Name] = &Pseudo{i.Name, i.Format.Operands(), base(i.Op, 0, 0), ""}
	}
	for i := range Pseudos {
		m[Pseudos[i].Name] = &Pseudos[i]
	}
	return m
}()

// instruction assembles one instruction.
func (a *assembler) instruction(op *Pseudo, c *cursor, p pos) {
	if a.section != a.text {
		fail(p.col, "instruction in section %s, want .text", a.section.name)
	}
	at := a.text.loc()
	if at%isa.WordBytes != 0 {
		fail(p.col, "instruction at address 0x%x, want a multiple of %d", at, isa.WordBytes)
	}
	word := op.Base
	var imm expr
	var immOperand isa.Operand
	hasImm := false
	for i, o := range op.Operands {
		if i > 0 {
			c.expect(',')
		}
		e, bits := a.operand(o, word, c)
		word |= bits
		switch o {
		case isa.OperandImm, isa.OperandMem, isa.OperandTarget, isa.OperandCount:
			imm, immOperand, hasImm = e, o, true
		}
	}
	a.addLine(p)
	store(a.grow(isa.WordBytes, p.col), int64(word), p.col)
	if !hasImm {
		return
	}
	a.later(p, imm, func(v value) {
		a.checkImm(immOperand, v, imm.col)
		if word.Op() == isa.OpSeti {
			if err := isa.CheckParam(word.Aux(), int32(v.n)); err != nil {
				fail(imm.col, "%v", err)
			}
		}
		store(a.text.buf[at:at+4], int64(uint32(v.n)), imm.col)
	})
}
