package lfsr

import (
	"fmt"

	"bdfasim/sim/wave"
)

// Two fills of 16 bits, 8 a cycle, the low ones of s. Started in cycle 0, the generator leaps in cycles 1 and 2 and offers
// the low half of the seed, 5678, with the second leap. The next fill, 1234, is complete in cycle 4 but Reg is not free:
// it waits in cycle 5, status d. The consumer's Take, seen in cycle 6, lets it move over in the same cycle, so Full stays
// high; there is no third fill, and the Take of cycle 8 leaves Reg empty.
func Example() {
	u := newUnit()
	in, out := In{Start: true, Seed: 0x12345678, Passes: 1, Bits: 16, Last: 16, Fills: 2}, Out{}
	d := wave.NewDiagram("status", "s", "bits", "fill", "full", "reg", "take")
	for c := range 9 {
		in.Take = c == 6 || c == 8 // the consumer copied Reg in the cycle before
		u.Tick(&in, &out)
		in.Start = false
		d.Sample(out.Status.String()[:1], fmt.Sprintf("%08x", u.S), u.Pos, fmt.Sprintf("%04x", u.Fill[0]),
			out.Full, fmt.Sprintf("%04x", out.Reg[0]), in.Take)
	}
	fmt.Print(d)
	// Output:
	// cycle   0        1        2        3        4        5        6        7        8
	// status  b        .        .        .        .        d        b        i        b
	// s       12345678 cf123456 f3cf1234 26f3cf12 fb26f3cf .        .        .        .
	// bits    0        8        0        8        16       .        0        .        .
	// fill    0000     0078     5678     5634     1234     .        .        .        .
	// full    ________ ________ ######## ######## ######## ######## ######## ######## ________
	// reg     0000     .        5678     .        .        .        1234     .        .
	// take    ________ ________ ________ ________ ________ ________ ######## ________ ########
}
