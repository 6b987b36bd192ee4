package testbench

import (
	"bytes"
	"math/rand/v2"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/epc"
	"bdfasim/sim"
)

// withImage returns a chip with an image in place.
func withImage(t testing.TB, img *image.Image, cfg rtl.Config) *rtl.Chip {
	t.Helper()
	chip, err := rtl.New(rtl.For(cfg, img.Code))
	require.NoError(t, err)
	require.NoError(t, sim.New(chip).LoadImage(img))
	return chip
}

// kernelJob is a small program and the chip that it needs.
type kernelJob struct {
	name string
	load func() *rtl.Chip
}

// kernelJobs are small jobs that together use every unit, every command and every flag, and count toggled bits.
func kernelJobs(t testing.TB) []kernelJob {
	var jobs []kernelJob
	small, err := net.Parse([]byte(smallNet), "small.yaml")
	require.NoError(t, err)
	hidden := mlp(t, 70, 40, 20, 18)
	for _, j := range []job{
		{net: hidden, samples: 20, batch: 8, rule: compile.BP},
		{net: hidden, samples: 20, batch: 8, rule: compile.BDFA},
		{net: hidden, samples: 20, batch: 8, rule: compile.BDFA, stored: true},
		{net: small, samples: 5, batch: 3, rule: compile.BP},
		{net: small, samples: 5, batch: 3, rule: compile.BDFA},
		{net: small, samples: 5, batch: 3, rule: compile.BDFA, fused: true},
		{net: small, samples: 5, batch: 3, rule: compile.DFA, arm: compile.ArmEPC, kind: epc.Tree},
		{net: small, samples: 5, batch: 3, rule: compile.BP, arm: compile.ArmEPC, kind: epc.TreeGate},
		{net: small, samples: 5, batch: 3, rule: compile.BP, arm: compile.ArmEPC, kind: epc.LaneMask},
	} {
		j.epochs, j.test = 1, 2
		spec, err := j.spec(5)
		require.NoError(t, err)
		img, _, err := compile.Build(spec)
		require.NoError(t, err)
		cfg := j.config()
		cfg.XMem.Bytes, cfg.Toggles = int(img.XMemBytes), true
		if j.stored { // two bursts in a cycle
			cfg.ClockMHz, cfg.XMem.PortBytes = 100, 64
		}
		if j.fused {
			cfg.DNNC.ProductRegisters = machine.CutYes
		}
		if j.kind == epc.TreeGate {
			cfg.EPC.Products = machine.CutYes
		}
		jobs = append(jobs, kernelJob{j.String(), func() *rtl.Chip { return withImage(t, img, cfg) }})
	}
	img, err := asm.Assemble(os.DirFS("testdata"), "kernel.s", asm.Options{})
	require.NoError(t, err)
	cfg := rtl.For(rtl.DefaultConfig(), img.Code)
	cfg.XMem.Bytes, cfg.Toggles = 1<<20, true
	return append(jobs, kernelJob{"kernel.s", func() *rtl.Chip { return withImage(t, img, cfg) }})
}

// smallNet has a convolution with and one without normalisation, pooling, and dropout.
const smallNet = `
name: small
input: {channels: 2, height: 6, width: 6}
classes: 6
layers:
  - conv: {out: 20, kernel: 3, pad: 1}
  - bn
  - relu
  - maxpool: {kernel: 2}
  - conv: {out: 18, kernel: 2, stride: 2, pad: 1}
  - relu
  - flatten
  - fc: {out: 40}
  - relu
  - dropout: {rate: 0.5}
  - fc: {out: 6}
`

// differ names the units whose wires are not equal.
func differ(a, b *rtl.Wires) (units []string) {
	if *a == *b {
		return nil
	}
	va, vb := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for i := range va.NumField() {
		if !va.Field(i).Equal(vb.Field(i)) {
			units = append(units, va.Type().Field(i).Name)
		}
	}
	return units
}

// The order in which units tick cannot matter: with another random order in every cycle all wires are equal after
// every cycle, and so are the counts.
func TestTickOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, job := range kernelJobs(t) {
		a, b := job.load(), job.load()
		for !a.Wires().Seq.Finished {
			a.Step()
			b.StepOrder(rng.Perm(int(activity.NumUnits)))
			require.Empty(t, differ(a.Wires(), b.Wires()), "%s, cycle %d", job.name, a.Cycle())
			require.False(t, a.Faulted(), job.name)
		}
		require.Equal(t, *a.Activity(), *b.Activity())
		require.True(t, bytes.Equal(a.XMemory(), b.XMemory()))
	}
}

// A unit that sleeps would have done nothing: a chip that ticks every unit in every cycle has the same wires and counts.
func TestSleep(t *testing.T) {
	for _, job := range kernelJobs(t) {
		a, b := job.load(), job.load()
		b.KeepAwake()
		for !a.Wires().Seq.Finished {
			a.Step()
			b.Step()
			require.Empty(t, differ(a.Wires(), b.Wires()), "%s, cycle %d", job.name, a.Cycle())
			require.False(t, a.Faulted(), job.name)
		}
		require.Equal(t, *a.Activity(), *b.Activity())
	}
}

// Each cycle of each unit belongs to exactly one status.
func TestEveryCycleIsOwned(t *testing.T) {
	for _, job := range kernelJobs(t) {
		chip := job.load()
		for !chip.Wires().Seq.Finished {
			chip.Step()
		}
		for u, n := range chip.Activity().Cycles {
			sum := uint64(0)
			for _, c := range n {
				sum += c
			}
			require.Equal(t, chip.Cycle(), sum, "%s: %v", job.name, activity.Unit(u))
		}
	}
}
