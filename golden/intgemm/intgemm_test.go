package intgemm

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/golden/gemm"
)

// numbers draws int16 of some size; extremes are frequent.
func numbers(rng *rand.Rand, n, kind int) []int16 {
	v := make([]int16, n)
	for i := range v {
		switch kind {
		case 0:
			v[i] = int16(rng.IntN(2001) - 1000)
		case 1:
			v[i] = int16(rng.Uint32())
		case 2:
			v[i] = -32768
		case 3:
			if rng.IntN(8) == 0 {
				v[i] = []int16{-32768, 32767, 1}[rng.IntN(3)]
			}
		}
	}
	return v
}

// Every kernel equals the definition as long as the sums fit.
func TestKernelsAreTheirTwin(t *testing.T) {
	for name, k := range kernels() {
		rapid.Check(t, func(t *rapid.T) {
			segs, pairs, panels := rapid.IntRange(1, 4).Draw(t, "segs"), rapid.IntRange(1, 9).Draw(t, "pairs"),
				rapid.IntRange(1, 4).Draw(t, "panels")
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			step, stride := rapid.IntRange(0, 30).Draw(t, "step"), segs*pairs*pairWords
			a, b := numbers(rng, 50+segs*step+2*pairs, 0), numbers(rng, panels*stride, 1)
			var at [tileRows]int
			for i := range at {
				at[i] = rng.IntN(51)
			}
			var want, got tile
			for i := range want {
				want[i] = int64(rng.Uint64() >> 10)
			}
			got = want
			tileGo(a, &at, segs, step, pairs, b, stride, panels, &want)
			k(a, &at, segs, step, pairs, b, stride, panels, &got)
			require.Equal(t, want, got, name)
		})
	}
}

// product multiplies a (rows x segs*run) by b (lanes x segs*run) and compares with plain sums.
func product(t require.TestingT, m *Mul, rng *rand.Rand, rows, lanes, segs, run, kinds int) {
	step := run + rng.IntN(3)
	row := segs*step + rng.IntN(3)
	left := Left{Data: numbers(rng, rows*row+2, kinds%4), Row: row, Run: run, Step: step}
	b := numbers(rng, lanes*segs*run, kinds/4)
	want := make([]int64, rows*lanes)
	for r := range rows {
		sum := uint64(0)
		for s := range segs {
			a := left.Data[r*row+s*step:][:run]
			for _, x := range a {
				sum += uint64(int64(x) * int64(x))
			}
			for l := range lanes {
				for k, x := range a {
					want[r*lanes+l] += int64(x) * int64(b[(l*segs+s)*run+k])
				}
			}
		}
		left.Squares = max(left.Squares, sum)
	}
	if rng.IntN(2) == 0 {
		m.Pack(lanes, segs, run, func(p *Panel) {
			for l := range p.Lanes {
				for s := range segs {
					cut := (p.Lane + l + s) % (run + 1)
					from := b[((p.Lane+l)*segs+s)*run:][:run]
					p.Column(l, s, 0, from[:cut])
					p.Column(l, s, cut, from[cut:])
				}
			}
		})
	} else {
		m.Pack(lanes, segs, run, func(p *Panel) {
			for s := range segs {
				for k := 0; k < run; k += 2 {
					var rows [2][]int16
					for o := range min(2, run-k) {
						for l := range p.Lanes {
							rows[o] = append(rows[o], b[((p.Lane+l)*segs+s)*run+k+o])
						}
					}
					p.Rows(0, s, k, rows[0], rows[1])
				}
			}
		})
	}
	got := make([]int64, rows*lanes)
	m.Do(left, rows, func(row, lane int, sums []int64, _ int) { copy(got[row*lanes+lane:], sums) })
	require.Equal(t, want, got)
}

// Exact equality with sums in 64 bits over shapes around the tiles, all sizes of numbers, any workers.
func TestDoIsExact(t *testing.T) {
	for name, k := range kernels() {
		before := fastest
		fastest = k
		t.Run(name, func(t *testing.T) {
			muls := map[int]*Mul{1: NewMul(gemm.NewPool(1)), 3: NewMul(gemm.NewPool(3))}
			rapid.Check(t, func(t *rapid.T) {
				m := muls[rapid.SampledFrom([]int{1, 3}).Draw(t, "workers")]
				rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
				product(t, m, rng, rapid.IntRange(1, 40).Draw(t, "rows"), rapid.IntRange(1, 150).Draw(t, "lanes"),
					rapid.IntRange(1, 4).Draw(t, "segs"), rapid.IntRange(1, 70).Draw(t, "run"),
					rapid.IntRange(0, 15).Draw(t, "kinds"))
			})
		})
		fastest = before
	}
}

// What is gathered is what rows give, and its size that of the definition.
func TestGatherIsRows(t *testing.T) {
	a, b := NewMul(gemm.NewPool(1)), NewMul(gemm.NewPool(1))
	rapid.Check(t, func(t *rapid.T) {
		lanes, run := rapid.IntRange(1, 40).Draw(t, "lanes"), rapid.IntRange(1, 40).Draw(t, "run")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		data, at := numbers(rng, lanes+50, rapid.IntRange(0, 3).Draw(t, "kind")), make([]int, run)
		for k := range at {
			at[k] = rng.IntN(51)
		}
		a.Pack(lanes, 1, run, func(p *Panel) { p.Gather(0, p.Lanes, data[p.Lane:], at) })
		b.Pack(lanes, 1, run, func(p *Panel) {
			for k := range at {
				for l := range p.Lanes {
					p.Column(l, 0, k, data[p.Lane+l+at[k]:][:1])
				}
			}
		})
		require.Equal(t, b.right.data, a.right.data)
		for n := pairWords; n <= len(a.right.data); n += pairWords {
			var want, got [panelLanes]uint64
			squaresGo(a.right.data[:n], &want)
			squares(a.right.data[:n], &got)
			require.ElementsMatch(t, want, got)
			sum := uint64(0)
			for _, x := range a.right.data[1:n] {
				sum += uint64(int64(x) * int64(x))
			}
			require.Equal(t, sum, Squares(a.right.data[1:n]))
		}
	})
}

// The bound: sums that fit are one chunk, extremes go to the definition.
func TestPlan(t *testing.T) {
	m := NewMul(gemm.NewPool(1))
	chunks := func(left, value int16) []chunk {
		m.Pack(1, 2, 16, func(p *Panel) {
			for s := range 2 {
				p.Column(0, s, 0, slices.Repeat([]int16{value}, 16))
			}
		})
		m.left = Left{Squares: 32 * uint64(int64(left)*int64(left))}
		m.plan()
		return m.chunks
	}
	require.Equal(t, []chunk{{segs: 2, pairs: 8}}, chunks(8191, 8192), "32 * 8191 * 8192 < 2^31")
	require.Equal(t, []chunk{{segs: 1, pairs: 8}, {seg: 1, segs: 1, pairs: 8}}, chunks(8192, 8192))
	require.Len(t, chunks(16384, 8191), 4, "four pairs fit")
	require.NotContains(t, chunks(16384, 8191), chunk{segs: 1, pairs: 4, long: true})
	require.Contains(t, chunks(-32768, -32768), chunk{segs: 1, pairs: 4, long: true})
}

func TestDoDoesNotAllocate(t *testing.T) {
	m := NewMul(gemm.NewPool(3))
	left := Left{Data: make([]int16, 80*300), Row: 300, Run: 300}
	fill, emit := func(*Panel) {}, func(int, int, []int64, int) {}
	require.Zero(t, testing.AllocsPerRun(10, func() {
		m.Pack(200, 1, 300, fill)
		m.Do(left, 80, emit)
	}))
}

// The host's rate: tiles in the first-level cache on all cores. The shapes are those of a
// convolution of VGG-16 and of a fully connected layer.
func BenchmarkDo(b *testing.B) {
	workers := runtime.GOMAXPROCS(0)
	for _, s := range []struct {
		name              string
		rows, lanes, long int
	}{{"host", 6 * workers * 4000, 64, 128}, {"conv", 512, 512, 4608}, {"shallow", 32768, 64, 576}, {"full", 512, 32, 512}} {
		b.Run(s.name, func(b *testing.B) {
			m := NewMul(gemm.NewPool(workers))
			left := Left{Data: make([]int16, s.rows*s.long), Row: s.long, Run: s.long}
			if s.name == "host" {
				left.At = func(r int) int { return r % 6 * s.long }
			}
			m.Pack(s.lanes, 1, s.long, func(*Panel) {})
			emit := func(int, int, []int64, int) {}
			for b.Loop() {
				m.Do(left, s.rows, emit)
			}
			b.ReportMetric(float64(s.rows*s.lanes*s.long)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
		})
	}
}
