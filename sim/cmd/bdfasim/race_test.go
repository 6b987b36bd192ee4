package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRace: a run with races shows both places and fails after its report; one without says so.
func TestRace(t *testing.T) {
	img := assemble(t, strings.ReplaceAll(early, "WAIT", "wait dma, 0"))
	require.Contains(t, okWide(t, "run", img, "--race"), "1 commands of units were watched: waits and interlocks order all")
	require.NotContains(t, ok(t, "run", img), "Races")

	img = assemble(t, strings.ReplaceAll(early, "WAIT", "nop"))
	r := bdfasim(t, "", "run", img, "--race", "--format", "json")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "race: pairs of accesses that nothing orders: 1")
	tables := tables(t, r.out)
	last := tables[slices.IndexFunc(tables, func(x shown) bool { return x.Title == "Races" })]
	require.Equal(t, [][]any{{
		"dma.scr", "pc 0x10 (x.s:6, _start+0x10)", "none 0", "overwrites before it is read", "scratch memory 0x40 to 0x43", "lw",
		"pc 0x20 (x.s:8, _start+0x20)", "none 0", 1.0,
	}}, last.Rows)
}

// TestRaceOfOneCommand: order and the run name the same command and memory.
func TestRaceOfOneCommand(t *testing.T) {
	text, err := os.ReadFile("../../../testbench/testdata/overlap.s")
	require.NoError(t, err)
	img := assemble(t, string(text))
	for _, args := range [][]string{{"order", img}, {"run", img, "--race"}} {
		r := bdfasim(t, "", append(args, "--wide")...)
		require.Equal(t, exitFailure, r.code)
		require.Contains(t, r.out, "mom.w   | pc 0x48 (x.s:14, _start+0x48) | none 0 | writes it for one element, uses it for another")
		require.Contains(t, r.out, "external memory 0x0 to 0x")
	}
}

// TestRaceBeforeAFault: what was found is shown when the run fails, too.
func TestRaceBeforeAFault(t *testing.T) {
	img := assemble(t, strings.ReplaceAll(strings.ReplaceAll(early, "WAIT", "nop"), "halt", "wait dma, 0\n trap 3"))
	r := bdfasim(t, "", "run", img, "--race")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "trap with code 3")
	require.Contains(t, r.out, "lw")
}

// TestReadsOfUnwritten: run --race tells of reads of memory that neither program nor image wrote.
func TestReadsOfUnwritten(t *testing.T) {
	const text = `
        .xmem 64
        .text
_start: lw   r1, 0x100(r0)
        sw   r1, 0x104(r0)
        lw   r1, 0x104(r0)
        seti dma.xaddr, 32
        seti dma.n, 64
        seti dma.dst, 0x200
        dma.scr
        wait dma, 0
        halt
`
	img := assemble(t, text)
	r := bdfasim(t, "", "run", img, "--race", "--wide")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "instructions that read what nobody wrote: 2")
	require.Contains(t, r.out, "lw      | pc 0x0 (x.s:4, _start)")
	require.Contains(t, r.out, "| scratch memory  | 0x100 |     1")
	require.Contains(t, r.out, "| external memory | 0x40  |     1")
	good := strings.NewReplacer("lw   r1, 0x100(r0)", "li   r1, 1", "dma.n, 64", "dma.n, 32").Replace(text)
	require.Contains(t, ok(t, "run", assemble(t, good), "--race"), "were watched")
}
