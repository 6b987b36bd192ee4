package compile

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"bdfasim/firmware"
)

// Listing is what emit makes: what the chip executes.
type Listing struct {
	Text   string   // assembly; it includes files of package firmware
	Tables Segments // header, and what the program reads about its convolutions
}

type emitter struct {
	strings.Builder
	labels int
	*Layout
	passes []Pass
}

// emit is the fourth pass: from a layout and the passes over its layers to the program.
func emit(l *Layout, passes []Pass) Listing {
	e := &emitter{Layout: l, passes: passes}
	e.frame()
	e.writeForward()
	e.writeBackward()
	out := Listing{Text: e.String()}
	out.Tables.add("header", 0, firmware.Encode(&l.Header, firmware.HeaderBytes))
	for _, p := range passes {
		if p.Cut != nil {
			l.emitTables(&out.Tables, p.Cut)
		}
	}
	return out
}

// frame writes what stands around the program of a network.
func (e *emitter) frame() {
	s := e.spec
	line := func(format string, args ...any) { fmt.Fprintf(e, format+"\n", args...) }
	schedule := ""
	if s.Fused {
		schedule = ", fused schedule"
	}
	line("# %s, rule %s, errors of the fully connected layers by %s%s: compiled.",
		s.Net.Name, s.Rule, s.Arm, schedule)
	line("# Registers: r1 layer, r2 samples of the batch, r3 flag of the weight buffer that is " +
		"loaded next; see main.s.\n")
	line(".equ RULE, %d", e.Header.Rule)
	lanes := s.Machine.DNNC.Lanes
	line(".equ TILE, %d               # lanes of the MAC array, and log2 of them\n.equ TILE_SHIFT, %d",
		lanes, bits.TrailingZeros(uint(lanes)))
	if e.BatchBuffer != 0 {
		line(".equ BATCH, %#x             # images of the batch, one behind the other", e.BatchBuffer)
	}
	if s.convs() > 0 {
		line(".equ CONVS, %d\n.equ SCRATCH_END, 0x1000", s.convs())
	}
	if s.Arm == ArmEPC {
		line(".equ EPC, 1")
	}
	if s.Fused {
		line(".equ FUSED, 1\n.equ COPY_P, %d              # pointers, words, and bytes of images, "+
			"from the first to the second copy", e.copyPtrs)
		line(".equ COPY_W, %d\n.equ COPY_B, %d", e.copyWords, e.copyBytes)
	}
	line(`.include "memory.s"
.equ LINK, VARIABLES + 64       # return address of forward
.include "macros.s"

# Tag what follows with the layer in r1: forward, or eval while the test set runs.
.macro forward_mark
        lw      r4, V_TESTING(zero)
        bnez    r4, 8f
        mark    ff, r1
        j       9f
8:      mark    eval, r1
9:
.endm

.text
.include "main.s"
.include "mac.s"`)
	if s.convs() > 0 {
		line(`.include "conv.s"`)
	}
}

// asm writes lines of assembly: instructions, labels, comments, and seti with several parameters
// of a unit, as "seti wld split=0 pitch=0".
func (e *emitter) asm(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		line = strings.TrimSpace(line)
		name, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "":
		case strings.HasSuffix(name, ":"):
			fmt.Fprintln(e, line)
		case name == "#":
			fmt.Fprintf(e, "        %s\n", line)
		case name == "seti" && strings.Contains(rest, "="):
			pairs := strings.Fields(rest)
			for _, p := range pairs[1:] {
				param, value, _ := strings.Cut(p, "=")
				fmt.Fprintf(e, "        %-7s %s.%s, %s\n", name, pairs[0], param, value)
			}
		case rest == "":
			fmt.Fprintf(e, "        %s\n", name)
		default:
			fmt.Fprintf(e, "        %-7s %s\n", name, rest)
		}
	}
}

// fresh returns a label that is used nowhere else.
func (e *emitter) fresh(what string) string {
	e.labels++
	return fmt.Sprintf("%s%d", what, e.labels)
}

func (e *emitter) head(format string, args ...any) {
	line := "# ---- " + fmt.Sprintf(format, args...) + " "
	fmt.Fprintf(e, "\n%s%s\n", line, strings.Repeat("-", max(4, 116-len(line))))
}

// split sets the split of all units that a tile passes through.
func (e *emitter) split(s uint32) {
	e.asm(`
		seti wld.split, %d
		seti dnnc.split, %d
		seti drain.split, %d`, s, s, s)
}

// nextTile goes to the next tile of n lanes, whose first is in r4, if there are more.
func (e *emitter) nextTile(loop string, n int) {
	e.asm(`
		addi r4, r4, TILE
		li r5, %d
		blt r4, r5, %s`, n, loop)
}

// pass writes a pass over a convolution under a mark of a layer.
func (e *emitter) pass(kind string, layer int, mark string, marked int, routine string) {
	p := &e.passes[slices.IndexFunc(e.passes, func(p Pass) bool {
		return p.Cut != nil && p.Kind == kind && p.Cut.Index == layer
	})]
	e.asm(`
		# %d strips, %d tiles of up to %d pixels, %d of %d channels, %d blocks of weights
		li r1, %d
		%s
		li r6, %#x
		jal r14, %s`,
		p.Strips, p.Tiles, p.Pixels, p.LaneTiles, e.spec.Machine.DNNC.Lanes, p.Blocks, marked, mark, p.Cut.At, routine)
}
