package dma

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/sim/wave"
)

// A map of 64 pixels. Cycle 1 checks the command; two bursts of 32 pixels are asked for in cycles 2 and 3 and land 3 cycles
// later. From cycle 6 on, the channel widens 16 pixels a cycle and sends them to the encoder, the fourth group with last: it
// completes the block. Cycles 10 to 12 wait until all of it shows in the idle wire: done in cycle 12 = 2n + L + 5.
func Example() {
	b := newBench(nil)
	for i := range 64 {
		b.xmem[0x100+i] = byte(i)
	}
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
	// cycle    1   2   3   4   5   6   7   8   9   10  11  12  13
	// status   b   m   .   .   b   .   .   .   .   .   .   .   i
	// ask      ___ ### ### ___ ___ ___ ___ ___ ___ ___ ___ ___ ___
	// address      100 120
	// lands    ___ ___ ___ ___ ### ### ___ ___ ___ ___ ___ ___ ___
	// send     ___ ___ ___ ___ ___ ### ### ### ### ___ ___ ___ ___
	// group                        0   1   2   3
	// last     ___ ___ ___ ___ ___ ___ ___ ___ ### ___ ___ ___ ___
	// data0                        0   10  20  30
	// idle     ### ### ### ### ### ### ### ___ ___ ___ ___ ### ###
	// done     ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ### ___
}

// when is a value as it stands on a wire that is valid, or nothing.
func when(valid bool, format string, v any) string {
	if !valid {
		return ""
	}
	return fmt.Sprintf(format, v)
}
