package dnnc

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// A block of 8 elements of two samples with three non-zeros each; the weights are there. The stream
// is asked for in cycle 1 and its first item seen in cycle 3. An item costs a cycle (mac), a new
// sample another one, in which the accumulator row in the registers is swapped: cycles 4 and 8,
// while the FIFO fills. The end mark, seen in cycle 9, is taken in cycle 12. Behind WMEM, product
// and sum the command is done and its bank stands at the head, D + 1 + Z + S + E + P = 2 + 1 + 6 +
// 2 + 1 + 2 cycles. Zeros took none.
func Example() {
	flags := uint16(isa.FlagFirst | isa.FlagLast | isa.FlagFree)
	j := &job{op: isa.OpDNNCMac, nb: 2, rows: 8, groups: 16, flags: flags, load: true, wrows: 8}
	for i, at := range [][2]int{{0, 0}, {0, 3}, {0, 7}, {1, 1}, {1, 2}, {1, 6}} {
		j.x[at[0]][at[1]] = int16(i + 1)
	}
	b := newBench(nil) // a failed check of the bench panics
	b.add(j)
	b.want = b.twin()
	command := b.busWords[len(b.busWords)-1]
	for b.busWords = b.busWords[:len(b.busWords)-1]; len(b.tiles)+len(b.busWords) > 0; {
		b.tick(nil)
	}
	b.busWords = []port.Bus{command}
	d := wave.NewDiagram("status", "ask", "x", "element", "sample", "end", "fifo", "row", "swap", "mac", "done", "head")
	d.First = 1
	for range 15 {
		row, macs := b.u.Row[0], b.act.Rows[tag][activity.MAC]
		b.tick(nil)
		b.u.Flush()
		x, s := b.in.X[0], &b.u.State
		item := x.Valid && !x.EOS
		d.Sample(b.out.Status.String()[:1], b.out.Stream.Valid, when(item, x.X), when(item, x.Elem), when(item, x.Sample),
			x.Valid && x.EOS, s.FIFO[0].N, when(s.Row[0] != noRow, s.Row[0]), s.Row[0] != row,
			b.act.Rows[tag][activity.MAC] > macs, b.out.Done.Valid, b.out.Head.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle    1  2  3  4  5  6  7  8  9  10 11 12 13 14 15
	// status   o  .  .  b  .  .  .  .  .  .  .  .  .  .  i
	// ask      ## __ __ __ __ __ __ __ __ __ __ __ __ __ __
	// x              1  2  3  4  5  6
	// element        0  3  7  1  2  6
	// sample         0  .  .  1  .  .
	// end      __ __ __ __ __ __ __ __ ## __ __ __ __ __ __
	// fifo     0  .  1  2  .  .  .  3  .  2  1  0  .  .  .
	// row               0  .  .  .  1  .  .  .  .  .  .  .
	// swap     __ __ __ ## __ __ __ ## __ __ __ __ __ __ __
	// mac      __ __ __ __ ## ## ## __ ## ## ## __ __ __ __
	// done     __ __ __ __ __ __ __ __ __ __ __ __ __ ## __
	// head     __ __ __ __ __ __ __ __ __ __ __ __ __ ## __
}

// when is a value, or nothing.
func when(valid bool, v any) any {
	if !valid {
		return ""
	}
	return v
}
