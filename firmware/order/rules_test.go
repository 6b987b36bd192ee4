package order

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
)

// setup gives all units parameters that make their commands lie apart: 16 lanes, one sample.
const setup = `.xmem 0x10000
.text
        seti    dma.n, 32
        seti    dma.limit, 16
        seti    wld.rows, 16
        seti    wld.groups, 1
        seti    wld.src, 64
        seti    wld.sstep, 4
        seti    dnnc.nb, 1
        seti    dnnc.rows, 16
        seti    dnnc.groups, 1
        seti    drain.nb, 1
        seti    drain.lanes, 16
        seti    drain.dst, 64
        seti    loss.n, 10
        seti    loss.nb, 1
        seti    loss.src, 64
        seti    loss.dst, 128
        seti    depc.n, 10
        seti    depc.nb, 1
        seti    depc.src, 128
        seti    depc.neurons, 16
        seti    depc.dst, 64
        seti    mom.rows, 16
        seti    mom.lanes, 16
        seti    mom.waddr, 0x4000
        seti    mom.vaddr, 0x8000
`

func assemble(t testing.TB, body string) *image.Image {
	text := setup + strings.ReplaceAll(body, ";", "\n") + "\nhalt\n"
	img, err := asm.Assemble(fstest.MapFS{"x.s": {Data: []byte(text)}}, "x.s", asm.Options{})
	require.NoError(t, err)
	return img
}

// TestRules: what proves that a command is complete, and what does not.
func TestRules(t *testing.T) {
	const (
		load   = "wld.w; dma.map new; wait dma, 0; "
		tile   = load + "dnnc.mac first, last, free; "
		update = "wld.e; dnnc.grad first, last, free; "
		errors = "depc.load; seti depc.dst, 0x2000; seti epc.nb, 1; seti epc.n, 16; seti epc.neurons, 16; seti epc.dst, 0x4000; " +
			"seti depc.seed, 1; epc.load; "
		maps = "seti norm.nb, 1; seti norm.h, 4; seti norm.w, 4; seti norm.chan, 16; "
	)
	for _, c := range []struct {
		name, body string
		want       string // part of the first finding; "": none
	}{
		{"interlocks alone", tile + "drain.logit", ""},
		{"a map that is still loaded", "wld.w; dma.map new; dnnc.mac first, last, free; drain.logit", "dnnc.mac at pc 0xd8 (none 0) reads pointer memory 0x0, which dma.map at pc 0xd0 (none 0) may not have written yet"},
		{"the drain's bank is late, its result later", tile + "drain.logit; loss.ce", "loss.ce at pc 0xf0 (none 0) reads OMEM 0x40 to 0x43, which drain.logit"},
		{"and waited for", tile + "drain.logit; wait drain, 0; loss.ce", ""},
		{"what a command came after is complete with it", tile + "drain.logit; wait drain, 0; dma.map new", ""},
		{"a map is overwritten while it is read", tile + "drain.logit; dma.map new", "dma.map at pc 0xf0 (none 0) overwrites pointer memory 0x0, which dnnc.mac"},
		{"a unit that has its errors", tile + "drain.logit; wait drain, 0; depc.load; wait depc, 0; depc.run; loss.ce", "reads OMEM 0x40 to 0x43, which depc.run"},
		{"SEQ reads scratch memory", "dma.scr; lw r1, 0(zero)", "lw at pc 0xd0 (none 0) reads scratch memory 0x0 to 0x3, which dma.scr"},
		{"elsewhere", "dma.scr; lw r1, 32(zero)", ""},
		{"SEQ writes scratch memory", "dma.store; sw r1, 0(zero)", "sw at pc 0xd0 (none 0) overwrites scratch memory 0x0 to 0x3, which dma.store at pc 0xc8 (none 0) may not have read yet"},
		{"statistics", tile + "drain.logit; get r1, drain.sat", "get at pc 0xf0 (none 0) reads register drain.sat, which drain.logit"},
		{"labels", "loss.ce; seti loss.label, 1", "seti at pc 0xd0 (none 0) overwrites register loss.label, which loss.ce"},
		{"a queue of four proves the oldest", "dma.scr; seti dma.dst, 64; dma.scr; dma.scr; dma.scr; dma.scr; lw r1, 0(zero)", ""},
		{"four are too few", "dma.scr; seti dma.dst, 64; dma.scr; dma.scr; dma.scr; lw r1, 0(zero)", "lw"},
		{"wait 1 proves all but the last", "dma.scr; seti dma.dst, 64; dma.scr; wait dma, 1; lw r1, 0(zero)", ""},
		{"weights are updated while they are loaded", update + "mom.w; seti wld.xaddr, 0x4000; wld.w b1", "wld.w at pc 0xe8 (none 0) reads external memory 0x4000 to 0x401f, which mom.w"},
		{"the update comes after the products", "seti wld.xaddr, 0x4000; " + tile + "drain.logit; " + "wait drain, 0; " + update + "mom.w", ""},
		{"errors wait for their buffer, and for what that came after", tile + "drain.logit; wld.e", "wld.e at pc 0xf0 (none 0) reads OMEM 0x40 to 0x43, which drain.logit"},
		{"a full half of WMEM does not mean that mom.w is complete",
			update + "mom.w upd; dnnc.mac first, last, free, upd; drain.logit; wait drain, 0; seti wld.xaddr, 0x4000; wld.w",
			"reads external memory 0x4000 to 0x401f, which mom.w"},
		{"nor that it is not needed for the loader", update + "mom.w upd; dnnc.mac first, last, free, upd; wld.w b1", "wld.w at pc 0xe8 (none 0) overwrites WMEM buffer 0x1, which dnnc.mac"},
		{"gradients inside of products", update + "mom.w upd; dnnc.mac first, upd, free; wld.e; dnnc.grad first, last, free; mom.w upd, b1; " +
			"dnnc.mac last, upd, free, b1; drain.logit x; wait drain, 0; dma.map new", ""},
		{"weights that are velocities of other lanes", update + "seti mom.vaddr, 0x4000; mom.w",
			"mom.w at pc 0xe0 (none 0) writes external memory 0x4000 to 0x403f for one element and uses it for another"},
		{"a block of weights that is two", update + "seti mom.lanes, 128; mom.w", "mom.w at pc 0xe0 (none 0) writes external memory 0x4000 to"},
		{"two blocks", update + "seti mom.lanes, 128; seti mom.wstep, 0x1000; seti mom.vstep, 0x1800; mom.w", ""},
		{"biases over their velocities", update + "seti mom.vaddr, 0x4080; mom.b", ""},
		{"and one burst nearer", update + "seti mom.vaddr, 0x4060; mom.b", "mom.b at pc 0xe0 (none 0) writes external memory 0x4060 to 0x407f for"},
		{"errors in the place of logits", tile + "drain.logit; wait drain, 0; seti loss.dst, 64; loss.ce", ""},
		{"a group further on", tile + "drain.logit; wait drain, 0; seti loss.nb, 2; seti loss.sstep, 4; seti loss.dstep, 4; seti loss.dst, 68; loss.ce",
			"loss.ce at pc 0x118 (none 0) writes OMEM 0x44 to 0x47 for"},
		{"rows upon each other", tile + "drain.logit; wait drain, 0; seti loss.nb, 2; seti loss.dst, 64; loss.ce",
			"loss.ce at pc 0x108 (none 0) writes OMEM 0x40 to 0x43 for"},
		{"errors in place", maps + "seti norm.aux, 0x1000; seti norm.dst, 0x1000; seti norm.src, 0x2000; norm.grad", ""},
		{"a pixel further on", maps + "seti norm.aux, 0x1000; seti norm.dst, 0x1020; seti norm.src, 0x2000; norm.grad",
			"norm.grad at pc 0x100 (none 0) writes external memory 0x1020 to 0x11ff for"},
		{"in place of errors that are activations", maps + "seti norm.aux, 0x1000; seti norm.dst, 0x1000; seti norm.src, 0x1020; norm.grad",
			"norm.grad at pc 0x100 (none 0) writes external memory 0x1020 to 0x11ff for"},
		{"pooled maps in place", maps + "seti norm.pool, 2; seti norm.pos, 0x4000; norm.fwd", "norm.fwd at pc 0xf8 (none 0) writes external memory 0x0 to 0x7f for"},
		{"errors over the weights that make them", "seti epc.nb, 1; seti epc.n, 16; seti epc.neurons, 16; epc.load; epc.run x, all",
			"epc.run at pc 0xe8 (none 0) writes external memory 0x0 to 0x1f for"},
		{"samples upon each other", tile + "seti drain.nb, 2; drain.logit", "drain.logit at pc 0xf0 (none 0) writes OMEM 0x40 to 0x43 for"},
		{"a copy onto itself", "seti dma.n, 64; seti dma.dst, 32; dma.copy", "dma.copy at pc 0xd8 (none 0) writes external memory 0x20 to 0x3f for"},
		{"scratch memory from weights", update + "mom.w; seti dma.xaddr, 0x4000; dma.scr", "dma.scr at pc 0xe8 (none 0) reads external memory 0x4000 to"},
		{"a map goes on where others read raw", "dma.map new; wait dma, 0; seti loss.src, 4; loss.eval; seti dma.dst, 1; dma.map",
			"dma.map at pc 0xf0 (none 0) overwrites OMEM 0x4 to 0x7, which loss.eval at pc 0xe0 (none 0) may not have read yet"},
		{"but behind what others follow", "wld.w; dma.map new; wait dma, 0; dnnc.mac first, last, free; seti dma.dst, 1; dma.map; drain.logit", ""},
		{"a map goes on beyond its limit", "dma.map new; seti dma.limit, 80; seti dma.dst, 1; dma.map; loss.eval", "loss.eval at pc 0xe8 (none 0) reads OMEM 0x40 to 0x43, which dma.map"},
		{"errors of two units through one port", errors + "depc.run x, all; epc.run x, all",
			"epc.run at pc 0x110 (none 0) overwrites external memory port 0x8, which depc.run at pc 0x108 (none 0) may write later"},
		{"one after the other", errors + "depc.run x, all; wait depc, 0; epc.run x, all", ""},
		{"one to OMEM", errors + "depc.run x, all; epc.run all", ""},
		{"words of others among those of a map", "wld.w; dma.map new; wait dma, 0; seti loss.dst, 0; loss.ce; wait loss, 0; seti dma.dst, 1; dma.map; dnnc.mac first, last, free; drain.logit",
			"dnnc.mac at pc 0x108 (none 0) reads OMEM 0x0 to 0x3, which dma.map"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := check(t, assemble(t, c.body))
			if c.want == "" {
				require.Empty(t, r.Findings)
				return
			}
			require.NotEmpty(t, r.Findings)
			require.Contains(t, r.Findings[0].String(), c.want)
		})
	}
}

// TestItself: weights and velocities of one command that are the same memory.
func TestItself(t *testing.T) {
	r := check(t, assemble(t, "seti wld.rows, 31; seti wld.groups, 5; wld.e; seti dnnc.nb, 31; seti dnnc.rows, 16; "+
		"seti dnnc.groups, 5; dnnc.grad first, last, free; seti mom.rows, 16; seti mom.lanes, 80; "+
		"seti mom.waddr, 0; seti mom.vaddr, 0; mom.w"))
	require.NotEmpty(t, r.Findings)
	for _, f := range r.Findings {
		require.Equal(t, Overlaps, f.Hazard)
		require.Equal(t, isa.OpMomW, f.Command.Op)
		require.Equal(t, f.Command, f.Other)
		require.Equal(t, "external memory 0x0 to 0x3f", f.What())
	}
}

// TestErrors: programs that cannot be followed.
func TestErrors(t *testing.T) {
	for body, want := range map[string]string{
		"trap 7":                                  "pc 0xc8: trap 7",
		"1: j 1b":                                 "no halt within 1000 instructions",
		"jr r1; li r1, 4":                         "no halt within",
		"li r1, 4; jr r1":                         "pc 0x4: outside the program",
		"lw r1, 0x2000(zero)":                     "scratch address 0x2000",
		"seti dma.xaddr, 0x20000; dma.scr":        "leaves external memory",
		"seti dma.xaddr, 8; dma.scr":              "no multiple of 32",
		"seti dma.dst, 0x1000; dma.scr":           "leaves scratch memory",
		"seti dma.n, 0; dma.scr":                  "dma.scr: n: got 0, want 1 to",
		"dnnc.mac first, last, free; drain.logit": "weight buffer 0 is used more often",
		"drain.logit":                             "the drain waits for ever",
		"wld.e; dnnc.grad first, last, free; mom.w; wait mom, 0; seti dma.xaddr, 0x4000; dma.scr; wait dma, 0; lw r1, 0(zero)": "looks at what a unit has computed",
	} {
		_, err := Check(assemble(t, body), Options{Limit: 1000})
		require.ErrorContains(t, err, want, body)
	}
}

// TestStatus: a status register may be kept and compared, but must not matter for what units do.
func TestStatus(t *testing.T) {
	const refused = "depends on a status register"
	for body, want := range map[string]string{
		"get r1, drain.max; lw r2, 0(zero); bgeu r2, r1, 9f; sw r1, 0(zero); 9:":                                 "",
		"get r1, drain.sat; lw r2, 0(zero); add r2, r2, r1; sw r2, 0(zero); dma.store":                           "",
		"get r1, drain.sat; mov r2, r1; li r1, 3; bnez r1, 9f; nop; 9: set dma.n, r1":                            "",
		"get r1, drain.max; beqz r1, 9f; dma.scr; 9:":                                                            refused,
		"get r1, drain.max; beqz r1, 9f; wait dma, 0; 9:":                                                        refused,
		"get r1, drain.max; beqz r1, 9f; j 9f; 9:":                                                               refused,
		"1: get r1, drain.max; bnez r1, 1b":                                                                      refused,
		"get r1, drain.max; addi r1, r1, 32; set dma.n, r1":                                                      refused,
		"get r1, drain.max; lw r2, 0(r1)":                                                                        refused,
		"get r1, drain.max; sw r2, 0(r1)":                                                                        refused,
		"get r1, drain.max; dma.map r1":                                                                          refused,
		"get r1, drain.max; loop r1, 9f; nop; 9:":                                                                refused,
		"get r1, drain.max; mark ff, r1":                                                                         refused,
		"get r1, drain.max; beqz r1, 9f; li r3, 64; 9: set dma.n, r3":                                            refused,
		"li r3, 1; get r1, drain.max; bnez r1, 9f; li r3, 64; 9: loop r3, 8f; nop; 8:":                           refused,
		"get r1, drain.max; sw r1, 4(zero); lbu r2, 5(zero); jr r2":                                              refused,
		"get r1, drain.max; beqz r1, 9f; sw zero, 4(zero); 9: lw r2, 4(zero); set dma.n, r2":                     refused,
		"get r1, drain.max; sw r1, 0(zero); dma.store; wait dma, 0; dma.scr; wait dma, 0; lw r2, 0(zero); jr r2": refused,
	} {
		_, err := Check(assemble(t, body), Options{Limit: 1000})
		if want == "" {
			require.NoError(t, err, body)
		} else {
			require.ErrorContains(t, err, want, body)
		}
	}
	// The way that is not taken counts, too.
	r := check(t, assemble(t, "dma.scr; get r1, loss.max; beqz r1, 9f; lw r2, 0(zero); 9:"))
	require.Contains(t, r.Findings[0].String(), "scratch memory 0x0 to 0x3, which dma.scr")
}

// TestUnknownInstruction: a word that the table does not have ends the check.
func TestUnknownInstruction(t *testing.T) {
	for op := range 256 {
		if isa.Lookup(isa.Op(op)) != nil {
			continue
		}
		img := assemble(t, "nop; nop; nop")
		img.Code[26] = isa.Pack(isa.Op(op), 1, 2, 3, 4, 5)
		_, err := Check(img, Options{})
		want := fmt.Sprintf("order: pc 0xd0: illegal instruction 0x%016x", uint64(img.Code[26]))
		require.EqualError(t, err, want)
	}
}

// TestReport: findings beyond the limit are counted, and waits tell what they are good for.
func TestReport(t *testing.T) {
	const body = "dma.scr; lw r1, 0(zero); lhu r1, 0(zero); li r2, 3; 1: lbu r1, 0(zero); addi r2, r2, -1; bnez r2, 1b; wait dma, 0; wait dma, 0"
	r, err := Check(assemble(t, body), Options{Findings: 2})
	require.NoError(t, err)
	require.Len(t, r.Findings, 2)
	require.Equal(t, 1, r.More)
	require.Equal(t, []Wait{{0x100, 1, 1}, {0x108, 1, 0}}, r.Waits)
	require.Equal(t, 1, r.Total())
}

// String gives name, pc and mark: drain.act at pc 0x148 (ff 2).
func (c Command) String() string {
	return fmt.Sprintf("%s at pc 0x%x (%s %d)", isa.Lookup(c.Op).Name, c.PC, c.Phase, c.Layer)
}

// String is one sentence.
func (f Finding) String() string {
	verb, other := "reads", "may not have written yet"
	switch f.Hazard {
	case Overlaps:
		return fmt.Sprintf("%s writes %s for one element and uses it for another", f.Command, f.What())
	case OverwritesUnread:
		verb, other = "overwrites", "may not have read yet"
	case OverwritesWritten:
		verb, other = "overwrites", "may write later"
	}
	return fmt.Sprintf("%s %s %s, which %s %s", f.Command, verb, f.What(), f.Other, other)
}

// TestMachineOfTheImage: limits and memories are those of the machine that an image was compiled
// for; a program that was not compiled may be for the largest one.
func TestMachineOfTheImage(t *testing.T) {
	img, _, err := training{net: mlp(t, 20, 5), rule: compile.BP, samples: 1, batch: 1, epochs: 1}.build()
	require.NoError(t, err)
	for body, want := range map[string]string{
		"seti drain.lanes, 257; drain.logit":               "lanes: got 257, want 1 to 256",
		"seti dma.dst, 8190; seti dma.n, 256; dma.map new": "leaves pointer memory",
		"seti drain.dst, 32768; drain.logit":               "leaves OMEM",
	} {
		p := assemble(t, body)
		_, err := Check(p, Options{Limit: 1000})
		require.NotContains(t, fmt.Sprint(err), want, body)
		p.Notes = img.Notes
		_, err = Check(p, Options{Limit: 1000})
		require.ErrorContains(t, err, want, body)
	}
}
