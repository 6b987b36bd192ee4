package depc

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// Errors of 32 neurons, two groups, from those of 4 classes, for 4 samples. The command is checked and
// the LFSR started in cycle 2; it takes 2n = 8 cycles for the 16 x 4 signs of a group. They are seen
// and taken in cycle 12; from there a sample is issued a cycle, and its errors are on the write port
// three cycles later (issue, trees, sum, write). Four samples do not hide the next 8 cycles of the
// LFSR: status o, cycles 16 to 19; a batch of 8 would. Done in cycle 8 + 2n + nb + max(nb, 2n) = 28.
func Example() {
	b := newBench(machine.Reference(), nil)
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
	for range 29 {
		full := b.gen.full
		b.tick()
		u := b.u
		d.Sample(b.out.Status.String()[:1], b.out.RNGStart, full, b.out.RNGTake,
			stage(u.S1), stage(u.S2), stage(u.S3), b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle   1        10        20
	// status  bbooooooooobbbboooobbbbbbbdbi
	// start   _#___________________________
	// full    ___________##______##________
	// take    ___________#_______#_________
	// issue              0123    0123
	// trees               0123    0123
	// sum                  0123    0123
	// write   ______________####____####___
	// done    ___________________________#_
}

// The same to external memory, for two neurons more than a group and without a look at f', with signs
// that are stored: the next entry is read while the present one is used, so nothing stalls. A burst
// leaves three cycles after its sample was issued; those of sample b go to 2000 + 80b (hex), group 1
// another 20 behind. Done in cycle 7 + G*P*nb = 15.
func Example_external() {
	b := newBench(machine.Reference(), nil)
	l := &layer{n: 4, nb: 4, neurons: 18, shift: 0, sram: true, x: true, all: true, e: [][]int16{{1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}, {4, 4, 4, 4}}}
	ones := port.Burst{}
	for i := range ones {
		ones[i] = 0xff // every sign is +
	}
	b.write(l, []port.Burst{ones, ones})
	b.params(l)
	b.set(isa.DEPCDStep, 0x80)
	b.command(isa.OpDEPCLoad, 0, 0)
	b.finish(nil, 0)
	b.command(isa.OpDEPCRun, l.flags(), 1)
	d := wave.NewDiagram("status", "issue", "sum", "write", "address", "first", "third", "idle", "done")
	d.First = 1
	for range 16 {
		b.tick()
		u, x := b.u, &b.out.W
		address, first, third := any(""), any(""), any("")
		if x.Valid {
			address, first, third = fmt.Sprintf("%x", x.Addr), x.Data[0], x.Data[4]
		}
		d.Sample(b.out.Status.String()[:1], stage(u.S1), stage(u.S3), x.Valid, address, first, third, b.in.WIdle, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle    1    2    3    4    5    6    7    8    9    10   11   12   13   14   15   16
	// status   b    .    .    .    .    .    .    .    .    .    .    .    .    d    b    i
	// issue              0    1    2    3    0    1    2    3
	// sum                          0    1    2    3    0    1    2    3
	// write    ____ ____ ____ ____ ____ #### #### #### #### #### #### #### #### ____ ____ ____
	// address                           2000 2080 2100 2180 2020 20a0 2120 21a0
	// first                             4    8    12   16   4    8    12   16
	// third                             4    8    12   16   0    .    .    .
	// idle     #### #### #### #### #### #### #### #### #### #### #### #### #### #### #### ####
	// done     ____ ____ ____ ____ ____ ____ ____ ____ ____ ____ ____ ____ ____ ____ #### ____
}

// stage tells which sample is in a pipeline register.
func stage(s errors.Stage) any {
	if !s.Valid {
		return ""
	}
	return s.Sample
}
