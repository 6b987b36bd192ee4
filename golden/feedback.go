package golden

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// Product is Eq. 7: D_i = W_L ... W_{i+1}, accumulated from the top, for
// i = 0..L-1. w is indexed by layer (w[0] unused); D_i is N_L x N_i.
func Product(w []Mat) []Mat {
	l := len(w) - 1
	d := make([]Mat, l)
	d[l-1] = w[l].Clone()
	for i := l - 1; i >= 1; i-- {
		d[i-1] = NewMat(d[i].Rows, w[i].Cols)
		mul(d[i], w[i], d[i-1])
	}
	return d
}

// Signs is Eq. 9: -1 where d is negative, else +1, so that sign(0) = +1.
func Signs(d []Mat) []Mat {
	s := make([]Mat, len(d))
	for i := range d {
		s[i] = NewMat(d[i].Rows, d[i].Cols)
		for k, v := range d[i].Data {
			s[i].Data[k] = sign(v)
		}
	}
	return s
}

// sign is -1 or +1, of 0 +1.
func sign(v float64) float64 {
	if v < 0 {
		return -1
	}
	return 1
}

// FeedbackScale returns s_i for a matrix, Eq. 7's D_i or a W_i: 1, the nearest power of two to
// its root mean square (in the logarithm), or the root mean square itself.
func FeedbackScale(kind Scale, product Mat) float64 {
	if kind == One {
		return 1
	}
	sum := 0.0
	for _, v := range product.Data {
		sum += float64(v * v)
	}
	rms := math.Sqrt(sum / float64(len(product.Data)))
	if kind == RMS {
		return rms
	}
	return math.Exp2(math.RoundToEven(math.Log2(rms)))
}

// fcWeights are the weights of the FC layers as Product wants them, from 1.
func (n *Network) fcWeights() []Mat {
	w := make([]Mat, n.L-n.convs+1)
	for i := range w[1:] {
		w[i+1] = n.Layers[n.convs+i+1].W
	}
	return w
}

// products is Eq. 7 for this network: D_i by layer, empty below the last
// convolution.
func (n *Network) products() []Mat {
	return append(make([]Mat, n.convs), Product(n.fcWeights())...)
}

// setD stores D_i times the configured scale. Below the last convolution there
// is no product to measure, so these take the scale of the lowest one.
func (n *Network) setD(d []Mat) {
	product := n.products()
	n.S = make([]float64, n.L)
	for i := range d {
		n.S[i] = FeedbackScale(n.cfg.Scale, product[max(i, n.convs)])
		for k := range d[i].Data {
			d[i].Data[k] *= n.S[i]
		}
	}
	n.D = d
}

// resetD is dfa's reset.
func resetD(n *Network, rng *rand.Rand) error {
	if n.cfg.Feedback == Eq7 {
		n.setD(n.products())
		return nil
	}
	return n.drawD(rng, n.convs, n.lowestD())
}

// drawD takes D from NetConfig.Given, where matrices below lowest may be
// empty, or draws D_{L-1} down to D_from from N(0, 1).
func (n *Network) drawD(rng *rand.Rand, from, lowest int) (err error) {
	d := make([]Mat, n.L)
	if n.cfg.Feedback == Given {
		d, err = n.givenD(lowest)
	} else {
		for i := n.L - 1; i >= from; i-- {
			d[i] = normal(rng, n.net.Classes, n.size(i), 1)
		}
	}
	if err == nil {
		n.setD(d)
	}
	return err
}

// givenD copies NetConfig.Given for the direct rules; matrices below lowest and
// D_0 may be empty.
func (n *Network) givenD(lowest int) ([]Mat, error) {
	shape := func(i int) (rows, cols int) { return n.net.Classes, n.size(i) }
	return n.given("D", 0, n.L-1, max(lowest, 1), shape)
}

// given copies NetConfig.Given, matrices first to last, after checking their
// shapes; those below lowest may be empty.
func (n *Network) given(name string, first, last, lowest int, shape func(i int) (rows, cols int)) ([]Mat, error) {
	list := n.cfg.Given
	if len(list) != last+1 {
		return nil, fmt.Errorf("golden: rule %s: got %d given matrices, want %d (%s_0 to %s_%d)",
			n.cfg.Rule, len(list), last+1, name, name, last)
	}
	out := make([]Mat, last+1)
	for i := first; i <= last; i++ {
		g := list[i]
		if i < lowest && g.Empty() {
			continue
		}
		if rows, cols := shape(i); !g.is(rows, cols) {
			return nil, fmt.Errorf("golden: rule %s: given %s_%d: got %d x %d with %d elements, want %d x %d",
				n.cfg.Rule, name, i, g.Rows, g.Cols, len(g.Data), rows, cols)
		}
		out[i] = g.Clone()
	}
	return out, nil
}

// resetR draws fa's matrices like the weights, or takes the given ones, of
// which R_1 teaches no layer.
func resetR(n *Network, rng *rand.Rand) (err error) {
	if n.cfg.Feedback == Given {
		shape := func(i int) (rows, cols int) { return n.Layers[i].W.Rows, n.Layers[i].W.Cols }
		n.R, err = n.given("R", 1, n.L, 2, shape)
		return err
	}
	n.R = make([]Mat, n.L+1)
	for i := n.L; i >= 1; i-- {
		w := n.Layers[i].W
		n.R[i] = normal(rng, w.Rows, w.Cols, he(w.Cols))
	}
	return nil
}

// resetBits is bdfa's reset.
func resetBits(n *Network, rng *rand.Rand) error {
	d, err := n.bits(rng)
	if err == nil {
		n.setD(d)
	}
	return err
}

// bits returns the matrices of -1 and +1 before scaling, from the top down.
func (n *Network) bits(rng *rand.Rand) ([]Mat, error) {
	next := func() bool { return rng.IntN(2) == 1 }
	switch n.cfg.Feedback {
	case Eq9:
		return Signs(n.products()), nil
	case Given:
		d, err := n.givenD(n.lowestD())
		if err != nil {
			return nil, err
		}
		return d, n.checkBits(d)
	case LFSR:
		register := NewShiftRegister(uint32(n.cfg.Seed))
		next = register.Next
	}
	d := make([]Mat, n.L)
	for i := n.L - 1; i >= n.convs; i-- {
		d[i] = NewMat(n.net.Classes, n.size(i))
		for k := range d[i].Data {
			d[i].Data[k] = -1
			if next() {
				d[i].Data[k] = 1
			}
		}
	}
	return d, nil
}

func (n *Network) checkBits(d []Mat) error {
	for i := range d {
		for k, v := range d[i].Data {
			if v != 1 && v != -1 {
				return fmt.Errorf("golden: rule %s: given D_%d row %d column %d: got %g, want -1 or 1",
					n.cfg.Rule, i, k/d[i].Cols, k%d[i].Cols, v)
			}
		}
	}
	return nil
}
