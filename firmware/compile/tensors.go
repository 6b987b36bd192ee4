package compile

import "bdfasim/isa/image"

// Tensors says where the tensors of the network lie, by layer, for readers of an image. Names are the layer's and the tensor's,
// as conv1.W. Layouts: "blocks" and "taps" are weights in blocks of 64 x 64, Stride bytes each, in the order of docs/firmware.md
// (taps: those of a convolution, of which a block may hold several); "flat" is one element after another; "map" is pixel after
// pixel, channels padded to 16, Stride bytes an image; "rlc" a compressed map, Addr its first pointer and Stride pointers a sample;
// "raw" an uncompressed one, Stride words a sample; "bits" f', Stride mask words a sample. Fused schedules have a second copy of
// maps in OMEM, of which nothing is said.
func (p *Plan) Tensors() []image.Tensor {
	var out []image.Tensor
	batch := p.spec.Batch
	for i := 1; i < len(p.Layers); i++ {
		l := &p.Layers[i]
		add := func(name, space, layout string, addr, stride uint32, bits, frac int, shape ...int) {
			out = append(out, image.Tensor{
				Name: l.Name + "." + name, Space: space, Layout: layout, Addr: addr, Stride: stride, Shape: shape,
				Bits: bits, Frac: frac, Layer: i,
			})
		}
		layout, shape := "blocks", []int{l.OutC, l.InC}
		if l.Conv {
			layout, shape = "taps", []int{l.OutC, l.InC, l.Kernel, l.Kernel}
		}
		add("W", "xmem", layout, l.Weights, weightBlock, 16, l.Fw, shape...)
		add("V", "xmem", layout, l.Velocities, velBlock, 24, l.Fv, shape...)
		add("b", "xmem", "flat", l.Biases, 4, 32, l.foIn(p)+l.Fw, l.OutC)
		add("vb", "xmem", "flat", l.BiasVelocities, 3, 24, l.Fv, l.OutC)
		if l.Conv {
			pixel := uint32(2 * pad16(l.OutC))
			add("z", "xmem", "map", l.Z, uint32(l.X*l.Y)*pixel, 16, l.Fz, batch, l.X, l.Y, l.OutC)
			add("o", "xmem", "map", l.O, uint32(l.H*l.W)*pixel, 16, l.Fo, batch, l.H, l.W, l.OutC)
			add("d", "xmem", "map", l.D, uint32(l.H*l.W)*pixel, 16, l.Fd, batch, l.H, l.W, l.OutC)
			add("e", "xmem", "map", l.E, uint32(l.X*l.Y)*pixel, 16, l.Fe, batch, l.X, l.Y, l.OutC)
			continue
		}
		if i == p.spec.top() {
			add("a", "omem", "raw", l.Out, l.OutStep, 16, l.Fo, batch, l.OutC)
		} else {
			add("o", "omem", "rlc", l.Out, l.OutStep, 16, l.Fo, batch, l.OutC)
			add("mask", "mask", "bits", l.Mask, l.MaskStep, 1, 0, batch, l.OutC)
		}
		add("e", "omem", "raw", l.Err, l.ErrStep, 16, l.Fe, batch, l.OutC)
	}
	return out
}
