package drain

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// Two samples of 32 lanes, brought to 16 bits and sent to the encoder: lane l of sample s holds
// (16s + l) * 2^8, the shift is 8. A group of 16 lanes is asked for in each of cycles 1 to 4
// (row.group) and sent three cycles later, behind biases, rounding and ReLU; two groups make a
// block, whose pointer is 40 or, a sample on, 48. The bank is free in cycle 5, when the last group
// has come. The command is done in cycle 10 = G + 6, when the encoder has shown that it is idle;
// the one of this picture stores a group at once.
func Example() {
	b := newBench(48, nil)
	for s := range 2 {
		for lane := range 32 {
			b.row(0, s, lane)[0] = int64(256 * (16*s + lane))
		}
	}
	b.in.Head = port.BankHead{Valid: true}
	b.params([isa.NumDrainParams]uint32{
		isa.DrainDst: 0x40, isa.DrainDStep: 8, isa.DrainShift: 8, isa.DrainNB: 2, isa.DrainLanes: 32, isa.DrainMStep: 2,
	})
	b.command(isa.OpDrainAct, 0)
	d := wave.NewDiagram("status", "head", "read", "free", "send", "pointer", "group", "last", "data0", "idle", "done")
	d.First = 1
	for range 11 {
		b.tick(nil) // a failed check of the bench panics
		a, e := &b.out.Acc, &b.out.Enc
		read := fmt.Sprintf("%d.%d", a.Row, a.Group)
		d.Sample(b.out.Status.String()[:1], b.in.Head.Valid, when(a.Valid, "%s", read), b.out.Free,
			e.Valid, when(e.Valid, "%x", e.Ptr), when(e.Valid, "%d", e.Group), e.Valid && e.Last, when(e.Valid, "%x", e.Data[0]),
			b.in.EncIdle, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle    1   2   3   4   5   6   7   8   9   10  11
	// status   b   .   .   .   .   .   .   .   d   b   i
	// head     ### ### ### ### ### ___ ___ ___ ___ ___ ___
	// read     0.0 0.1 1.0 1.1
	// free     ___ ___ ___ ___ ### ___ ___ ___ ___ ___ ___
	// send     ___ ___ ___ ### ### ### ### ___ ___ ___ ___
	// pointer              40  .   48  .
	// group                0   1   0   1
	// last     ___ ___ ___ ___ ### ___ ### ___ ___ ___ ___
	// data0                0   10  .   20
	// idle     ### ### ### ### ### ___ ___ ___ ___ ### ###
	// done     ___ ___ ___ ___ ___ ___ ___ ___ ___ ### ___
}

// Five output pixels of 20 channels, raw to external memory, with split 1: two pixels share a row
// of the bank. Pixel p's channel l holds (16p + l) * 2^8, the shift is 8. A pixel is two groups, so
// two bursts from 200 (hex) on; pixels lie 40 (hex) bytes apart. The last 12 lanes of the second
// burst are 0. Done in cycle 16 = G + 6, with a memory that stores at once.
func Example_external() {
	b := newBench(48, nil)
	for p := range 5 {
		for lane := range 20 {
			b.row(0, p/2, p%2*128+lane)[0] = int64(256 * (16*p + lane))
		}
	}
	b.in.Head = port.BankHead{Valid: true}
	b.params([isa.NumDrainParams]uint32{
		isa.DrainDst: 0x200, isa.DrainDStep: 0x40, isa.DrainShift: 8, isa.DrainNB: 5, isa.DrainLanes: 20, isa.DrainSplit: 1,
	})
	b.command(isa.OpDrainLogit, isa.FlagX)
	d := wave.NewDiagram("status", "read", "free", "send", "address", "data0", "idle", "done")
	d.First = 1
	for range 17 {
		b.tick(nil)
		a, x := &b.out.Acc, &b.out.X
		read := fmt.Sprintf("%d.%d", a.Row, a.Group)
		d.Sample(b.out.Status.String()[:1], when(a.Valid, "%s", read), b.out.Free,
			x.Valid, when(x.Valid, "%x", x.Addr), when(x.Valid, "%x", x.Data[0]), b.in.XIdle, b.out.Done.Valid)
	}
	fmt.Print(d)
	// Output:
	// cycle    1   2   3   4   5   6   7   8   9   10  11  12  13  14  15  16  17
	// status   b   .   .   .   .   .   .   .   .   .   .   .   .   .   d   b   i
	// read     0.0 0.1 0.8 0.9 1.0 1.1 1.8 1.9 2.0 2.1
	// free     ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ### ___ ___ ___ ___ ___ ___
	// send     ___ ___ ___ ### ### ### ### ### ### ### ### ### ### ___ ___ ___ ___
	// address              200 220 240 260 280 2a0 2c0 2e0 300 320
	// data0                0   10  .   20  .   30  .   40  .   50
	// idle     ### ### ### ### ### ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ### ###
	// done     ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ___ ### ___
}

// when is a value as it stands on a wire that is valid, or nothing.
func when(valid bool, format string, v any) string {
	if !valid {
		return ""
	}
	return fmt.Sprintf(format, v)
}
