package qmodel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// vggConfig returns VGG-16 for images of 32 x 32 x 3: thirteen 3x3 convolutions with batch normalisation, then fully
// connected 512-512-10.
func vggConfig(rule string) Config {
	c := Config{Rule: rule, Mu: 58982, Lambda: 33, Seed: 7}
	edge, chans := 32, 3
	for _, block := range []struct{ layers, chans int }{{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}} {
		for n := range block.layers {
			l := Conv{InC: chans, OutC: block.chans, InH: edge, InW: edge, Kernel: 3, Stride: 1, Pad: 1, Pool: 1, BN: true, Fz: 10, Fd: 13}
			if n == block.layers-1 {
				l.Pool = 2
			}
			c.Convs = append(c.Convs, l)
			chans = block.chans
		}
		edge /= 2
	}
	c.Sizes = append(SizesOf(c.Convs), 512, 512, 10)
	for range c.Sizes {
		c.F.Fo, c.F.Fw = append(c.F.Fo, 8), append(c.F.Fw, 14)
		c.F.Fe, c.F.Fv = append(c.F.Fe, 14), append(c.F.Fv, 18)
	}
	for i := range c.top() {
		c.FB = append(c.FB, Feedback{Seed: uint32(i + 1), Shift: 4})
	}
	return c
}

// vggModel returns VGG-16 with random weights.
func vggModel(b *testing.B) *Model {
	m, err := New(vggConfig(BDFA))
	require.NoError(b, err)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := 1; i <= m.top; i++ {
		for n := range m.W[i] {
			m.W[i][n] = int16(rng.NormFloat64() * 800)
		}
	}
	return m
}

// A step of VGG-16 at batch 32: 10 GMAC forward, 30 in all.
func BenchmarkVGG(b *testing.B) {
	m, host := vggModel(b), hostRate()
	x, y := batch(m, rand.New(rand.NewPCG(1, 2)), SubBatch)
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			m.Forward(x)
		}
	})
	b.Run("step", func(b *testing.B) {
		for b.Loop() {
			m.Step(x, y, 1000)
		}
		rate := 30e9 * float64(b.N) / b.Elapsed().Seconds()
		b.ReportMetric(rate/1e9, "GMAC/s")
		b.ReportMetric(rate/host, "of-host")
	})
}
