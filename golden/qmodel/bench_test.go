package qmodel

import (
	"math/rand/v2"
	"testing"
)

// A step of the network of the demo. Half of the pixels are dark, as in Fashion-MNIST.
func BenchmarkStep(b *testing.B) {
	for _, rule := range []string{BP, BDFA} {
		b.Run(rule, func(b *testing.B) {
			m := testModel(b, rule, 784, 128, 64, 10)
			rng := rand.New(rand.NewPCG(1, 2))
			randomWeights(m, rng)
			x, y := make([]uint8, MaxBatch*784), make([]int, MaxBatch)
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
