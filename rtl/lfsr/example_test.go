package lfsr

import (
	"fmt"

	"bdfasim/rtl/activity"
	"bdfasim/sim/wave"
)

func Example() {
	u := New(new(activity.Counts))
	in, out := In{Start: true, Seed: 0x12345678, Passes: 1, Bits: 16, Last: 16, Fills: 2}, Out{}
	d := wave.NewDiagram("status", "s", "bits", "fill", "full", "reg", "take")
	for c := range 9 {
		in.Take = c == 6 || c == 8 // the consumer copied Reg in the cycle before
		u.Tick(&in, &out)
		in.Start = false
		d.Sample(out.Status.String()[:1], fmt.Sprintf("%08x", u.S), u.Pos, fmt.Sprintf("%04x", u.Fill[0]), out.Full, fmt.Sprintf("%04x", out.Reg[0]), in.Take)
	}
	fmt.Print(d)
	// Output:
}
