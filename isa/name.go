package isa

import (
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

// UnitByName finds a unit with a command queue.
func UnitByName(name string) (Unit, bool) {
	for u := UnitSeq + 1; u < NumUnits; u++ {
		if Units[u].Name == name {
			return u, true
		}
	}
	return 0, false
}

// PhaseByName finds a phase.
func PhaseByName(name string) (Phase, bool) {
	for p, n := range PhaseNames {
		if n == name {
			return Phase(p), true
		}
	}
	return 0, false
}

// ParamByName finds a parameter register by unit.reg and returns the aux field that names it.
func ParamByName(name string) (aux uint16, ok bool) { return regByName(name, OperandParam) }

// StatusByName finds a status register by unit.reg and returns the aux field that names it.
func StatusByName(name string) (aux uint16, ok bool) { return regByName(name, OperandStatus) }

func regByName(name string, o Operand) (aux uint16, ok bool) {
	unit, reg, _ := strings.Cut(name, ".")
	u, ok := UnitByName(unit)
	if !ok {
		return 0, false
	}
	for i, r := range Units[u].regs(o) {
		if r.Name == reg {
			return uint16(u)<<8 | uint16(i), true
		}
	}
	return 0, false
}
