package asm

import (
	"slices"
	"strings"

	"bdfasim/isa"
)

// operand parses one operand: an expression for the immediate field, or the bits of other fields, or both.
func (a *assembler) operand(o isa.Operand, op *operation, c *cursor) (e expr, bits isa.Word, err error) {
	var reg uint8
	var aux uint16
	switch o {
	case isa.OperandRd:
		reg, err = c.register()
		return e, isa.Pack(0, reg, 0, 0, 0, 0), err
	case isa.OperandRa:
		reg, err = c.register()
		return e, isa.Pack(0, 0, reg, 0, 0, 0), err
	case isa.OperandRb:
		reg, err = c.register()
		return e, isa.Pack(0, 0, 0, reg, 0, 0), err
	case isa.OperandMem:
		return a.memory(c)
	case isa.OperandImm, isa.OperandTarget, isa.OperandCount:
		e, err = a.expression(c)
		return e, 0, err
	case isa.OperandFlags:
		aux, reg, err = flags(op.info, c)
		return e, isa.Pack(0, 0, reg, 0, aux, 0), err
	default:
		aux, err = word(o, c)
	}
	return e, isa.Pack(0, 0, 0, 0, aux, 0), err
}

// memory parses imm(ra) or (ra).
func (a *assembler) memory(c *cursor) (e expr, bits isa.Word, err error) {
	if !startsBase(*c) {
		if e, err = a.expression(c); err != nil {
			return e, 0, err
		}
	}
	if err = c.expect('('); err != nil {
		return e, 0, err
	}
	reg, err := c.register()
	if err != nil {
		return e, 0, err
	}
	return e, isa.Pack(0, 0, reg, 0, 0, 0), c.expect(')')
}

// startsBase tells whether a parenthesis here holds a register, not an expression.
func startsBase(c cursor) bool {
	if !c.accept('(') {
		return false
	}
	_, ok := isa.RegByName(c.ident())
	return ok
}

// word parses an operand that is a name: a unit's register, a unit or a phase.
func word(o isa.Operand, c *cursor) (aux uint16, err error) {
	c.skip()
	col := c.i
	id := c.ident()
	var ok bool
	var want string
	switch o {
	case isa.OperandParam:
		aux, ok = isa.ParamByName(id)
		want = "a parameter register as unit.reg" + registersOf(id, isa.ParamByName)
	case isa.OperandStatus:
		aux, ok = isa.StatusByName(id)
		want = "a status register as unit.reg" + registersOf(id, isa.StatusByName)
	case isa.OperandUnit:
		var u isa.Unit
		u, ok = isa.UnitByName(id)
		aux, want = uint16(u)<<8, "one of "+unitNames()
	case isa.OperandPhase:
		var p isa.Phase
		p, ok = isa.PhaseByName(id)
		aux, want = uint16(p), "one of "+strings.Join(isa.PhaseNames[:], ", ")
	}
	if !ok {
		c.i = col
		return 0, failf(col, "got %s, want %s", c.what(), want)
	}
	return aux, nil
}

func unitNames() string {
	var names []string
	for u := isa.UnitSeq + 1; u < isa.NumUnits; u++ {
		names = append(names, u.String())
	}
	return strings.Join(names, ", ")
}

// registersOf lists the registers of the unit that a wrong register name begins with.
func registersOf(id string, find func(string) (uint16, bool)) string {
	unit, _, _ := strings.Cut(id, ".")
	u, ok := isa.UnitByName(unit)
	if !ok {
		return ", unit being one of " + unitNames()
	}
	var names []string
	for _, r := range append(isa.Units[u].Params[:len(isa.Units[u].Params):len(isa.Units[u].Params)], isa.Units[u].Status...) {
		if _, ok := find(unit + "." + r.Name); ok {
			names = append(names, r.Name)
		}
	}
	if len(names) == 0 {
		return "; " + unit + " has none"
	}
	return ", reg being one of " + strings.Join(names, ", ")
}

// flags parses a command's flags, separated by commas or blanks.
func flags(info *isa.Info, c *cursor) (aux uint16, ra uint8, err error) {
	var names []string
	for _, f := range info.Flags {
		names = append(names, f.Name)
	}
	taken := false
	for first := true; !c.atEnd(); first = false {
		if !first {
			c.accept(',')
		}
		c.skip()
		col := c.i
		id := c.ident()
		reg, isReg := isa.RegByName(id)
		k := slices.Index(names, id)
		switch {
		case len(names) == 0:
			c.i = col
			return 0, 0, failf(col, "got %s, but %s has no flags", c.what(), info.Name)
		case isReg && taken:
			return 0, 0, failf(col, "got a second register, want at most one")
		case isReg:
			ra, taken = reg, true
		case k < 0:
			c.i = col
			return 0, 0, failf(col, "got %s, want a flag of %s: %s, or a register that holds flags", c.what(), info.Name, strings.Join(names, ", "))
		case aux>>info.Flags[k].Bit&1 == 1:
			return 0, 0, failf(col, "flag %s is given twice", id)
		default:
			aux |= 1 << info.Flags[k].Bit
		}
	}
	return aux, ra, nil
}
