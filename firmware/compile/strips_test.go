package compile

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomConv draws a convolution; its errors pass wants layer 2, which has a layer below.
func randomConv(rng *rand.Rand) (Layer, bool) {
	l := Layer{
		Name: "conv", Conv: true, InC: 1 + rng.IntN(140), OutC: 1 + rng.IntN(300), InH: 1 + rng.IntN(14), InW: 1 + rng.IntN(20),
		Kernel: 1 + rng.IntN(5), Stride: 1 << rng.IntN(3), Pool: 1,
		Formats: Formats{Fo: 8, Fw: 12, Fe: 15, Fv: 20, Fz: 9, Fd: 14},
	}
	l.Pad = rng.IntN(l.Kernel)
	h, w := l.InH+2*l.Pad-l.Kernel, l.InW+2*l.Pad-l.Kernel
	l.X, l.Y = h/l.Stride+1, w/l.Stride+1
	l.H, l.W = l.X, l.Y
	return l, h >= 0 && w >= 0
}

// passesOf makes the passes of a convolution as layer 1 (images of bytes) and as layer 2 (maps), with random buffers.
func passesOf(rng *rand.Rand, l Layer, batch int) (room, []*Cut) {
	low := l
	low.OutC, low.H, low.W, low.X, low.Y = l.InC, l.InH, l.InW, l.InH, l.InW
	p := (&Spec{Layers: []Layer{{}, low, l}}).outline()
	p.Layers[1].O, p.Layers[2].E, p.BatchBuffer = 1<<20, 2<<20, 3<<20
	p.Header.Batch, p.Header.ImageStride = uint32(batch), uint32((l.InC*l.InH*l.InW+31)&^31)
	one := (&Spec{Layers: []Layer{{}, l}}).outline()
	one.BatchBuffer, one.Header = p.BatchBuffer, p.Header
	var out []*Cut
	for _, kind := range []string{passForward, passUpdate, passErrors} {
		out = append(out, p.describe(2, kind))
		if kind != passErrors {
			out = append(out, one.describe(1, kind))
		}
	}
	return room{200 + rng.IntN(6000), 100 + rng.IntN(1500)}, out
}

// source is a pixel of the batch's source map.
type source struct{ image, y, x int }

// loaded replays what the DMA does with a strip record: which pixel each pointer, counted from the buffer's first, belongs to.
func (w *walk) loaded(t *testing.T, s *Strip) map[int32]source {
	t.Helper()
	require.Zero(t, s.XAddr%32, "bursts")
	out := map[int32]source{}
	add := func(ptr, byteAt int) {
		image := byteAt / w.imageBytes
		px := byteAt % w.imageBytes / w.pixelBytes
		if byteAt%w.imageBytes%w.pixelBytes != 0 || px >= w.srcH*w.srcW {
			t.Fatalf("byte %d of the source does not begin a pixel", byteAt)
		}
		out[int32(ptr)] = source{image, px / w.srcW, px % w.srcW}
	}
	at := int(s.XAddr - w.base)
	pixels := int(s.N) / w.elems
	require.Zero(t, int(s.N)%w.elems)
	for row := range int(s.Rows) {
		switch {
		case w.pixelRows:
			add(row, at+row*w.pixelBytes)
		case w.images:
			for k := range pixels {
				add(row*w.srcH*w.srcW*w.ptrs+k*w.ptrs, at+row*w.imageBytes+k*w.pixelBytes)
			}
		default:
			for k := range pixels {
				add(k*w.ptrs, at+k*w.pixelBytes)
			}
		}
	}
	return out
}

// checkStrips walks over strips and tiles as the MAC array does, and returns how many output pixels it came by.
func checkStrips(t *testing.T, p room, q *Cut, l *Layer, strips []Strip, nb int) {
	t.Helper()
	w := &q.walk
	seen := make([]int, nb*w.outH*w.outW)
	for _, s := range strips {
		in := w.loaded(t, &s)
		require.LessOrEqual(t, len(in)*w.words, p.words)
		require.LessOrEqual(t, len(s.Tiles), maxTiles)
		for ptr := range in {
			if ptr < 0 || int(ptr)+w.ptrs > p.ptrs {
				t.Fatalf("pointer %d is outside the buffer's %d", ptr, p.ptrs)
			}
		}
		rows, width := int(s.Out>>16), int(s.Out&0xffff)
		require.Equal(t, w.outW, width)
		offY, offX := int(int16(s.Off>>16)), int(int16(s.Off))
		for _, tl := range s.Tiles {
			require.LessOrEqual(t, int(tl.NB), w.tile)
			first := int(tl.Dst) / w.dstBytes
			y, x, image := int(tl.At>>16), int(tl.At&0xffff), 0
			for k := range int(tl.NB) {
				px := first + k // output pixels of a tile follow each other in memory
				seen[px]++
				n, oy, ox := px/(w.outH*w.outW), px/w.outW%w.outH, px%w.outW
				if x != ox {
					t.Fatalf("pixel %d: got column %d, want %d", px, x, ox)
				}
				for tap := range l.taps() {
					ky, kx := tap/l.Kernel, tap%l.Kernel
					sy, sx, ok := reach(q.Kind, l, y, x, offY, offX, ky, kx)
					wy, wx, want := truth(q.Kind, l, oy, ox, ky, kx)
					want = want && wy >= 0 && wy < w.srcH && wx >= 0 && wx < w.srcW
					if ok = ok && sy >= 0 && sy < w.srcH && sx >= 0 && sx < w.srcW; ok != want {
						t.Fatalf("pixel %d, tap %d: inside the map %v, want %v", px, tap, ok, want)
					}
					ptr := int32(s.Src) + int32(tl.Src) + int32((image*w.srcH*w.srcW+sy*w.srcW+sx)*w.ptrs)
					if got, there := in[ptr]; ok && (!there || got != source{n, wy, wx}) {
						t.Fatalf("pixel %d, tap %d: the strip has %v (%v) at pointer %d, want %v", px, tap, got, there, ptr, source{n, wy, wx})
					}
				}
				if x++; x == width {
					if x, y = 0, y+1; y == rows {
						y, image = 0, image+1
					}
				}
			}
		}
	}
	for px, n := range seen {
		if n != 1 {
			t.Fatalf("output pixel %d is in %d tiles", px, n)
		}
	}
}

// reach is where the MAC array looks for a tap of output pixel y, x of a strip: dnnc.off, dnnc.step.
func reach(kind string, l *Layer, y, x, offY, offX, ky, kx int) (int, int, bool) {
	if kind != passErrors {
		return y*l.Stride + offY + ky, x*l.Stride + offX + kx, true
	}
	sy, sx := y+offY-ky, x+offX-kx
	return sy / l.Stride, sx / l.Stride, sy >= 0 && sx >= 0 && sy%l.Stride == 0 && sx%l.Stride == 0
}

// truth is section 7: the source of a tap of output pixel y, x of the map.
func truth(kind string, l *Layer, y, x, ky, kx int) (int, int, bool) {
	if kind != passErrors {
		return y*l.Stride + ky - l.Pad, x*l.Stride + kx - l.Pad, true
	}
	sy, sx := y+l.Pad-ky, x+l.Pad-kx
	return sy / l.Stride, sx / l.Stride, sy >= 0 && sx >= 0 && sy%l.Stride == 0 && sx%l.Stride == 0
}

// Every output pixel of a batch, full or short, is in exactly one tile; every source pixel that a tile's windows reach is in
// the strip that was loaded for it, under the pointer where the MAC array looks; strips fit into their buffers.
func TestStrips(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	several, byRows, cut := 0, 0, 0
	for try := 0; several < 60 || byRows < 60; try++ {
		require.Less(t, try, 5000)
		l, ok := randomConv(rng)
		if !ok {
			continue
		}
		nb := 1 + rng.IntN(5)
		p, passes := passesOf(rng, l, nb)
		for _, q := range passes {
			strips, err := p.strips(&q.walk, nb, l.Name, q.Kind)
			if err != nil {
				require.Regexp(t, `^(omem|pointer table): layer conv: \w+ of one row of pixels needs \d+ (words|pointers), \d+ fit into one of two buffers: [1-9]\d* missing$`, err)
				cut++
				continue
			}
			if len(strips) > 1 {
				several++
			}
			if strips[0].Out>>16 < uint32(q.walk.outH) {
				byRows++
			}
			ok := t.Run(fmt.Sprint(try), func(t *testing.T) { checkStrips(t, p, q, &l, strips, nb) })
			require.True(t, ok, "%s of layer %d, batch %d, buffers of %+v: %+v", q.Kind, q.Index, nb, p, l)
		}
	}
	require.NotZero(t, cut, "no pass was too large")
}

// A row of more pixels than the tiles of a record hold cannot be cut further.
func TestStripsTooWide(t *testing.T) {
	l := Layer{Name: "conv", Conv: true, InC: 1, OutC: 256, InH: 1, InW: 1500, X: 1, Y: 1500, H: 1, W: 1500, Kernel: 1, Stride: 1, Pool: 1}
	p := (&Spec{Layers: []Layer{{}, l}}).outline()
	p.Header.ImageStride = 1504
	q := p.describe(1, passForward)
	_, err := room{1 << 14, 1 << 12}.strips(&q.walk, 1, "conv", "forward pass")
	require.EqualError(t, err, "scratch memory: layer conv: forward pass of one row of pixels needs 47 tiles of a strip, 44 fit into one of two buffers: 3 missing")
}
