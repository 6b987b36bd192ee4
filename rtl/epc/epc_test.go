package epc

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
)

var kinds = []Kind{Tree, TreeGate, LaneMask}

// twin is docs/arithmetic.md sections 1, 4 and 10, written without regard to the unit.
type twin struct {
	e        [][]int64 // [sample][neuron]
	sat, max int64
}

func abs(v int64) int64 { return max(v, -v) }

func newTwin(l *layer, accBits int) *twin {
	w := &twin{e: make([][]int64, l.nb)}
	for b := range l.nb {
		w.e[b] = make([]int64, l.neurons)
		for k := range l.neurons {
			if !l.f[b][k] {
				continue
			}
			sum := int64(0)
			for j := range l.n {
				sum += int64(l.m[k][j]) * int64(l.e[b][j])
			}
			span := int64(1) << accBits
			if sum = ((sum % span) + span) % span; sum >= span/2 {
				sum -= span
			}
			v := sum << max(-l.shift, 0)
			if l.shift > 0 {
				if v = (abs(sum) + 1<<(l.shift-1)) >> l.shift; sum < 0 {
					v = -v
				}
			}
			if c := min(max(v, -32768), 32767); c != v {
				w.sat++
				v = c
			}
			w.max = max(w.max, abs(v))
			w.e[b][k] = v
		}
	}
	return w
}

// compare checks every word of the destination, padding of the last group included, and the status registers.
func (b *bench) compare(t require.TestingT, l *layer, w *twin, gaps []port.Group) {
	for s := range l.nb {
		for g := range l.groups() {
			want := port.Group{}
			for i := range want {
				if k := 16*g + i; k < l.neurons {
					want[i] = int16(w.e[s][k])
				}
			}
			require.Equal(t, want, b.get(l, s, g), "sample %d group %d", s, g)
		}
		require.Equal(t, gaps[s], b.get(l, s, l.groups()), "behind sample %d", s)
	}
	require.EqualValues(t, w.max, b.status(isa.EPCMax))
	require.EqualValues(t, w.sat, b.status(isa.EPCSat))
	require.Zero(t, b.status(isa.EPCMax), "reading clears")
	require.Zero(t, b.status(isa.EPCSat), "reading clears")
}

var anyShift = rapid.IntRange(isa.OpEPCRun.Limits(isa.EPCShift))

func drawLayer(t *rapid.T) *layer {
	l := &layer{
		n:       rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(1, 130)).Draw(t, "n"),
		nb:      rapid.OneOf(rapid.IntRange(1, 4), rapid.IntRange(1, 32)).Draw(t, "nb"),
		neurons: rapid.OneOf(rapid.IntRange(1, 40), rapid.IntRange(1, 300), rapid.IntRange(1, 600)).Draw(t, "neurons"),
		shift:   rapid.OneOf(rapid.IntRange(4, 26), anyShift).Draw(t, "shift"),
		x:       rapid.Bool().Draw(t, "x"), all: rapid.Bool().Draw(t, "all"),
	}
	dense := rapid.SampledFrom([]float64{0, 0.02, 0.3, 0.9, 1}).Draw(t, "dense")
	wide := rapid.Bool().Draw(t, "wide")
	return l.fill(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "values"), 0)), dense, wide)
}

func TestEqualsTheTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, seed := drawLayer(t), uint64(0)
		if rapid.Bool().Draw(t, "stalls") {
			seed = rapid.Uint64Min(1).Draw(t, "stall seed")
		}
		checkLayers(t, rapid.SampledFrom([]int{32, 35, 48, 62}).Draw(t, "accumulator bits"), seed, l)
	})
}

// Bits do not depend on what is built.
func TestEveryMachineEqualsTheTwin(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	layers := []*layer{
		(&layer{n: 130, nb: 5, neurons: 90, shift: 12}).fill(r, 0.5, false),
		(&layer{n: 33, nb: 1, neurons: 600, shift: 18, x: true}).fill(r, 0.2, true),
		(&layer{n: 9, nb: 2, neurons: 40, shift: 8, all: true}).fill(r, 1, false),
		(&layer{n: 70, nb: 32, neurons: 17, shift: 12}).fill(r, 0.6, true),
	}
	for _, neurons := range trees {
		for _, inputs := range trees {
			for _, products := range []machine.Cut{machine.CutNo, machine.CutYes} {
				for _, k := range kinds {
					b := newBench(with(config(k), neurons, inputs, products), rand.New(rand.NewPCG(uint64(neurons), uint64(inputs))))
					for _, l := range layers {
						b.write(l)
						gaps := make([]port.Group, l.nb)
						for s := range gaps {
							gaps[s] = b.get(l, s, l.groups())
						}
						b.params(l)
						b.command(isa.OpEPCLoad, 0, 3)
						b.tick()
						b.command(isa.OpEPCRun, l.flags(), 4)
						b.finish(t, 3)
						b.finish(t, 4)
						b.compare(t, l, newTwin(l, 48), gaps)
					}
				}
			}
		}
	}
}

// Registers change only in cycles in which their group is clocked, whatever is built.
func TestRegistersAreClocked(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	layers := []*layer{
		(&layer{n: 70, nb: 3, neurons: 70, shift: 12}).fill(r, 0.5, false),
		(&layer{n: 33, nb: 1, neurons: 40, shift: 18, x: true, all: true}).fill(r, 0.2, true),
	}
	for _, m := range [][2]int{{8, 8}, {16, 16}, {32, 32}} {
		for _, products := range []machine.Cut{machine.CutNo, machine.CutYes} {
			for _, k := range kinds {
				b := newBench(with(config(k), m[0], m[1], products), rand.New(rand.NewPCG(1, uint64(m[0]))))
				b.watch()
				for _, l := range layers {
					b.runLayer(t, l)
					b.status(isa.EPCSat)
					b.tick()
				}
			}
		}
	}
}

// Layer after layer on one unit, of many tiles, and nothing of one is left in the next.
func TestLayersInARow(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, seed := range []uint64{0, 7} {
		checkLayers(t, 48, seed,
			(&layer{n: 130, nb: 32, neurons: 600, shift: 12}).fill(r, 1, false),
			(&layer{n: 144, nb: 31, neurons: 257, shift: 18, x: true}).fill(r, 0.03, true),
			(&layer{n: 20, nb: 32, neurons: 300, shift: 12, all: true}).fill(r, 0.3, false),
			(&layer{n: 144, nb: 7, neurons: 500, shift: 12}).fill(r, 0.6, false),
			(&layer{n: 70, nb: 32, neurons: 520, shift: 12}).fill(r, 0, false))
	}
}

// Up to 4,096 errors: of the largest sums, 2^42, of extreme and of random values, with hardly any and with no error that is not 0, and with the
// only one in the last place; and what is loaded next is not disturbed.
func TestManyErrors(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 9))
	last := (&layer{n: 4096, nb: 2, neurons: 30, shift: -2, all: true}).fill(r, 0, false)
	last.e[1][4096-1] = 77
	largest := (&layer{n: 4096, nb: 2, neurons: 20, shift: 28}).fill(r, 1, false)
	for _, rows := range [][][]int16{largest.e, largest.m[:10]} {
		for _, row := range rows {
			for j := range row {
				row[j] = -32768
			}
		}
	}
	require.EqualValues(t, 1<<14, newTwin((&layer{nb: 1, neurons: 1, n: 4096, shift: 28, e: largest.e, m: largest.m, f: [][]bool{{true}}}), 48).max)
	layers := []*layer{
		largest,
		(&layer{n: 4096, nb: 3, neurons: 40, shift: 27}).fill(r, 1, true),
		(&layer{n: 1025, nb: 17, neurons: 270, shift: 15, x: true}).fill(r, 0.4, false),
		(&layer{n: 4096 - 1, nb: 2, neurons: 20, shift: 14}).fill(r, 0, false),
		last,
		(&layer{n: 20, nb: 3, neurons: 30, shift: 12}).fill(r, 0.5, false),
		(&layer{n: 4096, nb: 32, neurons: 18, shift: 17}).fill(r, 0.01, false),
	}
	for _, seed := range []uint64{0, 3} {
		checkLayers(t, 48, seed, layers...)
	}
}

// checkLayers runs layers on a unit of each kind; seed 0: nothing stalls.
func checkLayers(t require.TestingT, accBits int, seed uint64, layers ...*layer) {
	var trees [2][]int
	for _, k := range kinds {
		cfg := config(k)
		for _, l := range layers {
			if l.n > cfg.EPC.Errors {
				cfg = wideConfig(k)
			}
		}
		cfg.DNNC.AccBits = accBits
		var r *rand.Rand
		if seed > 0 {
			r = rand.New(rand.NewPCG(seed, 0))
		}
		b := newBench(cfg, r)
		if seed > 0 {
			b.x.latency = 2 + r.IntN(30)
		}
		for _, l := range layers {
			b.write(l)
			gaps := make([]port.Group, l.nb)
			for s := range gaps {
				gaps[s] = b.get(l, s, l.groups())
			}
			b.params(l)
			b.command(isa.OpEPCLoad, 0, 3)
			b.tick()
			b.command(isa.OpEPCRun, l.flags(), 4) // queued behind the load
			b.finish(t, 3)
			cycles := b.finish(t, 4)
			b.compare(t, l, newTwin(l, accBits), gaps)
			b.checkEvents(t, l, k)
			b.act = activity.Counts{}
			if k != LaneMask {
				trees[k-Tree] = append(trees[k-Tree], cycles)
			} else if seed == 0 {
				require.Equal(t, l.laneCycles(latency)-1, cycles, "a command that waits needs no cycle for the bus")
			}
			if _, want := l.treeCycles(latency); seed == 0 && k != LaneMask {
				require.Equal(t, want-1, cycles)
			}
		}
	}
	if seed == 0 {
		require.Equal(t, trees[0], trees[1], "gating takes no time")
	}
}

// checkEvents counts what the documentation says, from the values.
func (b *bench) checkEvents(t require.TestingT, l *layer, k Kind) {
	want := map[activity.Event]int{}
	for _, e := range []activity.Event{
		activity.EPCMul, activity.EPCWRead, activity.EPCWWrite, activity.EPCERead, activity.EPCEWrite, activity.EPCPRead, activity.EPCPWrite,
		activity.MaskRead, activity.CornerTurn,
	} {
		want[e] = 0
	}
	want[activity.EPCEWrite] = l.nb * l.passes()
	blocks := l.groups() * l.passes()
	want[activity.EPCWWrite] = 16 * blocks
	if k == LaneMask {
		want[activity.CornerTurn] = 16 * blocks
		l.laneEvents(want)
	} else {
		want[activity.EPCWRead] = 16 * blocks
		want[activity.EPCERead] = l.nb * blocks
		want[activity.EPCPRead] = l.nb * l.groups() * (l.passes() - 1)
		want[activity.EPCPWrite] = want[activity.EPCPRead]
		want[activity.EPCMul] = 16 * l.n * l.nb * l.groups()
		want[activity.MaskRead] = l.nb * l.groups()
		if k == TreeGate {
			want[activity.EPCMul] = l.products()
			want[activity.MaskRead] = l.nb * blocks
		}
		if l.all {
			want[activity.MaskRead] = 0
		}
	}
	for e, n := range want {
		require.EqualValues(t, n, b.act.Rows[tag][e], "%v: %v", k, e)
	}
}

// products is the number of pairs of an error that is not 0 and a neuron whose f' is 1.
func (l *layer) products() (n int) {
	for s := range l.nb {
		errors, neurons := 0, 0
		for _, e := range l.e[s] {
			if e != 0 {
				errors++
			}
		}
		for _, f := range l.f[s] {
			if f {
				neurons++
			}
		}
		n += errors * neurons
	}
	return n
}

// nonZeros counts the errors of a sample that are not 0 from error lo to hi.
func (l *layer) nonZeros(sample, lo, hi int) (n int) {
	for _, e := range l.e[sample][lo:min(hi, l.n)] {
		if e != 0 {
			n++
		}
	}
	return n
}

func (l *layer) laneEvents(want map[activity.Event]int) {
	want[activity.EPCMul] = l.products()
	for k := 0; k < l.groups(); k += 16 {
		groups, row, touched := min(16, l.groups()-k), -1, map[int]bool{}
		for j := 0; j < l.n; j += 64 {
			for b := range l.nb {
				for p := j; p < min(j+64, l.n); p += 16 {
					if l.nonZeros(b, p, p+16) > 0 {
						want[activity.EPCERead]++
					}
				}
				z := l.nonZeros(b, j, j+64)
				want[activity.EPCWRead] += groups * z
				if z == 0 || b == row {
					continue
				}
				row = b
				want[activity.EPCPWrite] += groups // of this row, when it leaves
				if touched[b] {
					want[activity.EPCPRead] += groups
				}
				touched[b] = true
				if !l.all {
					want[activity.MaskRead] += groups
				}
			}
		}
		want[activity.EPCPRead] += groups * len(touched) // the rounding
	}
}

// Zeros of errors and f' cost no product, and change nothing else in the trees.
func TestGatingChangesProductsAndMaskReadsOnly(t *testing.T) {
	l := (&layer{n: 50, nb: 9, neurons: 70, shift: 12}).fill(rand.New(rand.NewPCG(3, 4)), 0.5, false)
	var rows [2]activity.Row
	for i, k := range []Kind{Tree, TreeGate} {
		b := newBench(config(k), nil)
		b.runLayer(t, l)
		rows[i] = b.act.Rows[tag]
	}
	require.Less(t, rows[1][activity.EPCMul], rows[0][activity.EPCMul])
	for _, e := range []activity.Event{activity.EPCMul, activity.MaskRead, activity.ClockEPC + errors.Mask} {
		rows[0][e], rows[1][e] = 0, 0
	}
	require.Equal(t, rows[0], rows[1])
}

func TestAllocatesNothing(t *testing.T) {
	for _, k := range kinds {
		for _, x := range []bool{false, true} {
			l := (&layer{n: 100, nb: 32, neurons: 600, shift: 3, x: x}).fill(rand.New(rand.NewPCG(1, 1)), 0.1, false)
			b := newBench(config(k), nil)
			b.runLayer(t, l)
			b.command(isa.OpEPCRun, l.flags(), 0)
			require.Zero(t, testing.AllocsPerRun(5000, b.tick), k)
		}
	}
}

// An idle unit that nothing reaches may sleep: a tick changes nothing but the pulses of its outputs.
func TestIdleTickChangesNothing(t *testing.T) {
	l := (&layer{n: 30, nb: 3, neurons: 40}).fill(rand.New(rand.NewPCG(1, 1)), 0.5, false)
	for _, k := range kinds {
		b := newBench(config(k), nil)
		b.runLayer(t, l)
		b.tick()
		state, out := b.u.State, b.out
		b.tick()
		require.Equal(t, state, b.u.State)
		require.Equal(t, out, b.out)
		require.Equal(t, activity.Idle, b.out.Status)
	}
}

func TestMemoriesFollowTheKind(t *testing.T) {
	memories := func(k Kind) map[activity.Memory]activity.MemoryShape {
		c := config(k)
		return Memories(&c)
	}
	for _, m := range memories(None) {
		require.Equal(t, activity.MemoryShape{Unit: activity.EPC}, m)
	}
	e := activity.MemoryShape{Macros: 1, Bytes: 32 * 144 * 2, WidthBit: 256, Unit: activity.EPC}
	trees := map[activity.Memory]activity.MemoryShape{
		activity.MemEPCW: {Macros: 2, Bytes: 512, WidthBit: 256, Unit: activity.EPC}, activity.MemEPCE: e,
		activity.MemEPCP: {Macros: 1, Bytes: 32 * 16 * 6, WidthBit: 768, Unit: activity.EPC},
	}
	require.Equal(t, trees, memories(Tree))
	require.Equal(t, trees, memories(TreeGate))
	require.Equal(t, map[activity.Memory]activity.MemoryShape{
		activity.MemEPCW: {Macros: 32, Bytes: 2048, WidthBit: 256, Unit: activity.EPC}, activity.MemEPCE: e,
		activity.MemEPCP: {Macros: 16, Bytes: 32 * 16 * 6, WidthBit: 768, Unit: activity.EPC},
	}, memories(LaneMask))
}
