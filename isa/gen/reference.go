package main

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"bdfasim/isa"
	"bdfasim/isa/asm"
)

//go:embed reference.tmpl
var manual string

var manualTemplate = template.Must(template.New("manual").Funcs(template.FuncMap{
	"cell":      func(text string) string { return strings.ReplaceAll(text, "|", `\|`) },
	"form":      form,
	"isCommand": func(i isa.Info) bool { return i.Format == isa.FmtCmd },
	"op":        func(i isa.Info) string { return fmt.Sprintf("0x%02x", uint8(i.Op)) },
	"int":       func(u isa.Unit) int { return int(u) },
	"param":     param, "unit": unit, "rule": rule, "text": text,
}).Parse(manual))

// reference returns the manual.
func reference() string {
	var b strings.Builder
	err := manualTemplate.Execute(&b, map[string]any{
		"Version": isa.Version, "WordBytes": isa.WordBytes,
		"Regs": isa.NumRegs, "LastReg": isa.RegName(isa.NumRegs - 1), "LinkReg": isa.RegName(isa.LinkReg),
		"Table": isa.Table, "Flags": flags(), "Pseudos": asm.Pseudos, "Units": isa.Units,
		"Sizes": isa.Sizes, "Reference": isa.Reference(), "Phases": isa.PhaseNames,
	})
	if err != nil {
		panic(err) // the template is part of the program
	}
	return b.String()
}

// form returns an assembly form in code quotes.
func form(name string, operands []isa.Operand) string {
	s := make([]string, len(operands))
	for i, o := range operands {
		s[i] = o.String()
	}
	return "`" + strings.TrimRight(name+" "+strings.Join(s, ", "), " ") + "`"
}

// flags are those of all commands, each once, by their bits.
func flags() (all []isa.Flag) {
	for _, i := range isa.Table {
		for _, f := range i.Flags {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b isa.Flag) int { return int(a.Bit) - int(b.Bit) })
	return all
}
