package testbench

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/golden/gemm"
	"bdfasim/golden/intgemm"
	"bdfasim/sim"
)

// BenchmarkEngines gives the MACs of a training step a second, skipped ones counted, of the fixed-point model on all
// cores: as a part of the host's rate of exact int16 products, and as a multiple of the clocked engine's.
func BenchmarkEngines(b *testing.B) {
	for _, load := range []struct {
		name string
		net  *net.Net
	}{
		{"mlp-784-128-64-10", mlp(b, 784, 128, 64, 10)},
		{"cnn-small", preset(b, "cnn-small")},
		{"vgg16-cifar", preset(b, "vgg16-cifar")},
	} {
		b.Run(load.name, func(b *testing.B) {
			const batch = 32
			s, err := job{net: load.net, rule: compile.BP, samples: batch, batch: batch, epochs: 1}.spec(1)
			require.NoError(b, err)
			cfg := job{}.config()
			cfg.XMem.Bytes = 256 << 20
			s.Machine = cfg
			l, img, err := start(s, cfg)
			require.NoError(b, err)
			macs := stepMACs(l.Plan, batch)
			x, y := l.Plan.TrainBatch(l.Chip.XMemory(), 0, 0)
			fast := perSecond(macs, func() { l.Model.Step(x, y, l.Plan.Header.EtaAt(0, len(y))) })
			host := exactRate()
			chip := sim.New(withImage(b, img, cfg))
			require.NoError(b, chip.LoadImage(img))
			begin := time.Now()
			_, err = chip.Run(context.Background(), 0, sim.Options{})
			require.NoError(b, err)
			clocked := macs / time.Since(begin).Seconds()
			b.ReportMetric(fast/1e9, "GMAC/s")
			b.ReportMetric(fast/host, "of-host")
			b.ReportMetric(fast/clocked, "times-clocked")
		})
	}
}

// perSecond is the rate of work that is n of something, over about two seconds.
func perSecond(n float64, work func()) float64 {
	begin, times := time.Now(), 0.0
	for ; times == 0 || time.Since(begin) < 2*time.Second; times++ {
		work()
	}
	return n * times / time.Since(begin).Seconds()
}

// exactRate is the host's rate: the fastest exact products of int16 of all cores a second, on tiles that stay in the
// first-level cache.
func exactRate() (best float64) {
	const lanes, long = 64, 128
	workers := runtime.GOMAXPROCS(0)
	rows := workers * 12000
	m := intgemm.NewMul(gemm.NewPool(workers))
	left := intgemm.Left{Data: make([]int16, 6*long), At: func(r int) int { return r % 6 * long }, Run: long}
	m.Pack(lanes, 1, long, func(*intgemm.Panel) {})
	for range 20 {
		begin := time.Now()
		m.Do(left, rows, func(int, int, []int64, int) {})
		best = max(best, float64(rows*lanes*long)/time.Since(begin).Seconds())
	}
	return best
}
