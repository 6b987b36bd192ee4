package wld

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/sim/wave"
)

// A tile of 4 rows on 32 lanes, straight. The command is on the bus in cycle 1 and asks at once: one burst of 16 weights a
// cycle, cycles 1 to 8, and a row begins every 128 bytes (0x80). The first burst lands in cycle 4 and goes to WMEM in
// the same cycle, so the last one, with full and done, leaves in cycle 11: rows*groups + L = 8 + 3.
func Example() {
	b := newBench(nil) // a failed check of the bench panics
	b.coming = []load{weights(0, 4, 2, 0)}
	b.checks = b.coming
	d := wave.NewDiagram("status", "ask", "address", "lands", "write", "row", "group", "full", "done")
	d.First = 1
	for range 12 {
		b.tick(nil)
		x, w := &b.out.X, &b.out.Tile
		d.Sample(b.out.Status.String()[:1], x.Valid, when(x.Valid, "%x", x.Addr), b.resp.Valid,
			w.Valid, when(w.Valid, "%d", w.Row), when(w.Valid, "%d", w.Group), w.Valid && w.Full, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle    1    2    3    4    5    6    7    8    9    10   11   12
	// status   m    .    .    b    .    .    .    .    .    .    .    i
	// ask      #### #### #### #### #### #### #### #### ____ ____ ____ ____
	// address  2000 2020 2080 20a0 2100 2120 2180 21a0
	// lands    ____ ____ ____ #### #### #### #### #### #### #### #### ____
	// write    ____ ____ ____ #### #### #### #### #### #### #### #### ____
	// row                     0    .    1    .    2    .    3    .
	// group                   0    1    0    1    0    1    0    1
	// full     ____ ____ ____ ____ ____ ____ ____ ____ ____ ____ #### ____
	// done     ____ ____ ____ ____ ____ ____ ____ ____ ____ ____ #### ____
}

// A tile of 4 rows on 16 lanes, transposed: WMEM rows are columns of the block. All 16 rows of the corner-turn array are
// asked for in cycles 1 to 16 although only 4 columns exist. They land in cycles 4 to 19; only when the last row is there,
// columns can leave, one a cycle, in cycles 20 to 23: 16 + L + rows. "turned" counts the rows (hex, g is 16) in the array.
func Example_transposed() {
	b := newBench(nil)
	b.coming = []load{weights(isa.FlagT, 4, 1, 0)}
	b.checks = b.coming
	d := wave.NewDiagram("status", "ask", "lands", "turned", "write", "row", "full", "done")
	d.First, d.Compact = 1, true
	for range 24 {
		b.tick(nil)
		w := &b.out.Tile
		d.Sample(b.out.Status.String()[:1], b.out.X.Valid, b.resp.Valid, string("0123456789abcdefg"[b.u.Turn[0].In]),
			w.Valid, when(w.Valid, "%d", w.Row), w.Valid && w.Full, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle   1        10        20
	// status  mmmbbbbbbbbbbbbbbbbbbbbi
	// ask     ################________
	// lands   ___################_____
	// turned  000123456789abcdefgggg00
	// write   ___________________####_
	// row                        0123
	// full    ______________________#_
	// done    ______________________#_
}

// when is a value as it stands on a wire that is valid, or nothing.
func when(valid bool, format string, v any) string {
	if !valid {
		return ""
	}
	return fmt.Sprintf(format, v)
}
