package omem

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// images are maps of pixels with their blocks, and a window stream over them.
type images struct {
	pix [][][][BlockElems]int16 // image, y, x
	req port.StreamReq
}

// newImages draws maps of about density/16 non-zeros for the window and the pixels of a request; elements up to the end
// of the block are drawn, so that those behind Chan must be dropped.
func newImages(r *rand.Rand, req port.StreamReq, density int) *images {
	w := &req.Win
	im := &images{req: req}
	n := (int(w.Y)*int(w.OW)+int(w.X)+int(req.NB)-1)/(int(w.OH)*int(w.OW)) + 1
	for range n {
		img := make([][][BlockElems]int16, w.IH)
		for y := range img {
			img[y] = blocks(r, int(w.IW), density)
		}
		im.pix = append(im.pix, img)
	}
	return im
}

// source is the pixel that tap t of output pixel b meets, by the definition: nil for zero.
func (im *images) source(b, t int) *[BlockElems]int16 {
	w := &im.req.Win
	out := (int(w.Y)*int(w.OW) + int(w.X)) + b
	y, x := out/int(w.OW)%int(w.OH), out%int(w.OW)
	tap := int(w.KX) + t
	ky, kx := int(w.KY)+tap/int(w.KW), tap%int(w.KW)
	if w.Flip {
		ky, kx = -ky, -kx
	}
	sy, sx, div := y*int(w.Stride)+ky+int(w.YOff), x*int(w.Stride)+kx+int(w.XOff), 1<<w.Div
	if sy < 0 || sx < 0 || sy%div != 0 || sx%div != 0 || sy/div >= int(w.IH) || sx/div >= int(w.IW) {
		return nil
	}
	return &im.pix[out/(int(w.OW)*int(w.OH))][sy/div][sx/div]
}

// columns lists the blocks of all output pixels as the stream numbers them: a tap behind the other.
func (im *images) columns() [][BlockElems]int16 {
	m := make([][BlockElems]int16, im.req.NB)
	for b := range m {
		for t := range int(im.req.Win.Taps) {
			if p := im.source(b, t); p != nil {
				copy(m[b][t*int(im.req.Win.Chan):], p[:im.req.Win.Chan])
			}
		}
	}
	return m
}

// place stores the images where the request finds them; words of compressed ones lie from word free on, each block with
// n elements. It returns the word behind them.
func (im *images) place(s *State, n int, free uint32) uint32 {
	for i, img := range im.pix {
		for y, row := range img {
			for x := range row {
				at := im.req.Src + uint32(i)*im.req.Win.NStep + uint32(y*len(row)+x)*im.req.SStep
				var words [BlockWords]uint64
				if im.req.Kind == port.StreamRaw {
					copy(s.Mem[at:], words[:encodeRaw(&row[x], (int(im.req.Win.Chan)+3)/4*4, &words)])
					continue
				}
				count, raw := encode(&row[x], n, &words)
				copy(s.Mem[free:], words[:count])
				s.Ptr[at] = MakePointer(free, count, raw)
				free += uint32(count)
			}
		}
	}
	return free
}

// drawWindow draws a stream over a window that fits in the bench's memory.
func drawWindow(t *rapid.T) port.StreamReq {
	int8s := func(lo, hi int, name string) uint8 { return uint8(rapid.IntRange(lo, hi).Draw(t, name)) }
	r := port.StreamReq{Valid: true, Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Tag: tag}
	if r.Kind != port.StreamGrad {
		r.Split = int8s(0, 2, "split")
	}
	w := &r.Win
	w.Taps = rapid.SampledFrom([]uint8{1, 2, 3, 4, 9, 21, 25, 64}).Draw(t, "taps")
	w.Chan = int8s(1, 64/int(w.Taps), "chan")
	w.KW = int8s(1, 5, "kw")
	w.KX, w.KY = int8s(0, int(w.KW)-1, "kx"), int8s(0, 3, "ky")
	w.OH, w.OW = uint16(int8s(1, 6, "oh")), uint16(int8s(1, 6, "ow"))
	w.IH, w.IW = uint16(int8s(1, 6, "ih")), uint16(int8s(1, 6, "iw"))
	w.Y, w.X = uint16(int8s(0, int(w.OH)-1, "y")), uint16(int8s(0, int(w.OW)-1, "x"))
	w.Stride = rapid.SampledFrom([]uint8{1, 1, 2, 4, 15}).Draw(t, "stride")
	w.Div, w.Flip = int8s(0, 2, "div"), rapid.Bool().Draw(t, "flip")
	w.YOff, w.XOff = int16(rapid.IntRange(-4, 5).Draw(t, "yoff")), int16(rapid.IntRange(-4, 5).Draw(t, "xoff"))
	r.Rows = w.Taps * w.Chan
	limit := min(32<<r.Split, 3*int(w.OH*w.OW)-int(w.Y*w.OW+w.X)) // up to three images
	r.NB = int8s(1, limit, "nb")
	r.SStep, w.NStep = uint32(int8s(1, 4, "sstep")), 36*4
	if r.Kind == port.StreamRaw {
		r.SStep, w.NStep = uint32(w.Chan+3)/4, 36*16
	}
	if rapid.Bool().Draw(t, "down") { // images from the last to the first: addresses are modulo 2^32
		r.Src, w.NStep = 3*w.NStep, -w.NStep
	}
	return r
}

func TestWindowsEqualTheDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		data := rand.New(rand.NewPCG(seed, 1))
		var stalls *rand.Rand
		if rapid.Bool().Draw(t, "stalls") {
			stalls = rand.New(rand.NewPCG(seed, 2))
		}
		b := newBench(stalls).watched(t)
		var all [port.NumStreams][]port.XItem
		var pointers, nonzeros uint64
		for range rapid.IntRange(1, 2).Draw(t, "streams") {
			r := drawWindow(t)
			im := newImages(data, r, rapid.IntRange(0, 16).Draw(t, "density"))
			im.place(&b.u.State, 16*(int(r.Win.Chan+15)/16), 8192)
			m := im.columns()
			for i, list := range want(m, r.Kind, int(r.Rows), int(r.Split)) {
				all[i] = append(all[i], list...)
				for _, x := range list {
					if !x.EOS {
						nonzeros++
					}
				}
			}
			for p := range int(r.NB) * int(r.Win.Taps) {
				if r.Kind != port.StreamRaw && im.source(p/int(r.Win.Taps), p%int(r.Win.Taps)) != nil {
					pointers++
				}
			}
			b.in.Stream = r
			b.tick(t)
			b.rest(t)
		}
		require.Equal(t, all, cleaned(b.items))
		row := &b.act.Rows[tag]
		require.Equal(t, pointers, row[activity.PtrRead], "a tap outside has no pointer")
		require.Equal(t, nonzeros, row[activity.RLCDecode])
		require.Equal(t, row[activity.TRLCWrite], row[activity.TRLCRead])
	})
}

// TestWalkWraps steps over pixels in rows shorter than the step, from every first pixel.
func TestWalkWraps(t *testing.T) {
	for _, size := range [][2]uint16{{1, 1}, {1, 3}, {3, 1}, {2, 2}, {5, 3}, {2, 7}} {
		for first := range size[0] * size[1] {
			for streams := uint8(1); streams <= 4; streams *= 2 {
				r := port.StreamReq{NB: 30, Src: 100, Win: port.Window{
					Taps: 1, Chan: 1, KW: 1, OH: size[0], OW: size[1], Y: first / size[1], X: first % size[1], Stride: 1, NStep: 1000,
				}}
				for i := range streams {
					var w walk
					w.start(&r, i)
					for b := int(i); b < 30; b += int(streams) {
						n := int(first) + b
						area := int(size[0] * size[1])
						require.Equal(t, [3]int{100 + n/area*1000, n / int(size[1]) % int(size[0]), n % int(size[1])}, [3]int{int(w.Base), int(w.Y), int(w.X)})
						require.True(t, w.next(&r.Win, streams))
					}
				}
			}
		}
	}
}

// TestWindowExtremes takes sources at the ends of their ranges.
func TestWindowExtremes(t *testing.T) {
	for _, c := range []struct {
		win port.Window
		at  uint32
		ok  bool
	}{
		{port.Window{Y: 65535, X: 65535, Stride: 1, IH: 65535, IW: 65535}, 0, false},
		{port.Window{Y: 65534, X: 65534, Stride: 1, IH: 65535, IW: 65535}, 4294836224, true},
		{port.Window{Y: 65535, X: 65535, Stride: 15, IH: 65535, IW: 65535}, 0, false},
		{port.Window{YOff: -32768, IH: 65535, IW: 65535}, 0, false},
		{port.Window{YOff: 32767, XOff: -1, KX: 1, IH: 32768, IW: 2}, 2 * 32767, true},
		{port.Window{KY: 255, KX: 255, YOff: 255, XOff: 254, IH: 9, IW: 9, Flip: true}, 0, false},
		{port.Window{KY: 255, KX: 255, YOff: 259, XOff: 255, IH: 9, IW: 9, Flip: true, Div: 2}, 9, true},
		{port.Window{XOff: 2, IH: 9, IW: 9, Div: 2}, 0, false},
	} {
		r := port.StreamReq{SStep: 1, Win: c.win}
		var w walk
		w.start(&r, 0)
		at, ok := w.source(&r)
		require.Equal(t, c.ok, ok, "%+v", c.win)
		require.Equal(t, c.at, at, "%+v", c.win)
	}
	// The last column of the widest window.
	r := port.StreamReq{Win: port.Window{Taps: 2, Chan: 1, KW: 255, KX: 255}}
	var w walk
	w.start(&r, 0)
	w.next(&r.Win, 1)
	require.Equal(t, [3]int32{0, 0, 1}, [3]int32{int32(w.KX), w.SX, w.SY})
}

// TestWindowCycles holds the formulas of the package comment.
func TestWindowCycles(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	run := func(req port.StreamReq, density int) (ticks, z, words int) {
		b := newBench(nil)
		im := newImages(r, req, density)
		free := im.place(&b.u.State, int(req.Win.Chan), 8192)
		for i := range im.columns() {
			for _, v := range im.columns()[i] {
				if v != 0 {
					z++
				}
			}
		}
		b.in.Stream = req
		for ticks = 0; ticks == 0 || b.u.NReq > 0; ticks++ {
			b.tick(t)
		}
		return ticks, z, int(free) - 8192
	}
	dense := port.StreamReq{Valid: true, Kind: port.StreamRaw, NB: 32, Rows: 64, SStep: 4, Tag: tag, Win: port.Window{
		Taps: 4, Chan: 16, KW: 2, OH: 4, OW: 4, IH: 5, IW: 5, Stride: 1, NStep: 100,
	}}
	ticks, z, _ := run(dense, 20)
	require.Equal(t, 32*64, z)
	require.Equal(t, 4+z, ticks, "taps leave no gap")
	padded := dense
	padded.Win.YOff = -100
	ticks, _, _ = run(padded, 20)
	require.Equal(t, 2+32*4, ticks, "a tap outside costs its locate cycle")
	padded.Split = 2
	ticks, _, _ = run(padded, 20)
	require.Equal(t, 2+32*4/4, ticks, "of each stream, as no pointer is read")
	empty := dense
	empty.Kind, empty.SStep, empty.Split = port.StreamRLC, 1, 2
	ticks, _, _ = run(empty, 0)
	require.Equal(t, 2+32*4/4, ticks, "an empty block costs a pointer's cycle, of each stream in another bank")
	empty.SStep = NumPtrBanks
	ticks, _, _ = run(empty, 0)
	require.Equal(t, 2+32*4, ticks, "all in one bank: one after the other")
	grad := dense
	grad.Kind, grad.SStep = port.StreamGrad, 1
	grad.Win.OH, grad.Win.OW, grad.Win.IH, grad.Win.IW = 2, 4, 2, 4
	grad.Win.Taps, grad.Win.Chan, grad.NB = 1, 64, 8
	ticks, z, words := run(grad, 20)
	require.Equal(t, 2+words+z+2, ticks)
}

func TestWindowFaults(t *testing.T) {
	for kind, arg := range map[port.StreamKind]uint64{port.StreamRLC: 4096, port.StreamGrad: 4096, port.StreamRaw: 1<<14 - 1} {
		b := newBench(nil)
		b.in.Stream = port.StreamReq{Valid: true, Kind: kind, Src: uint32(arg) - 1, SStep: 1, NB: 2, Rows: 8, PC: 0x48, Win: port.Window{
			Taps: 1, Chan: 8, KW: 1, OH: 1, OW: 2, IH: 1, IW: 2, Stride: 1,
		}}
		for range 12 {
			b.tick(t)
		}
		require.Equal(t, port.Fault{Code: port.FaultOMEMAddr, PC: 0x48, Arg: arg}, b.out.Fault, "kind %d", kind)
	}
}

func TestWindowsDoNotAllocate(t *testing.T) {
	b := newBench(nil)
	req := denseWindow()
	newImages(rand.New(rand.NewPCG(1, 1)), req, 20).place(&b.u.State, 16, 8192)
	b.in.XRoom = [port.NumStreams]bool{true, true, true, true}
	require.Zero(t, testing.AllocsPerRun(3000, func() {
		req.Valid = b.out.StreamRoom
		b.in.Stream = req
		b.u.Tick(&b.in, &b.out)
	}))
	require.Equal(t, port.FaultNone, b.out.Fault.Code)
	require.Positive(t, b.act.Rows[tag][activity.RLCDecode])
}
