package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/testbench/expect"
)

func TestReferenceIsUpToDate(t *testing.T) {
	expect.File(t, "../REFERENCE.md", reference()) // or go generate ./isa
}

// The operand table above the instructions explains every operand that a form uses.
func TestOperandsAreExplained(t *testing.T) {
	explained := map[string]bool{"rd": true, "ra": true, "rb": true}
	for _, r := range operandRows {
		explained[r[0]] = true
	}
	for _, i := range isa.Table {
		for _, o := range i.Format.Operands() {
			require.True(t, explained[o.String()], o.String())
		}
	}
	require.Equal(t, len(isa.Table), strings.Count(reference(), "| 0x"))
}
