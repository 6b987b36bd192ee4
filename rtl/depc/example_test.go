package depc

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/sim/wave"
)

// Errors of 32 neurons, two groups, from those of 4 classes, for 4 samples. The LFSR is started in cycle 1 and takes 2n = 8
// cycles for the 16 x 4 signs of a group. They are seen and taken in cycle 11; from there a sample is issued a
// cycle, and its errors are on the write port three cycles later (issue, trees, sum, write). Four samples do not hide the
// next 8 cycles of the LFSR: status o, cycles 15 to 18; a batch of 8 would. Done in cycle 7 + 2n + nb + max(nb, 2n) = 27.
func Example() {
	b := newBench(DefaultConfig(), nil)
	l := &layer{
		n: 4, nb: 4, neurons: 32, shift: 14, seed: 0x1234567,
		e: [][]int16{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}, {13, 14, 15, 16}},
	}
	b.write(l, nil)
	b.params(l)
	b.command(isa.OpDEPCLoad, 0, 0)
	b.finish(nil, 0) // a failed check of the bench panics
	b.command(isa.OpDEPCRun, 0, 1)
	d := wave.NewDiagram("status", "start", "full", "take", "issue", "trees", "sum", "write", "done")
	d.First, d.Compact = 1, true
	for range 28 {
		full := b.gen.full
		b.tick()
		u := b.u
		d.Sample(b.out.Status.String()[:1], b.out.RNGStart, full, b.out.RNGTake,
			stage(u.S1), stage(u.S2), stage(u.S3), b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle   1        10        20
	// status  booooooooobbbboooobbbbbbbdbi
	// start   #___________________________
	// full    __________##______##________
	// take    __________#_______#_________
	// issue             0123    0123
	// trees              0123    0123
	// sum                 0123    0123
	// write   _____________####____####___
	// done    __________________________#_
}

// stage tells which sample is in a pipeline register.
func stage(s Stage) any {
	if !s.Valid {
		return ""
	}
	return s.Sample
}
