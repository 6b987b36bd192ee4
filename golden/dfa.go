package golden

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
)

// dfa is direct feedback alignment, E6: the output error reaches every layer
// through a fixed matrix of its own.
type dfa struct{}

func (dfa) feedbacks() []Feedback { return []Feedback{Random, Eq7, Given} }
func (dfa) scales() bool          { return true }
func (dfa) trains() bool          { return true }

func (dfa) reset(m *MLP, rng *rand.Rand) error {
	var d []Mat
	var err error
	switch m.cfg.Feedback {
	case Eq7:
		d = Product(m.W)
	case Given:
		d, err = m.givenD()
	default:
		d = make([]Mat, m.L)
		for i := m.L - 1; i >= 0; i-- {
			d[i] = normal(rng, m.cfg.Sizes[m.L], m.cfg.Sizes[i], 1)
		}
	}
	if err != nil {
		return err
	}
	m.setD(d)
	return nil
}

func (dfa) teach(m *MLP, i int, dst Mat) {
	mul(blas.NoTrans, blas.NoTrans, m.E[m.L], m.D[i], dst)
}
