package loss

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/sim/wave"
)

func Example() {
	b := newBench(nil)
	b.load(&batch{n: 10, nb: 1, frac: 8, a: [][]int16{{0, 256, 512, -256, 0, 128, -512, 64, 300, 0}}, label: []int{2}})
	b.command(isa.OpLossCE, 3)
	d := wave.NewDiagram("status", "phase", "request", "read", "issue", "z", "p", "S", "divide", "product", "write", "done")
	d.First, d.Compact = 1, true
	for range 45 {
		b.tick()
		u := b.u
		d.Sample(b.out.Status.String()[:1], string("ilpdof"[u.Phase]), b.out.Req.Valid, b.in.Read.Valid, stage(u.S1), stage(u.S2), stage(u.S3),
			fmt.Sprintf("%x", u.S), u.Phase == PhaseDivide, stage(u.S4), b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
}

// stage tells which four logits are in a pipeline register.
func stage(s Stage) any {
	if !s.Valid {
		return ""
	}
	return s.Quarter
}
