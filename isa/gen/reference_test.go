// Package gen has the test that keeps REFERENCE.md, the manual, with the tables of package isa.
package gen

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/testbench/expect"
)

// The manual is that of today's tables. go generate ./isa writes it, with this test and -update.
func TestReferenceIsUpToDate(t *testing.T) {
	expect.File(t, "../REFERENCE.md", reference())
}

// The operand table above the instructions explains every operand that a form uses.
func TestOperandsAreExplained(t *testing.T) {
	for _, i := range isa.Table {
		for _, o := range i.Format.Operands() {
			row := "\n| " + o.String() + " |"
			if o <= isa.OperandRb {
				row = "\n| rd, ra, rb |"
			}
			require.Contains(t, reference(), row)
		}
	}
	require.Equal(t, len(isa.Table), strings.Count(reference(), "| 0x"))
}

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
