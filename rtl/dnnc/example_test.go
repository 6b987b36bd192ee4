package dnnc

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// A block of 8 elements of two samples with three non-zeros each; the weights are there.
func Example() {
	j := &job{op: isa.OpDNNCMac, nb: 2, rows: 8, groups: 16, flags: isa.FlagFirst | isa.FlagLast | isa.FlagFree, load: true, wrows: 8}
	for i, at := range [][2]int{{0, 0}, {0, 3}, {0, 7}, {1, 1}, {1, 2}, {1, 6}} {
		j.x[at[0]][at[1]] = int16(i + 1)
	}
	b := newBench(nil) // a failed check of the bench panics
	b.add(j)
	b.want = twin(b.jobs)
	command := b.busWords[len(b.busWords)-1]
	for b.busWords = b.busWords[:len(b.busWords)-1]; len(b.tiles)+len(b.busWords) > 0; {
		b.tick(nil)
	}
	b.busWords = []port.Bus{command}
	d := wave.NewDiagram("status", "ask", "x", "element", "sample", "end", "fifo", "row", "swap", "mac", "done", "head")
	d.First = 1
	for range 14 {
		row, macs := b.u.s.Row[0], b.act.Rows[tag][activity.MAC]
		b.tick(nil)
		x, s := b.in.X[0], b.u.State()
		item := x.Valid && !x.EOS
		d.Sample(b.out.Status.String()[:1], b.out.Stream.Valid, when(item, x.X), when(item, x.Elem), when(item, x.Sample), x.Valid && x.EOS,
			s.FIFO[0].N, when(s.Row[0] != noRow, s.Row[0]), s.Row[0] != row, b.act.Rows[tag][activity.MAC] > macs, b.out.Done.Valid, b.out.Head.Valid)
	}
	fmt.Print(d)
	// Output:
}

// when is a value, or nothing.
func when(valid bool, v any) any {
	if !valid {
		return ""
	}
	return v
}
