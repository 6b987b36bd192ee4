package testbench

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/isa/asm"
	"bdfasim/rtl"
	"bdfasim/sim"
)

// benchChip returns a chip with so many lanes that runs testdata/bench.s with the given number of
// non-zeros per sample, past its start-up.
func benchChip(tb testing.TB, lanes int, dense int64) *rtl.Chip {
	tb.Helper()
	defines := map[string]int64{"DENSE": dense, "LANES": int64(lanes)}
	img, err := asm.Assemble(os.DirFS("testdata"), "bench.s", asm.Options{Defines: defines})
	require.NoError(tb, err)
	cfg := rtl.DefaultConfig()
	cfg.DNNC.Lanes = lanes
	cfg.XMem.Bytes = 1 << 20
	chip, err := rtl.New(cfg)
	require.NoError(tb, err)
	require.NoError(tb, sim.New(chip).LoadImage(img))
	for range 10000 {
		chip.Step()
	}
	require.False(tb, chip.Faulted())
	return chip
}

// BenchmarkChip gives the speed of the whole chip: nothing to do, one non-zero per block, all 256
// lanes busy, and all 1,024 of a wide machine.
func BenchmarkChip(b *testing.B) {
	for _, load := range []struct {
		name  string
		lanes int
		dense int64
	}{{"idle", 256, 0}, {"sparse", 256, 1}, {"dense", 256, 64}, {"wide", 1024, 64}} {
		b.Run(load.name, func(b *testing.B) {
			chip := benchChip(b, load.lanes, load.dense)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				chip.Step()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcycles/s")
		})
	}
}

// BenchmarkPlainLoop is what the dense chip computes in a cycle, as a plain Go loop: one operand times 256 weights.
func BenchmarkPlainLoop(b *testing.B) {
	var acc [256]int64
	var w [64][256]int16
	for i := range w {
		for j := range w[i] {
			w[i][j] = int16(i*j + 1)
		}
	}
	x := int64(3)
	for n := range b.N {
		row := &w[n&63]
		for lane := range acc {
			acc[lane] += x * int64(row[lane])
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcycles/s")
	if acc[7] == 1 {
		b.Fatal(acc[7])
	}
}

func TestNoAllocations(t *testing.T) {
	for _, dense := range []int64{0, 1, 64} {
		chip := benchChip(t, 256, dense)
		require.Zero(t, testing.AllocsPerRun(1000, chip.Step), "%d non-zeros a sample", dense)
	}
	for _, job := range kernelJobs(t) {
		for chip := job.load(); !chip.Wires().Seq.Finished; {
			require.Zero(t, testing.AllocsPerRun(4000, chip.Step), "%s, cycle %d", job.name, chip.Cycle())
		}
	}
}

// BenchmarkTraining is the speed on real work: training 784-128-64-10, forward, errors, gradients and updates.
func BenchmarkTraining(b *testing.B) {
	for _, rule := range []string{compile.BP, compile.BDFA} {
		b.Run(rule, func(b *testing.B) {
			j := job{net: mlp(b, 784, 128, 64, 10), samples: 1024, batch: 32, epochs: 100, rule: rule}
			s, err := j.spec(1)
			require.NoError(b, err)
			img, _, err := compile.Build(s)
			require.NoError(b, err)
			chip := withImage(b, img, j.config())
			b.ResetTimer()
			for range b.N {
				chip.Step()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "Mcycles/s")
			require.False(b, chip.Faulted())
		})
	}
}
