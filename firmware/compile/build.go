package compile

import (
	"encoding/binary"
	"fmt"

	"bdfasim/firmware"
	"bdfasim/isa/image"
)

// Build validates a specification, plans its memory and makes the image. An error says which line of the network, which
// memory or which field is wrong, and how much is missing.
func Build(spec Spec) (*image.Image, *Plan, error) {
	s := &spec
	if err := s.complete(); err != nil {
		return nil, nil, err
	}
	p, err := newPlan(s)
	if err != nil {
		return nil, nil, err
	}
	p.write()
	img, err := p.assemble()
	if err != nil {
		return nil, nil, err
	}
	img.XMemBytes = p.Header.XMemBytes
	img.Segments = p.segments()
	img.Tensors = p.Tensors()
	if err := img.Validate(); err != nil {
		return nil, nil, fmt.Errorf("compile: %w", err)
	}
	return img, p, nil
}

// segments makes the initial external memory.
func (p *Plan) segments() []image.Segment {
	s, h := p.spec, &p.Header
	var out []image.Segment
	add := func(name string, addr uint32, data []byte) {
		if len(data) > 0 {
			out = append(out, image.Segment{Name: name, Addr: addr, Data: data})
		}
	}
	first := &p.Layers[s.convs()+1]
	if s.convs() == 0 && !first.Streamed {
		h.InPtr, h.InBlocks, h.InAlloc, h.InLimit = first.In, first.InBlocks, first.InAlloc, first.InLimit
	}
	add("header", 0, firmware.Encode(h, firmware.HeaderBytes))
	var orders []byte
	for e := range s.Epochs {
		var order []int
		if s.Orders != nil {
			order = s.Orders[e]
		}
		orders = append(orders, firmware.PackOrder(order, s.Train.Labels)...)
	}
	add("order.train", h.TrainOrder, orders)
	add("order.test", h.TestOrder, firmware.PackOrder(nil, s.Test.Labels))
	p.addSigns(add)
	for i := 1; i <= s.top(); i++ {
		p.addLayer(add, i)
	}
	for i := range s.top() {
		// D_i is N_L x N_i: a weight matrix from N_i inputs to N_L outputs.
		if l := &p.Layers[i]; l.FeedbackAt != 0 {
			d := Layer{InC: l.ChipOutputs(), OutC: s.Layers[s.top()].OutC, Kernel: 1}
			add(l.Name+".D", l.FeedbackAt, d.packWeights(p.Feedback(i)))
		}
	}
	add("images.train", h.TrainImages, firmware.PackImages(s.Train.Images, int(h.Inputs)))
	add("images.test", h.TestImages, firmware.PackImages(s.Test.Images, int(h.Inputs)))
	return append(out, p.tables()...)
}

// tables are the strips, jobs and descriptors of all passes.
func (p *Plan) tables() (out []image.Segment) {
	add := func(name string, addr uint32, data []byte) {
		out = append(out, image.Segment{Name: name, Addr: addr, Data: data})
	}
	for _, q := range p.passes {
		name := p.Layers[q.layer].Name + "." + q.kind
		for k := range q.strips {
			if k == 0 || q.tables[k] != q.tables[0] {
				add(fmt.Sprintf("%s.strips%d", name, k), q.tables[k], q.stripData(k))
			}
		}
		add(name+".jobs", q.jobsAt, q.jobData())
		add(name+".pass", q.at, p.descriptor(q))
	}
	return out
}

// addSigns adds the stored feedback signs, layer after layer.
func (p *Plan) addSigns(add func(string, uint32, []byte)) {
	s := p.spec
	if p.Header.SignEntries == 0 {
		return
	}
	var signs []byte
	for i := p.firstError(); i < s.top(); i++ {
		signs = append(signs, firmware.PackSigns(s.Signs[i], p.Layers[i].ChipOutputs(), s.Layers[s.top()].OutC)...)
	}
	add("signs", p.Header.Signs, signs)
}

// addLayer adds weights, biases, normalisation and feedback of a layer.
func (p *Plan) addLayer(add func(string, uint32, []byte), i int) {
	s, l := p.spec, &p.Layers[i]
	add(l.Name+".W", l.Weights, l.packWeights(quantize(l.chipWeights(s.W[i]), l.Fw)))
	if s.B != nil && s.B[i] != nil {
		b := make([]int32, l.OutC)
		for j, v := range s.B[i] {
			q, _ := firmware.Quantize(v, l.foIn(p)+l.Fw, 32)
			b[j] = int32(q)
		}
		add(l.Name+".b", l.Biases, firmware.PackBiases(b))
	}
	if l.BN {
		add(l.Name+".bn", l.Rec, p.records(i))
	}
}

// chipFeedback brings D_i into the chip's order of neurons.
func (l *Layer) chipFeedback(d []float64, classes int) []float64 {
	if l.Conv {
		return flatten(d, classes, l.OutC, l.H, l.W, pad16(l.OutC))
	}
	return d
}

func quantize(w []float64, frac int) []int16 {
	out := make([]int16, len(w))
	for k, v := range w {
		q, _ := firmware.Quantize(v, frac, 16)
		out[k] = int16(q)
	}
	return out
}

// flatten brings the columns of a rows x (c*h*w) matrix from the description's order, channel after channel, to the
// chip's: pixel after pixel, cp channels each, of which those from c on are zero.
func flatten(m []float64, rows, c, h, w, cp int) []float64 {
	out := make([]float64, rows*h*w*cp)
	for r := range rows {
		for ch := range c {
			for px := range h * w {
				out[(r*h*w+px)*cp+ch] = m[(r*c+ch)*h*w+px]
			}
		}
	}
	return out
}

// chipWeights brings weights into the chip's order: convolutions [tap][out][in], the first fully connected layer with its
// inputs pixel after pixel.
func (l *Layer) chipWeights(w []float64) []float64 {
	switch {
	case l.Conv:
		t := l.taps()
		out := make([]float64, len(w))
		for j := range l.OutC {
			for c := range l.InC {
				for k := range t {
					out[(k*l.OutC+j)*l.InC+c] = w[(j*l.InC+c)*t+k]
				}
			}
		}
		return out
	case l.flatC > 0: // maps of a convolution are padded, images are not
		return flatten(w, l.OutC, l.flatC, l.flatH, l.flatW, l.InC/(l.flatH*l.flatW))
	}
	return w
}

// place returns where weight row of tap t and channel c lies: block and row of it.
func (l *Layer) place(t, c int) (kb, row int) {
	if !l.Conv {
		return c / 64, c % 64
	}
	if l.InC < 64 {
		return t / l.perBlock(), t%l.perBlock()*l.InC + c
	}
	return t*l.chBlocks() + c/64, c % 64
}

// at is the index of W[tap t][output j][input c] in external memory, in elements.
func (l *Layer) at(t, j, c int) int {
	kb, row := l.place(t, c)
	return (((j/64)*l.kBlocks()+kb)*64+row)*64 + j%64
}

// packWeights lays [tap][out][in] into blocks.
func (l *Layer) packWeights(w []int16) []byte {
	out := make([]byte, l.kBlocks()*l.jBlocks()*weightBlock)
	k := 0
	for t := range l.taps() {
		for j := range l.OutC {
			for c := range l.InC {
				binary.LittleEndian.PutUint16(out[2*l.at(t, j, c):], uint16(w[k]))
				k++
			}
		}
	}
	return out
}

// records are the initial channel records of a normalisation (section 8).
func (p *Plan) records(i int) []byte {
	s, l := p.spec, &p.Layers[i]
	out := make([]byte, l.OutC*recordBytes)
	for c := range l.OutC {
		scale, shift := 1.0, 0.0
		if s.Norm != nil && s.Norm[i].Scale != nil {
			scale, shift = s.Norm[i].Scale[c], s.Norm[i].Shift[c]
		}
		g, _ := firmware.Quantize(scale, 20, 30)
		b, _ := firmware.Quantize(shift, 26, 32)
		r := out[c*recordBytes:]
		binary.LittleEndian.PutUint32(r, uint32(g))
		binary.LittleEndian.PutUint32(r[4:], uint32(b))
		binary.LittleEndian.PutUint64(r[32:], uint64(1)<<(2*l.Fz+16))
	}
	return out
}
