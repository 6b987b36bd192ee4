package compile

import (
	"bdfasim/firmware"
	"bdfasim/isa/image"
)

type places struct {
	list  []image.Tensor
	layer string
	index int
	batch int
}

// add adds a tensor in external memory and returns it.
func (p *places) add(
	name, layout string, addr uint32, stride, bits, frac int, shape ...int,
) *image.Tensor {
	p.list = append(p.list, image.Tensor{
		Name: p.layer + "." + name, Space: "xmem", Layout: layout, Addr: addr,
		Stride: uint32(stride), Shape: shape, Bits: bits, Frac: frac, Layer: p.index,
	})
	return &p.list[len(p.list)-1]
}

// chip adds a tensor of a sample of n elements in a memory of the chip.
func (p *places) chip(name, space, layout string, addr, stride uint32, bits, frac, n int) {
	p.add(name, layout, addr, int(stride), bits, frac, min(p.batch, firmware.SubBatch), n).Space = space
}

// pixels adds a map of 16 bits: h x w pixels with c channels.
func (p *places) pixels(name string, addr uint32, frac, h, w, c int) {
	p.add(name, image.Rows, addr, 2*pad16(c), 16, frac, p.batch, h, w, c)
}

// twice adds the last tensor again, as a fused schedule has it: the batch at hand and the last one
// take turns, by the offsets in the program's variables V_COPY_P (pointers) and V_COPY_B (bytes).
func (p *places) twice(offset int) {
	if t := p.list[len(p.list)-1]; offset > 0 {
		t.Name += ".2"
		t.Addr += uint32(offset)
		p.list = append(p.list, t)
	}
}

// Tensors says where each tensor lies, by layer.
//
//	W V       weights and velocities (taps, outputs, inputs; fully connected: outputs, inputs)
//	D         16-bit feedback to the layer (classes, outputs as the chip has them)
//	b vb      biases and their velocities
//	bn.gamma  and bn.beta, vgamma, vbeta, mean, var: a batch normalisation, by channel
//	z o pos   convolutions (sample, y, x, channel): sums, outputs, places of the maxima
//	d e       dLoss/do and dLoss/dz
//	in o a    fully connected layers (sample, neuron): inputs of the first, outputs, logits
//	e mask    errors, f'
//
// Besides there are images.train, images.test (sample, byte) and, where the program gathers them,
// images.batch. What a fused schedule has twice, has a second copy with .2 behind its name; of batches
// over 32 the tensors of fully connected layers are those of a sub-batch, and with .all of all samples.
func (p *Layout) Tensors() []image.Tensor {
	s, h := p.spec, &p.Header
	out := places{layer: "images", batch: s.Batch}
	images := func(name string, addr uint32, n int) {
		if n > 0 {
			out.add(name, image.Rows, addr, int(h.ImageStride), 8, inputFrac, n, int(h.Inputs))
		}
	}
	images("train", h.TrainImages, p.samples.Train)
	images("test", h.TestImages, p.samples.Test)
	if p.BatchBuffer != 0 {
		images("batch", p.BatchBuffer, s.Batch)
		if s.convs() == 0 {
			out.twice(p.copyBytes)
		}
	}
	for i := range p.Layers {
		l := &p.Layers[i]
		out.index, out.layer = i, l.Name
		if l.FeedbackAt != 0 {
			out.list = append(out.list, *p.feedback(i))
		}
		switch {
		case i == 0 && s.InputError:
			out.add("d", image.Rows, l.D, 2*l.mapElems(), 16, l.Fd, s.Batch, l.OutC)
		case i > 0:
			p.parameters(&out, i)
			if l.Conv {
				p.maps(&out, i)
			} else {
				p.chipMaps(&out, i)
			}
		}
	}
	return out.list
}

// feedback is where D_i lies: a weight matrix from N_i inputs to N_L outputs.
func (p *Layout) feedback(i int) *image.Tensor {
	l, top := &p.Layers[i], &p.Layers[len(p.Layers)-1]
	out := places{layer: l.Name, index: i}
	return out.add("D", image.Blocks, l.FeedbackAt, weightBlock, 16, l.Fb, top.OutC, l.ChipOutputs())
}

// parameters adds what layer i learns.
func (p *Layout) parameters(out *places, i int) {
	l := &p.Layers[i]
	shape := []int{l.OutC, l.InC}
	if l.Conv {
		shape = []int{l.taps(), l.OutC, l.InC}
	}
	out.add("W", image.Blocks, l.Weights, weightBlock, 16, l.Fw, shape...)
	out.add("V", image.Blocks, l.Velocities, velBlock, 24, l.Fv, shape...)
	out.add("b", image.Rows, l.Biases, 4, 32, l.FoIn+l.Fw, l.OutC)
	out.add("vb", image.Rows, l.BiasVelocities, 3, 24, l.Fv, l.OutC)
	if !l.BN {
		return
	}
	for _, f := range []struct {
		name           string
		at, bits, frac int
	}{
		{"gamma", 0, 32, 20}, {"beta", 4, 32, 26}, {"vgamma", 8, 32, l.Fv}, {"vbeta", 12, 32, l.Fv},
		{"mean", 16, 32, l.Fz + 8}, {"var", 32, 64, 2*l.Fz + 16},
	} {
		out.add("bn."+f.name, image.Rows, l.Rec+uint32(f.at), recordBytes, f.bits, f.frac, l.OutC)
	}
}

func (p *Layout) maps(out *places, i int) {
	l := &p.Layers[i]
	out.pixels("z", l.Z, l.Fz, l.X, l.Y, l.OutC)
	out.pixels("o", l.O, l.Fo, l.H, l.W, l.OutC)
	if i == p.spec.convs() {
		out.twice(p.copyBytes)
	}
	out.add("pos", image.Rows, l.Pos, (l.OutC+63)/64*32, 4, 0, out.batch, l.H, l.W, l.OutC)
	out.pixels("d", l.D, l.Fd, l.H, l.W, l.OutC)
	out.pixels("e", l.E, l.Fe, l.X, l.Y, l.OutC)
}

func (p *Layout) chipMaps(out *places, i int) {
	l, coded := &p.Layers[i], image.RLC64
	if p.spec.Fused {
		coded = image.RLC32
	}
	if i == p.spec.convs()+1 && !l.Streamed {
		out.chip("in", "omem", coded, l.In, l.InBlocks, 16, l.FoIn, l.InC)
		out.twice(p.copyPtrs)
	}
	if i < p.spec.top() {
		out.chip("o", "omem", coded, l.Out, l.OutStep, 16, l.Fo, l.OutC)
		out.twice(p.copyPtrs)
		out.chip("mask", "mask", image.Rows, l.Mask, l.MaskStep, 1, 0, l.OutC)
	} else {
		out.chip("a", "omem", image.Rows, l.Out, l.OutStep, 16, l.Fo, l.OutC)
	}
	out.chip("e", "omem", image.Rows, l.Err, l.ErrStep, 16, l.Fe, l.OutC)
	if l.E != 0 {
		out.add("e.all", image.Rows, l.E, rowOf(l.OutC), 16, l.Fe, out.batch, l.OutC)
	}
	if l.O != 0 {
		out.add("o.all", image.Rows, l.O, rowOf(l.OutC), 16, l.Fo, out.batch, l.OutC)
	}
}
