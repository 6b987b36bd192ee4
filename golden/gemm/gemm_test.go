package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func random(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// define is the package's promise, element by element.
func define(a, b View, m, n, k int) []float64 {
	c := make([]float64, m*n)
	for i := range m {
		for j := range n {
			for p := range k {
				c[i*n+j] = math.FMA(a.Data[i*a.Row+p*a.Col], b.Data[p*b.Row+j*b.Col], c[i*n+j])
			}
		}
	}
	return c
}

// Exact equality over shapes around the blocks, every layout and any workers.
func TestMulIsItsDefinition(t *testing.T) {
	muls := map[int]*Mul{}
	for _, w := range []int{1, 2, 3, 7} {
		muls[w] = NewMul(NewPool(w))
	}
	rapid.Check(t, func(t *rapid.T) {
		m, n, k := rapid.IntRange(1, 110).Draw(t, "m"), rapid.IntRange(1, 420).Draw(t, "n"), rapid.IntRange(1, 400).Draw(t, "k")
		if m*n*k > 4e6 {
			t.Skip("long")
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a, b := View{random(rng, m*k), k, 1}, View{random(rng, n*k), n, 1}
		if rapid.Bool().Draw(t, "a transposed") {
			a.Row, a.Col = 1, m
		}
		if rapid.Bool().Draw(t, "b transposed") {
			b.Row, b.Col = 1, k
		}
		want := define(a, b, m, n, k)
		g := muls[rapid.SampledFrom([]int{1, 2, 3, 7}).Draw(t, "workers")]
		c := random(rng, m*(n+3)) // what was there may not matter, what is beside must stay
		beside := c[n]
		g.Views(View{c, n + 3, 1}, a, b, m, n, k)
		for i := range m {
			require.Equal(t, want[i*n:(i+1)*n], c[i*(n+3):i*(n+3)+n], "row %d", i)
		}
		require.Equal(t, beside, c[n])
	})
}

func TestKernelsAreTheirTwin(t *testing.T) {
	for name, kernel := range kernels() {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, k := range []int{1, 2, 17, blockK} {
			a, b, c := random(rng, k*tileRows), random(rng, k*tileCols), random(rng, tileRows*30)
			for _, first := range []bool{true, false} {
				want, got := append([]float64(nil), c...), append([]float64(nil), c...)
				tileGo(k, a, b, want, 30, first)
				kernel(k, a, b, got, 30, first)
				require.Equal(t, want, got, "%s, k %d, first %v", name, k, first)
			}
		}
	}
}

func TestPoolCoversOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := NewPool(rapid.IntRange(0, 5).Draw(t, "workers"))
		n, grain := rapid.IntRange(0, 50).Draw(t, "n"), rapid.IntRange(1, 9).Draw(t, "grain")
		seen, who := make([]int, n), make([]int, n)
		p.Range(n, grain, func(lo, hi, w int) {
			for i := lo; i < hi; i++ {
				seen[i]++
				who[i] = w
			}
		})
		for i := range n {
			require.Equal(t, 1, seen[i])
			require.Equal(t, who[i/grain*grain], who[i], "a grain has one worker")
		}
	})
}

func TestMulDoesNotAllocate(t *testing.T) {
	g := NewMul(NewPool(3))
	rng := rand.New(rand.NewPCG(1, 2))
	a, b, c := View{random(rng, 6400), 80, 1}, View{random(rng, 80*200), 200, 1}, View{make([]float64, 16000), 200, 1}
	require.Zero(t, testing.AllocsPerRun(10, func() { g.Views(c, a, b, 80, 200, 80) }))
}

func BenchmarkMul(b *testing.B) {
	for _, s := range [][3]int{{512, 512, 4608}, {64, 32768, 576}, {32, 512, 784}} {
		b.Run(fmt.Sprint(s), func(b *testing.B) {
			g := NewMul(NewPool(2))
			m, n, k := s[0], s[1], s[2]
			x, y, z := View{make([]float64, m*k), k, 1}, View{make([]float64, k*n), n, 1}, View{make([]float64, m*n), n, 1}
			for b.Loop() {
				g.Views(z, x, y, m, n, k)
			}
			b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// What goes wrong on another goroutine reaches the caller, who can catch it.
func TestPoolHandsOnPanics(t *testing.T) {
	for worker := range 3 {
		p := NewPool(3)
		require.Panics(t, func() {
			p.Range(3, 1, func(_, _, w int) {
				if w == worker {
					panic("broken")
				}
			})
		}, worker)
	}
}
