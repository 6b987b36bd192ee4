package compile

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"bdfasim/firmware"
	"bdfasim/isa/image"
)

// Build validates a specification, plans its memory and makes the image. An error says which line of the network, which
// memory or which field is wrong, and how much is missing.
func Build(spec Spec) (*image.Image, *Plan, error) {
	p, err := planSpec(&spec)
	if err != nil {
		return nil, nil, err
	}
	p.write()
	img, err := p.assemble()
	if err != nil {
		return nil, nil, err
	}
	img.Segments = append(p.tables(), p.data(&spec)...)
	slices.SortFunc(img.Segments, func(a, b image.Segment) int {
		return cmp.Compare(a.Addr, b.Addr)
	})
	img.Tensors, img.Notes = p.Tensors(), []image.Note{p.note()}
	if err := img.Validate(); err != nil {
		return nil, nil, fmt.Errorf("compile: %w", err)
	}
	return img, p, nil
}

// segments are pieces of initial external memory.
type segments []image.Segment

// add adds a piece that is not empty.
func (s *segments) add(name string, addr uint32, data []byte) {
	if len(data) > 0 {
		*s = append(*s, image.Segment{Name: name, Addr: addr, Data: data})
	}
}

// tables are what the program reads to know what to do: header, and strips and jobs of passes.
func (p *Plan) tables() (out segments) {
	out.add("header", 0, firmware.Encode(&p.Header, firmware.HeaderBytes))
	for _, q := range p.passes {
		name := p.Layers[q.layer].Name + "." + q.kind
		for k := range q.strips {
			if k == 0 || q.tables[k] != q.tables[0] {
				out.add(fmt.Sprintf("%s.strips%d", name, k), q.tables[k], q.stripData(k))
			}
		}
		out.add(name+".jobs", q.jobsAt, q.jobData())
		out.add(name+".pass", q.at, p.descriptor(q))
	}
	return out
}

// data are samples and initial values, as the plan places them.
func (p *Plan) data(s *Spec) (out segments) {
	h := &p.Header
	var orders []byte
	for e := range s.Epochs {
		var order []int
		if s.Orders != nil {
			order = s.Orders[e]
		}
		orders = append(orders, firmware.PackOrder(order, s.Train.Labels)...)
	}
	out.add("order.train", h.TrainOrder, orders)
	out.add("order.test", h.TestOrder, firmware.PackOrder(nil, s.Test.Labels))
	out.add("signs", h.Signs, p.packSigns(s))
	for i := 1; i <= s.top(); i++ {
		p.addLayer(&out, s, i)
	}
	for i := range s.top() {
		// D_i is N_L x N_i: a weight matrix from N_i inputs to N_L outputs.
		if l := &p.Layers[i]; l.FeedbackAt != 0 {
			t := p.feedback(i)
			d := quantize(l.chipFeedback(s.D[i], t.Shape[0]), l.Fb)
			out.add(t.Name, l.FeedbackAt, pack(t, d))
		}
	}
	out.add("images.train", h.TrainImages, firmware.PackImages(s.Train.Images, int(h.Inputs)))
	out.add("images.test", h.TestImages, firmware.PackImages(s.Test.Images, int(h.Inputs)))
	return out
}

// packSigns are the stored feedback signs, layer after layer.
func (p *Plan) packSigns(s *Spec) (signs []byte) {
	if p.Header.SignEntries == 0 {
		return nil
	}
	for i := p.firstError(); i < s.top(); i++ {
		signs = append(signs, firmware.PackSigns(s.Signs[i], p.Layers[i].ChipOutputs(), s.Layers[s.top()].OutC)...)
	}
	return signs
}

// addLayer adds weights, biases and normalisation of a layer.
func (p *Plan) addLayer(out *segments, s *Spec, i int) {
	l := &p.Layers[i]
	t := p.weights(i)
	out.add(t.Name, l.Weights, pack(t, quantize(l.chipWeights(s.W[i]), l.Fw)))
	if s.B != nil && s.B[i] != nil {
		b := make([]int32, l.OutC)
		for j, v := range s.B[i] {
			q, _ := firmware.Quantize(v, l.foIn(p)+l.Fw, 32)
			b[j] = int32(q)
		}
		out.add(l.Name+".b", l.Biases, firmware.PackBiases(b))
	}
	if l.BN {
		out.add(l.Name+".bn", l.Rec, l.records(s, i))
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

// pack lays the values of a tensor of 16 bits, in blocks, into whole ones.
func pack(t *image.Tensor, values []int16) []byte {
	here := *t
	here.Addr = 0
	end, _ := here.Bit(len(values) - 1)
	block := int(t.Stride)
	out := make([]byte, (int(end/8)/block+1)*block)
	for k, v := range values {
		at, _ := here.Bit(k)
		binary.LittleEndian.PutUint16(out[at/8:], uint16(v))
	}
	return out
}

// records are the initial channel records of a normalisation (section 8).
func (l *Layer) records(s *Spec, i int) []byte {
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
