package predict

import (
	"math"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/machine"
)

type stream struct {
	operands float64 // non-zeros of all streams
	dense    float64 // if nothing were zero
	array    float64 // cycles of the MAC array: operands, swaps and ends of the longest stream
	decode   float64 // cycles of the decoders, or of filling the corner-turn
}

// streamKey is what a stream depends on.
type streamKey struct {
	op      isa.Op
	density float64
	p       [isa.NumDNNCParams]uint32
}

// density is that of the operands of a command: in the error phase of layer i the error above it,
// else the map below it. Direct feedback on the MAC array reads the output error.
func (m *model) density(c *command) float64 {
	r := m.of(c)
	if r.Phase != isa.PhaseEP {
		return at(m.den.Maps, max(0, r.Layer-1)) // images come under layer 0, too
	}
	if m.plan.Spec().Rule == compile.DFA && r.Layer >= m.plan.Convs() {
		return at(m.den.Errors, len(m.plan.Layers)-1)
	}
	return at(m.den.Errors, r.Layer+1)
}

// streamOf is the stream of a command. dnnc.ones has none, but works as if.
func (m *model) streamOf(c *command) stream {
	if n := float64(c.p[isa.DNNCNB]); c.op == isa.OpDNNCOnes {
		return stream{operands: n, dense: n, array: n + float64(c.flags&isa.FlagFirst/isa.FlagFirst)}
	}
	k := streamKey{op: c.op, density: m.density(c)}
	copy(k.p[:], c.p[:])
	k.p[isa.DNNCSrc], k.p[isa.DNNCNStep], k.p[isa.DNNCGroups] = 0, 0, 0
	s, ok := m.cache[k]
	if !ok {
		s = k.measure()
		m.cache[k] = s
	}
	return s
}

// codedWords are those of n elements with a part d that is not zero: coded three a word, or raw
// four a word if that is less.
func codedWords(n, d float64) float64 {
	if n*d == 0 {
		return 0
	}
	return min(math.Ceil(n/4), max(1, n*d/3+1.0/3))
}

// encoded is how long OMEM's encoder takes for n elements, a part d of which is not zero: a group a
// cycle. But the last one of a block waits until the words of the block before it are stored, four a
// cycle, which takes longer than to collect a short one.
func encoded(n uint32, d float64) float64 {
	g := groups(n)
	if short := groups(n % machine.Block); n > machine.Block && short > 0 {
		g += max(0, math.Ceil(codedWords(machine.Block, d)/4)-short)
	}
	return g
}

// measure walks over samples or pixels and taps as OMEM's decoders do.
func (k *streamKey) measure() stream {
	q := &k.p
	rows, elems, streams := float64(q[isa.DNNCRows]), float64(q[isa.DNNCRows]), 1<<q[isa.DNNCSplit]
	taps := int(q[isa.DNNCTaps])
	if taps > 0 {
		elems = float64(q[isa.DNNCChan])
	}
	blocks := make([]float64, streams) // that each stream meets
	places := make([]float64, streams) // ... and those outside of a map
	swaps := make([]float64, streams)
	for b := range int(q[isa.DNNCNB]) {
		in, out := 1.0, 0.0
		if taps > 0 {
			in = float64(k.inside(b))
			out = float64(taps) - in
		}
		blocks[b%streams] += in
		places[b%streams] += out
		swaps[b%streams] += some(in*elems, k.density)
	}
	var s stream
	longest := 0.0
	for i := range blocks {
		s.dense += float64(blocks[i] * elems)
		z := float64(blocks[i] * elems * k.density)
		s.operands += z
		// The longest of several is longer than the mean.
		spread := math.Sqrt(z*(1-k.density)) * math.Log2(float64(streams)) / 2
		longest = max(longest, z+float64(spread)+float64(swaps[i]))
		s.decode = max(s.decode, z+float64(spread), blocks[i]+places[i])
	}
	if k.op == isa.OpDNNCGrad {
		s.grad(blocks[0], places[0], elems, rows, k.density)
		return s
	}
	s.array = longest + 1
	s.decode += streamEnd
	return s
}

// grad is the time of a stream in transposed order: a word a cycle into the corner-turn, then
// element after element.
func (s *stream) grad(blocks, places, elems, rows, density float64) {
	s.decode = 2 + places + float64(blocks*max(1, codedWords(elems, density)))
	ends := 1.0
	if rows > machine.Batch {
		ends = 2
	}
	perElement := 0.0
	if rows > 0 {
		perElement = blocks * elems / rows
	}
	s.array = s.operands + float64(rows*some(perElement, density)) + ends
}

// some is the chance that of n operands one is not zero.
func some(n, density float64) float64 {
	if n <= 0 {
		return 0
	}
	return 1 - math.Pow(1-density, n)
}

// inside counts the taps of pixel b of a window stream that meet a source pixel.
func (k *streamKey) inside(b int) (n int) {
	high := func(p int) int { return int(k.p[p] >> 16) }
	low := func(p int) int { return int(k.p[p] & 0xffff) }
	step, off := k.p[isa.DNNCStep], k.p[isa.DNNCOff]
	stride, div, width := int(step&15), step>>4&15, high(isa.DNNCTap)
	at := high(isa.DNNCAt)*low(isa.DNNCOut) + low(isa.DNNCAt) + b
	y, x := at/low(isa.DNNCOut)%high(isa.DNNCOut)*stride, at%low(isa.DNNCOut)*stride
	first := low(isa.DNNCTap)>>8*width + low(isa.DNNCTap)&255
	for t := first; t < first+int(k.p[isa.DNNCTaps]); t++ {
		dy, dx := t/width, t%width
		if step>>8&1 == 1 {
			dy, dx = -dy, -dx
		}
		sy, sx := y+dy+int(int16(off>>16)), x+dx+int(int16(off))
		if sy >= 0 && sx >= 0 && (sy|sx)&(1<<div-1) == 0 &&
			sy>>div < high(isa.DNNCIn) && sx>>div < low(isa.DNNCIn) {
			n++
		}
	}
	return n
}
