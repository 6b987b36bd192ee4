package dma

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/sim/wave"
)

func Example() {
	b := newBench(nil)
	b.command(isa.OpDMAMap, isa.FlagNew, 0x100, 64, 7, 0, 16)
	d := wave.NewDiagram("status", "ask", "address", "lands", "send", "group", "last", "data0", "idle", "done")
	d.First = 1
	for range 13 {
		b.tick(nil) // a failed check of the bench panics
		x, e := &b.out.X, &b.out.Enc
		d.Sample(b.out.Status.String()[:1], x.Valid, when(x.Valid, "%x", x.Addr), b.resp.Valid,
			e.Valid, when(e.Valid, "%d", e.Group), e.Valid && e.Last, when(e.Valid, "%x", e.Data[0]), b.in.EncIdle, b.out.Done.Valid)
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
