package disasm

import (
	"fmt"
	"strings"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// Line returns one instruction as assembly text, its target as a symbol if one of the text symbols
// has that address. A word that is no instruction is returned as .quad.
func Line(w isa.Word, symbols []image.Symbol) string {
	return line(w, func(addr uint32) string {
		for _, s := range symbols {
			if s.Space == image.Text && s.Value == addr {
				return s.Name
			}
		}
		return fmt.Sprintf("0x%x", addr)
	})
}

// line prints a word; target names an address in the code.
func line(w isa.Word, target func(addr uint32) string) string {
	if w.Check() != nil {
		return fmt.Sprintf(".quad 0x%016x", uint64(w))
	}
	info := isa.Lookup(w.Op())
	var operands []string
	for _, o := range info.Format.Operands() {
		if s := operand(o, w, info, target); s != "" {
			operands = append(operands, s)
		}
	}
	if len(operands) == 0 {
		return info.Name
	}
	return fmt.Sprintf("%-9s %s", info.Name, strings.Join(operands, ", "))
}

// operand prints one operand; a command without flags gives "".
func operand(o isa.Operand, w isa.Word, info *isa.Info, target func(addr uint32) string) string {
	switch o {
	case isa.OperandRd:
		return isa.RegName(w.Rd())
	case isa.OperandRa:
		return isa.RegName(w.Ra())
	case isa.OperandRb:
		return isa.RegName(w.Rb())
	case isa.OperandMem:
		return fmt.Sprintf("%d(%s)", w.Imm(), isa.RegName(w.Ra()))
	case isa.OperandTarget:
		return target(uint32(w.Imm()))
	case isa.OperandImm, isa.OperandCount:
		return fmt.Sprint(w.Imm())
	case isa.OperandFlags:
		return flags(w, info)
	}
	name, _ := o.Name(w.Aux())
	return name
}

func flags(w isa.Word, info *isa.Info) string {
	var names []string
	for _, f := range info.Flags {
		if w.Aux()>>f.Bit&1 != 0 {
			names = append(names, f.Name)
		}
	}
	if w.Ra() != 0 {
		names = append(names, isa.RegName(w.Ra()))
	}
	return strings.Join(names, ", ")
}
