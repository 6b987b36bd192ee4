package seq

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

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
	d := wave.NewDiagram("status", "pc", "r2", "command", "outstanding", "retires", "finished")
	d.First = 1
	for c := range 18 {
		pc := b.u.s.PC / isa.WordBytes
		if c == 10 {
			b.in.Done[isa.UnitDNNC] = port.Done{Valid: true}
		}
		done := b.in.Done[isa.UnitDNNC].Valid
		b.tick()
		d.Sample(b.out.Status.String()[:1], pc, b.u.s.R[2], b.out.Bus.Kind == port.BusCmd, b.u.s.Outstanding[isa.UnitDNNC], done, b.out.Finished)
	}
	fmt.Print(d)
	// Output:
}
