package epc

import (
	"fmt"
	"math/bits"
	"math/rand/v2"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/sim/wave"
)

// Errors of 32 neurons, two groups, from 4 errors of 4 samples, in the trees. External memory answers after L = 3 cycles. The
// weights of a group are 16 bursts, asked for in cycles 2 to 17 and 18 to 33 and landing three cycles later. With the last
// one in the weight memory (full) the samples are issued, one a cycle, and each is on the write port three cycles later. Four
// samples do not hide the next 16 bursts: status m; a batch of 16 would. Done in cycle 22 + L + nb + max(nb, 16) = 45.
func Example() {
	l := (&layer{n: 4, nb: 4, neurons: 32, shift: 14}).fill(rand.New(rand.NewPCG(1, 2)), 1, false)
	b := newBench(config(Tree), nil)
	b.x.latency = 3
	b.write(l)
	b.params(l)
	b.command(isa.OpEPCLoad, 0, 0)
	b.finish(nil, 0) // a failed check of the bench panics
	b.command(isa.OpEPCRun, 0, 1)
	d := wave.NewDiagram("status", "ask", "land", "full", "issue", "trees", "sum", "write", "done")
	d.First, d.Compact = 1, true
	for range 46 {
		b.tick()
		u := b.u
		d.Sample(b.out.Status.String()[:1], b.out.X.Valid, b.in.Resp.Valid, u.Fetch.Full > 0,
			stage(u.S1), stage(u.S2), stage(u.S3), b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle   1        10        20        30        40
	// status  bbmmmmmmmmmmmmmmmmmmbbbbmmmmmmmmmmmmbbbbbbbdbi
	// ask     _################################_____________
	// land    ____################################__________
	// full    ___________________#_______________#__________
	// issue                       0123            0123
	// trees                        0123            0123
	// sum                           0123            0123
	// write   _______________________####____________####___
	// done    ____________________________________________#_
}

// Errors of 16 neurons from two samples of 5 errors, in the lanes: sample 0 has two that are not 0, sample 1 has three. The 16
// bursts land in a corner-turn array in cycles 5 to 20; from there a column a cycle is written into the weight memory, and
// with the last one the tile is full. A swap brings a sample's sums and f' bits into the lanes (cycles 37 and 40), then each
// error that is not 0 takes a cycle. In cycle 44 the last sums go back into their memory; they come out, 16 a cycle, to be
// rounded and written. Done in cycle B + L + 21 + C + nb*g = 16 + 3 + 21 + 7 + 2 = 49.
func Example_lanes() {
	l := (&layer{n: 5, nb: 2, neurons: 16, shift: 14}).fill(rand.New(rand.NewPCG(1, 2)), 1, false)
	l.e = [][]int16{{7, 0, 0, -9, 0}, {0, 1, 0, 2, 3}}
	b := newBench(config(LaneMask), nil)
	b.x.latency = 3
	b.write(l)
	b.params(l)
	b.command(isa.OpEPCLoad, 0, 0)
	b.finish(nil, 0)
	b.command(isa.OpEPCRun, 0, 1)
	d := wave.NewDiagram("status", "ask", "land", "column", "full", "row", "error", "sum", "write", "done")
	d.First, d.Compact = 1, true
	for range 50 {
		s, column, left, reads := &b.u.Lanes, b.u.Lanes.Column, b.u.Lanes.Left, b.act.Rows[tag][activity.EPCWRead]
		b.tick()
		var row, index, sum any = "", "", ""
		if s.Full > 0 && s.Row != noRow {
			row = s.Row
		}
		if b.act.Rows[tag][activity.EPCWRead] > reads {
			index = bits.TrailingZeros16(left)
		}
		if b.u.S3.Valid {
			sum = "#"
		}
		d.Sample(b.out.Status.String()[:1], b.out.X.Valid, b.in.Resp.Valid, column != s.Column, s.Full > 0, row, index, sum,
			b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle   1        10        20        30        40        50
	// status  bbmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmbbbbbbbbbbbdbi
	// ask     _################_________________________________
	// land    ____################______________________________
	// column  ____________________################______________
	// full    ___________________________________#######________
	// row                                         000111
	// error                                        03 134
	// sum                                                 ##
	// write   _____________________________________________##___
	// done    ________________________________________________#_
}

// stage tells which sample is in a pipeline register.
func stage(s errors.Stage) any {
	if !s.Valid {
		return ""
	}
	return s.Sample
}
