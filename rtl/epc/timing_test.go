package epc

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
)

// treeCycles is the recurrence of doc.go: the tick of the last issue, counted from the first request,
// and the cycles of the command.
func (l *layer) treeCycles(lat int) (last, cycles int) {
	items := l.groups() * l.passes()
	ask, issue := make([]int, items), make([]int, items)
	for i := range items {
		if i > 0 {
			ask[i] = ask[i-1] + 16
		}
		if i > 1 {
			ask[i] = max(ask[i], issue[i-2])
		}
		issue[i] = ask[i] + 16 + lat
		if i > 0 {
			issue[i] = max(issue[i], issue[i-1]+l.nb)
		}
	}
	last = issue[items-1] + l.nb - 1
	return last, last + 7
}

// The formulas of doc.go for the trees, nothing stalling: bound by the samples and by external memory.
func TestCyclesOfTheTrees(t *testing.T) {
	for _, l := range []*layer{
		{n: 10, nb: 32, neurons: 128}, {n: 64, nb: 32, neurons: 64}, {n: 40, nb: 17, neurons: 50}, {n: 16, nb: 16, neurons: 80},
		{n: 40, nb: 5, neurons: 50}, {n: 130, nb: 1, neurons: 33}, {n: 1, nb: 1, neurons: 1}, {n: 20, nb: 32, neurons: 70, x: true}, {n: 20, nb: 3, neurons: 70, all: true},
	} {
		for _, k := range []Kind{Tree, TreeGate} {
			for _, lat := range []int{2, 13, 16, 40} {
				t.Run(fmt.Sprintf("%v n=%d nb=%d neurons=%d latency=%d", k, l.n, l.nb, l.neurons, lat), func(t *testing.T) {
					l := *l
					b := newBench(config(k), nil)
					b.x.latency = lat
					load, run := b.runLayer(t, l.fill(rand.New(rand.NewPCG(1, 2)), 0.5, false))
					require.Equal(t, 3+l.nb*l.passes(), load, "load")
					items := l.groups() * l.passes()
					last, want := l.treeCycles(lat)
					require.Equal(t, want, run, "run")
					require.Equal(t, items*l.nb+6, b.cycles[activity.Busy], "busy cycles")
					require.Equal(t, last-items*l.nb, b.cycles[activity.WaitMemory], "stalls on the weights")
					if lat <= 16 {
						require.Equal(t, 22+lat+l.nb+(items-1)*max(l.nb, 16), run, "closed form")
					}
				})
			}
		}
	}
}

// The closed form for other machines, where the samples hide the bursts.
func TestCyclesOfOtherTrees(t *testing.T) {
	for _, c := range []struct{ neurons, inputs, bursts, parts int }{
		{8, 8, 16, 4}, {8, 16, 16, 2}, {16, 8, 16, 2}, {16, 16, 16, 1}, {8, 32, 32, 2}, {16, 32, 32, 1}, {32, 8, 32, 2}, {32, 16, 32, 1},
	} {
		for _, products := range []machine.Cut{machine.CutNo, machine.CutYes} {
			cfg := with(config(Tree), c.neurons, c.inputs, products)
			l := (&layer{n: 128, nb: 32, neurons: 128, shift: 12}).fill(rand.New(rand.NewPCG(1, 2)), 0.5, false)
			_, run := newBench(cfg, nil).runLayer(t, l)
			tiles, passes := 128/max(c.neurons, 16), 128/max(c.inputs, 16)
			want := 6 + c.bursts + latency + tiles*passes*c.parts*l.nb
			if c.neurons == 32 { // two groups to write
				want += tiles * l.nb
			}
			if products == machine.CutYes {
				want++
			}
			require.Equal(t, want, run, "%+v products: %v", c, products)
		}
	}
}

// laneCycles is the recurrence of doc.go for LaneMask.
func (l *layer) laneCycles(lat int) int {
	type swap struct{ k, j, b int }
	var swaps []swap // in order
	for k := 0; k < l.groups(); k += 16 {
		row := -1
		for j := 0; j < l.n; j += 64 {
			for b := range l.nb {
				if b != row && l.nonZeros(b, j, j+64) > 0 {
					swaps, row = append(swaps, swap{k, j, b}), b
				}
			}
		}
	}
	words := func() int { // of the next swap
		if l.all || len(swaps) == 0 {
			return 0
		}
		return min(16, l.groups()-swaps[0].k) + 1 // the first one is a cycle on its way
	}
	now, loaded, used, before := 0, lat+15, -1, -1 // used, before: tick in which the last tile was used up, and the one before it
	masked := words()
	for k := 0; k < l.groups(); k += 16 {
		groups := min(16, l.groups()-k)
		for j := 0; j < l.n; j += 64 {
			loaded = max(loaded, before) + 16*groups*min(4, l.passes()-j/16)
			start := max(now, loaded+1)
			now = start
			for b := range l.nb {
				if len(swaps) > 0 && swaps[0] == (swap{k, j, b}) {
					at := max(now, masked)
					swaps = swaps[1:]
					now, masked = at+1, at+words()
				}
				now += l.nonZeros(b, j, j+64)
			}
			now = max(now, start+1)
			before, used = used, now-1
		}
		now += 1 + l.nb*groups
	}
	return now + 4
}

func TestCyclesOfTheLanes(t *testing.T) {
	for _, c := range []struct {
		l     layer
		dense float64
		want  int // closed form, with 13 ticks of latency
	}{
		// B + L + 21 + C + nb*g, one tile of 16*g*p bursts: g groups, p passes.
		{layer{n: 64, nb: 32, neurons: 256}, 1, 1024 + 13 + 21 + 32*65 + 512},
		{layer{n: 10, nb: 32, neurons: 128}, 1, 128 + 13 + 21 + 32*11 + 32*8},
		{layer{n: 30, nb: 1, neurons: 20}, 1, 64 + 13 + 21 + 31 + 2},
		{layer{n: 30, nb: 4, neurons: 20}, 0, 64 + 13 + 21 + 1 + 8},
		// Bound by the f' bits: 17 cycles a sample, the first ones read while the weights are loaded.
		{layer{n: 1, nb: 32, neurons: 256}, 1, 256 + 13 + 21 + 17*31 + 2 + 512},
		{layer{n: 1, nb: 32, neurons: 256, all: true}, 1, 256 + 13 + 21 + 2*32 + 512},
		// Bound by the lanes: later tiles of errors are hidden.
		{layer{n: 128, nb: 32, neurons: 256}, 1, 1024 + 13 + 21 + 2*32*65 + 512},
		// Bound by external memory: so few samples that two more tiles of errors take their own time.
		{layer{n: 130, nb: 2, neurons: 256, x: true, all: true}, 1, 1024 + 1024 + 256 + 13 + 21 + 2*3 + 32},
		// Two tiles of neurons: the weights of the second come meanwhile.
		{layer{n: 64, nb: 32, neurons: 512}, 1, 1024 + 13 + 20 + 2*(32*65+512+1)},
	} {
		t.Run(fmt.Sprintf("n=%d nb=%d neurons=%d dense=%g", c.l.n, c.l.nb, c.l.neurons, c.dense), func(t *testing.T) {
			b := newBench(config(LaneMask), nil)
			_, run := b.runLayer(t, c.l.fill(rand.New(rand.NewPCG(1, 2)), c.dense, false))
			require.Equal(t, c.l.laneCycles(latency), run, "recurrence")
			require.Equal(t, c.want, run, "closed form")
		})
	}
}

func TestCyclesOfRandomShapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, lat := drawLayer(t), rapid.IntRange(2, 17).Draw(t, "latency")
		for _, k := range kinds {
			b := newBench(config(k), nil)
			b.x.latency = lat
			_, run := b.runLayer(t, l)
			_, want := l.treeCycles(lat)
			if k == LaneMask {
				want = l.laneCycles(lat)
			}
			require.Equal(t, want, run, k)
		}
	})
}
