package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// early reads a word of scratch memory behind WAIT, which stands for what is done after the transfer that brings it.
const early = `.xmem 32
.text
_start:
        seti    dma.n, 32
        seti    dma.dst, 64
        dma.scr
        WAIT
        lw      r1, 64(zero)
        halt
`

// assemble writes and assembles a program and returns the image's name.
func assemble(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.s"), []byte(text), 0o666))
	ok(t, "asm", filepath.Join(dir, "x.s"), "-o", filepath.Join(dir, "x.img"))
	return filepath.Join(dir, "x.img")
}

// TestOrder: a program that waits passes; one that does not is refused, with the two lines.
func TestOrder(t *testing.T) {
	img := assemble(t, strings.ReplaceAll(early, "WAIT", "wait dma, 0"))
	require.Contains(t, ok(t, "order", img, "--wide"), "6 instructions and 1 commands of units were followed: none depends on timing")
	require.Contains(t, ok(t, "order", img, "--waits"), "x.s:7, _start+0x18")

	img = assemble(t, strings.ReplaceAll(early, "WAIT", "nop"))
	r := bdfasim(t, "", "order", img, "--format", "json")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "order nothing keeps: 1")
	require.Equal(t, [][]any{{
		"lw", "pc 0x20 (x.s:8, _start+0x20)", "none 0", "reads before it is written", "scratch memory 0x40 to 0x43", "dma.scr",
		"pc 0x10 (x.s:6, _start+0x10)", "none 0", 1.0,
	}}, tables(t, r.out)[0].Rows)
}

// TestOrderRefusals: what cannot be followed, and wrong usage.
func TestOrderRefusals(t *testing.T) {
	img := assemble(t, "_start:\n        j       _start\n")
	r := bdfasim(t, "", "order", img, "--limit", "1000")
	require.Equal(t, exitFailure, r.code)
	require.Contains(t, r.stderr, "no halt within 1000 instructions")
	require.Equal(t, exitUsage, bdfasim(t, "", "order").code)
	require.Equal(t, exitUsage, bdfasim(t, "", "order", img, "--format", "xml").code)
	require.Equal(t, exitFailure, bdfasim(t, "", "order", filepath.Join(t.TempDir(), "none.img")).code)
}
