package compile

import (
	"fmt"
	"math/bits"
)

// maxTiles is how many tiles a strip record holds, maxJobs how many jobs fit into scratch (asm/conv.s).
const (
	maxTiles = 44
	maxJobs  = 78
)

// maxLoad is how many elements a row of a load can have.
const maxLoad = 1 << 20

// Strip is a part of a source map that is in OMEM at a time, as asm/conv.s reads it: the S_ names.
type Strip struct {
	XAddr uint32 // external address of the strip
	N     uint32 // dma.n and dma.rows of its load
	Rows  uint32
	Src   uint32 // from the buffer's first pointer to pixel 0, 0 of image 0, modulo 2^32
	Off   uint32 // dnnc.off
	Out   uint32 // dnnc.out
	Tiles []Tile
}

// Tile is a run of output pixels that fill a bank of accumulator rows: the T_ names.
type Tile struct {
	At  uint32 // dnnc.at
	Src uint32 // pointers to its first image
	Dst uint32 // bytes to its first pixel in the map that is written
	NB  uint32 // pixels
}

// walk describes how a pass goes over its maps.
type walk struct {
	srcH, srcW, outH, outW int
	kernel, stride, pad    int
	back                   bool   // errors: windows are turned
	ptrs, words            int    // pointers and OMEM words of a source pixel
	base                   uint32 // external address of the source map
	pixelBytes, imageBytes int    // of the source in external memory
	elems                  int    // elements of a source pixel that are loaded
	bytes                  bool   // elements are bytes, as they are where an image is a row
	pixelRows              bool   // a pixel is a row of the load: part of its channels
	images                 bool   // an image is a row of the load: images are padded to bursts
	dstBytes               int    // of an output pixel
	tile                   int    // output pixels of a tile
}

// source sets the map that the walk reads: c channels of h x width pixels of 16 bits.
func (w *walk) source(addr uint32, c, h, width int) {
	w.srcH, w.srcW, w.base = h, width, addr
	w.ptrs, w.words, w.elems = (pad16(c)+63)/64, pad16(c)/4, pad16(c)
	if c < 16 {
		w.words = min(w.words, (c+2)/3) // three pairs a word
	}
	w.pixelBytes, w.imageBytes = 2*pad16(c), 2*pad16(c)*h*width
}

// room is what each of two buffers has for a strip: OMEM words and pointers.
type room struct{ words, ptrs int }

// most is the largest number of parts, up to n, that fit, unless fewer fill their tiles; 0: not even
// one fits. size tells the source and output pixels of some parts.
func (r room) most(w *walk, n int, size func(int) (pixels, out int)) (most int) {
	for ; n > 0; n-- {
		pixels, out := size(n)
		if pixels*w.words > r.words || pixels*w.ptrs > r.ptrs || pixels*w.elems > maxLoad ||
			(out+w.tile-1)/w.tile > maxTiles {
			continue
		}
		if most = max(most, n); out%w.tile == 0 && 2*n > most {
			return n
		}
	}
	return most
}

// shape chooses how many images, or how many output rows of one image, make a strip of the batch nb.
func (r room) shape(w *walk, nb int, layer, pass string) (images, rows int, err error) {
	images = r.most(w, nb, func(n int) (pixels, out int) {
		return n * w.srcH * w.srcW, n * w.outH * w.outW
	})
	if images > 0 {
		return images, w.outH, nil
	}
	if rows = r.most(w, w.outH, w.rowsOf); rows == 0 {
		return 0, 0, r.tooWide(w, layer, pass)
	}
	return 1, rows, nil
}

// rowsOf tells the source pixels of the largest strip of n output rows of an image, and its output
// pixels.
func (w *walk) rowsOf(n int) (pixels, out int) {
	most := 0
	for y := 0; y < w.outH; y += n {
		r0, r1 := w.rows(y, min(y+n, w.outH))
		most = max(most, r1-r0)
	}
	return most*w.srcW + 31, n * w.outW
}

// tooWide says why not even one row of output pixels is a strip.
func (r room) tooWide(w *walk, layer, pass string) error {
	pixels, out := w.rowsOf(1)
	for _, m := range []struct {
		memory, unit string
		need, left   int
	}{
		{"omem", "words", pixels * w.words, r.words},
		{"pointer table", "pointers", pixels * w.ptrs, r.ptrs},
		{"dma", "elements", pixels * w.elems, maxLoad},
		{"scratch memory", "tiles of a strip", (out + w.tile - 1) / w.tile, maxTiles},
	} {
		if m.need > m.left {
			return fmt.Errorf("%s: layer %s: %s of one row of pixels needs %d %s, %d fit into one of two buffers: %d missing",
				m.memory, layer, pass, m.need, m.unit, m.left, m.need-m.left)
		}
	}
	panic("compile: a strip that fits was refused")
}

func (r room) strips(w *walk, nb int, layer, pass string) ([]Strip, error) {
	ni, ry, err := r.shape(w, nb, layer, pass)
	if err != nil {
		return nil, err
	}
	var out []Strip
	for n := 0; n < nb; n += ni {
		for y := 0; y < w.outH; y += ry {
			out = append(out, w.strip(n, min(ni, nb-n), y, min(ry, w.outH-y)))
		}
	}
	return out, nil
}

// strip makes the record of images n.., rows y...
func (w *walk) strip(n, images, y, rows int) Strip {
	r0, r1 := w.rows(y, y+rows)
	first := r0 * w.srcW // source pixel that the load begins with
	if w.images {        // whole bursts
		first -= first % (32 >> bits.TrailingZeros(uint(w.pixelBytes)|32))
	}
	pixels := r1*w.srcW - first
	yOff, xOff := w.off(y)
	s := Strip{
		XAddr: w.base + uint32(n*w.imageBytes+first*w.pixelBytes), Src: -uint32(first * w.ptrs),
		Off: uint32(uint16(yOff))<<16 | uint32(uint16(xOff)), Out: uint32(rows)<<16 | uint32(w.outW),
	}
	run := (images-1)*w.srcH*w.srcW + pixels // rows that no window reaches, at the far edge of all images but the last, come too
	switch {
	case w.pixelRows:
		s.N, s.Rows = uint32(w.elems), uint32(run)
	case w.images:
		s.N, s.Rows = uint32(pixels*w.elems), uint32(images)
	default:
		s.N, s.Rows = uint32(run*w.elems), 1
	}
	per := rows * w.outW
	for q := 0; q < images*per; q += w.tile {
		image, at := q/per, q%per
		dst := ((n+image)*w.outH+y)*w.outW + at
		s.Tiles = append(s.Tiles, Tile{
			At: uint32(at/w.outW)<<16 | uint32(at%w.outW), Src: uint32(image * w.srcH * w.srcW * w.ptrs),
			Dst: uint32(dst * w.dstBytes), NB: uint32(min(w.tile, images*per-q)),
		})
	}
	return s
}

// Job is a 64-row block of weights with its place in the window: the J_ names of asm/conv.s.
type Job struct {
	W    uint32 // bytes to the block
	Src  uint32 // pointers to the block of channels; gradients: low seven bits, the others are bytes
	Tap  uint32 // dnnc.tap
	Rows uint32
	Taps uint32
	Chan uint32
}

func (l *Layer) tapWord(t int) uint32 {
	return uint32(l.Kernel)<<16 | uint32(t/l.Kernel)<<8 | uint32(t%l.Kernel)
}

// forwardJobs are the blocks of weights in their order; srcStep is the step from one 64-channel block to the next: a
// pointer, or bytes where a strip holds one block.
func (l *Layer) forwardJobs(srcStep int) []Job {
	var out []Job
	for kb := range l.kBlocks() {
		t, c := kb/l.chBlocks()*l.perBlock(), kb%l.chBlocks()
		taps, channels := min(l.perBlock(), l.taps()-t), min(64, l.InC-64*c)
		out = append(out, Job{
			W: uint32(kb * weightBlock), Src: uint32(c * srcStep), Tap: l.tapWord(t),
			Rows: uint32(taps * channels), Taps: uint32(taps), Chan: uint32(channels),
		})
	}
	return out
}

// errorJobs are the blocks of transposed weights: a tap at a time, 64 output channels a block.
func (l *Layer) errorJobs() []Job {
	var out []Job
	for t := range l.taps() {
		kb, row := t/l.perBlock()*l.chBlocks(), t%l.perBlock()*l.InC
		for jb := range l.jBlocks() {
			n := uint32(min(64, l.OutC-64*jb))
			out = append(out, Job{
				W: uint32((jb*l.kBlocks()+kb)*weightBlock + row*128), Src: uint32(jb),
				Tap: l.tapWord(t), Rows: n, Taps: 1, Chan: n,
			})
		}
	}
	return out
}

// rows returns the source rows, clipped, that output rows y0..y1-1 are made from.
func (w *walk) rows(y0, y1 int) (r0, r1 int) {
	if !w.back {
		return max(0, y0*w.stride-w.pad), min(w.srcH, (y1-1)*w.stride-w.pad+w.kernel)
	}
	low := 0
	if first := y0 + w.pad - w.kernel + 1; first > 0 {
		low = min((first+w.stride-1)/w.stride, w.srcH-1)
	}
	return low, max(min(w.srcH, (y1-1+w.pad)/w.stride+1), low+1)
}

// off is dnnc.off when the strip begins at output row y0.
func (w *walk) off(y0 int) (y, x int) {
	if w.back {
		return y0 + w.pad, w.pad
	}
	return y0*w.stride - w.pad, -w.pad
}
