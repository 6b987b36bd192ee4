package compile

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"bdfasim/firmware"
)

// Clip tells of initial values of a layer that their format does not hold: the program starts from
// the ends of its range instead.
type Clip struct {
	Layer, What string
	Count, Of   int
	Largest     float64 // the one furthest from 0
	Low, High   float64 // the range
}

// String is "fc1: 2 of 54 weights lie outside -8..7.99976, the furthest is 20".
func (c Clip) String() string {
	return fmt.Sprintf("%s: %d of %d %s lie outside %.6g..%.6g, the furthest is %.6g",
		c.Layer, c.Count, c.Of, c.What, c.Low, c.High, c.Largest)
}

// initial are initial values with their format.
type initial struct {
	what       string
	values     []float64
	frac, bits int
}

func (x *initial) clips(v float64) bool {
	_, clipped := firmware.Quantize(v, x.frac, x.bits)
	return clipped
}

// initials are those of layer i.
func (p *Layout) initials(s *Spec, i int) (list []initial) {
	l := &p.Layers[i]
	if s.Rule == DFA && i >= p.firstError() && i < s.top() {
		list = append(list, initial{"numbers of feedback", s.D[i], l.Fb, 16})
	}
	if i == 0 {
		return list
	}
	list = append(list, initial{"weights", s.W[i], l.Fw, 16})
	if s.B != nil {
		list = append(list, initial{"biases", s.B[i], l.FoIn + l.Fw, 32})
	}
	if s.Norm != nil && l.BN {
		n := s.Norm[i]
		list = append(list, initial{"scales", n.Scale, 20, 30}, initial{"shifts", n.Shift, 26, 32},
			initial{"means", n.Mean, l.Fz + 8, 32}, initial{"variances", n.Var, 2*l.Fz + 16, 62})
	}
	return list
}

// clips counts the initial values that do not fit.
func (s *Spec) clips() (list []Clip) {
	p := s.outline()
	for i := range p.Layers {
		for _, x := range p.initials(s, i) {
			largest := furthest(x.values)
			if !x.clips(largest) {
				continue
			}
			end, step := math.Ldexp(1, x.bits-1-x.frac), math.Ldexp(1, -x.frac)
			c := Clip{p.Layers[i].Name, x.what, 0, len(x.values), largest, -end, end - step}
			for _, v := range x.values {
				if x.clips(v) {
					c.Count++
				}
			}
			list = append(list, c)
		}
	}
	return list
}

func furthest(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	return slices.MaxFunc(v, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
}

// fit gives each layer the fraction bits for its weights, and for its feedback, that its initial
// values leave beside a sign and a bit to grow into (docs/networks.md), as near as the shifts that
// commands carry come to it.
func (s *Spec) fit() {
	s.Layers = slices.Clone(s.Layers)
	p := s.outline()
	for i := range s.Layers {
		l := &s.Layers[i]
		fw, fb := l.Fw, l.Fb
		for _, x := range p.initials(s, i) {
			_, bits := math.Frexp(furthest(x.values)) // |x| < 2^bits
			room := x.bits - 2 - max(bits, 0)
			switch x.what {
			case "weights":
				fw = room
			case "biases":
				fw = min(fw, room-p.Layers[i].FoIn)
			case "numbers of feedback":
				fb = room
			}
		}
		s.choose(&l.Fw, fw)
		s.choose(&l.Fb, fb)
	}
}

// choose sets a format to the number of bits closest to want with which commands can carry all
// shifts, as they can with what it is.
func (s *Spec) choose(bits *int, want int) {
	for step := 1; *bits != want; want += step {
		if want > *bits {
			step = -1
		}
		old := *bits
		if *bits = want; s.checkShifts() == nil {
			return
		}
		*bits = old
	}
}
