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

// Two rows of two pixels of 20 bytes: a pixel is two groups, of 16 and of 4 elements. In cycles 2 to 5 the two bursts of each
// row are asked for; they land from cycle 5 on. The second pixel of a row begins at byte 20 (at, in hex: 14), so its first
// group takes 12 bytes of one burst and 4 of the next. Every pixel is a block with a pointer of its own; those of the second
// row begin at dst + dstep = 20 (hex). Eight groups: done in cycle g + L + 5 = 16.
func Example_pixels() {
	b := newBench(nil)
	for i := range 128 {
		b.xmem[0x100+i] = byte(i)
	}
	b.command(isa.OpDMAMap, isa.FlagNew, 0x100, 40, 0x10, 0, 16, 2, 64, 0x10, 20)
	d := wave.NewDiagram("status", "ask", "lands", "at", "send", "pointer", "group", "last", "data0", "idle", "done")
	d.First = 1
	for range 17 {
		at := b.u.At
		b.tick(nil)
		e := &b.out.Enc
		d.Sample(b.out.Status.String()[:1], b.out.X.Valid, b.resp.Valid, when(e.Valid, "%x", at),
			e.Valid, when(e.Valid, "%x", e.Ptr), when(e.Valid, "%d", e.Group), e.Valid && e.Last, when(e.Valid, "%x", e.Data[0]),
			b.in.EncIdle, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle    1  2  3  4  5  6  7  8  9  10 11 12 13 14 15 16 17
	// status   b  m  .  .  b  .  .  .  .  .  .  .  .  .  .  .  i
	// ask      __ ## ## ## ## __ __ __ __ __ __ __ __ __ __ __ __
	// lands    __ __ __ __ ## ## ## ## __ __ __ __ __ __ __ __ __
	// at                      0  10 14 4  0  10 14 4
	// send     __ __ __ __ __ ## ## ## ## ## ## ## ## __ __ __ __
	// pointer                 10 .  11 .  20 .  21 .
	// group                   0  1  0  1  0  1  0  1
	// last     __ __ __ __ __ __ ## __ ## __ ## __ ## __ __ __ __
	// data0                   0  10 14 24 40 50 54 64
	// idle     ## ## ## ## ## ## ## __ __ __ __ __ __ __ __ ## ##
	// done     __ __ __ __ __ __ __ __ __ __ __ __ __ __ __ ## __
}

// when is a value as it stands on a wire that is valid, or nothing.
func when(valid bool, format string, v any) string {
	if !valid {
		return ""
	}
	return fmt.Sprintf(format, v)
}
