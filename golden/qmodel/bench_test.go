package qmodel

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"bdfasim/golden/gemm"
	"bdfasim/golden/intgemm"
)

// netOf returns a network that begins with convs, which follow each other; convolutions with batch
// normalisation have Fz and Fd of their own.
func netOf(rule string, convs []Conv, sizes ...int) Config {
	h, w, chans := 28, 28, 1
	for i := range convs {
		c := &convs[i]
		c.InH, c.InW, c.InC, c.Stride, c.Fz, c.Fd = h, w, chans, 1, 8, 14
		h, w = c.OutSize()
		chans = c.OutC
	}
	c := testConfig(rule, append(SizesOf(convs), sizes...)...)
	c.Convs = convs
	return c
}

// A step of small networks: that of the demo, LeNet and one with batch normalisation. Half of the
// pixels are dark, as in Fashion-MNIST.
func BenchmarkStep(b *testing.B) {
	for _, net := range []struct {
		name  string
		convs []Conv
		sizes []int
	}{
		{"mlp", nil, []int{784, 128, 64, 10}},
		{"lenet", []Conv{{OutC: 6, Kernel: 5, Pad: 2, Pool: 2, Bias: true}, {OutC: 16, Kernel: 5, Pool: 2, Bias: true}},
			[]int{120, 84, 10}},
		{"cnn", []Conv{{OutC: 8, Kernel: 3, Pad: 1, Pool: 2, BN: true}, {OutC: 16, Kernel: 3, Pad: 1, Pool: 2, BN: true}},
			[]int{64, 10}},
	} {
		for _, rule := range []string{BP, BDFA} {
			b.Run(net.name+"/"+rule, func(b *testing.B) {
				m, err := New(netOf(rule, net.convs, net.sizes...))
				require.NoError(b, err)
				rng := rand.New(rand.NewPCG(1, 2))
				randomWeights(m, rng)
				x, y := make([]uint8, SubBatch*784), make([]int, SubBatch)
				for i := range x {
					if rng.IntN(2) == 0 {
						x[i] = uint8(1 + rng.IntN(255))
					}
				}
				for i := range y {
					y[i] = rng.IntN(10)
				}
				b.ReportAllocs()
				for b.Loop() {
					m.Step(x, y, 1000)
				}
			})
		}
	}
}

// hostRate is the fastest exact products of int16 of all cores a second: tiles that stay in the
// first-level cache, the best of some rounds.
func hostRate() (best float64) {
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

// The three products of layers of VGG-16 with all that belongs to them, packing and rounding
// included, beside the host's rate (wanted of layers above 10 MMAC: 0.25).
func BenchmarkLayer(b *testing.B) {
	m := vggModel(b)
	x, y := batch(m, rand.New(rand.NewPCG(1, 2)), SubBatch)
	m.Step(x, y, 1000)
	for _, i := range []int{2, 3, 6, 9, 13, 15} {
		macs := float64(SubBatch * m.cfg.weights(i))
		products := []func(){func() { m.connect(i, SubBatch, &m.train) }, func() { m.sumGradients(i) }}
		if l := m.cfg.conv(i); l != nil {
			macs *= float64(m.cfg.errors(i) / l.OutC)
			products = []func(){func() { m.convolve(i, SubBatch, &m.train) }, func() { m.convolveGradients(i) },
				func() { m.convolveErrors(i) }}
		}
		for n, product := range products {
			b.Run(fmt.Sprintf("%d/%s", i, []string{"forward", "gradients", "errors"}[n]), func(b *testing.B) {
				host := hostRate()
				for b.Loop() {
					product()
				}
				rate := macs * float64(b.N) / b.Elapsed().Seconds()
				b.ReportMetric(macs/1e6, "MMAC")
				b.ReportMetric(rate/1e9, "GMAC/s")
				b.ReportMetric(rate/host, "of-host")
			})
		}
	}
}
