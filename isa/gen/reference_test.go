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
