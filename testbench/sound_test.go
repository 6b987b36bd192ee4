package testbench

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/order"
	"bdfasim/isa/disasm"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/rtl/epc"
)

var (
	soundPrograms = flag.Int("programs", 400, "random programs of TestSound; 20,000 take a few minutes")
	firstProgram  = flag.Int("first-program", 0, "the first of them")
)

// otherTiming draws a machine that differs in external memory, and in how many cycles units take.
func otherTiming(c *choices, m machine.Config) machine.Config {
	for {
		o := m
		x := &o.XMem
		if c.one(3) {
			kind := c.of(0, 1, 2, 3)
			if o.Set("kind", "xmem.kind="+x.Kind.Words()[kind]) != nil {
				continue
			}
			x = &o.XMem
		}
		x.PHYNS, x.PortBytes = float64(c.of(0, 20, 60, 5*c.n(60))), c.of(16, 32, 64)
		x.ReadDepth, x.WriteDepth = 2+c.n(31), 2+c.n(31)
		x.WriteHigh, x.Linger, x.LingerIdle = 1+c.n(x.WriteDepth-1), 1+c.n(100), 1+c.n(100)
		if c.one(2) {
			x.RL, x.WL = 1+c.n(60), 1+c.n(60)
			x.TRCD, x.TRPpb, x.TRFC = float64(c.n(100)), float64(1+c.n(100)), float64(c.n(600))
			x.TREFI = float64(c.of(3900, 2000+10*c.n(400), 1e6))
		}
		x.SplitBanks = c.one(2)
		if c.one(2) { // units that take other numbers of cycles for the same bits
			o.Momentum.Lanes, o.Momentum.Chunks = c.of(8, 16, 32), 2+c.n(15)
			o.Momentum.Cuts, o.Norm.Cuts = c.n(4), c.n(4)
			o.LFSR.Bits, o.DEPC.Neurons, o.DEPC.Inputs = c.of(4, 8, 16, 32), c.of(8, 16), c.of(8, 16, 32)
			if m.EPC.Kind != epc.None {
				o.EPC.Kind = []epc.Kind{epc.Tree, epc.TreeGate, epc.LaneMask}[c.n(3)]
			}
			o.DNNC.ProductRegisters = []machine.Cut{machine.CutAuto, machine.CutNo, machine.CutYes}[c.n(3)]
		}
		if rtl.Validate(&o) == nil {
			return o
		}
	}
}

// ending is how a run ended.
type ending string

const (
	halts  ending = "halts"
	faults ending = "faults"
	stuck  ending = "is stuck"
)

// patience is more than any cycle that a memory of otherTiming takes, and lasting the longest run.
const patience, lasting = 20_000, 2_000_000

// conclude runs a program to its end.
func conclude(chip *rtl.Chip, step func()) ending {
	for !chip.Wires().Seq.Finished {
		if step(); chip.Faulted() {
			return faults
		}
		if chip.Cycle()-chip.LastBusy() > patience || chip.Cycle() > lasting {
			return stuck
		}
	}
	return halts
}

// differing names a memory that is not equal.
func differing(a, b *rtl.Chip) string {
	switch {
	case !bytes.Equal(a.XMemory(), b.XMemory()):
		return "external memory"
	case !slices.Equal(a.OMEM.Mem, b.OMEM.Mem):
		return "OMEM"
	case !slices.Equal(a.OMEM.Ptr, b.OMEM.Ptr):
		return "pointers"
	case !slices.Equal(a.MaskMemory(), b.MaskMemory()):
		return "masks"
	case !bytes.Equal(a.Seq.Scratch, b.Seq.Scratch):
		return "scratch memory"
	case !slices.Equal(a.DEPC.SignMem, b.DEPC.SignMem):
		return "sign entries"
	case !slices.Equal(a.Drain.Bias, b.Drain.Bias):
		return "biases"
	case a.Seq.R != b.Seq.R:
		return "registers of SEQ"
	}
	return ""
}

// sound runs a program on chips that differ in timing and tells how it ended, or how two chips differ.
func sound(t testing.TB, img *image.Image, m machine.Config, c *choices, others int) (ending, string) {
	first := withImage(t, img, m)
	end := conclude(first, first.Step)
	for i := range others {
		o := otherTiming(c, m)
		chip := withImage(t, img, o)
		step := chip.Step
		if i%2 == 1 {
			change := closeRooms(rand.New(rand.NewPCG(uint64(c.n(1<<16)), 41)))
			step = func() { chip.StepWith(change) }
		}
		at := fmt.Sprintf("on %+v, stalls: %v", o, i%2 == 1)
		switch other := conclude(chip, step); {
		case (end == halts) != (other == halts):
			return end, fmt.Sprintf("it %s, and %s %s", end, other, at)
		case end == halts:
			if name := differing(first, chip); name != "" {
				return end, fmt.Sprintf("other %s %s", name, at)
			}
		}
	}
	return end, ""
}

// listing is a program as text.
func listing(img *image.Image) string {
	var b bytes.Buffer
	for i, w := range img.Code {
		fmt.Fprintf(&b, "%#5x  %s\n", 8*i, disasm.Line(w, nil))
	}
	return b.String()
}

// TestSound: random programs that order certifies leave the same memories, however fast external memory and other units
// are.
func TestSound(t *testing.T) {
	n := *soundPrograms
	if testing.Short() {
		n /= 5
	}
	ends := map[ending]int{}
	for seed := *firstProgram; seed < *firstProgram+n; seed++ {
		c := seeded(uint64(seed))
		img := drawCommands(c)
		r, err := order.Check(img, order.Options{})
		if err != nil || len(r.Findings) > 0 {
			continue
		}
		end, differ := sound(t, img, drawnMachine(), c, 3)
		ends[end]++
		if differ != "" {
			require.Fail(t, differ, "seed %d:\n%s", seed, listing(img))
		}
	}
	t.Logf("%d programs; of those that order certifies, ends: %v", n, ends)
	require.Greater(t, ends[halts], n/8)
}

// TestSoundMutants: so do changed programs of the compiler.
func TestSoundMutants(t *testing.T) {
	ends := map[ending]int{}
	jobs := raceJobs(t)
	for i, name := range slices.Sorted(maps.Keys(jobs)) {
		img, cfg := jobs[name].compiled(t)
		cfg = rtl.For(cfg, img.Code)
		for k := range max(1, *soundPrograms/200) {
			c := seeded(uint64(1000*i + k))
			m := *img
			m.Code = slices.Clone(img.Code)
			for slices.Equal(m.Code, img.Code) {
				c.mutate(&m)
			}
			if r, err := order.Check(&m, order.Options{Limit: 200_000}); err != nil || len(r.Findings) > 0 {
				continue
			}
			end, differ := sound(t, &m, cfg, c, 2)
			ends[end]++
			require.Empty(t, differ, "%s, %d", name, k)
		}
	}
	t.Logf("of those that order certifies, ends: %v", ends)
	require.Greater(t, ends[halts], len(jobs)/4)
}

// FuzzSound is TestSound for programs that the fuzzer makes.
func FuzzSound(f *testing.F) {
	for seed := range byte(20) {
		f.Add(bytes.Repeat([]byte{seed, 3 * seed, 7 * seed}, 100))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := choose(data)
		img := drawCommands(c)
		if r, err := order.Check(img, order.Options{}); err != nil || len(r.Findings) > 0 {
			return
		}
		_, differ := sound(t, img, drawnMachine(), c, 2)
		if differ != "" {
			require.Fail(t, differ, "%s", listing(img))
		}
	})
}
