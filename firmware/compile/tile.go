package compile

import (
	"fmt"
	"strings"
)

// The kinds of passes.
const (
	passForward = "forward"
	passErrors  = "errors" // that the layer's weights or the feedback to the layer below send down
	passUpdate  = "update"
)

// Pass is how the program goes over a layer.
type Pass struct {
	Layer, Kind string
	Unit        string // that computes: dnnc, or the unit of the error path
	Strips      int    // of a full batch; 0: the data stay on the chip
	Tiles       int    // over all strips; fully connected layers and units with trees: 0
	Pixels      int    // of a tile
	Blocks      int    // jobs: blocks of 64 inputs (forward and update of a fused schedule: 32)
	LaneTiles   int    // runs of output lanes, as many as the array has (trees: groups of neurons)
	Streams     int    // streams that the array works on at a time; trees: 0
	Cut         *Cut   // of a convolution's pass, which the program reads out of tables
}

// Cut is how a pass over a convolution is cut: the tables of one run of conv_run or conv_grad.
type Cut struct {
	Name   string // of its tables
	Kind   string
	Index  int // of the layer whose weights are used
	Lanes  int // output channels
	Split  uint32
	Strips [numKinds][]Strip // by kind of batch
	Jobs   []Job

	StripsAt   [numKinds]uint32 // external addresses
	JobsAt, At uint32           // At: of the descriptor

	walk walk
}

// Tiling is what tile makes: all passes, by layer, and the places of their tables.
type Tiling struct {
	Passes []Pass
	Placed []Region // behind all else in the lower half of external memory
}

// kinds of batches: full, the last of an epoch, the last of the test set.
const numKinds = 3

// maxEdge is the longest edge of a map that the normalisation unit counts.
const maxEdge = 4095

// tile is the third pass: it cuts the passes over each layer into strips, tiles and jobs.
func tile(l *Layout) (out Tiling, err error) {
	if err := l.checkFolds(); err != nil {
		return out, err
	}
	free := space{next: l.Free}
	for i := 1; i <= l.spec.convs(); i++ {
		kinds := []string{passForward, passErrors, passUpdate}
		if i == 1 { // nobody asks for the error of the image
			kinds = []string{passForward, passUpdate}
		}
		for _, kind := range kinds {
			q, err := l.cut(i, kind)
			if err != nil {
				return out, err
			}
			q.place(&free)
			out.Passes = append(out.Passes, q.pass(l.Layers[i].Name, l.spec))
		}
	}
	for i := l.spec.convs() + 1; i <= l.spec.top(); i++ {
		passes := l.passesFC(i)
		if l.spec.big() && l.spec.Rule != ConvOnly {
			parts, err := l.cutSamples(i, &free)
			if err != nil {
				return out, err
			}
			passes = append(passes[:len(passes)-1], parts...)
		}
		out.Passes = append(out.Passes, passes...)
	}
	out.Placed = free.regions
	return out, nil
}

func (l *Layout) batches() [numKinds]int {
	h := &l.Header
	out := [numKinds]int{int(h.Batch), int((h.TrainN-1)%h.Batch) + 1, int(h.Batch)}
	if h.TestN > 0 {
		out[2] = int((h.TestN-1)%h.Batch) + 1
	}
	return out
}

// cut cuts a pass over a convolution for each kind of batch.
func (l *Layout) cut(i int, kind string) (*Cut, error) {
	at, q := &l.Layers[i], l.describe(i, kind)
	what := strings.TrimPrefix(q.Name, at.Name+".") + " pass"
	if err := holds("bias buffers", at.Name, at.OutC, "channels", 2*l.spec.Machine.DNNC.Lanes); err != nil {
		return nil, err
	}
	if edge := max(at.X, at.Y); edge > maxEdge {
		return nil, fmt.Errorf("normalisation unit: layer %s: a map of %d x %d, edges of %d fit: "+
			"%d missing", at.Name, at.X, at.Y, maxEdge, edge-maxEdge)
	}
	if n := len(q.Jobs); n > maxJobs {
		return nil, fmt.Errorf("scratch memory: layer %s: %s has %d blocks of weights, %d fit: "+
			"%d missing", at.Name, what, n, maxJobs, n-maxJobs)
	}
	return q, l.cutStrips(q, what)
}

// cutStrips cuts the maps for each kind of batch.
func (l *Layout) cutStrips(q *Cut, what string) (err error) {
	for k, nb := range l.batches() {
		if k > 0 && nb == int(l.Header.Batch) || k == 2 && q.Kind != passForward {
			q.Strips[k] = q.Strips[0]
			continue
		}
		if q.Strips[k], err = l.room.strips(&q.walk, nb, l.Layers[q.Index].Name, what); err != nil {
			return err
		}
	}
	return nil
}

// describe is a cut with walk and jobs, and without strips.
func (l *Layout) describe(i int, kind string) *Cut {
	at := &l.Layers[i]
	q := &Cut{Name: at.Name + "." + kind, Kind: kind, Index: i, Lanes: at.OutC}
	q.Jobs = at.forwardJobs(1)
	w := &q.walk
	w.kernel, w.stride, w.pad = at.Kernel, at.Stride, at.Pad
	w.outH, w.outW, w.dstBytes = at.X, at.Y, 2*pad16(at.OutC)
	switch {
	case !at.Conv:
		l.walkSamples(q)
	case kind == passErrors:
		q.Lanes, q.Jobs = at.InC, at.errorJobs()
		w.outH, w.outW, w.dstBytes, w.back = at.InH, at.InW, 2*pad16(at.InC), true
		w.source(at.E, at.OutC, at.X, at.Y)
	case i == 1:
		w.source(l.BatchBuffer, at.InC, at.InH, at.InW)
		w.elems, w.pixelBytes, w.imageBytes, w.images = at.InC, at.InC, int(l.Header.ImageStride), true
	default:
		w.source(l.Layers[i-1].O, at.InC, at.InH, at.InW)
	}
	if d := l.spec.Density; d > 0 {
		w.words = max(1, min(w.words, int(float64(w.elems)*d/3*1.25)+1))
	}
	if kind != passUpdate {
		q.Split = l.spec.splitFor(q.Lanes)
		w.tile = 32 << q.Split
		return q
	}
	q.Name = at.Name + ".gradient"
	w.tile = 32
	if at.Conv && at.InC > 64 && i > 1 { // images of bytes have no rows of 64 channels that begin with a burst
		q.Jobs = at.forwardJobs(128)
		w.pixelRows, w.elems, w.ptrs, w.words = true, 64, 1, 16
	}
	return q
}

// splitFor is log2 of the streams that a layer with n lanes leaves room for.
func (s *Spec) splitFor(n int) uint32 {
	switch lanes := s.Machine.DNNC.Lanes; {
	case n <= lanes/4:
		return 2
	case n <= lanes/2:
		return 1
	}
	return 0
}

// LaneTiles is the number of runs of lanes that n outputs take.
func (s *Spec) LaneTiles(n int) int { return (n + s.Machine.DNNC.Lanes - 1) / s.Machine.DNNC.Lanes }

// pass is the cut in numbers.
func (q *Cut) pass(layer string, s *Spec) Pass {
	out := Pass{
		Layer: layer, Kind: q.Kind, Unit: string(ArmDNNC), Strips: len(q.Strips[0]), Pixels: q.walk.tile,
		Blocks: len(q.Jobs), LaneTiles: s.LaneTiles(q.Lanes), Streams: 1 << q.Split, Cut: q,
	}
	for _, s := range q.Strips[0] {
		out.Tiles += len(s.Tiles)
	}
	return out
}

// own tells whether a kind of batch has strips of its own.
func (q *Cut) own(k int) bool {
	return k == 0 || len(q.Strips[k]) > 0 && &q.Strips[k][0] != &q.Strips[0][0]
}

func (q *Cut) place(free *space) {
	for k, strips := range q.Strips {
		q.StripsAt[k] = q.StripsAt[0]
		if q.own(k) {
			q.StripsAt[k] = free.take(fmt.Sprintf("%s.strips%d", q.Name, k), len(strips)*q.record())
		}
	}
	q.JobsAt = free.take(q.Name+".jobs", len(q.Jobs)*jobBytes)
	q.At = free.take(q.Name+".pass", descriptorBytes)
}

func (q *Cut) record() int {
	most := 0
	for _, strips := range q.Strips {
		for _, s := range strips {
			most = max(most, len(s.Tiles))
		}
	}
	return 32 + (16*most+31)&^31
}

// passesFC lists the passes over a fully connected layer, which the program text itself cuts.
func (l *Layout) passesFC(i int) []Pass {
	s, at := l.spec, &l.Layers[i]
	pass := func(kind string, lanes, blocks int, split uint32) Pass {
		return Pass{
			Layer: at.Name, Kind: kind, Unit: string(ArmDNNC), Blocks: blocks,
			LaneTiles: s.LaneTiles(lanes), Streams: 1 << split,
		}
	}
	out := []Pass{pass(passForward, at.OutC, s.mapBlocks(at.InC), s.splitFor(at.OutC))}
	if i-1 >= l.firstError() {
		e := l.errorPass(i - 1)
		x := pass(passErrors, e.N, (e.Rows+63)/64, s.splitFor(e.N))
		if s.Arm != ArmDNNC {
			x.Unit, x.Blocks, x.LaneTiles, x.Streams = string(s.Arm), (e.Rows+15)/16, (e.N+15)/16, 0
		}
		out = append(out, x)
	}
	if s.Rule != ConvOnly {
		out = append(out, pass(passUpdate, at.OutC, s.mapBlocks(at.InC), 0))
	}
	return out
}
