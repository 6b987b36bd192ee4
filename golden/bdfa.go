package golden

import (
	"fmt"
	"math/rand/v2"
)

// bdfa is binary direct feedback alignment, E9: dfa whose matrices are signs,
// one bit an element, times a scale per layer.
type bdfa struct{ dfa }

func (bdfa) feedbacks() []Feedback { return []Feedback{Random, Eq9, Given} }

func (bdfa) reset(m *MLP, rng *rand.Rand) error {
	d, err := m.bits(rng)
	if err != nil {
		return err
	}
	m.setD(d)
	return nil
}

// bits returns the matrices of -1 and +1 before scaling.
func (m *MLP) bits(rng *rand.Rand) ([]Mat, error) {
	switch m.cfg.Feedback {
	case Eq9:
		return Signs(Product(m.W)), nil
	case Given:
		d, err := m.givenD()
		if err != nil {
			return nil, err
		}
		return d, checkBits(d)
	}
	d := make([]Mat, m.L)
	for i := m.L - 1; i >= 0; i-- {
		d[i] = NewMat(m.cfg.Sizes[m.L], m.cfg.Sizes[i])
		for k := range d[i].Data {
			d[i].Data[k] = float64(2*rng.IntN(2) - 1)
		}
	}
	return d, nil
}

func checkBits(d []Mat) error {
	for i := range d {
		for k, v := range d[i].Data {
			if v != 1 && v != -1 {
				return fmt.Errorf("golden: rule bdfa: given D_%d row %d column %d: got %g, want -1 or 1", i, k/d[i].Cols, k%d[i].Cols, v)
			}
		}
	}
	return nil
}
