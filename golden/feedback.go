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
			s[i].Data[k] = 1
			if v < 0 {
				s[i].Data[k] = -1
			}
		}
	}
	return s
}

// FeedbackScale returns s_i for a matrix, Eq. 7's D_i or a W_i: 1, the nearest power of two to
// its root mean square (in the logarithm), or the root mean square itself.
func FeedbackScale(kind Scale, product Mat) float64 {
	if kind == One {
		return 1
	}
	sum := 0.0
	for _, v := range product.Data {
		sum += v * v
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

// drawD takes D from NetConfig.Given, where matrices below lowest may be
// empty, or draws D_{L-1} down to D_from from N(0, 1).
func (n *Network) drawD(rng *rand.Rand, from, lowest int) error {
	d := make([]Mat, n.L)
	if n.cfg.Feedback == Given {
		var err error
		if d, err = n.givenD(lowest); err != nil {
			return err
		}
	} else {
		for i := n.L - 1; i >= from; i-- {
			d[i] = normal(rng, n.net.Classes, n.size(i), 1)
		}
	}
	n.setD(d)
	return nil
}

// givenD copies NetConfig.Given for the direct rules after checking its shapes;
// matrices below lowest and D_0 may be empty.
func (n *Network) givenD(lowest int) ([]Mat, error) {
	given := n.cfg.Given
	if len(given) != n.L {
		return nil, fmt.Errorf("golden: rule %s: got %d given matrices, want %d (D_0 to D_%d)", n.cfg.Rule, len(given), n.L, n.L-1)
	}
	d := make([]Mat, n.L)
	for i, g := range given {
		if (i == 0 || i < lowest) && g.Empty() {
			continue
		}
		if rows, cols := n.net.Classes, n.size(i); !g.is(rows, cols) {
			return nil, fmt.Errorf("golden: rule %s: given D_%d: got %d x %d with %d elements, want %d x %d", n.cfg.Rule, i, g.Rows, g.Cols, len(g.Data), rows, cols)
		}
		d[i] = g.Clone()
	}
	return d, nil
}
