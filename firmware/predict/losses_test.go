package predict_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/predict"
	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/rtl/xmem"
	"bdfasim/sim"
	"bdfasim/sim/profile"
	"bdfasim/sim/profile/trial"
)

// cycles runs assembly, its lines separated by semicolons, on a machine.
func cycles(t *testing.T, c machine.Config, text string) float64 {
	t.Helper()
	source := ".xmem 0x4000000\n.text\n" + strings.ReplaceAll(text, ";", "\n") + "\nhalt\n"
	img, err := asm.Assemble(fstest.MapFS{"x.s": {Data: []byte(source)}}, "x.s", asm.Options{})
	require.NoError(t, err)
	chip, err := rtl.New(rtl.For(c, img.Code))
	require.NoError(t, err)
	engine := sim.New(chip)
	require.NoError(t, engine.LoadImage(img))
	r, err := engine.Run(context.Background(), 10_000_000, sim.Options{})
	require.NoError(t, err)
	return float64(r.Cycles)
}

// further is what one more pass of a loop takes.
func further(t *testing.T, c machine.Config, setup, pass string) float64 {
	t.Helper()
	loop := func(n int) float64 {
		return cycles(t, c, fmt.Sprintf("%s; li r1, %d; loop r1, end; %s; end: nop", setup, n, pass))
	}
	return (loop(60) - loop(20)) / 40
}

// TestLosses measures on the chip what a single stream loses in external memory, and compares it
// with what predictions take, closely at the reference machine.
func TestLosses(t *testing.T) {
	for _, set := range []string{
		"", "clock_mhz=100", "clock_mhz=400", "xmem.port_bytes=16", "xmem.port_bytes=64",
		"xmem.kind=lpddr4-3200", "xmem.kind=ddr4-2400", "xmem.kind=ddr4-2400 clock_mhz=400",
		"xmem.kind=ideal", "xmem.write_depth=16 xmem.write_high=12", "xmem.split_banks=false", "xmem.split_banks=false xmem.timing.banks=4",
		"momentum.chunks=2", "momentum.chunks=4", "momentum.chunks=16", "xmem.read_depth=16", "xmem.linger_cycles=40",
	} {
		t.Run(set, func(t *testing.T) {
			c := machine.Reference()
			require.NoError(t, c.Set("test", strings.Fields(set)...))
			measureLosses(t, c, set == "")
		})
	}
}

func measureLosses(t *testing.T, m machine.Config, closely bool) {
	page, want := m.XMem.PageBytes, predict.Losses(&m)
	maps := func(step int) float64 { // 64 rows of four bursts
		return further(t, m, fmt.Sprintf("seti dma.n, 64; seti dma.rows, 64; seti dma.limit, 8000; "+
			"seti dma.xstep, %d; seti dma.dstep, 1", step), "dma.map new, i16")
	}
	errors := func(step int) float64 { // 32 samples of 512 errors, burst by burst
		return further(t, m, fmt.Sprintf("seti depc.nb, 32; seti depc.n, 10; seti depc.neurons, 512; "+
			"seti depc.dst, 0x100000; seti depc.dstep, %d; depc.load", step), "depc.run sram, x, all")
	}
	update := func(rows int) float64 { // of 256 lanes, eight chunks each
		return further(t, m, fmt.Sprintf("seti wld.rows, 1; seti wld.groups, 16; wld.w; seti dnnc.nb, 1; "+
			"seti dnnc.rows, 1; seti dnnc.groups, 16; seti mom.rows, %d; seti mom.lanes, 256; "+
			"seti mom.wstep, 0x1a000; seti mom.vstep, 0x27000; li r2, 0x100000; li r3, 0x2100000", rows),
			"dnnc.ones first, last; set mom.waddr, r2; addi r2, r2, 8192; set mom.vaddr, r3; "+
				"addi r3, r3, 12288; mom.w")
	}
	all, half := update(32), update(16)
	want["turn"] += want["shared"] * meeting(&m) / 10
	perBurst := want["usable"] / 10 // bursts of a chunk
	for _, c := range []struct {
		name      string
		got       float64
		tolerance float64
	}{
		{"row", (maps(page) - maps(128)) / 63 * want["usable"], 1},
		{"scattered", errors(page)/(32*32) - 1, 0.12 * want["scattered"]},
		{"turn", (all - half) / (16 * 8) * perBurst, 0.04 * want["turn"]},
		{"update", all - 32*8*want["turn"]/perBurst, 0.04 * all},
	} {
		t.Logf("%s: %.3f, predictions take %.3f", c.name, c.got, want[c.name])
		if closely {
			c.tolerance = 0.03 * want[c.name]
			if c.name == "update" {
				c.got, c.tolerance = 2*half-all, 0.1*want[c.name]
			}
		}
		require.InDelta(t, want[c.name], c.got, c.tolerance, c.name)
	}
}

// meeting is the part of the rows of these updates whose weights and velocities lie in one bank.
func meeting(m *machine.Config) float64 {
	memory, meet := xmem.CyclesOf(m), 0
	for pass := range uint32(40) {
		for block := range uint32(4) {
			for row := range uint32(32) {
				w, _ := memory.Map(0x100000 + (20+pass)*8192 + block*0x1a000 + row*128)
				v, _ := memory.Map(0x2100000 + (20+pass)*12288 + block*0x27000 + row*192)
				if w == v {
					meet++
				}
			}
		}
	}
	return float64(meet) / (40 * 4 * 32)
}

// TestLossesOfMany holds what cannot be measured alone, how transfers hold each other up, against
// two simulated networks: all predictions together are worse with less and with more of it.
func TestLossesOfMany(t *testing.T) {
	if testing.Short() {
		t.Skip("ten million cycles")
	}
	type run struct {
		plan    *compile.Plan
		profile *profile.Profile
		density predict.Density
	}
	var runs []run
	for _, name := range []string{"cnn", "vgg-layer"} {
		n, err := trial.Net(name)
		require.NoError(t, err)
		s, err := trial.Spec(n, compile.BP, 32, trial.Dense)
		require.NoError(t, err)
		plan, p, err := trial.Run(context.Background(), s, trial.Config(64))
		require.NoError(t, err)
		d, err := trial.Density(plan, p, nil)
		require.NoError(t, err)
		runs = append(runs, run{plan, p, d})
	}
	// squares sums those of the relative errors of phases that take a fiftieth of a run or more, in
	// percent: all of them, or forward ones.
	squares := func(forward bool) (sum float64) {
		for _, r := range runs {
			rows, err := predict.Step(r.plan, r.density)
			require.NoError(t, err)
			for _, row := range rows {
				x := r.profile.Find(row.Phase, row.Layer)
				if x.Elapsed*50 > r.profile.Cycles && (!forward || row.Phase == isa.PhaseFF) {
					e := 100 * (row.Elapsed/float64(x.Elapsed) - 1)
					sum += e * e
				}
			}
		}
		return sum
	}
	for _, c := range []struct {
		name       string
		less, more float64
		forward    bool
	}{
		{"mixed", 0.85, 1, false}, {"rowDelay", 0.2, 0.8, false}, {"normShare", 0.4, 1, false},
		{"block", 7. / 8, 11. / 8, true}, // which weights bind
	} {
		best, v := squares(c.forward), predict.Fitted[c.name]
		was := *v
		for _, *v = range []float64{c.less, c.more} {
			sum := squares(c.forward)
			t.Logf("%s: %.1f with %g, %.1f with %g", c.name, best, was, sum, *v)
			require.Greater(t, sum, best, "%s %g instead of %g", c.name, *v, was)
		}
		*v = was
	}
}
