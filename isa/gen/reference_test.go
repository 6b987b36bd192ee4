package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
)

func TestReferenceIsUpToDate(t *testing.T) {
	got, err := os.ReadFile("../REFERENCE.md")
	require.NoError(t, err)
	require.Equal(t, reference(), string(got), "isa/REFERENCE.md is old: run go generate ./isa")
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
