package momentum

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

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
	d := wave.NewDiagram("status", "read", "lands", "seeds", "operands", "V'", "free", "write", "idle", "done")
	d.First, d.Compact = 1, true
	for range 31 {
		b.cycle(bus)
		bus = port.Bus{}
		u := b.u
		d.Sample(b.out.Status.String()[:1], b.out.Read.Valid, m.resp.Valid, string("0123456789abcdefg"[u.Seeder.N]), group(u.A.Valid, u.A.Group), group(u.B.Valid, u.B.Group),
			b.out.Free, b.out.Write.Valid, b.in.WriteIdle, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
}

// group tells which 16 lanes of the chunk are in a pipeline register.
func group(valid bool, g uint8) any {
	if !valid {
		return ""
	}
	return g
}
