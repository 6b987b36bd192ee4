package drain

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

func Example() {
	b := newBench(48, nil)
	for s := range 2 {
		for lane := range 32 {
			b.acc[0][s][lane] = int64(256 * (16*s + lane))
		}
	}
	b.in.Head = port.BankHead{Valid: true}
	b.params([isa.NumDrainParams]uint32{isa.DrainDst: 0x40, isa.DrainDStep: 8, isa.DrainShift: 8, isa.DrainNB: 2, isa.DrainLanes: 32, isa.DrainMask: 0, isa.DrainMStep: 2})
	b.command(isa.OpDrainAct, 0)
	d := wave.NewDiagram("status", "head", "read", "free", "send", "pointer", "group", "last", "data0", "idle", "done")
	d.First = 1
	for range 11 {
		b.tick(nil) // a failed check of the bench panics
		p, e := &b.u.s.Pipe, &b.out.Enc
		d.Sample(b.out.Status.String()[:1], b.in.Head.Valid, when(p.Valid, "%s", fmt.Sprintf("%d.%d", p.Sample, p.Group)), b.out.Free,
			e.Valid, when(e.Valid, "%x", e.Ptr), when(e.Valid, "%d", e.Group), e.Valid && e.Last, when(e.Valid, "%x", e.Data[0]), b.in.EncIdle, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
}

// when is a value as it stands on a wire that is valid, or nothing.
func when(valid bool, format string, v any) string {
	if !valid {
		return ""
	}
	return fmt.Sprintf(format, v)
}
