package asm

import (
	"strings"

	"bdfasim/isa"
)

// operand parses one operand of an instruction: an expression for the immediate field, or the bits
// of other fields, or both.
func (a *assembler) operand(o isa.Operand, w isa.Word, c *cursor) (e expr, bits isa.Word) {
	switch o {
	case isa.OperandRd, isa.OperandRa, isa.OperandRb:
		return e, o.Word(uint16(c.register()))
	case isa.OperandMem:
		if !startsBase(*c) {
			e = a.expression(c)
		}
		c.expect('(')
		bits = isa.OperandRa.Word(uint16(c.register()))
		c.expect(')')
		return e, bits
	case isa.OperandImm, isa.OperandTarget, isa.OperandCount:
		return a.expression(c), 0
	case isa.OperandFlags:
		return e, flags(isa.Lookup(w.Op()), c)
	}
	return e, o.Word(named(o, c))
}

// startsBase tells whether a parenthesis here holds a register, not an expression.
func startsBase(c cursor) bool {
	if !c.accept('(') {
		return false
	}
	_, ok := isa.RegByName(c.ident())
	return ok
}

// named parses an operand that is a name: a unit's register, a unit or a phase.
func named(o isa.Operand, c *cursor) (aux uint16) {
	col := c.col()
	id := c.ident()
	aux, ok := o.Aux(id)
	if ok {
		return aux
	}
	c.i = col
	switch o {
	case isa.OperandParam:
		c.want("a parameter register as unit.reg%s", registersOf(id, o))
	case isa.OperandStatus:
		c.want("a status register as unit.reg%s", registersOf(id, o))
	}
	c.want("one of %s", list(o, ""))
	return 0
}

// list names what an operand may be, without a prefix that it must have.
func list(o isa.Operand, prefix string) string {
	var names []string
	for _, n := range o.Names() {
		if name, ok := strings.CutPrefix(n.Text, prefix); ok {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// registersOf lists the registers of the unit that a wrong register name begins with.
func registersOf(id string, o isa.Operand) string {
	unit, _, _ := strings.Cut(id, ".")
	if _, ok := isa.OperandUnit.Aux(unit); !ok {
		return ", unit being one of " + list(isa.OperandUnit, "")
	}
	if names := list(o, unit+"."); names != "" {
		return ", reg being one of " + names
	}
	return "; " + unit + " has none"
}

// flags parses a command's flags, separated by commas or blanks.
func flags(info *isa.Info, c *cursor) (bits isa.Word) {
	names := make([]string, len(info.Flags))
	of := map[string]isa.Word{}
	for i, f := range info.Flags {
		names[i] = f.Name
		of[f.Name] = isa.Pack(0, 0, 0, 0, 1<<f.Bit, 0)
	}
	taken := false
	for first := true; !c.atEnd(); first = false {
		if !first {
			c.accept(',')
		}
		col := c.col()
		id := c.ident()
		reg, isReg := isa.RegByName(id)
		switch {
		case len(names) == 0:
			c.i = col
			fail(col, "got %s, but %s has no flags", c.what(), info.Name)
		case isReg && taken:
			fail(col, "got a second register, want at most one")
		case isReg:
			bits, taken = bits|isa.OperandRa.Word(uint16(reg)), true
		case of[id] == 0:
			c.i = col
			c.want("a flag of %s: %s, or a register that holds flags", info.Name, strings.Join(names, ", "))
		case bits&of[id] != 0:
			fail(col, "flag %s is given twice", id)
		default:
			bits |= of[id]
		}
	}
	return bits
}
