package compile

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"bdfasim/isa"
)

// The passes of a convolution.
const (
	passForward  = "forward"
	passErrors   = "errors"
	passGradient = "gradient"
)

// pass is one run of conv_run or conv_grad.
type pass struct {
	kind   string
	layer  int // whose weights are used
	walk   walk
	strips [numKinds][]strip
	jobs   []job
	tables [numKinds]uint32 // external address of the strips
	jobsAt uint32
	at     uint32 // of the descriptor
	lanes  int    // output channels
	split  uint32
}

// maxEdge is the longest edge of a map that the normalisation unit counts.
const maxEdge = 4095

// splitFor is log2 of the streams that a layer with n lanes leaves room for.
func splitFor(n int) uint32 {
	switch {
	case n <= 64:
		return 2
	case n <= 128:
		return 1
	}
	return 0
}

// batches are the sizes of the kinds of batches.
func (p *Plan) batches() [numKinds]int {
	h := &p.Header
	out := [numKinds]int{int(h.Batch), int((h.TrainN-1)%h.Batch) + 1, int(h.Batch)}
	if h.TestN > 0 {
		out[2] = int((h.TestN-1)%h.Batch) + 1
	}
	return out
}

// planPasses plans the passes of all convolutions and places their tables.
func (p *Plan) planPasses() error {
	k := p.spec.convs()
	for i := 1; i <= k; i++ {
		l := &p.Layers[i]
		if l.OutC > 512 {
			return fmt.Errorf("bias buffers: layer %s: %d channels, 512 fit: %d missing", l.Name, l.OutC, l.OutC-512)
		}
		if edge := max(l.X, l.Y); edge > maxEdge {
			return fmt.Errorf("normalisation unit: layer %s: a map of %d x %d, edges of %d fit: %d missing", l.Name, l.X, l.Y, maxEdge, edge-maxEdge)
		}
		kinds := []string{passForward, passErrors, passGradient}
		if i == 1 { // nobody asks for the error of the image
			kinds = []string{passForward, passGradient}
		}
		for _, kind := range kinds {
			q := &pass{kind: kind, layer: i}
			p.describe(q)
			if n := len(q.jobs); n > maxJobs {
				return fmt.Errorf("scratch memory: layer %s: %s pass has %d blocks of weights, %d fit: %d missing", l.Name, kind, n, maxJobs, n-maxJobs)
			}
			for kindOf, nb := range p.batches() {
				if kindOf > 0 && nb == int(p.Header.Batch) || kindOf == 2 && kind != passForward {
					continue
				}
				var err error
				if q.strips[kindOf], err = p.strips(&q.walk, nb, l.Name, kind+" pass"); err != nil {
					return err
				}
			}
			p.passes = append(p.passes, q)
		}
	}
	return nil
}

// describe fills in the walk and the jobs.
func (p *Plan) describe(q *pass) {
	l := &p.Layers[q.layer]
	w := &q.walk
	w.kernel, w.stride, w.pad = l.Kernel, l.Stride, l.Pad
	source := func(addr uint32, c, h, width int, bytes bool) {
		w.srcH, w.srcW, w.base = h, width, addr
		w.ptrs, w.words, w.elems = (pad16(c)+63)/64, pad16(c)/4, pad16(c)
		if c < 16 {
			w.words = min(w.words, (c+2)/3) // three pairs a word
		}
		w.pixelBytes, w.imageBytes = 2*pad16(c), 2*pad16(c)*h*width
		if bytes {
			w.elems, w.pixelBytes, w.imageBytes, w.images = c, c, int(p.Header.ImageStride), true
		}
		if d := p.spec.Density; d > 0 {
			w.words = max(1, min(w.words, int(float64(w.elems)*d/3*1.25)+1))
		}
	}
	input := func() {
		if q.layer == 1 {
			source(p.BatchBuffer, l.InC, l.InH, l.InW, true)
			return
		}
		source(p.Layers[q.layer-1].O, l.InC, l.InH, l.InW, false)
	}
	switch q.kind {
	case passForward:
		input()
		w.outH, w.outW = l.X, l.Y
		w.dstBytes = 2 * pad16(l.OutC)
		q.lanes, q.jobs = l.OutC, l.forwardJobs(1)
	case passErrors:
		source(l.E, l.OutC, l.X, l.Y, false)
		w.outH, w.outW, w.back = l.InH, l.InW, true
		w.dstBytes = 2 * pad16(l.InC)
		q.lanes, q.jobs = l.InC, l.errorJobs()
	case passGradient:
		input()
		w.outH, w.outW = l.X, l.Y
		w.dstBytes = 2 * pad16(l.OutC)
		q.lanes, q.jobs = l.OutC, l.forwardJobs(1)
		w.tile = 32
		if l.InC > 64 && q.layer > 1 { // images of bytes have no rows of 64 channels that begin with a burst
			q.jobs = l.forwardJobs(128)
			w.pixelRows, w.elems, w.ptrs, w.words = true, 64, 1, 16
		}
		return
	}
	q.split = splitFor(q.lanes)
	w.tile = 32 << q.split
}

// placeTables gives the passes their places behind the images.
func (p *Plan) placeTables(low *space) {
	for _, q := range p.passes {
		name := p.Layers[q.layer].Name + "." + q.kind
		for k, strips := range q.strips {
			if strips != nil {
				q.tables[k] = low.take(fmt.Sprintf("%s.strips%d", name, k), len(strips)*q.record())
			}
		}
		for k := range q.tables {
			if q.strips[k] == nil {
				q.tables[k], q.strips[k] = q.tables[0], q.strips[0]
			}
		}
		q.jobsAt = low.take(name+".jobs", len(q.jobs)*24)
		q.at = low.take(name+".pass", 256)
	}
}

// record is the size of a strip record of the pass.
func (q *pass) record() int {
	most := 0
	for _, strips := range q.strips {
		for _, s := range strips {
			most = max(most, len(s.tiles))
		}
	}
	return 32 + (16*most+31)&^31
}

// stripData makes the strip records of a kind of batch.
func (q *pass) stripData(kind int) []byte {
	record := q.record()
	out := make([]byte, len(q.strips[kind])*record)
	for i, s := range q.strips[kind] {
		put := out[i*record:]
		for k, v := range []uint32{s.xaddr, s.n, s.rows, s.src, s.off, s.out, uint32(len(s.tiles))} {
			binary.LittleEndian.PutUint32(put[4*k:], v)
		}
		for k, t := range s.tiles {
			for w, v := range []uint32{t.at, t.src, t.dst, t.nb} {
				binary.LittleEndian.PutUint32(put[32+16*k+4*w:], v)
			}
		}
	}
	return out
}

func (q *pass) jobData() []byte {
	var out []byte
	for _, j := range q.jobs {
		for _, v := range []uint32{j.w, j.src, j.tap, j.rows, j.taps, j.chan_} {
			out = binary.LittleEndian.AppendUint32(out, v)
		}
	}
	return out
}

// descriptor makes the words of a pass in the order of the C_ names in asm/conv.s.
func (p *Plan) descriptor(q *pass) []byte {
	l, w := &p.Layers[q.layer], &q.walk
	d := make([]uint32, 64)
	for k := range numKinds {
		d[k], d[3+k] = q.tables[k], uint32(len(q.strips[k]))
		d[33+k] = uint32(p.batches()[k] * l.X * l.Y)
	}
	flags := uint32(isa.FlagNew)
	if !w.images {
		flags |= isa.FlagI16
	}
	xstep, dstep, chan_ := w.imageBytes, w.srcH*w.srcW*w.ptrs, w.elems
	if w.pixelRows {
		xstep, dstep, chan_ = w.pixelBytes, 1, 0
	}
	kb := l.kBlocks()
	d[6], d[7], d[8], d[9], d[10] = uint32(q.record()), q.jobsAt, uint32(len(q.jobs)), uint32(q.lanes), l.Weights
	d[11], d[12], d[14], d[16] = uint32(l.WStep), uint32(4*l.WStep), uint32(w.dstBytes), q.split
	d[17], d[18], d[19] = uint32(w.ptrs), uint32(w.srcH*w.srcW*w.ptrs), uint32(w.srcH)<<16|uint32(w.srcW)
	d[20] = uint32(l.Stride)
	d[21], d[22], d[23], d[24] = uint32(xstep), uint32(dstep), uint32(chan_), flags
	d[25], d[26], d[27], d[28] = uint32(p.Pointers), uint32(p.bufPtrs), uint32(p.OMEMWords), uint32(p.bufWords)
	if len(q.jobs)*((q.lanes+255)/256) < 4 {
		d[29] = 1
	}
	d[31] = l.Biases
	d[48] = uint32(len(q.jobs) * 24)
	switch q.kind {
	case passForward:
		d[13], d[15] = l.Z, uint32(l.foIn(p)+l.Fw-l.Fz)
	case passErrors:
		low := &p.Layers[q.layer-1]
		d[11], d[12] = weightBlock, 4*weightBlock
		d[13], d[15], d[30] = low.D, uint32(l.errorShift(low)), isa.FlagT
		d[20] = 1 | uint32(bits.TrailingZeros(uint(l.Stride)))<<4 | 1<<8
	case passGradient:
		d[13] = l.E
		if l.Bias {
			d[32] = 1
		}
		d[36], d[37], d[38], d[39] = l.Velocities, uint32(l.VStep), uint32(4*l.VStep), l.BiasVelocities
		sh := l.shifts(p)
		d[40], d[41], d[42], d[43], d[44] = uint32(sh.g), uint32(sh.decay), uint32(sh.t), uint32(sh.gb), uint32(sh.tb)
		d[45], d[46], d[47] = l.Counter, uint32(32*kb), uint32(4*32*kb)
	}
	out := make([]byte, 256)
	for k, v := range d {
		binary.LittleEndian.PutUint32(out[4*k:], v)
	}
	return out
}

// foIn is Fo of the layer below.
func (l *LayerPlan) foIn(p *Plan) int {
	if i := l.index(p); i > 1 {
		return p.Layers[i-1].Fo
	}
	return inputFrac
}

func (l *LayerPlan) index(p *Plan) int {
	for i := range p.Layers {
		if &p.Layers[i] == l {
			return i
		}
	}
	panic("compile: not a layer of the plan")
}

// errorShift brings the sums of a convolution's error pass to the fraction bits of d of the layer below it.
func (l *LayerPlan) errorShift(low *LayerPlan) int { return l.Fw + l.Fe - low.Fd }

// shifts of section 5.
type shifts struct{ g, decay, t, gb, tb int }

func (l *LayerPlan) shifts(p *Plan) shifts {
	fo := l.foIn(p)
	return shifts{g: fo + l.Fe + 5 - l.Fv, decay: l.Fw + 16 - l.Fv, t: l.Fv + 16 - l.Fw, gb: l.Fe + 5 - l.Fv, tb: l.Fv + 16 - (fo + l.Fw)}
}
