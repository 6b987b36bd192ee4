package loss

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/sim/wave"
)

// One sample of ten classes. The logits are asked for in cycle 1 and loaded (l) in cycle 3. Pass 1 (p, cycles 4 to 9) sends
// three fours of them through the stages z and p and adds up S; the divider (d) makes the 25 bits of R = 2^40/S in cycles
// 10 to 34; pass 2 (o) computes the exponentials again, multiplies by R and writes the group of errors in cycle 41.
// It is committed, and the command done, in cycle 43 = 4 + g + 2q + 32 with g = 1 group and q = 3 fours.
func Example() {
	b := newBench(nil)
	b.load(&batch{n: 10, nb: 1, frac: 8, a: [][]int16{{0, 256, 512, -256, 0, 128, -512, 64, 300, 0}}, label: []int{2}})
	b.command(isa.OpLossCE, 3)
	d := wave.NewDiagram("status", "phase", "request", "read", "issue", "z", "p", "product", "S", "R", "write", "done")
	d.First, d.Compact = 1, true
	for range 44 {
		u, phase := b.u, b.u.Phase
		b.tick()
		d.Sample(b.out.Status.String()[:1], string("ilpdof"[phase]), b.out.Req.Valid, b.in.Read.Valid,
			stage(u.S1), stage(u.S2), stage(u.S3), stage(u.S4), when(phase == PhaseDivide, u.S), when(phase == PhaseOut, u.R),
			b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle    1        10        20        30        40
	// status   bobbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbdbi
	// phase    illppppppdddddddddddddddddddddddddoooooooffi
	// request  #___________________________________________
	// read     __#_________________________________________
	// issue       012                            012
	// z            012                            012
	// p             012                            012
	// product                                       012
	// S                 2adbe....................
	// R                                          5f91c7.
	// write    ________________________________________#___
	// done     __________________________________________#_
}

// when is a register in hexadecimal while it means something.
func when(valid bool, v uint32) string {
	if !valid {
		return ""
	}
	return fmt.Sprintf("%x", v)
}

// stage tells which four logits are in a pipeline register.
func stage(s Stage) any {
	if !s.Valid {
		return ""
	}
	return s.Quarter
}
