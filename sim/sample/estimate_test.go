package sample

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"
)

// made is a stratum of numbers, drawn in their order.
func made(f family, size int, x, y []float64) *stratum {
	s := &stratum{family: f, size: size}
	for k := range y {
		s.drawn = append(s.drawn, &Sample{products: x[k], pieces: [NumKinds]count{Full: {y[k]}}})
	}
	return s
}

func first(s *Sample) float64 { return s.pieces[Full][0] }

// By hand: 3 of 10, mean 4, variance 7: 40 +- t(2) * sqrt(100 * (1/3 - 1/10) * 7).
func TestMean(t *testing.T) {
	s := made(ends, 10, []float64{0, 0, 0}, []float64{1, 5, 6})
	got := estimate([]*stratum{s}, first)
	require.InDelta(t, 40, got.Value, 1e-9)
	require.InDelta(t, 4.302652729911275*12.780193008453875, got.Half, 1e-6)

	// a stratum that was taken whole adds no variance
	all := made(start, 2, []float64{0, 0}, []float64{100, 200})
	got2 := estimate([]*stratum{s, all}, first)
	require.InDelta(t, 340, got2.Value, 1e-9)
	require.InDelta(t, got.Half, got2.Half, 1e-9)
	require.Equal(t, Interval{300, 0}, estimate([]*stratum{all}, first))
}

// Numbers on a line are known from few, wherever the samples lie: one slope, a level in each stratum.
func TestRegression(t *testing.T) {
	x := [][]float64{{1, 2, 5, 3}, {7, 9, 8, 1}}
	var strata []*stratum
	want := 0.0
	for g, level := range []float64{100, 50} {
		var y []float64
		for _, v := range x[g] {
			y = append(y, level+3*v)
		}
		s := made(inside, 20, x[g], y)
		s.products = float64(g*100 + 20*6)
		want += 20*level + 3*s.products
		strata = append(strata, s)
	}
	got := estimate(strata, first)
	require.InDelta(t, want, got.Value, 1e-9)
	require.InDelta(t, 0, got.Half, 1e-6)
	for _, s := range strata { // too few for a slope
		s.drawn = s.drawn[:3]
	}
	require.Greater(t, estimate(strata, first).Half, 1.0)
}

// Intervals of samples that are drawn from normal numbers hold the total in 95 of 100 cases, also when
// much of them is explained by a second number, and with very few.
func TestCoverage(t *testing.T) {
	const draws = 2000
	for _, n := range [][]int{{2, 2}, {4, 2}, {8, 3}} {
		rng := rand.New(rand.NewPCG(1, uint64(n[0])))
		held := 0
		for range draws {
			var strata []*stratum
			total := 0.0
			for f, family := range []family{inside, inside, ends} {
				size := 40
				x, y := make([]float64, size), make([]float64, size)
				s := &stratum{}
				for k := range x {
					x[k] = 10 + rng.NormFloat64()
					y[k] = float64(100*f) + 5*x[k] + rng.NormFloat64()
					total += y[k]
					s.products += x[k]
				}
				size, products := n[f/2], s.products
				s = made(family, 40, x[:size], y[:size])
				s.products = products
				strata = append(strata, s)
			}
			if i := estimate(strata, first); math.Abs(i.Value-total) <= i.Half {
				held++
			}
		}
		sd := distuv.Binomial{N: draws, P: 0.95}.StdDev()
		require.Greater(t, float64(held), 0.95*draws-5*sd, "%v", n)
		require.Less(t, float64(held), 0.995*draws, "%v", n)
	}
}

// Every piece of a training is in one stratum, and strata with the least samples need no others.
func TestPlan(t *testing.T) {
	for _, f := range []few{
		{images: 40, batch: 8, epochs: 7, test: 40, every: 2}, {images: 24, batch: 8, epochs: 1, test: 3, every: 1},
		{images: 100, batch: 7, epochs: 3, test: 14, every: 1}, {images: 100, batch: 7, epochs: 2},
	} {
		c := f.calendar()
		steps, batches := map[int]int{}, map[[2]int]int{}
		strata := c.strata(2, 1)
		for _, s := range strata {
			for range s.size {
				one := s.next()
				switch s.family {
				case inside:
					steps[one.begin+1]++
				case tests:
					batches[[2]int{one.begin/c.steps - 1, one.batch}]++
				case start:
					steps[0]++
				default:
					last := one.begin + 1
					steps[last]++
					if s.family != finish {
						steps[last+1]++
					}
					require.Equal(t, c.Tests(last/c.steps), s.family == testedEnds || s.family == finish && f.every > 0)
					for _, b := range c.ends() {
						if m := c.batches; c.Tests(last/c.steps) && (m < 3 || b != m-2) {
							batches[[2]int{last / c.steps, b}]++
						}
					}
				}
			}
		}
		require.Len(t, steps, c.steps*f.epochs)
		tested := c.TestsBefore(f.epochs)
		require.Len(t, batches, tested*c.batches)
		for _, n := range steps {
			require.Equal(t, 1, n)
		}
		for _, n := range batches {
			require.Equal(t, 1, n)
		}
		_, err := c.plan(1, 1)
		require.ErrorContains(t, err, "got 1, want at least")
		for n := 14; n < 40; n++ {
			drawn := 0
			all, err := c.plan(n, 1)
			require.NoError(t, err)
			population := 0
			for _, s := range all {
				population += s.size
				drawn += len(s.drawn)
				require.GreaterOrEqual(t, len(s.drawn), s.least())
			}
			require.Equal(t, min(n, population), drawn)
		}
	}
}

func (f few) calendar() *calendar {
	c := &calendar{}
	c.Epochs, c.Batch, c.TrainN, c.TestN = uint32(f.epochs), uint32(f.batch), uint32(f.images), uint32(f.test)
	c.EvalEvery = uint32(f.every)
	c.steps, c.batches = c.Header.Steps(), c.TestBatches()
	return c
}
