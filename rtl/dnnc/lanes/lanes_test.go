package lanes

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const lowest, highest = math.MinInt16, math.MaxInt16

// Sizes of the weights in most tests.
const (
	width = 256 // lanes of a row
	rows  = 64
)

// widths are those of the arrays that can be built, and of none.
var widths = []int{16, 48, 64, 128, 256, 512, 1024}

// accumulator is a way to compute Accumulate.
type accumulator func(acc []int64, w []int16, stride int, pairs []Pair)

// naive follows the definition, one product at a time.
func naive(acc []int64, w []int16, stride int, pairs []Pair) {
	for l := range acc {
		for _, p := range pairs {
			acc[l] += int64(p.X) * int64(w[int(p.Row)*stride+l])
		}
	}
}

// requireEqual compares the twin and every kernel of this build with the definition. Lanes before
// and after the accumulators show whether a kernel writes past them.
func requireEqual(t require.TestingT, acc []int64, w []int16, stride int, pairs []Pair) {
	const guard = 32
	guarded := func() (all, inner []int64) {
		all = make([]int64, len(acc)+2*guard)
		inner = all[guard : guard+len(acc)]
		copy(inner, acc)
		return all, inner
	}
	want, inner := guarded()
	naive(inner, w, stride, pairs)
	weights := slices.Clone(w)
	for name, accumulate := range implementations() {
		got, inner := guarded()
		accumulate(inner, w, stride, pairs)
		if !slices.Equal(want, got) {
			require.Equal(t, want, got, "%s: n=%d stride=%d pairs=%v", name, len(acc), stride, pairs)
		}
	}
	if !slices.Equal(weights, w) {
		require.Equal(t, weights, w, "the weights changed")
	}
}

// noise returns weights and a row of accumulators of random contents.
func noise(seed uint64, width int) ([]int16, []int64) {
	rng := rand.New(rand.NewPCG(seed, 0))
	w, acc := make([]int16, rows*width), make([]int64, width)
	for l := range acc {
		acc[l] = int64(rng.Uint64())
	}
	for i := range w {
		w[i] = int16(rng.Uint32())
	}
	return w, acc
}

// level returns weights that are all v.
func level(v int16) []int16 { return slices.Repeat([]int16{v}, rows*width) }

// repeat returns m pairs with operand x that go through the rows in turn.
func repeat(x int16, m int) []Pair {
	pairs := make([]Pair, m)
	for i := range pairs {
		pairs[i] = Pair{X: x, Row: uint16(i % rows)}
	}
	return pairs
}

func TestPairIsOneDoubleWord(t *testing.T) {
	require.EqualValues(t, 4, unsafe.Sizeof(Pair{}))
	require.EqualValues(t, 0, unsafe.Offsetof(Pair{}.X))
}

func TestRandom(t *testing.T) {
	x := rapid.OneOf(rapid.Int16(), rapid.Int16Range(-300, 300),
		rapid.SampledFrom([]int16{lowest, highest, -1, 0, 1}))
	pair := rapid.Custom(func(t *rapid.T) Pair {
		return Pair{X: x.Draw(t, "x"), Row: rapid.Uint16Range(0, rows-1).Draw(t, "row")}
	})
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.SampledFrom(widths).Draw(t, "width")
		w, acc := noise(rapid.Uint64().Draw(t, "seed"), width)
		pairs := rapid.SliceOfN(pair, 0, 80).Draw(t, "pairs")
		lo := Step * rapid.IntRange(0, width/Step-1).Draw(t, "lo")
		n := Step * rapid.IntRange(0, (width-lo)/Step).Draw(t, "n")
		requireEqual(t, acc[lo:lo+n], w[lo:], width, pairs)
	})
}

// TestEveryRange takes each lo and n, with numbers of pairs on both sides of the steps by 2, 4 and
// 8.
func TestEveryRange(t *testing.T) {
	w, acc := noise(1, width)
	for lo := 0; lo < width; lo += Step {
		for n := 0; lo+n <= width; n += Step {
			for _, m := range []int{0, 1, 2, 3, 4, 5, 8, 11} {
				requireEqual(t, acc[lo:lo+n], w[lo:], width, repeat(int16(37*m-200), m))
			}
		}
	}
}

// TestEveryRow lets each weight row of each array be met alone and as a partner of the next.
func TestEveryRow(t *testing.T) {
	for _, width := range widths {
		w, acc := noise(2, width)
		for r := range uint16(rows) {
			requireEqual(t, acc, w, width, []Pair{{X: -3, Row: r}})
			requireEqual(t, acc, w, width, []Pair{{X: 5, Row: r}, {X: 7, Row: (r + 1) % rows}})
		}
	}
}

// TestExtremes crosses the extreme weights with runs that just fit in 32-bit sums and runs that
// just do not.
func TestExtremes(t *testing.T) {
	lists := map[string][]Pair{
		"lowest":              repeat(lowest, 1),
		"lowest twice":        repeat(lowest, 2),
		"many lowest":         repeat(lowest, 64),
		"many highest":        repeat(highest, 64),
		"65535 in 2":          {{X: lowest, Row: 1}, {X: -highest, Row: 2}},
		"65535 in 3":          append(repeat(highest, 2), Pair{X: 1}),
		"65536 in 3":          append(repeat(highest, 2), Pair{X: 2}),
		"65535 in 64":         append(repeat(1024, 63), Pair{X: 1023}),
		"65536 in 64":         repeat(1024, 64),
		"65536 in 64, below":  repeat(-1024, 64),
		"65535 then 65535":    append(repeat(-13107, 5), repeat(-13107, 5)...),
		"65535 ones":          repeat(1, 65535),
		"65536 ones":          repeat(-1, 65536),
		"131072 of -32768":    repeat(lowest, 1<<17),
		"a heavy ninth":       append(repeat(4096, 8), repeat(highest, 2)...),
		"zero among extremes": {{X: lowest, Row: 0}, {X: 0, Row: 5}, {X: highest, Row: 63}},
	}
	for name, pairs := range lists {
		t.Run(name, func(t *testing.T) {
			for _, v := range []int16{lowest, highest, -1} {
				w := level(v)
				requireEqual(t, make([]int64, width), w, width, pairs)
				requireEqual(t, make([]int64, 208), w[16:], width, pairs) // all block sizes
			}
		})
	}
}

func TestOutsideTheArrayPanics(t *testing.T) {
	w, acc := noise(3, width)
	for name, accumulate := range implementations() {
		for _, c := range [][2]int{{8, width}, {24, width}, {32, 16}, {16, 0}, {16, -width}} {
			require.Panics(t, func() { accumulate(acc[:c[0]], w, c[1], repeat(1, 3)) }, "%s: %v", name, c)
		}
		for _, m := range []int{1, 2, 7, 8, 9, 64} {
			for _, row := range []uint16{rows, math.MaxUint16} {
				pairs := make([]Pair, m)
				pairs[m/2] = Pair{X: 1, Row: row}
				require.PanicsWithValue(t, fmt.Sprintf("lanes: pair: got row %d, want a row of the weights", row),
					func() { accumulate(acc, w, width, pairs) }, name)
			}
			pairs := make([]Pair, m)
			pairs[m/2] = Pair{X: 1, Row: rows - 1}
			require.Panics(t, func() { accumulate(acc, w[1:], width, pairs) }, "%s: a lane behind the weights", name)
		}
	}
}

func TestAccumulateDoesNotAllocate(t *testing.T) {
	w, _ := noise(4, width)
	require.Zero(t, testing.AllocsPerRun(10, func() {
		var acc [width]int64
		pairs := [9]Pair{{X: 1}, {X: lowest}, {X: lowest}}
		Accumulate(acc[:], w, width, pairs[:])
		AccumulateGo(acc[:], w, width, pairs[:])
	}))
}

func ExampleAccumulate() {
	acc, w := make([]int64, 16), make([]int16, 10*64)
	w[0], w[1] = 10, -32768
	w[9*64], w[9*64+1] = 1, 2
	Accumulate(acc, w, 64, []Pair{{X: -32768, Row: 0}, {X: 5, Row: 9}})
	fmt.Println(acc[:3])
	// Output: [-327675 1073741834 0]
}
