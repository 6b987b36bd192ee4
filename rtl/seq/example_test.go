package seq

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// A loop of two passes, with a branch to its end that is taken in the first. pc is the number of the instruction; the branch
// (3) of cycle 4 costs cycle 5, but the way back to the loop's start (2) nothing. In the second pass the branch falls
// through in cycle 7 and the command (4) goes out in cycle 8. The wait (5) stalls in cycles 9 and 10, status o, and passes
// in the cycle that sees the unit's Done, 11. After halt (6) the mark is reported in cycle 13, the end of the run in 15.
func Example() {
	b := newBench(nil,
		li(1, 2),
		isa.Pack(isa.OpLoop, 0, 1, 0, 0, 5*isa.WordBytes),
		opi(isa.OpAddi, 2, 2, 1),
		branch(isa.OpBne, 2, 1, 5),
		cmd(isa.OpDNNCMac, 0),
		wait(isa.UnitDNNC, 0),
		halt,
	)
	d := wave.NewDiagram("status", "pc", "r2", "command", "outstanding", "retires", "tagdone", "finished")
	d.First = 1
	for c := range 15 {
		pc := b.u.PC / isa.WordBytes
		if c == 10 {
			b.in.Done[isa.UnitDNNC] = port.Done{Valid: true}
		}
		done := b.in.Done[isa.UnitDNNC].Valid
		b.tick()
		d.Sample(b.out.Status.String()[:1], pc, b.u.R[2], b.out.Bus.Kind == port.BusCmd,
			b.u.Outstanding[isa.UnitDNNC], done, b.out.TagDone.Valid, b.out.Finished)
	}
	fmt.Print(d)
	// Output:
	// cycle        1  2  3  4  5  6  7  8  9  10 11 12 13 14 15
	// status       b  .  .  .  .  .  .  .  o  .  b  .  i  .  .
	// pc           0  1  2  3  2  .  3  4  5  .  .  6  .  .  .
	// r2           0  .  1  .  .  2  .  .  .  .  .  .  .  .  .
	// command      __ __ __ __ __ __ __ ## __ __ __ __ __ __ __
	// outstanding  0  .  .  .  .  .  .  1  .  .  0  .  .  .  .
	// retires      __ __ __ __ __ __ __ __ __ __ ## __ __ __ __
	// tagdone      __ __ __ __ __ __ __ __ __ __ __ __ ## __ __
	// finished     __ __ __ __ __ __ __ __ __ __ __ __ __ __ ##
}
