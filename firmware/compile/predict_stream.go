package compile

import (
	"math"

	"bdfasim/isa"
)

// stream is what a command's operands take.
type stream struct {
	operands float64 // non-zeros of all streams
	dense    float64 // if nothing were zero
	array    float64 // cycles of the MAC array: operands, swaps and ends of the longest stream
	decode   float64 // cycles of the decoders, or of filling the corner-turn
}

// streamKey is what a stream depends on.
type streamKey struct {
	op      isa.Op
	raw     bool
	density float64
	p       [isa.NumDNNCParams]uint32
}

// density is that of the operands of a command: in the error phase of layer i the error above it, else the map below it.
// Direct feedback on the MAC array reads the output error.
func (m *model) density(c *command) float64 {
	r := m.of(c)
	if r.Phase != isa.PhaseEP {
		return at(m.den.Maps, r.Layer-1)
	}
	if m.plan.spec.Rule == DFA && r.Layer >= m.plan.firstError() && r.Layer >= m.plan.spec.convs() {
		return at(m.den.Errors, m.plan.spec.top())
	}
	return at(m.den.Errors, r.Layer+1)
}

func (m *model) streamOf(c *command) stream {
	k := streamKey{op: c.op, raw: c.is(isa.FlagRaw), density: m.density(c)}
	copy(k.p[:], c.p[:])
	k.p[isa.DNNCSrc], k.p[isa.DNNCNStep], k.p[isa.DNNCGroups] = 0, 0, 0
	s, ok := m.cache[k]
	if !ok {
		s = k.measure()
		m.cache[k] = s
	}
	return s
}

// block words of n elements with a part d that is not zero: coded three a word, or raw four a word if that is less.
func codedWords(n, d float64) float64 {
	if n*d == 0 {
		return 0
	}
	return min(math.Ceil(n/4), max(1, n*d/3+1.0/3))
}

// measure walks over samples or pixels and taps as OMEM's decoders do.
func (k *streamKey) measure() stream {
	q := &k.p
	nb, rows, streams := int(q[isa.DNNCNB]), float64(q[isa.DNNCRows]), 1<<q[isa.DNNCSplit]
	blocks, elems := make([]float64, streams), rows // blocks met by each stream
	places := make([]float64, streams)              // ... and those outside
	swaps := make([]float64, streams)
	if q[isa.DNNCTaps] == 0 {
		for b := range nb {
			blocks[b%streams]++
			swaps[b%streams] += some(rows, k.density)
		}
	} else {
		elems = float64(q[isa.DNNCChan])
		w := k.window()
		for b := range nb {
			inside := w.inside()
			blocks[b%streams] += float64(inside)
			places[b%streams] += float64(w.taps - inside)
			swaps[b%streams] += some(float64(inside)*elems, k.density)
			w.nextPixel()
		}
	}
	var s stream
	longest := 0.0
	for i := range blocks {
		s.dense += blocks[i] * elems
		z := blocks[i] * elems * k.density
		s.operands += z
		spread := math.Sqrt(z*(1-k.density)) * math.Log2(float64(streams)) / 2 // the longest of several is longer than the mean
		longest = max(longest, z+spread+swaps[i])
		s.decode = max(s.decode, z+spread, blocks[i]+places[i])
	}
	if k.op == isa.OpDNNCGrad {
		s.grad(blocks[0], places[0], elems, rows, k.density)
		return s
	}
	s.array = longest + 1
	s.decode += streamEnd
	return s
}

// grad is the time of a stream in transposed order: a word a cycle into the corner-turn, then element after element.
func (s *stream) grad(blocks, places, elems, rows, density float64) {
	s.decode = 2 + places + blocks*max(1, codedWords(elems, density))
	ends := 1.0
	if rows > 32 {
		ends = 2
	}
	perElement := 0.0
	if rows > 0 {
		perElement = blocks * elems / rows
	}
	s.array = s.operands + rows*some(perElement, density) + ends
}

// some is the chance that of n operands one is not zero.
func some(n, density float64) float64 {
	if n <= 0 {
		return 0
	}
	return 1 - math.Pow(1-density, n)
}

// window is the place of a window stream.
type window struct {
	taps, kw, ky, kx int
	oh, ow, ih, iw   int
	y, x             int
	stride, div      int
	flip             bool
	yOff, xOff       int
}

func (k *streamKey) window() *window {
	q := &k.p
	return &window{
		taps: int(q[isa.DNNCTaps]), kw: int(q[isa.DNNCTap] >> 16), ky: int(q[isa.DNNCTap] >> 8 & 255), kx: int(q[isa.DNNCTap] & 255),
		oh: int(q[isa.DNNCOut] >> 16), ow: int(q[isa.DNNCOut] & 0xffff), ih: int(q[isa.DNNCIn] >> 16), iw: int(q[isa.DNNCIn] & 0xffff),
		y: int(q[isa.DNNCAt] >> 16), x: int(q[isa.DNNCAt] & 0xffff),
		stride: int(q[isa.DNNCStep] & 15), div: int(q[isa.DNNCStep] >> 4 & 15), flip: q[isa.DNNCStep]>>8&1 == 1,
		yOff: int(int16(q[isa.DNNCOff] >> 16)), xOff: int(int16(q[isa.DNNCOff])),
	}
}

// inside counts the taps of the present pixel that meet a source pixel.
func (w *window) inside() (n int) {
	ky, kx := w.ky, w.kx
	for range w.taps {
		dy, dx := ky, kx
		if w.flip {
			dy, dx = -ky, -kx
		}
		y, x := w.y*w.stride+dy+w.yOff, w.x*w.stride+dx+w.xOff
		if mask := 1<<w.div - 1; y >= 0 && x >= 0 && (y|x)&mask == 0 && y>>w.div < w.ih && x>>w.div < w.iw {
			n++
		}
		if kx++; kx == w.kw {
			kx = 0
			ky++
		}
	}
	return n
}

func (w *window) nextPixel() {
	if w.x++; w.x < w.ow {
		return
	}
	w.x = 0
	if w.y++; w.y == w.oh {
		w.y = 0
	}
}
