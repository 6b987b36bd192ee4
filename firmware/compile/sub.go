package compile

import (
	"fmt"
	"slices"

	"bdfasim/firmware"
)

// A batch of more than 32 samples is big: it comes in sub-batches of what the chip holds at a time
// (asm/sub.s).
func (s *Spec) big() bool { return s.Batch > firmware.SubBatch }

// held is how many samples are on the chip at a time.
func (s *Spec) held() int { return min(s.Batch, firmware.SubBatch) }

// subBatches is how many parts a batch has.
func (s *Spec) subBatches() int { return (s.Batch + firmware.SubBatch - 1) / firmware.SubBatch }

// rowOf is the bytes of n numbers of a sample in external memory.
func rowOf(n int) int { return 2 * pad16(n) }

// behind is how many elements the last block of 64 of a row of n reads past the row.
func (s *Spec) behind(n int) int {
	if !s.big() {
		return 0
	}
	return (64 - n%64) % 64
}

// planSamples places what the update of a fully connected layer reads: its errors, and for the one
// above its outputs, of all samples of a batch.
func (p *Layout) planSamples(l *LayerPlan, name func(string) string, low, high *space) {
	rows := p.spec.Batch * rowOf(l.OutC)
	l.E = high.take(name("e, all"), rows)
	if l.Name != p.Layers[p.spec.top()].Name {
		l.O = low.take(name("o, all"), rows+2*p.spec.behind(pad16(l.OutC)))
	}
	if p.unit == 0 {
		p.unit = low.take("unit", weightBlock)
	}
}

// unitMatrix is a block of weights that leaves outputs as they are.
func unitMatrix() []byte {
	out := make([]byte, weightBlock)
	for k := range 64 {
		out[k*(rowBytes+2)] = 1
	}
	return out
}

// walkSamples has a sample of a fully connected layer for a map of one pixel, of which a job
// reads a block of 64 channels.
func (l *Layout) walkSamples(q *Cut) {
	at, w := &l.Layers[q.Index], &q.walk
	if q.Index == 1 {
		w.source(l.BatchBuffer, at.InC, 1, 1)
		w.pixelBytes, w.bytes = int(l.Header.ImageStride), true
	} else {
		w.source(l.Layers[q.Index-1].O, at.InC, 1, 1)
	}
	w.imageBytes = w.pixelBytes
	w.pixelRows, w.elems, w.ptrs = true, min(64, w.elems), 1
	w.words = w.elems / 4
	q.Jobs = at.forwardJobs(128)
	if w.bytes {
		q.Jobs = at.forwardJobs(64)
	}
}

// cutSamples cuts the update of a fully connected layer into as many passes as its jobs need.
func (l *Layout) cutSamples(i int, free *space) (parts []Pass, err error) {
	for left := l.describe(i, passUpdate).Jobs; len(left) > 0; {
		q := l.describe(i, passUpdate)
		n := min(len(left), maxJobs)
		q.Jobs, left = left[:n], left[n:]
		if len(parts) > 0 {
			q.Name += fmt.Sprint(len(parts) + 1)
		}
		if err := l.cutStrips(q, "update pass"); err != nil {
			return nil, err
		}
		q.place(free)
		parts = append(parts, q.pass(l.Layers[i].Name, l.spec))
	}
	return parts, nil
}

// subBackward writes the errors of a sub-batch, and what follows the last one: errors of
// convolutions and updates.
func (e *emitter) subBackward() {
	s := e.spec
	k, top := s.convs(), s.top()
	e.asm("## errors of a sub-batch, which are kept for the updates; r13 returns\nteach:")
	e.allErrors()
	if s.Rule != ConvOnly {
		for i := k + 1; i <= top; i++ {
			e.piece("keep errors", e.layer(i))
		}
		e.asm("seti dma.rows, 0")
	}
	e.asm("jr r13\n## errors of convolutions, and updates; r13 returns\nbackward:")
	e.seedUpdates()
	e.piece("whole batch", nil)
	if k > 0 {
		e.backwardConvs()
	}
	if s.Rule != ConvOnly {
		for i := top; i > k; i-- {
			e.piece("conv update", e.layer(i))
		}
	}
	e.asm("jr r13")
}

// ofSub goes from the place of the first sample of a batch to that of the sub-batch at hand, step
// apart from sample to sample; with is used.
func (e *emitter) ofSub(reg, with string, step int) string {
	if !e.spec.big() {
		return ""
	}
	return fmt.Sprintf("lw %s, V_FIRST(zero)\nmuli %s, %s, %d\nadd %s, %s, %s",
		with, with, with, step, reg, reg, with)
}

// less is how much less gradients are shifted in the last batch of an epoch.
func (e *emitter) less() int {
	nb := e.batches()
	return firmware.MeanShift(nb[0]) - firmware.MeanShift(nb[1])
}

// fold has the number of maps that the normalisation unit counts in batches of a kind, and from
// bit 8 on of how many images each of them is, below each other.
func (e *emitter) fold(kind int) int {
	nb := e.batches()[kind]
	images := imagesOf(nb)
	return nb/images<<8 | images
}

// imagesView is what the normalisation unit does with maps that it does not sum over, 32 images at
// a time.
type imagesView struct {
	Command, Reg  string // Reg: the parameter for the maps that are read
	X             int    // height of a map
	From, To, Pos imagesAt
}

// imagesAt is where maps lie, and how many bytes 32 of them take.
type imagesAt struct {
	At   uint32
	Step int
}

func (l layerView) images(command string) imagesView {
	full, pooled := l.X*l.Y*rowOf(l.OutC), 2*l.mapElems()
	at := func(addr uint32, bytes int) imagesAt { return imagesAt{addr, firmware.SubBatch * bytes} }
	pos := at(l.Pos, l.H*l.W*l.jBlocks()*32)
	if command != "norm.back" {
		return imagesView{command, "src", l.X, at(l.Z, full), at(l.O, pooled), pos}
	}
	to := l.E
	if l.Apart() {
		to = l.Spread
	}
	return imagesView{command, "aux", l.X, at(l.D, pooled), at(to, full), pos}
}

// Apart tells whether a normalisation cannot pool all images of a large batch at once, since rows
// are left over between them.
func (l *LayerPlan) Apart() bool { return l.Spread != 0 }

// planSpread places what such a layer has beside its maps: errors that are spread over the windows,
// and positions that say of each pixel that its error is its own.
func (p *Layout) planSpread(l *LayerPlan, name func(string) string, low, high *space) {
	if !p.spec.big() || !l.BN || l.X%l.Pool == 0 {
		return
	}
	pixels := p.spec.Batch * l.X * l.Y
	l.Spread = low.take(name("h"), pixels*rowOf(l.OutC))
	l.Zeros = high.take(name("pos, zero"), pixels*l.jBlocks()*32)
}

// imagesOf is the largest divisor of a number of samples that the normalisation unit counts.
func imagesOf(nb int) int {
	images := min(nb, firmware.SubBatch)
	for nb%images != 0 {
		images--
	}
	return images
}

// checkFolds looks whether the normalisation unit takes the maps of batches of these sizes at
// once, where it sums over a batch.
func (l *Layout) checkFolds() error {
	if !l.spec.big() {
		return nil
	}
	for i := 1; i <= l.spec.convs(); i++ {
		at := &l.Layers[i]
		if !at.BN {
			continue
		}
		for _, nb := range l.batches() {
			fold := nb / imagesOf(nb)
			if edge := fold * at.X; edge > maxEdge {
				return fmt.Errorf("batch: got %d samples with a normalisation of %d rows in layer %s, "+
					"want a number with a divisor up to %d that leaves at most %d rows of %d: "+
					"the normalisation unit takes as many",
					nb, at.X, at.Name, firmware.SubBatch, maxEdge, nb*at.X)
			}
		}
	}
	return nil
}

// smaller names the largest batch that fits, where the batch is big and does not.
func (s *Spec) smaller(n samples) string {
	here := *s
	for here.big() {
		here.Batch--
		if l, err := plan(&here, n); err != nil || l.checkFolds() != nil || l.fits() != nil {
			continue // without its tables
		}
		if p, err := placed(&here, n); err == nil && p.fits() == nil {
			return fmt.Sprintf("; a batch of %d fits", here.Batch)
		}
	}
	return ""
}

// rates tells whether layers have learning rates of their own.
func (s *Spec) rates() bool {
	return slices.ContainsFunc(s.Layers[1:], func(l Layer) bool { return l.Scale != 1<<8 })
}

// rate sets the learning rate of a layer for a unit; r6 is used.
func (e *emitter) rate(l layerView, unit string) string {
	if !e.spec.rates() {
		return ""
	}
	scaled := ""
	if l.Scale != 1<<8 {
		scaled = fmt.Sprintf("muli r6, r6, %d\naddi r6, r6, 128\nshri r6, r6, 8\n", l.Scale)
	}
	return "lw r6, V_ETA(zero)\n" + scaled + "set " + unit + ".eta, r6"
}
