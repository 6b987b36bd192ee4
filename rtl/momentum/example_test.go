package momentum

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// One row of 32 weights: one chunk. Five bursts, two of weights and three of velocities, are asked
// for in cycles 2 to 6 and land L = 13 cycles later; meanwhile the seeder makes the starts of the
// 16 rounding LFSRs, a lane a cycle (g is 16). The chunk is complete in cycle 19; the operands of
// its two parts, 16 lanes each, are asked for in cycles 20 and 21, when the bank is free. Each part
// passes two registers that cut the lanes, and its results are in the chunk memory two cycles
// later. Bursts stand at that memory's outputs from cycle 25 on and leave in cycles 26 to 30; done
// in cycle 32, b*n + b + L + 8 = 31 after the first.
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
	d := wave.NewDiagram("status", "read", "lands", "seeds", "operands", "stage 1", "stage 2", "free", "write", "done")
	d.First, d.Compact = 1, true
	for range 33 {
		b.cycle(bus)
		bus = port.Bus{}
		u := b.u
		d.Sample(b.out.Status.String()[:1], b.out.Read.Valid, m.resp.Valid, string("0123456789abcdefg"[u.Seeder.N]),
			part(&u.Asked), part(&u.Stages[0].Part), part(&u.Stages[1].Part), b.out.Free, b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle     1        10        20        30
	// status    mmmmmmmmmmmmmmmmmmmbbbbbbbbbbbmmi
	// read      _#####___________________________
	// lands     ______________#####______________
	// seeds     0123456789abcdefgggg0000000000000
	// operands                     01
	// stage 1                       01
	// stage 2                        01
	// free      ____________________#____________
	// write     _________________________#####___
	// done      _______________________________#_
}

// The same row with flag upd: its new weights go to half 0 of WMEM buffer 1, too, which was filled
// once and is not free before cycle 25. The chunk, complete in cycle 19, waits for that (w). Its
// operands are read in cycles 25 and 26; each group leaves for WMEM two cycles later, when the
// weight stage writes it to the chunk buffer, full with the second.
func Example_upd() {
	b := newFused(make([]byte, memBytes))
	b.u.Filled[0] = 1
	j := &job{op: isa.OpMomW, flags: isa.FlagUpd}
	j.p[isa.MomVAddr], j.p[isa.MomRows], j.p[isa.MomLanes] = 1<<17, 1, 32
	copy(b.u.Queue.Params[:], j.p[:])
	b.jobs, b.w.jobs, b.w.busy[0], b.w.at[0] = []*job{j}, []*job{j}, true, 25
	b.w.delay = func() int { return 100 }
	bus := port.Bus{Kind: port.BusCmd, Unit: isa.UnitMom, Op: j.op, Flags: j.flags, Tag: tag, PC: cmdPC}
	d := wave.NewDiagram("status", "freed", "operands", "stage 1", "stage 2", "upd", "full", "free", "write", "done")
	d.First, d.Compact = 1, true
	for range 38 {
		b.cycle(bus)
		bus = port.Bus{}
		u, upd := b.u, &b.out.Upd
		d.Sample(b.out.Status.String()[:1], b.in.Freed[0], part(&u.Asked), part(&u.Stages[0].Part), part(&u.Stages[1].Part),
			group(upd.Valid, upd.Group), upd.Valid && upd.Full, b.out.Free, b.out.Write.Valid, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle     1        10        20        30
	// status    mmmmmmmmmmmmmmmmmmmwwwwwbbbbbbbbbbbmmi
	// freed     00000000000000000000000011111111111111
	// operands                          01
	// stage 1                            01
	// stage 2                             01
	// upd                                  01
	// full      ____________________________#_________
	// free      _________________________#____________
	// write     ______________________________#####___
	// done      ____________________________________#_
}

// part tells which part of the chunk is in a register.
func part(p *Part) any { return group(p.Valid, p.Index) }

// group tells which 16 lanes are on a wire.
func group(valid bool, g uint8) any {
	if !valid {
		return ""
	}
	return g
}
