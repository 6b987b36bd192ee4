package compile

import (
	"encoding/binary"

	"bdfasim/firmware"
	"bdfasim/isa/image"
)

// Segments are pieces of initial external memory.
type Segments []image.Segment

// add adds a piece that is not empty.
func (s *Segments) add(name string, addr uint32, data []byte) {
	if len(data) > 0 {
		*s = append(*s, image.Segment{Name: name, Addr: addr, Data: data})
	}
}

// data are samples and initial values, as the plan places them.
func (p *Plan) data(s *Spec) (out Segments) {
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
	if p.unit > 0 {
		out.add("unit", p.unit, unitMatrix())
	}
	for i := 1; i <= s.top(); i++ {
		p.addLayer(&out, s, i)
	}
	for i := range s.top() {
		// D_i is N_L x N_i: a weight matrix from N_i inputs to N_L outputs.
		if l := &p.Layers[i]; l.FeedbackAt != 0 {
			t := p.feedback(i)
			d := quantize[int16](flatten(s.D[i], t.Shape[0], l.OutC, l.H, l.W, l.ChipOutputs()/(l.H*l.W)), l.Fb)
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
		n := p.Layers[i].ChipOutputs()
		signs = append(signs, firmware.PackSigns(s.Signs[i], n, s.Layers[s.top()].OutC)...)
	}
	return signs
}

func (p *Plan) addLayer(out *Segments, s *Spec, i int) {
	l := &p.Layers[i]
	t := p.tensor(i, "W")
	out.add(t.Name, l.Weights, pack(t, quantize[int16](l.chipWeights(s.W[i]), l.Fw)))
	if s.B != nil && s.B[i] != nil {
		b := quantize[int32](s.B[i], l.FoIn+l.Fw)
		out.add(l.Name+".b", l.Biases, firmware.PackBiases(b))
	}
	if l.BN {
		out.add(l.Name+".bn", l.Rec, l.records(s, i))
	}
}

func quantize[T int16 | int32](w []float64, frac int) []T {
	out, bits := make([]T, len(w)), 8*binary.Size(T(0))
	for k, v := range w {
		q, _ := firmware.Quantize(v, frac, bits)
		out[k] = T(q)
	}
	return out
}

// flatten brings the columns of a rows x (c*h*w) matrix from the description's order, channel
// after channel, to the chip's: pixel after pixel, cp channels each, of which those from c on
// are zero.
func flatten(m []float64, rows, c, h, w, cp int) []float64 {
	out := make([]float64, rows*h*w*cp)
	for k, v := range m {
		r, ch, px := k/(c*h*w), k/(h*w)%c, k%(h*w)
		out[(r*h*w+px)*cp+ch] = v
	}
	return out
}

// chipWeights brings weights into the chip's order: convolutions [tap][out][in], the first fully
// connected layer with its inputs pixel after pixel.
func (l *Layer) chipWeights(w []float64) []float64 {
	switch {
	case l.Conv:
		t := l.taps()
		out := make([]float64, len(w))
		for k, v := range w {
			j, c, tap := k/(l.InC*t), k/t%l.InC, k%t
			out[(tap*l.OutC+j)*l.InC+c] = v
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
func (l *Layer) records(s *Spec, i int) (out []byte) {
	var n Norm
	if s.Norm != nil {
		n = s.Norm[i]
	}
	for c := range l.OutC {
		first := func(values []float64, fresh float64, frac, bits int) int64 {
			if values != nil {
				fresh = values[c]
			}
			v, _ := firmware.Quantize(fresh, frac, bits)
			return v
		}
		out = append(out, firmware.Encode(&Record{
			Gamma: int32(first(n.Scale, 1, 20, 30)), Beta: int32(first(n.Shift, 0, 26, 32)),
			RM: int32(first(n.Mean, 0, l.Fz+8, 32)), RV: first(n.Var, 1, 2*l.Fz+16, 62),
		}, recordBytes)...)
	}
	return out
}
