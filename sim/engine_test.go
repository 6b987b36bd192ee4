package sim

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
	"bdfasim/power/table"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/seq"
	"bdfasim/testbench/expect"
)

// assemble assembles a program.
func assemble(t testing.TB, text string) *image.Image {
	t.Helper()
	img, err := asm.Assemble(fstest.MapFS{"prog.s": {Data: []byte(text)}}, "prog.s", asm.Options{})
	require.NoError(t, err)
	return img
}

// chip is the reference machine with 1 MiB of external memory, and with the units that a program has commands for.
func chip(t testing.TB, code ...isa.Word) *rtl.Chip {
	t.Helper()
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes = 1 << 20
	c, err := rtl.New(rtl.For(cfg, code))
	require.NoError(t, err)
	return c
}

// run assembles and runs a program.
func run(t testing.TB, text string, limit uint64, opt Options) (Result, error) {
	t.Helper()
	img := assemble(t, text)
	e := New(chip(t, img.Code...))
	require.NoError(t, e.LoadImage(img))
	return e.Run(context.Background(), limit, opt)
}

// program loads an image of 64 pixels and 64 x 64 weights and multiplies.
func program(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "layer.s"))
	require.NoError(t, err)
	return string(text)
}

// invented is a result with numbers that no chip made, so that the report's form does not depend on the chip's timing.
func invented() *Result {
	r := &Result{Lanes: 256}
	for p := range isa.NumPhases {
		phase := &r.Phases[p]
		phase.Cycles, phase.Dense = uint64(p)*1000, uint64(p)*65536
		for u := range activity.NumUnits {
			left := phase.Cycles
			for s := range activity.NumStatus - 1 {
				n := left * uint64(u+1) / 30
				phase.Units[u][s] = n
				left -= n
			}
			phase.Units[u][activity.NumStatus-1] = left
		}
		r.Cycles += phase.Cycles
	}
	for t := range r.Counts.Rows {
		for e := range activity.NumEvents {
			r.Counts.Rows[t][e] = uint64(t) * uint64(e%7+1)
		}
	}
	return r
}

func TestReport(t *testing.T) {
	for name, include := range map[string]func(isa.Phase) bool{"report.txt": All, "training.txt": Training} {
		var b bytes.Buffer
		for _, table := range invented().Metrics(include).Tables(200) {
			require.NoError(t, table.Text(&b, 0))
			fmt.Fprintln(&b)
		}
		expect.File(t, filepath.Join("testdata", name), b.String())
	}
}

func TestTwoRunsAreEqual(t *testing.T) {
	a, err := run(t, program(t), 100_000, Options{})
	require.NoError(t, err)
	b, err := run(t, program(t), 100_000, Options{})
	require.NoError(t, err)
	require.Equal(t, a, b)
}

// TestMetrics checks the numbers of the small program against a count by hand: one block of 64 elements of which 8 are
// not zero, on 4 groups of lanes.
func TestMetrics(t *testing.T) {
	res, err := run(t, program(t), 100_000, Options{})
	require.NoError(t, err)
	m := res.Metrics(All)
	require.EqualValues(t, 64*64, m.Dense)
	require.EqualValues(t, 8*64, m.MACs())
	require.InDelta(t, 1-8.0/64, m.ZeroSkip(), 1e-12)
	require.InDelta(t, 8*64/(256*float64(res.Cycles)), m.Utilisation(), 1e-12)
	require.EqualValues(t, (64+64*64*2)/4+64, m.Words(), "pixels, weights, 64 biases of 4 bytes")
	require.Equal(t, res.Cycles, m.Cycles)
	require.Equal(t, res.Counts.Cycles, m.Units)
	for u := range activity.NumUnits {
		var sum uint64
		for _, n := range m.Units[u] {
			sum += n
		}
		require.Equal(t, m.Cycles, sum, "%s", u)
	}
}

// TestPhasesAddUp cuts a run into its phases and puts it together again.
func TestPhasesAddUp(t *testing.T) {
	res, err := run(t, program(t), 100_000, Options{})
	require.NoError(t, err)
	all := res.Metrics(All)
	var sum Metrics
	for p := range isa.NumPhases {
		part := res.Metrics(func(q isa.Phase) bool { return q == p })
		require.Equal(t, all.Phases[p], part.Cycles)
		sum.Cycles += part.Cycles
		sum.Dense += part.Dense
		sum.Counts.Add(&part.Counts)
		var layers Metrics
		for tag, n := range part.Tags {
			require.True(t, n == TagResult{} || isa.Phase(activity.Tag(tag).Phase()) == p)
			layers.Cycles += n.Cycles
			layers.Dense += n.Dense
		}
		require.Equal(t, part.Cycles, layers.Cycles, "%v", p)
		require.Equal(t, part.Dense, layers.Dense, "%v", p)
	}
	require.Equal(t, all.Cycles, sum.Cycles)
	require.Equal(t, all.Dense, sum.Dense)
	require.Equal(t, all.Counts, sum.Counts)
	require.Positive(t, all.Phases[isa.PhaseFF])
	require.Positive(t, all.Phases[isa.PhaseDMA])
}

func TestStallRowsAddUpTo100(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Uint64Max(1<<40), 1, 12).Draw(t, "parts")
		var sum uint64
		for _, p := range parts {
			sum += p
		}
		tenths := 0
		for i, s := range Shares(parts) {
			require.Equal(t, fmt.Sprintf("%.1f", s), fmt.Sprint(float64(int(s*10+0.5))/10)+map[bool]string{true: ".0"}[s == float64(int(s))])
			tenths += int(s*10 + 0.5)
			if sum > 0 {
				require.InDelta(t, 100*float64(parts[i])/float64(sum), s, 0.1)
			}
		}
		if sum > 0 {
			require.Equal(t, 1000, tenths)
		} else {
			require.Zero(t, tenths)
		}
	})
	res, err := run(t, program(t), 100_000, Options{})
	require.NoError(t, err)
	for _, row := range res.Metrics(All).StallTable().Rows {
		tenths := 0
		for _, cell := range row[1:] {
			tenths += int(cell.(table.Number).Value*10 + 0.5)
		}
		require.Equal(t, 1000, tenths, "%v", row)
	}
}

func TestObservers(t *testing.T) {
	var tags []activity.Tag
	var cycles, progress int
	res, err := run(t, program(t), 0, Options{
		OnTagDone: func(d seq.TagDone) error { tags = append(tags, d.Tag); return nil },
		OnCycle:   func(uint64) error { cycles++; return nil },
		Progress:  func(uint64) { progress++ },
	})
	require.NoError(t, err)
	require.Contains(t, tags, activity.MakeTag(uint8(isa.PhaseFF), 1))
	require.EqualValues(t, res.Cycles, cycles)
	require.Equal(t, 1, progress)

	stop := errors.New("enough")
	_, err = run(t, program(t), 0, Options{OnTagDone: func(seq.TagDone) error { return stop }})
	require.Equal(t, stop, err)
	res, err = run(t, program(t), 0, Options{OnCycle: func(c uint64) error {
		if c == 7 {
			return stop
		}
		return nil
	}})
	require.Equal(t, stop, err)
	require.EqualValues(t, 7, res.Cycles)
}

func TestCancelled(t *testing.T) {
	e := New(chip(t))
	require.NoError(t, e.LoadImage(assemble(t, program(t))))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := e.Run(ctx, 0, Options{})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "interrupted at cycle 0, `")
}

func TestLoadRefuses(t *testing.T) {
	_, err := New(chip(t)).Run(context.Background(), 0, Options{})
	require.EqualError(t, err, "run: no program loaded")
	for _, c := range []struct{ text, want string }{
		{".xmem 0x200000\n halt", "load: external memory: the image needs 2097152 bytes, the chip has 1048576"},
		{"", "load: entry 0x0 outside the program of 0 bytes"},
	} {
		require.EqualError(t, New(chip(t)).LoadImage(assemble(t, c.text)), c.want)
	}
	img := assemble(t, " halt")
	img.Scratch = make([]byte, 5000)
	require.EqualError(t, New(chip(t)).LoadImage(img), "load: scratch memory: the image fills 5000 bytes, the chip has 4096")
	img = assemble(t, " halt")
	img.Code = make([]isa.Word, 3000)
	require.ErrorContains(t, New(chip(t)).LoadImage(img), "instruction memory")
	img.Entry = 3
	require.ErrorContains(t, New(chip(t)).LoadImage(img), "entry: got 0x3")
}

// TestFaults: every program is stopped with cycle, pc and cause.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name, text string
		unit       activity.Unit
		code       port.FaultCode
		want       string
	}{
		{"illegal opcode", "_start: nop\n .quad 0xff00000000000001\n halt", activity.Seq, port.FaultIllegal,
			"cycle 3: SEQ: illegal instruction 0xff00000000000001, raised at pc 0x8 (prog.s:2, _start+0x8)"},
		{"cleared memory", " .quad 0", activity.Seq, port.FaultIllegal,
			"cycle 2: SEQ: illegal instruction 0x0000000000000000, raised at pc 0x0 (prog.s:1)"},
		{"end of the program", "a: nop", activity.Seq, port.FaultPC, "cycle 3: SEQ: pc outside the program, raised at pc 0x8 (a+0x8), reached from `nop` at pc 0x0 (prog.s:1, a)"},
		{"jump to nowhere", "a: li r3, 0x5000\nb: jr r3\n jal r0, b", activity.Seq, port.FaultPC,
			"cycle 5: SEQ: pc outside the program, raised at pc 0x5000 (b+0x4ff8), reached from `jr r3` at pc 0x8 (prog.s:2, b)"},
		{"jump between instructions", " li r3, 4\n jr r3", activity.Seq, port.FaultPC, "cycle 5: SEQ: pc outside the program, raised at pc 0x4, reached from `jr r3` at pc 0x8 (prog.s:2)"},
		{"layer of mark", " li r1, 32\nm: mark ff, r1\n halt", activity.Seq, port.FaultIllegal,
			"cycle 3: SEQ: illegal instruction: mark: layer: got 32 in r1, want 0..31, raised for `mark ff, r1` at pc 0x8 (prog.s:2, m)"},
		{"loop that goes back", "b: nop\n li r1, 2\n loop r1, b", activity.Seq, port.FaultIllegal,
			"cycle 4: SEQ: illegal instruction: loop: end: got 0x0, want an address behind it, raised for `loop r1, b` at pc 0x10 (prog.s:3, b+0x10)"},
		{"flags in a register", " li r1, 0x100\n dnnc.mac r1\n halt", activity.Seq, port.FaultIllegal,
			"cycle 3: SEQ: illegal instruction: dnnc.mac: flags: got 0x100 with those in r1, want bits of 0x9f, raised for `dnnc.mac r1` at pc 0x8 (prog.s:2)"},
		{"wait for a negative number", fmt.Sprintf(" .quad 0x%x", uint64(isa.Pack(isa.OpWait, 0, 0, 0, uint16(isa.UnitDMA)<<8, -1))), activity.Seq, port.FaultIllegal,
			"cycle 2: SEQ: illegal instruction: wait: count: got -1, want 0 or more, raised for `.quad 0x63000100ffffffff` at pc 0x0 (prog.s:1)"},
		{"trap", "_start: nop\nbad: trap 42", activity.Seq, port.FaultTrap, "cycle 3: SEQ: trap with code 42, raised for `trap 42` at pc 0x8 (prog.s:2, bad)"},
		{"scratch", " lw r1, 4096(r0)", activity.Seq, port.FaultScratch,
			"cycle 2: SEQ: scratch access outside the memory or not aligned at address 0x1000, raised for `lw r1, 4096(r0)` at pc 0x0 (prog.s:1)"},
		{"outside external memory", " seti dma.xaddr, 0x100000\n seti dma.n, 32\nload: dma.scr\n wait dma, 0\n halt", activity.DMA, port.FaultXAddr,
			"cycle 4: DMA: external memory address outside the memory or not aligned at address 0x100000, raised for `dma.scr` at pc 0x10 (prog.s:3, load)"},
		{"OMEM full", ".xmem 64\n .section .xmem.x\n .fill 64, 1, 7\n .text\n seti dma.n, 64\n seti dma.limit, 2\n dma.map new\n wait dma, 0\n halt", activity.OMEM, port.FaultOMEMFull, ""},
		{"parameter of norm", " seti norm.chan, 16\n seti norm.nb, 33\nbad: norm.stat\n wait norm, 0", activity.Norm, port.FaultParam,
			"cycle 4: NORM: command parameter out of range: norm.nb is 33, raised for `norm.stat` at pc 0x10 (prog.s:3, bad)"},
		{"address of norm", " seti norm.chan, 16\n seti norm.rec, 0x100000\n norm.load\n wait norm, 0", activity.Norm, port.FaultXAddr,
			"cycle 4: NORM: external memory address outside the memory or not aligned at address 0x100000, raised for `norm.load` at pc 0x10 (prog.s:3)"},
		{"parameter of epc", " seti epc.nb, 1\n seti epc.n, 0\n epc.load\n wait epc, 0", activity.EPC, port.FaultParam,
			"cycle 5: EPC: command parameter out of range: epc.n is 0, raised for `epc.load` at pc 0x10 (prog.s:3)"},
		{"parameter", " seti dnnc.nb, 33\n seti dnnc.rows, 1\n seti dnnc.groups, 1\n dnnc.mac first\n wait dnnc, 0", activity.DNNC, port.FaultParam, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := run(t, c.text, 10_000, Options{})
			var fault *FaultError
			require.ErrorAs(t, err, &fault)
			require.Equal(t, c.unit, fault.Unit, "%v", err)
			require.Equal(t, c.code, fault.Code, "%v", err)
			require.Equal(t, res.Cycles, fault.Cycle)
			if c.want != "" {
				require.EqualError(t, err, c.want)
			}
			t.Log(err)
		})
	}
}

// A chip without a unit refuses its commands, and names unit and command.
func TestUnitsThatAreNotBuilt(t *testing.T) {
	for text, want := range map[string]string{
		"norm.load\n halt":        "cycle 2: NORM: no command of this unit, or a chip without it, raised for `norm.load` at pc 0x0 (prog.s:1)",
		"nop\nepc.run all\n halt": "cycle 4: EPC: no command of this unit, or a chip without it, raised for `epc.run all` at pc 0x8 (prog.s:2)",
	} {
		e := New(chip(t))
		require.NoError(t, e.LoadImage(assemble(t, text)))
		_, err := e.Run(context.Background(), 1000, Options{})
		require.EqualError(t, err, want)
	}
}

func TestFaultTexts(t *testing.T) {
	text := func(u activity.Unit, code port.FaultCode, arg uint64) string {
		return (&FaultError{Cycle: 1, Unit: u, Code: code, Arg: arg}).Error()
	}
	require.Contains(t, text(activity.OMEM, port.FaultOMEMFull, 0x7fff), "OMEM overflow at word 0x7fff")
	require.Contains(t, text(activity.DEPC, port.FaultParam, 2<<32|40), "command parameter out of range: depc.nb is 40")
	require.Contains(t, text(activity.Mom, port.FaultParam, 99<<32|0xffffffff), "register 99 is -1")
	require.Contains(t, text(activity.Norm, port.FaultParam, isa.NormTShift<<32|70), "norm.tshift is 70")
	require.Contains(t, text(activity.EPC, port.FaultParam, isa.EPCJStep<<32|1), "epc.jstep is 1")
	require.Contains(t, text(activity.Seq, port.FaultLoop, 5), "nested too deep (5)")
	require.Contains(t, text(activity.DNNC, port.FaultBank, 6), "(flags 0x6)")
}

// TestNeverHalts: the limit ends it, and the message says where it was.
func TestNeverHalts(t *testing.T) {
	res, err := run(t, "_start: nop\nforever: j forever", 1000, Options{})
	var limit *LimitError
	require.ErrorAs(t, err, &limit)
	require.EqualValues(t, 1000, limit.Limit)
	require.EqualValues(t, 1000, res.Cycles)
	require.EqualError(t, err, "the program has not ended after 1000 cycles\nin cycle 1000:\n  SEQ   executes `jal r0, forever` at pc 0x8 (prog.s:2, forever)")
}

// TestDeadlock: the MAC array waits for weights that nobody loads, a second command behind it, the drain for a bank, SEQ
// for the array.
func TestDeadlock(t *testing.T) {
	res, err := run(t, `_start:
	seti dnnc.nb, 1
	seti dnnc.rows, 16
	seti dnnc.groups, 1
	seti drain.nb, 1
	seti drain.lanes, 16
	dnnc.mac raw, first
	dnnc.mac raw, last
	drain.err
stuck:	wait dnnc, 0
	halt`, 1_000_000, Options{})
	var dead *DeadlockError
	require.ErrorAs(t, err, &dead)
	require.EqualValues(t, DefaultPatience, res.Cycles-dead.Still)
	require.Equal(t, isa.UnitDNNC, dead.Where.WaitUnit)
	require.Equal(t, activity.WaitWeight, dead.Where.Units[activity.DNNC].Status)
	expect.File(t, "testdata/deadlock.txt", err.Error()+"\n")

	_, err = run(t, "seti drain.nb, 1\n seti drain.lanes, 16\n drain.err\n halt", 0, Options{Patience: 50})
	require.ErrorAs(t, err, &dead)
	require.EqualValues(t, 50, dead.Where.Cycle-dead.Still)
	require.ErrorContains(t, err, "SEQ   halted, waits for unit drain")
}

// TestWhereNormAndEPCAre: the message names what the normalisation unit and the EPC wait for, and in which command.
func TestWhereNormAndEPCAre(t *testing.T) {
	_, err := run(t, `_start:
	seti norm.chan, 16
	norm.load
	norm.store
	seti epc.nb, 1
	seti epc.n, 16
	seti epc.neurons, 16
	epc.load
	epc.run all
	wait epc, 0
	halt`, 14, Options{})
	var limit *LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, isa.UnitEPC, limit.Where.WaitUnit)
	require.ErrorContains(t, err, "SEQ   waits for unit epc since cycle 9 in `wait epc, 0` at pc 0x40 (prog.s:10, _start+0x40)")
	require.ErrorContains(t, err, "NORM  waits for external memory since cycle 4, in `norm.load` from pc 0x8 (prog.s:3, _start+0x8), 1 more queued")
	require.ErrorContains(t, err, "EPC   waits for external memory since cycle 14, in `epc.run all` from pc 0x38 (prog.s:9, _start+0x38)")
}

// TestBusyLoopIsNoDeadlock: SEQ works, so the limit ends it.
func TestBusyLoopIsNoDeadlock(t *testing.T) {
	_, err := run(t, "1: j 1b", 3*DefaultPatience, Options{})
	var limit *LimitError
	require.ErrorAs(t, err, &limit)
}

// The engine finds the queue of each unit that has commands, for reports of deadlocks, and the names
// of its parameters, for faults. A unit is called the same by the chip and by assembly.
func TestEveryQueueIsFound(t *testing.T) {
	chip, err := rtl.New(rtl.DefaultConfig())
	require.NoError(t, err)
	found := 0
	for u := range activity.NumUnits {
		at := slices.IndexFunc(isa.Units[:], func(x isa.UnitInfo) bool { return x.Name == strings.ToLower(u.String()) })
		queued := at >= 0 && isa.Unit(at) != isa.UnitSeq
		require.Equal(t, queued, commands(chip, u) != nil, "%v", u)
		if queued {
			info := isa.Units[at]
			last := len(info.Params) - 1
			require.Equal(t, info.Name+"."+info.Params[last].Name, (&FaultError{Unit: u, Arg: uint64(last) << 32}).param())
			found++
		}
	}
	require.Equal(t, "register 1", (&FaultError{Unit: activity.XMem, Arg: 1 << 32}).param())
	require.Equal(t, int(isa.NumUnits)-1, found, "all units but SEQ")
}
