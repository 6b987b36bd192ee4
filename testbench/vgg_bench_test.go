package testbench

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/rtl/dnnc/lanes"
	"bdfasim/sim"
)

// BenchmarkVGG16 simulates one training iteration of VGG-16 for CIFAR at batch 32 on random images, and reports the MACs that the network has
// (30 GMAC, skipped ones included) a second, those that were done, cycles a second, and the first as a part of the host's int16 multiply
// rate: that of the SIMD leaf alone on data in the cache, in the same run.
func BenchmarkVGG16(b *testing.B) {
	n, err := net.Preset("vgg16-cifar")
	require.NoError(b, err)
	s, err := job{net: n, rule: compile.BP, samples: 32, batch: 32, epochs: 1}.spec(1)
	require.NoError(b, err)
	s.Machine = machine.Reference()
	s.Machine.XMem.Bytes = 256 << 20
	img, p, err := compile.Build(s)
	require.NoError(b, err)
	cfg := rtl.For(rtl.DefaultConfig(), img.Code)
	cfg.XMem.Bytes = 256 << 20
	host := hostRate()
	for b.Loop() {
		chip, err := rtl.New(cfg)
		require.NoError(b, err)
		e := sim.New(chip)
		require.NoError(b, e.LoadImage(img))
		begin := time.Now()
		r, err := e.Run(context.Background(), 1<<40, sim.Options{})
		require.NoError(b, err)
		took := time.Since(begin).Seconds()
		dense := stepMACs(p, 32)
		m := r.Metrics(sim.All)
		b.ReportMetric(took, "s/iteration")
		b.ReportMetric(float64(r.Cycles)/took/1e6, "Mcycles/s")
		b.ReportMetric(dense/took/1e9, "GMAC/s")
		b.ReportMetric(float64(m.MACs())/took/1e9, "done-GMAC/s")
		b.ReportMetric(dense/took/host, "of-host")
	}
}

// stepMACs is the number of MACs of a training step that skips none: forward, errors and gradients.
func stepMACs(p *compile.Plan, batch int) (n float64) {
	for i := 1; i < len(p.Layers); i++ {
		phases := 3.0
		if i == 1 {
			phases = 2 // nobody asks for the error of the image
		}
		n += phases * float64(batch*p.Layers[i].MACs())
	}
	return n
}

// hostRate is the number of int16 multiply-accumulates a second of one core: the SIMD leaf on rows in the cache.
func hostRate() float64 {
	const width, rows = 256, 64
	acc, tile := make([]int64, width), make([]int16, rows*width)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range tile {
		tile[i] = int16(rng.IntN(1 << 16))
	}
	pairs := make([]lanes.Pair, rows)
	for k := range pairs {
		pairs[k] = lanes.Pair{X: int16(rng.IntN(1 << 16)), Row: uint16(k)}
	}
	best := 0.0
	for range 5 {
		const calls = 20000
		begin := time.Now()
		for range calls {
			lanes.Accumulate(acc, tile, width, pairs)
		}
		best = max(best, calls*rows*width/time.Since(begin).Seconds())
	}
	return best
}
