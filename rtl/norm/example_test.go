package norm

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// A map of 2 x 4 pixels and 16 channels, normalised and pooled by 2: two windows of four pixels (places 0 to 3), each with
// a burst of outputs and one of positions (p). The command is checked in cycle 1; eight bursts are asked for in the order of
// the windows, with a gap where positions are only written (cycles 6, 11), and land L = 13 cycles later. A burst goes to
// register A in the cycle after it landed and through the lanes, which three registers cut, in the next four. The window's
// last pixel makes an output in register B, the step behind it the positions; both leave in the cycle after. Done in cycle
// 32, S + L + 5 + 3 = 31 after the first, with the S = 10 steps of two windows.
func Example() {
	b := newBench(make([]byte, memBytes))
	l := &layer{nb: 1, h: 2, w: 4, chans: 16, pool: 2, shift: 16}
	j := l.job(isa.OpNormFwd, isa.FlagBN)
	for i, v := range j.p {
		b.cycle(port.Bus{Kind: port.BusParam, Unit: isa.UnitNorm, Index: uint8(i), Val: v})
	}
	bus := port.Bus{Kind: port.BusCmd, Unit: isa.UnitNorm, Op: j.op, Flags: j.flags, Tag: tag}
	d := wave.NewDiagram("status", "read", "lands", "A", "B", "write", "done")
	d.First, d.Compact = 1, true
	for range 33 {
		b.cycle(bus)
		bus = port.Bus{}
		d.Sample(b.out.Status.String()[:1], b.out.Read.Valid, b.m.resp.Valid, step(&b.u.A), b.u.B.Valid, b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle   1        10        20        30
	// status  bmmmmmmmmmmmmmmbbbbbbbbbbbbbbbmmi
	// read    _####_####_______________________
	// lands   ______________####_####__________
	// A                      0123p0123p
	// B       ______________________##___##____
	// write   _______________________##___##___
	// done    _______________________________#_
}

// step tells which step is in register A.
func step(a *Operands) any {
	switch {
	case !a.Valid:
		return ""
	case a.At.Kind == KindPos:
		return "p"
	}
	return a.At.Place
}
