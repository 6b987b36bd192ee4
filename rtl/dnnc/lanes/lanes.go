package lanes

import "fmt"

// Sizes of the array. (The 256 MACs and the 64 rows of a weight buffer are the chip's.)
const (
	Lanes = 256 // lanes of a row
	Rows  = 64  // rows of a weight buffer
	Step  = 16  // lo and n of Accumulate are multiples of this many lanes
)

// Row is one accumulator row, one element a lane.
type Row = [Lanes]int64

// Tile is one weight buffer, [row][lane].
type Tile = [Rows][Lanes]int16

// Pair is one broadcast operand and the weight row that it meets. It fills 4 bytes, X first, so that the kernels load
// a pair as one double word.
type Pair struct {
	X   int16  // the operand, any value
	Row uint16 // the weight row, below Rows
}

// check panics unless lanes [lo, lo+n) lie within a row and on the steps that the kernels take.
func check(lo, n int) {
	if lo < 0 || n < 0 || lo > Lanes-n || (lo|n)%Step != 0 {
		panic(fmt.Sprintf("lanes: range: got lo=%d n=%d, want multiples of %d within %d lanes", lo, n, Step, Lanes))
	}
}

// badRow reports a pair that names no row of a Tile. The kernels address memory without a check of their own, so no
// pair may reach them unseen.
func badRow(p Pair) {
	panic(fmt.Sprintf("lanes: pair: got row %d, want a row below %d", p.Row, Rows))
}
