package golden

import (
	"fmt"
	"math/rand/v2"
)

// The rules usf, brsf and frsf are BP whose feedback knows only the signs of the
// present weights, R_i = s_i M_i .* sign(W_i) with sign(0) = +1 (Liao, Leibo,
// Poggio 2016, arXiv 1510.05067). s_i is 1, or the root mean square of the
// initial W_i, or its nearest power of two.

// magnitude is where M comes from.
type magnitude uint8

const (
	unit     magnitude = iota // usf: M = 1
	perBatch                  // brsf: uniform on [0, 1), anew in every step
	fixed                     // frsf: uniform on [0, 1), once
)

func resetSigns(m magnitude) func(*Network, *rand.Rand) error {
	return func(n *Network, rng *rand.Rand) error {
		n.R, n.magnitude, n.S = make([]Mat, n.L+1), make([]Mat, n.L+1), make([]float64, n.L+1)
		for i := n.L; i >= 1; i-- {
			w := n.Layers[i].W
			n.R[i], n.S[i] = NewMat(w.Rows, w.Cols), FeedbackScale(n.cfg.Scale, w)
			if !(n.S[i] > 0) {
				return fmt.Errorf("golden: rule %s: layer %d: got weights of size %g, want some", n.cfg.Rule, i, n.S[i])
			}
			if m == fixed {
				n.magnitude[i] = NewMat(w.Rows, w.Cols)
				for k := range n.magnitude[i].Data {
					n.magnitude[i].Data[k] = rng.Float64()
				}
			}
		}
		return nil
	}
}

func sendThroughSigns(from magnitude) func(*Network, int, []float64) {
	return func(n *Network, i int, dst []float64) {
		n.seed(streamMagnitude, i)
		for k, w := range n.Layers[i+1].W.Data {
			m := n.S[i+1]
			switch from {
			case perBatch:
				m *= n.uniform()
			case fixed:
				m *= n.magnitude[i+1].Data[k]
			}
			n.R[i+1].Data[k] = m * sign(w)
		}
		n.through(i, n.R[i+1], dst)
	}
}
