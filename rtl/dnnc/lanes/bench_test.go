package lanes

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func benchmark(b *testing.B, accumulate accumulator) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{16, 64, 256, 1024} {
		w, acc := noise(1, n)
		for _, m := range []int{1, 8, 64} {
			pairs := make([]Pair, m)
			for i := range pairs {
				pairs[i] = Pair{X: int16(rng.IntN(2000) - 1000), Row: uint16(rng.IntN(rows))}
			}
			b.Run(fmt.Sprintf("pairs=%d/n=%d", m, n), func(b *testing.B) {
				for b.Loop() {
					accumulate(acc, w, n, pairs)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(m), "ns/pair")
			})
		}
	}
}

func BenchmarkAccumulateGo(b *testing.B) { benchmark(b, AccumulateGo) }
