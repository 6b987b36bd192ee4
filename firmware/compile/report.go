package compile

import (
	"encoding/binary"
	"fmt"
	"math"

	"bdfasim/firmware"
	"bdfasim/isa"
	"bdfasim/isa/image"
)

// Usage is what a program takes of a memory of the chip. Part is empty in the row of a whole memory, which follows its
// parts and alone has a size.
type Usage struct {
	Memory, Part, Unit string
	Used, Size         int
}

// Usage lists the memories of the chip with what takes room in them. img is the program's image.
func (p *Plan) Usage(img *image.Image) []Usage {
	s := p.spec
	c := &s.Capacities
	var out []Usage
	add := func(memory, unit string, size int, parts ...Usage) {
		used := 0
		for _, u := range parts {
			if u.Used == 0 {
				continue
			}
			u.Memory, u.Unit = memory, unit
			used += u.Used
			if len(parts) > 1 {
				out = append(out, u)
			}
		}
		out = append(out, Usage{Memory: memory, Unit: unit, Used: used, Size: size})
	}
	var words, pointers, masks []Usage
	for i := s.convs() + 1; i <= s.top(); i++ {
		w, ptr, m := p.usageFC(i)
		words, pointers, masks = append(words, w...), append(pointers, ptr...), append(masks, m)
	}
	if s.convs() > 0 {
		words = append(words, Usage{Part: "strips of the convolutions, 2 buffers", Used: 2 * p.bufWords})
		pointers = append(pointers, Usage{Part: "strips of the convolutions, 2 buffers", Used: 2 * p.bufPtrs})
	}
	add("OMEM", "words", c.OMEMWords, words...)
	add("pointer table", "pointers", c.Pointers, pointers...)
	add("mask memory", "words", c.MaskWords, masks...)
	add("sign memory", "entries", c.SignEntries, Usage{Used: int(p.Header.SignEntries)})
	add("instruction memory", "bytes", c.CodeBytes, Usage{Used: len(img.Code) * isa.WordBytes})
	end, _ := img.Symbol("SCRATCH_END")
	add("scratch memory", "bytes", c.ScratchBytes, Usage{Used: int(end.Value)})
	return out
}

// copies is how often the maps of fully connected layers lie on the chip: those of two batches in a fused schedule.
func (p *Plan) copies() int {
	if p.spec.Fused {
		return 2
	}
	return 1
}

// usageFC is what fully connected layer i takes of OMEM, pointers and masks.
func (p *Plan) usageFC(i int) (words, pointers []Usage, mask Usage) {
	l, s := &p.Layers[i], p.spec
	if i == s.convs()+1 {
		part, copies, blocks, n := l.Name+" input", p.copies(), int(l.InBlocks), int(l.InLimit-l.InAlloc)
		if l.Streamed {
			copies, blocks, n = 2*p.copies(), s.mapBlocks(64), int(p.streamAlloc[1]-p.streamAlloc[0])
			part = fmt.Sprintf("%s input, %d buffers it streams through", l.Name, copies)
		}
		words = append(words, Usage{Part: part, Used: copies * n})
		pointers = append(pointers, Usage{Part: part, Used: copies * s.Batch * blocks})
	}
	if i == s.top() {
		words = append(words, Usage{Part: l.Name + " logits", Used: s.Batch * int(l.OutStep)})
	} else {
		words = append(words, Usage{Part: l.Name + " output", Used: p.copies() * int(l.OutLimit-l.OutAlloc)})
		pointers = append(pointers, Usage{Part: l.Name + " output", Used: p.copies() * s.Batch * int(l.OutStep)})
		mask = Usage{Part: l.Name, Used: s.Batch * int(l.MaskStep)}
	}
	return append(words, Usage{Part: l.Name + " error", Used: s.Batch * int(l.ErrStep)}), pointers, mask
}

// Pass is how the program goes over a layer.
type Pass struct {
	Layer, Kind string // forward, errors (that the layer's weights or the feedback to the layer below send down), update
	Unit        string // that computes: dnnc, or the unit of the error path
	Strips      int    // parts that the maps of a full batch are brought through OMEM in; 0: the data stay on the chip
	Tiles       int    // banks of output pixels over all strips; fully connected layers and units with trees: 0
	Pixels      int    // output pixels of a tile
	Blocks      int    // jobs of a tile: blocks of weights, 64 rows (forward and update of a fused schedule: 32) of 64 columns each
	LaneTiles   int    // runs of up to 256 output lanes (trees: groups of 16 neurons)
	Streams     int    // streams that the array works on at a time; trees: 0
}

// Passes lists all passes over all layers, in the order of the layers.
func (p *Plan) Passes() []Pass {
	var out []Pass
	for _, q := range p.passes {
		x := Pass{
			Layer: p.Layers[q.layer].Name, Kind: q.kind, Unit: string(ArmDNNC), Strips: len(q.strips[0]), Pixels: q.walk.tile,
			Blocks: len(q.jobs), LaneTiles: (q.lanes + 255) / 256, Streams: 1 << q.split,
		}
		for _, s := range q.strips[0] {
			x.Tiles += len(s.tiles)
		}
		if q.kind == passGradient {
			x.Kind = "update"
		}
		out = append(out, x)
	}
	for i := p.spec.convs() + 1; i <= p.spec.top(); i++ {
		out = append(out, p.passesFC(i)...)
	}
	return out
}

// passesFC lists the passes over a fully connected layer.
func (p *Plan) passesFC(i int) []Pass {
	s, l := p.spec, &p.Layers[i]
	pass := func(kind string, lanes, rows int, split uint32) Pass {
		return Pass{Layer: l.Name, Kind: kind, Unit: string(ArmDNNC), Blocks: (rows + 63) / 64, LaneTiles: (lanes + 255) / 256, Streams: 1 << split}
	}
	forward := pass("forward", l.OutC, l.InC, splitFor(l.OutC))
	forward.Blocks = s.mapBlocks(l.InC)
	out := []Pass{forward}
	if below := i - 1; below >= p.firstError() {
		n, rows := p.Layers[below].ChipOutputs(), l.OutC
		if s.Rule == DFA || s.Rule == BDFA {
			rows = p.Layers[s.top()].OutC
		}
		x := pass("errors", n, rows, splitFor(n))
		if s.Arm != ArmDNNC {
			x.Unit, x.Blocks, x.LaneTiles, x.Streams = string(s.Arm), (rows+15)/16, (n+15)/16, 0
		}
		out = append(out, x)
	}
	if s.Rule != ConvOnly {
		update := pass("update", l.OutC, l.InC, 0)
		update.Blocks = s.mapBlocks(l.InC)
		out = append(out, update)
	}
	return out
}

// ErrorBuffer returns the layer with the most errors of a sample that the unit of the error path has to hold, and their
// number; none when the MAC array makes the errors.
func (p *Plan) ErrorBuffer() (layer string, errors int) {
	s := p.spec
	if s.Arm == ArmDNNC {
		return "", 0
	}
	for i := p.firstError() + 1; i <= s.top(); i++ {
		if l := &p.Layers[i]; l.OutC > errors && (!s.direct() || i == s.top()) {
			layer, errors = l.Name, l.OutC
		}
	}
	return layer, errors
}

// XMemBytes returns the smallest external memory, a power of two from least to most bytes, whose halves hold the program of a
// specification.
func XMemBytes(spec Spec, least, most int) (int, error) {
	s := &spec
	if s.Capacities == (firmware.Capacities{}) {
		s.Capacities = firmware.DefaultCapacities()
	}
	s.Capacities.XMemBytes = most
	p, err := planSpec(s)
	if err != nil {
		return 0, err
	}
	n := least
	for n/2 < max(p.low.next, p.high.next-most/2) {
		n *= 2
	}
	return n, nil
}

// SetStatistics gives the batch normalisation of layer i other running statistics than 0 and 1, in the image of the
// program; mean and variance have a number a channel (docs/arithmetic.md section 8).
func (p *Plan) SetStatistics(img *image.Image, i int, mean, variance []float64) {
	l := &p.Layers[i]
	for _, seg := range img.Segments {
		if seg.Addr != l.Rec {
			continue
		}
		for c := range l.OutC {
			r := seg.Data[c*recordBytes:]
			m, _ := firmware.Quantize(mean[c], l.Fz+8, 32)
			v, _ := firmware.Quantize(math.Max(variance[c], 0), 2*l.Fz+16, 62)
			binary.LittleEndian.PutUint32(r[16:], uint32(m))
			binary.LittleEndian.PutUint64(r[32:], uint64(v))
		}
	}
}
