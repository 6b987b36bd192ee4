package omem

import (
	"fmt"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim/wave"
)

// Two blocks of 64 elements on their way to the DNNC. The first holds five pairs in two words, because the 38 zeros between
// elements 1 and 40 are longer than a run and take a pair of their own; the second one word, as its 63 zeros do. Pointers are
// read in cycles 2 and 3, words in 3 to 5, and from cycle 4 a non-zero leaves in every cycle: neither the zeros nor the
// change of blocks in cycle 8 leave a gap. The end mark follows in cycle 9: 4 + Z.
func Example() {
	m := make([][BlockElems]int16, 2)
	m[0][0], m[0][1], m[0][40], m[0][41] = 0x11, 0x22, 0x33, 0x44
	m[1][63] = 0x55
	b := newBench(nil) // a failed check of the bench panics
	b.place(m, port.StreamRLC, 0)
	src, step := slot(port.StreamRLC, 0)
	b.in.Stream = port.StreamReq{Valid: true, Kind: port.StreamRLC, Src: src, SStep: step, NB: 2, Rows: BlockElems, Tag: tag}
	d := wave.NewDiagram("status", "request", "pointer", "word", "send", "x", "element", "sample", "end")
	d.First = 1
	row := &b.act.Rows[tag]
	for range 11 {
		request, pointers, words := b.in.Stream.Valid, row[activity.PtrRead], row[activity.OMEMRead]
		b.tick(nil)
		x := &b.out.X[0]
		item := x.Valid && !x.EOS
		d.Sample(b.out.Status.String()[:1], request, row[activity.PtrRead] > pointers, row[activity.OMEMRead] > words,
			item, when(item, "%x", x.X), when(item, "%d", x.Elem), when(item, "%d", x.Sample), x.Valid && x.EOS)
	}
	fmt.Print(d)
	// Output:
	// cycle    1  2  3  4  5  6  7  8  9  10 11
	// status   b  .  .  .  .  .  .  .  .  i  .
	// request  ## __ __ __ __ __ __ __ __ __ __
	// pointer  __ ## ## __ __ __ __ __ __ __ __
	// word     __ __ ## ## ## __ __ __ __ __ __
	// send     __ __ __ ## ## ## ## ## __ __ __
	// x                 11 22 33 44 55
	// element           0  1  40 41 63
	// sample            0  .  .  .  1
	// end      __ __ __ __ __ __ __ __ ## __ __
}

// A window of three taps in a row, with a zero beside either end, over two pixels of two channels. Pixel 0 meets nothing (in
// cycle 2, without a pointer), pixel 0 and pixel 1 of the source; pixel 1 meets both and then nothing (in cycle 7). Elements
// of tap t are 2t and 2t + 1. The first tap delays all by the cycle that it is located in, 1 + 4 + Z; the last one costs nothing
// as non-zeros are still leaving.
func Example_window() {
	b := newBench(nil)
	im := &images{
		pix: [][][][BlockElems]int16{{{{0x11, 0x22}, {0x33, 0x44}}}},
		req: port.StreamReq{Valid: true, Kind: port.StreamRLC, SStep: 1, NB: 2, Rows: 6, Tag: tag, Win: port.Window{
			Taps: 3, Chan: 2, KW: 3, OH: 1, OW: 2, IH: 1, IW: 2, Stride: 1, XOff: -1,
		}},
	}
	im.place(&b.u.State, 16, 8192)
	b.in.Stream = im.req
	d := wave.NewDiagram("status", "request", "tap", "pointer", "word", "send", "x", "element", "pixel", "end")
	d.First = 1
	row, walk := &b.act.Rows[tag], &b.u.State.Fetch[0]
	for range 14 {
		request, pointers, words, tap, pixel := b.in.Stream.Valid, row[activity.PtrRead], row[activity.OMEMRead], walk.Walk.Tap, walk.Sample
		b.tick(nil)
		x := &b.out.X[0]
		item := x.Valid && !x.EOS
		located := walk.Walk.Tap != tap || walk.Sample != pixel
		d.Sample(b.out.Status.String()[:1], request, when(located, "%d", tap), row[activity.PtrRead] > pointers, row[activity.OMEMRead] > words,
			item, when(item, "%x", x.X), when(item, "%d", x.Elem), when(item, "%d", x.Sample), x.Valid && x.EOS)
	}
	fmt.Print(d)
	// Output:
	// cycle    1  2  3  4  5  6  7  8  9  10 11 12 13 14
	// status   b  .  .  .  .  .  .  .  .  .  .  .  .  i
	// request  ## __ __ __ __ __ __ __ __ __ __ __ __ __
	// tap         0  1  2  0  1  2
	// pointer  __ __ ## ## ## ## __ __ __ __ __ __ __ __
	// word     __ __ __ ## ## ## ## __ __ __ __ __ __ __
	// send     __ __ __ __ ## ## ## ## ## ## ## ## __ __
	// x                    11 22 33 44 11 22 33 44
	// element              2  3  4  5  0  1  2  3
	// pixel                0  .  .  .  1  .  .  .
	// end      __ __ __ __ __ __ __ __ __ __ __ __ ## __
}

// when is a value as it stands on a wire that is valid, or nothing.
func when(valid bool, format string, v any) string {
	if !valid {
		return ""
	}
	return fmt.Sprintf(format, v)
}
