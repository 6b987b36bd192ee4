package compile

import (
	"fmt"
	"math/bits"

	"bdfasim/firmware"
	"bdfasim/isa"
	"bdfasim/isa/machine"
)

// Sizes of what asm/conv.s reads.
const (
	jobBytes        = 24
	descriptorBytes = 256
)

// descriptor is what the program knows of a pass over a convolution: the C_ names of asm/conv.s,
// in their order.
type descriptor struct {
	Strips, NStrips                   [numKinds]uint32
	Record, Jobs, NJobs               uint32
	Lanes, Weights, WStep, WTile      uint32
	Dst, DstStep, Shift, Split        uint32
	SrcStep, ImageStep, In, Step      uint32
	MapXStep, MapDStep, MapChan       uint32
	MapFlags                          uint32
	Buf, BufStep, Alloc, AllocStep    uint32
	Few, T, Biases, HasBias           uint32
	Pixels                            [numKinds]uint32
	Velocities, VStep, VTile, BiasV   uint32
	GShift, DecayShift, TShift        uint32
	GBShift, TBShift                  uint32
	Counter, CounterStep, CounterTile uint32
	JobBytes                          uint32
}

// emitTables makes strips, jobs and descriptor of a cut.
func (l *Layout) emitTables(out *Segments, q *Cut) {
	for k := range q.Strips {
		if q.own(k) {
			out.add(fmt.Sprintf("%s.strips%d", q.Name, k), q.StripsAt[k], q.stripData(k))
		}
	}
	out.add(q.Name+".jobs", q.JobsAt, firmware.Encode(q.Jobs, len(q.Jobs)*jobBytes))
	out.add(q.Name+".pass", q.At, firmware.Encode(l.descriptor(q), descriptorBytes))
}

func (q *Cut) stripData(kind int) []byte {
	record := q.record()
	out := make([]byte, len(q.Strips[kind])*record)
	for i, s := range q.Strips[kind] {
		head := []uint32{s.XAddr, s.N, s.Rows, s.Src, s.Off, s.Out, uint32(len(s.Tiles))}
		copy(out[i*record:], firmware.Encode(head, 32))
		copy(out[i*record+32:], firmware.Encode(s.Tiles, 16*len(s.Tiles)))
	}
	return out
}

func (l *Layout) descriptor(q *Cut) *descriptor {
	at, w := &l.Layers[q.Index], &q.walk
	pointers := uint32(w.srcH * w.srcW * w.ptrs)
	d := &descriptor{
		Strips: q.StripsAt, Record: uint32(q.record()), Jobs: q.JobsAt, NJobs: uint32(len(q.Jobs)),
		JobBytes: uint32(len(q.Jobs) * jobBytes),
		Lanes:    uint32(q.Lanes), Weights: at.Weights, Biases: at.Biases,
		WStep: uint32(at.WStep), DstStep: uint32(w.dstBytes), Split: q.Split,
		SrcStep: uint32(w.ptrs), ImageStep: pointers,
		In: uint32(w.srcH)<<16 | uint32(w.srcW), Step: uint32(at.Stride),
		MapXStep: uint32(w.imageBytes), MapDStep: pointers, MapChan: uint32(w.elems),
		MapFlags: isa.FlagNew, Buf: uint32(l.Pointers), BufStep: uint32(l.room.ptrs),
		Alloc: uint32(l.OMEMWords), AllocStep: uint32(l.room.words),
	}
	for k, nb := range l.batches() {
		d.NStrips[k], d.Pixels[k] = uint32(len(q.Strips[k])), uint32(nb*at.X*at.Y)
	}
	if !w.images && !w.bytes {
		d.MapFlags |= isa.FlagI16
	}
	if w.pixelRows {
		d.MapXStep, d.MapDStep, d.MapChan = uint32(w.pixelBytes), 1, 0
	}
	if len(q.Jobs)*l.spec.LaneTiles(q.Lanes) < 4 {
		d.Few = 1
	}
	switch q.Kind {
	case passForward:
		d.Dst, d.Shift = at.Z, uint32(at.FoIn+at.Fw-at.Fz)
	case passErrors:
		low := &l.Layers[q.Index-1]
		d.WStep = weightBlock
		d.Dst, d.Shift, d.T = low.D, uint32(at.errorShift(low)), isa.FlagT
		d.Step = 1 | uint32(bits.TrailingZeros(uint(at.Stride)))<<4 | 1<<8
	case passUpdate:
		d.Dst = at.E
		if at.Bias && q.Jobs[0].W == 0 { // with the first jobs, if there are several passes
			d.HasBias = 1
		}
		d.Velocities, d.BiasV = at.Velocities, at.BiasVelocities
		d.VStep = uint32(at.VStep)
		sh, kb := at.shifts(l.spec.Batch), uint32(at.kBlocks())
		d.GShift, d.DecayShift, d.TShift = uint32(sh.G), uint32(sh.Decay), uint32(sh.T)
		d.GBShift, d.TBShift = uint32(sh.GB), uint32(sh.TB)
		d.Counter, d.CounterStep = at.Counter, 32*kb
	}
	blocks := uint32(l.spec.Machine.DNNC.Lanes / machine.Block) // of a run of lanes
	d.WTile, d.VTile, d.CounterTile = blocks*d.WStep, blocks*d.VStep, blocks*d.CounterStep
	return d
}
