package lanes

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func benchmark(b *testing.B, accumulate func(*Row, *Tile, []Pair, int, int)) {
	rng := rand.New(rand.NewPCG(1, 2))
	var w Tile
	for r := range w {
		for l := range w[r] {
			w[r][l] = int16(rng.Uint32())
		}
	}
	var acc Row
	for _, m := range []int{1, 8, 32, 64} {
		pairs := make([]Pair, m)
		for i := range pairs {
			pairs[i] = Pair{X: int16(rng.IntN(2000) - 1000), Row: uint16(rng.IntN(Rows))}
		}
		for _, n := range []int{64, 256} {
			b.Run(fmt.Sprintf("pairs=%d/n=%d", m, n), func(b *testing.B) {
				for b.Loop() {
					accumulate(&acc, &w, pairs, 0, n)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(m), "ns/pair")
			})
		}
	}
}

func BenchmarkAccumulateGo(b *testing.B) { benchmark(b, AccumulateGo) }
