package isa

import (
	"slices"
	"strconv"
	"strings"
)

// LinkReg is the register that call and ret use by convention.
const LinkReg = 15

// RegAliases are the second names of scalar registers.
var RegAliases = map[string]uint8{"zero": 0, "lr": LinkReg}

// RegName returns the name of a scalar register, r0 to r15.
func RegName(r uint8) string { return "r" + strconv.Itoa(int(r)) }

// RegByName finds a scalar register by its name or alias; case does not matter.
func RegByName(name string) (reg uint8, ok bool) {
	if len(name) < 2 || len(name) > 4 {
		return 0, false
	}
	if name[0]|0x20 == 'r' && (name[1] != '0' || len(name) == 2) {
		if n, err := strconv.ParseUint(name[1:], 10, 8); err == nil && n < NumRegs {
			return uint8(n), true
		}
	}
	reg, ok = RegAliases[strings.ToLower(name)]
	return reg, ok
}

// Name is what an operand may be: its text and the aux field that it stands for.
type Name struct {
	Text string
	Aux  uint16
}

// names holds the names of parameter and status registers (unit.reg), units and phases.
var names = func() (n [numOperands][]Name) {
	add := func(o Operand, text string, aux int) { n[o] = append(n[o], Name{text, uint16(aux)}) }
	for u, info := range Units {
		for i, r := range info.Params {
			add(OperandParam, info.Name+"."+r.Name, u<<8|i)
		}
		for i, r := range info.Status {
			add(OperandStatus, info.Name+"."+r.Name, u<<8|i)
		}
		if u != int(UnitSeq) {
			add(OperandUnit, info.Name, u<<8)
		}
	}
	for p, text := range PhaseNames {
		add(OperandPhase, text, p)
	}
	return n
}()

// Names returns all that an operand may be, by rising aux, none if it is no name; the slice must
// not be changed.
func (o Operand) Names() []Name { return names[o] }

// Aux returns the aux field of a name.
func (o Operand) Aux(name string) (aux uint16, ok bool) {
	i := slices.IndexFunc(names[o], func(n Name) bool { return n.Text == name })
	if i < 0 {
		return 0, false
	}
	return names[o][i].Aux, true
}

// Name returns the name of an aux field.
func (o Operand) Name(aux uint16) (name string, ok bool) {
	i := slices.IndexFunc(names[o], func(n Name) bool { return n.Aux == aux })
	if i < 0 {
		return "", false
	}
	return names[o][i].Text, true
}
