package xmem

import (
	"fmt"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

func Example() {
	b := newBench(small())
	d := wave.NewDiagram("status", "read", "write", "activate", "moves", "bus", "answer", "idle")
	d.Compact = true
	for c := range 40 {
		switch c {
		case 0, 1, 2:
			b.send(port.XPortWLD, uint32(c*port.BurstBytes), port.Burst{})
		case 12:
			b.send(port.XPortMomW, 0, stamp(7))
		}
		activates, bursts := b.act.Total(activity.XActivate), b.u.Bursts
		read, write := b.in.Req[port.XPortWLD].Valid, b.in.Req[port.XPortMomW].Valid
		b.step()
		d.Sample(b.out.Status.String()[:1], read, write, b.act.Total(activity.XActivate) > activates, b.u.Bursts > bursts,
			string("rw"[b.u.Batch]), b.out.Resp.Valid, b.out.WriteIdle[port.XPortMomW])
	}
	fmt.Print(d)
	// Output:
}
