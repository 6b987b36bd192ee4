package firmware

import (
	"fmt"

	"bdfasim/isa/image"
)

// Build validates a specification, plans its memory and makes the image: program, header, layer descriptors, order
// tables, stored signs, initial weights and biases, images. External memory without a segment is zero: velocities and
// results. An error says which memory is too small, for which layer, and how much is missing, or which field of the
// specification is wrong.
func Build(spec Spec) (*image.Image, *Plan, error) {
	s := spec.withDefaults()
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	p, err := newPlan(&s)
	if err != nil {
		return nil, nil, err
	}
	img, err := Program(s.Rule, s.Capacities.CodeBytes, s.Capacities.ScratchBytes)
	if err != nil {
		return nil, nil, err
	}
	img.XMemBytes = p.Header.XMemBytes
	img.Segments = p.segments(&s)
	img.Tensors = p.Tensors()
	if err := img.Validate(); err != nil {
		return nil, nil, fmt.Errorf("firmware: %w", err)
	}
	return img, p, nil
}

// segments makes the initial external memory, by rising address.
func (p *Plan) segments(s *Spec) []image.Segment {
	var out []image.Segment
	add := func(name string, addr uint32, data []byte) {
		if len(data) > 0 {
			out = append(out, image.Segment{Name: name, Addr: addr, Data: data})
		}
	}
	var tensors []image.Segment
	for i := 1; i < len(p.Layers); i++ {
		tensors = append(tensors, p.initialTensors(s, i)...)
	}
	var table []byte
	for i := 1; i < len(p.Layers); i++ {
		table = append(table, Encode(&p.Layers[i], LayerBytes)...) // with the clipped values counted
	}
	h := &p.Header
	add("header", 0, Encode(h, HeaderBytes))
	add("layers", h.LayerTable, table)
	add("order.train", h.TrainOrder, p.orders(s))
	add("order.test", h.TestOrder, PackOrder(nil, s.Test.Labels))
	if h.SignEntries > 0 {
		var signs []byte
		for i := 1; i < s.layers(); i++ {
			signs = append(signs, PackSigns(s.Signs[i], s.Sizes[i], s.Sizes[s.layers()])...)
		}
		add("signs", h.Signs, signs)
	}
	out = append(out, tensors...)
	add("images.train", h.TrainImages, PackImages(s.Train.Images, s.Sizes[0]))
	add("images.test", h.TestImages, PackImages(s.Test.Images, s.Sizes[0]))
	return out
}

// initialTensors quantises biases and weights of layer i and counts in its descriptor what had to be clipped.
func (p *Plan) initialTensors(s *Spec, i int) []image.Segment {
	d := &p.Layers[i]
	b, satB := quantizeAll[int32](s.B[i], int(d.FoIn+d.Fw), 32)
	w, satW := quantizeAll[int16](s.W[i], int(d.Fw), 16)
	d.SatB, d.SatW = satB, satW
	return []image.Segment{
		{Name: fmt.Sprintf("biases%d", i), Addr: d.Biases, Data: PackBiases(b)},
		{Name: fmt.Sprintf("weights%d", i), Addr: d.Weights, Data: PackWeights(w, s.Sizes[i], s.Sizes[i-1])},
	}
}

// orders makes the order tables of all epochs.
func (p *Plan) orders(s *Spec) []byte {
	var out []byte
	for e := range s.Epochs {
		var order []int
		if s.Orders != nil {
			order = s.Orders[e]
		}
		out = append(out, PackOrder(order, s.Train.Labels)...)
	}
	return out
}
