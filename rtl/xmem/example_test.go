package xmem

import (
	"fmt"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// Three reads of one page, then a write to it. The controller sees the first read in cycle 1 and opens its row in cycle 2
// (activate: a miss). tRCD later, in cycle 6, the first burst moves, and the other two, which hit the open row, right behind
// it; they answer ReadLatency = 10 cycles later, in cycles 16 to 18. The write of cycle 13 lingers for 4 cycles, in case
// more would come, before the bus turns from reading (r) to writing (w): it moves, and the port is idle again, in cycle 17.
func Example() {
	b := newBench(small())
	d := wave.NewDiagram("status", "read", "write", "activate", "moves", "bus", "answer", "idle")
	d.Compact = true
	direction := func(writing bool) string { return map[bool]string{false: "r", true: "w"}[writing] }
	for c := range 21 {
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
			direction(b.u.Writing), b.out.Resp[0].Valid, b.out.WriteIdle[port.XPortMomW])
	}
	fmt.Print(d)
	// Output:
	// cycle     0         10        20
	// status    iimmmmbbbiiiiimmmbiii
	// read      _###_________________
	// write     _____________#_______
	// activate  __#__________________
	// moves     ______###________#___
	// bus       rrrrrrrrrrrrrrrrrwwww
	// answer    ________________###__
	// idle      #############____####
}
