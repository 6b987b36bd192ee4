package golden

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
)

// Product is Eq. 7: D_i = W_L ... W_{i+1}, accumulated from the top, for
// i = 0..L-1. w is indexed by layer (w[0] unused); D_i is N_L x N_i.
func Product(w []Mat) []Mat {
	l := len(w) - 1
	d := make([]Mat, l)
	d[l-1] = w[l].Clone()
	for i := l - 1; i >= 1; i-- {
		d[i-1] = NewMat(d[i].Rows, w[i].Cols)
		mul(blas.NoTrans, blas.NoTrans, d[i], w[i], d[i-1])
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

// FeedbackScale returns s_i for Eq. 7's D_i: 1, the nearest power of two to
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

// setD stores D_i times the configured scale.
func (m *MLP) setD(d []Mat) {
	product := Product(m.W)
	m.S = make([]float64, m.L)
	for i := range d {
		m.S[i] = FeedbackScale(m.cfg.Scale, product[i])
		for k := range d[i].Data {
			d[i].Data[k] *= m.S[i]
		}
	}
	m.D = d
}

// givenD copies Config.Given for the direct rules after checking its shapes.
func (m *MLP) givenD() ([]Mat, error) {
	given := m.cfg.Given
	if len(given) != m.L {
		return nil, fmt.Errorf("golden: rule %s: got %d given matrices, want %d (D_0 to D_%d)", m.cfg.Rule, len(given), m.L, m.L-1)
	}
	d := make([]Mat, m.L)
	for i, g := range given {
		if i == 0 && g.Empty() {
			continue
		}
		rows, cols := m.cfg.Sizes[m.L], m.cfg.Sizes[i]
		if !g.is(rows, cols) {
			return nil, fmt.Errorf("golden: rule %s: given D_%d: got %d x %d with %d elements, want %d x %d", m.cfg.Rule, i, g.Rows, g.Cols, len(g.Data), rows, cols)
		}
		d[i] = g.Clone()
	}
	return d, nil
}
