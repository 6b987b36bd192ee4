package momentum

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// One row of 32 weights: one chunk. Five bursts, two of weights and three of velocities, are asked for in cycles 2 to 6 and
// land L = 13 cycles later; meanwhile the seeder makes the starts of the 16 rounding LFSRs, a lane a cycle (g is 16). The
// chunk is complete in cycle 19; its two groups of lanes pass the operand stage in cycles 20 and 21, the velocity stage
// one later, and the weight stage writes them to the chunk buffer one later still. The bank is free with the last
// operands, cycle 21. Writes leave in cycles 24 to 28; done in cycle 30, b*n + b + L + 6 = 29 after the first.
func Example() {
	b := newBench(make([]byte, memBytes))
	m := &ideal{mem: b.mem, latency: 13, idle: true}
	b.m = m
	j := &job{op: isa.OpMomW}
	j.p[isa.MomVAddr], j.p[isa.MomRows], j.p[isa.MomLanes] = 1<<17, 1, 32
	for i, v := range j.p {
		b.cycle(port.Bus{Kind: port.BusParam, Unit: isa.UnitMom, Index: uint8(i), Val: v})
	}
	b.jobs = []*job{j}
	bus := port.Bus{Kind: port.BusCmd, Unit: isa.UnitMom, Op: j.op, Tag: tag}
	d := wave.NewDiagram("status", "read", "lands", "seeds", "operands", "V'", "free", "write", "done")
	d.First, d.Compact = 1, true
	for range 31 {
		b.cycle(bus)
		bus = port.Bus{}
		u := b.u
		d.Sample(b.out.Status.String()[:1], b.out.Read.Valid, m.resp.Valid, string("0123456789abcdefg"[u.Seeder.N]),
			group(u.A.Valid, u.A.Group), group(u.B.Valid, u.B.Group), b.out.Free, b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle     1        10        20        30
	// status    mmmmmmmmmmmmmmmmmmmbbbbbbbbbmmi
	// read      _#####_________________________
	// lands     ______________#####____________
	// seeds     123456789abcdefgggg000000000000
	// operands                     01
	// V'                            01
	// free      ____________________#__________
	// write     _______________________#####___
	// done      _____________________________#_
}

// The same row with flag upd: its new weights go to half 0 of WMEM buffer 1, too, which was filled once and is not free before
// cycle 25. The chunk, complete in cycle 19, waits for that (w). Its operands are read in cycles 25 and 26; each group leaves for
// WMEM two cycles later, when the weight stage writes it to the chunk buffer, full with the second.
func Example_upd() {
	b := newFused(make([]byte, memBytes))
	b.u.Filled.N[0] = 1
	j := &job{op: isa.OpMomW, flags: isa.FlagUpd}
	j.p[isa.MomVAddr], j.p[isa.MomRows], j.p[isa.MomLanes] = 1<<17, 1, 32
	copy(b.u.Queue.Params[:], j.p[:])
	b.jobs, b.w.jobs, b.w.busy[0], b.w.at[0] = []*job{j}, []*job{j}, true, 25
	b.w.delay = func() int { return 100 }
	bus := port.Bus{Kind: port.BusCmd, Unit: isa.UnitMom, Op: j.op, Flags: j.flags, Tag: tag, PC: cmdPC}
	d := wave.NewDiagram("status", "freed", "operands", "V'", "upd", "full", "free", "write", "done")
	d.First, d.Compact = 1, true
	for range 36 {
		b.cycle(bus)
		bus = port.Bus{}
		u, upd := b.u, &b.out.Upd
		d.Sample(b.out.Status.String()[:1], b.in.Freed[0], group(u.A.Valid, u.A.Group), group(u.B.Valid, u.B.Group),
			group(upd.Valid, upd.Group), upd.Valid && upd.Full, b.out.Free, b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle     1        10        20        30
	// status    mmmmmmmmmmmmmmmmmmmwwwwwbbbbbbbbbmmi
	// freed     000000000000000000000000111111111111
	// operands                          01
	// V'                                 01
	// upd                                 01
	// full      ___________________________#________
	// free      _________________________#__________
	// write     ____________________________#####___
	// done      __________________________________#_
}

// group tells which 16 lanes of the chunk are in a pipeline register.
func group(valid bool, g uint8) any {
	if !valid {
		return ""
	}
	return g
}
