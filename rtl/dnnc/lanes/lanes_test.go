package lanes

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const lowest, highest = math.MinInt16, math.MaxInt16

// naive follows the definition, one product at a time.
func naive(acc *Row, w *Tile, pairs []Pair, lo, n int) {
	for l := lo; l < lo+n; l++ {
		for _, p := range pairs {
			acc[l] += int64(p.X) * int64(w[p.Row][l])
		}
	}
}

// requireEqual compares the twin and every kernel of this build with the definition. The rows before and after the
// accumulators show whether a kernel writes past its row.
func requireEqual(t require.TestingT, acc Row, w *Tile, pairs []Pair, lo, n int) {
	type guarded [3]Row // the middle one is worked on
	want := guarded{1: acc}
	naive(&want[1], w, pairs, lo, n)
	tile := *w
	for name, accumulate := range implementations() {
		got := guarded{1: acc}
		accumulate(&got[1], w, pairs, lo, n)
		if want != got {
			require.Equal(t, want, got, "%s: lo=%d n=%d pairs=%v", name, lo, n, pairs)
		}
	}
	if tile != *w {
		require.Equal(t, tile, *w, "the weights changed")
	}
}

// noise returns a tile and a row of random contents.
func noise(seed uint64) (*Tile, Row) {
	rng := rand.New(rand.NewPCG(seed, 0))
	w, acc := new(Tile), Row{}
	for l := range acc {
		acc[l] = int64(rng.Uint64())
		for r := range w {
			w[r][l] = int16(rng.Uint32())
		}
	}
	return w, acc
}

// level returns a tile whose weights are all v.
func level(v int16) *Tile {
	w := new(Tile)
	for r := range w {
		for l := range w[r] {
			w[r][l] = v
		}
	}
	return w
}

// repeat returns m pairs with operand x that go through the rows in turn.
func repeat(x int16, m int) []Pair {
	pairs := make([]Pair, m)
	for i := range pairs {
		pairs[i] = Pair{X: x, Row: uint16(i % Rows)}
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
		return Pair{X: x.Draw(t, "x"), Row: rapid.Uint16Range(0, Rows-1).Draw(t, "row")}
	})
	rapid.Check(t, func(t *rapid.T) {
		w, acc := noise(rapid.Uint64().Draw(t, "seed"))
		pairs := rapid.SliceOfN(pair, 0, 80).Draw(t, "pairs")
		lo := Step * rapid.IntRange(0, Lanes/Step).Draw(t, "lo")
		n := Step * rapid.IntRange(0, (Lanes-lo)/Step).Draw(t, "n")
		requireEqual(t, acc, w, pairs, lo, n)
	})
}

// TestEveryRange takes each lo and n, with numbers of pairs on both sides of the steps by 2, 4 and 8.
func TestEveryRange(t *testing.T) {
	w, acc := noise(1)
	for lo := 0; lo <= Lanes; lo += Step {
		for n := 0; lo+n <= Lanes; n += Step {
			for _, m := range []int{0, 1, 2, 3, 4, 5, 8, 11} {
				requireEqual(t, acc, w, repeat(int16(37*m-200), m), lo, n)
			}
		}
	}
}

// TestEveryRow lets each weight row be met alone and as a partner of the next.
func TestEveryRow(t *testing.T) {
	w, acc := noise(2)
	for r := range uint16(Rows) {
		requireEqual(t, acc, w, []Pair{{X: -3, Row: r}}, 0, Lanes)
		requireEqual(t, acc, w, []Pair{{X: 5, Row: r}, {X: 7, Row: (r + 1) % Rows}}, 0, Lanes)
	}
}

// TestExtremes crosses the extreme weights with runs that just fit in 32-bit sums and runs that just do not.
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
				requireEqual(t, Row{}, w, pairs, 0, Lanes)
				requireEqual(t, Row{}, w, pairs, 16, 208) // all block sizes
			}
		})
	}
}

func TestOutsideTheArrayPanics(t *testing.T) {
	w, acc := noise(3)
	for name, accumulate := range implementations() {
		for _, c := range [][2]int{{-16, 16}, {0, -16}, {8, 16}, {0, 24}, {16, 256}, {272, 0}, {16, math.MaxInt &^ 15}} {
			require.Panics(t, func() { accumulate(&acc, w, repeat(1, 3), c[0], c[1]) }, "%s: lo=%d n=%d", name, c[0], c[1])
		}
		for _, m := range []int{1, 2, 7, 8, 9, 64} {
			for _, row := range []uint16{Rows, math.MaxUint16} {
				pairs := make([]Pair, m)
				pairs[m/2] = Pair{X: 1, Row: row}
				require.PanicsWithValue(t, fmt.Sprintf("lanes: pair: got row %d, want a row below 64", row),
					func() { accumulate(&acc, w, pairs, 0, Lanes) }, name)
			}
		}
	}
}

func TestAccumulateDoesNotAllocate(t *testing.T) {
	w, _ := noise(4)
	require.Zero(t, testing.AllocsPerRun(10, func() {
		var acc Row
		pairs := [9]Pair{{X: 1}, {X: lowest}, {X: lowest}}
		Accumulate(&acc, w, pairs[:], 0, Lanes)
		AccumulateGo(&acc, w, pairs[:], 0, Lanes)
	}))
}

func ExampleAccumulate() {
	var acc Row
	var w Tile
	w[0][0], w[0][1] = 10, -32768
	w[9][0], w[9][1] = 1, 2
	Accumulate(&acc, &w, []Pair{{X: -32768, Row: 0}, {X: 5, Row: 9}}, 0, 16)
	fmt.Println(acc[:3])
	// Output: [-327675 1073741834 0]
}
