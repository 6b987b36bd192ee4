package asm

import (
	"fmt"
	"strconv"
	"strings"

	"bdfasim/isa"
)

// statements assembles the statements of one line, separated by semicolons.
func (a *assembler) statements(c *cursor, p pos) {
	for {
		if err := a.statement(c, p); err != nil {
			a.report(p, err)
			return
		}
		if !c.accept(';') || a.stop {
			return
		}
	}
}

// statement assembles labels and then an instruction, a directive, a macro or nothing.
func (a *assembler) statement(c *cursor, p pos) error {
	word, col, err := a.labels(c, p)
	if err != nil || word == "" {
		return err
	}
	p.col = col
	switch {
	case directives[word] != nil:
		err = directives[word](a, c, p)
	case a.macros[word] != nil:
		err = a.expand(a.macros[word], c, p)
	case c.peek() == '=' && !strings.HasPrefix(c.s[c.i:], "=="):
		c.i = col
		err = a.constant(c, p, '=', true)
	default:
		var op *operation
		if op = operations[word]; op == nil {
			return failf(col, "%s", unknownWord(word))
		}
		err = a.instruction(op, c, p)
	}
	if err == nil && !c.atEnd() {
		err = failf(c.i, "got %s, want the end of the statement", c.what())
	}
	return err
}

func unknownWord(word string) string {
	if word[0] != '.' {
		return fmt.Sprintf("unknown instruction or macro %q", word)
	}
	for begin, end := range blockEnd {
		if word == begin || word == end {
			return fmt.Sprintf("%s must be the first word of its line, and blocks must begin and end alike", word)
		}
	}
	if strings.HasPrefix(word, ".if") || word == ".else" || word == ".elseif" || word == ".endif" {
		return fmt.Sprintf("%s must be the first word of its line", word)
	}
	return fmt.Sprintf("unknown directive %q", word)
}

// isReserved tells whether a word means something already, so that no macro may have it as its name.
func isReserved(word string) bool {
	return directives[word] != nil || operations[word] != nil || word[0] == '.'
}

// labels defines the labels here and returns the word behind them with its column.
func (a *assembler) labels(c *cursor, p pos) (word string, col int, err error) {
	for {
		if c.atEnd() {
			return "", c.i, nil
		}
		col = c.i
		p.col = col
		if isDigit(c.s[c.i]) {
			err = a.localLabel(c, p)
		} else {
			if word = c.ident(); word == "" {
				return "", col, failf(col, "got %s, want a label, an instruction or a directive", c.what())
			}
			if c.peek() != ':' {
				return word, col, nil
			}
			c.i = col
			if word, err = c.name(); err == nil {
				err = a.defineLabel(word, p)
			}
			c.accept(':')
		}
		if err != nil {
			return "", col, err
		}
	}
}

func (a *assembler) localLabel(c *cursor, p pos) error {
	start := c.i
	for c.i < len(c.s) && isIdent(c.s[c.i]) {
		c.i++
	}
	n, err := strconv.ParseUint(c.s[start:c.i], 10, 16)
	if err != nil || !c.accept(':') {
		return failf(start, "got %q, want a statement; a local label is a decimal number below 65536 and ':'", c.s[start:c.i])
	}
	a.locals[n]++
	return a.defineLabel(localName(n, a.locals[n]), p)
}

// defineLabel gives a label the current place of the current section.
func (a *assembler) defineLabel(name string, p pos) error {
	s := a.symbol(name)
	if s.defined {
		return redefined(s, p.col)
	}
	a.section.used = true
	s.defined, s.value, s.at = true, value{a.section.loc(), a.section.space}, p
	return nil
}

func redefined(s *symbol, col int) error {
	if s.at.line == nil {
		return failf(col, "symbol %q is defined already, by an option", s.name)
	}
	return failf(col, "symbol %q is defined already, at %s", s.name, place(s.at.line))
}

// constant handles name, value as behind .equ, and name = value.
func (a *assembler) constant(c *cursor, p pos, separator byte, varies bool) error {
	c.skip()
	p.col = c.i
	name, err := c.name()
	if err != nil {
		return err
	}
	if err := c.expect(separator); err != nil {
		return err
	}
	e, err := a.expression(c)
	s := a.symbol(name)
	if s.defined && !(s.varies && varies) {
		return redefined(s, p.col)
	}
	s.defined, s.varies, s.at, s.bad = true, varies, p, err != nil
	s.value, s.lazy = e.value, e.node
	if e.node != nil {
		a.deferred = append(a.deferred, deferred{e, p, func(value) error { return nil }})
	}
	return err
}

// operation is what a mnemonic means: an instruction, or a pseudo instruction that is one in other clothes.
type operation struct {
	info     *isa.Info
	base     isa.Word // with the fields that the operands do not fill
	operands []isa.Operand
}

// operations holds all mnemonics.
var operations = func() map[string]*operation {
	m := map[string]*operation{}
	for i := range isa.Table {
		info := &isa.Table[i]
		m[info.Name] = &operation{info, isa.Pack(info.Op, 0, 0, 0, 0, 0), info.Format.Operands()}
	}
	for _, p := range Pseudos {
		m[p.Name] = &operation{isa.Lookup(p.Base.Op()), p.Base, p.Operands}
	}
	return m
}()

// instruction assembles one instruction.
func (a *assembler) instruction(op *operation, c *cursor, p pos) error {
	if a.section != a.text {
		return failf(p.col, "instruction in section %s, want .text", a.section.name)
	}
	if at := a.text.loc(); at%isa.WordBytes != 0 {
		return failf(p.col, "instruction at address 0x%x, want a multiple of %d", at, isa.WordBytes)
	}
	word := op.base
	var imm expr
	var immOperand isa.Operand
	immCol := -1
	for i, o := range op.operands {
		if i > 0 {
			if err := c.expect(','); err != nil {
				return err
			}
		}
		c.skip()
		start := c.i
		e, bits, err := a.operand(o, op, c)
		if err != nil {
			return err
		}
		word |= bits
		switch o {
		case isa.OperandImm, isa.OperandMem, isa.OperandTarget, isa.OperandCount:
			imm, immOperand, immCol = e, o, start
		}
	}
	a.addLine(p)
	at := a.text.loc()
	b, err := a.grow(isa.WordBytes, p.col)
	if err != nil {
		return err
	}
	if err := store(b, int64(word), p.col); err != nil || immCol < 0 {
		return err
	}
	p.col = immCol
	return a.later(p, imm, func(v value) error {
		if err := a.checkImm(immOperand, v, immCol); err != nil {
			return err
		}
		if word.Op() == isa.OpSeti {
			if err := isa.CheckParam(word.Aux(), int32(v.n)); err != nil {
				return failf(immCol, "%v", err)
			}
		}
		return store(a.text.buf[at:at+4], int64(uint32(v.n)), immCol)
	})
}
