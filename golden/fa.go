package golden

import (
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
)

// fa is feedback alignment, E5: BP through fixed matrices R.
type fa struct{}

func (fa) feedbacks() []Feedback { return []Feedback{Random, Given} }
func (fa) scales() bool          { return false }
func (fa) trains() bool          { return true }

func (fa) reset(m *MLP, rng *rand.Rand) error {
	m.R = make([]Mat, m.L+1)
	if m.cfg.Feedback == Random {
		for i := m.L; i >= 1; i-- {
			m.R[i] = normal(rng, m.W[i].Rows, m.W[i].Cols, he(m.W[i].Cols))
		}
		return nil
	}
	if len(m.cfg.Given) != m.L+1 {
		return fmt.Errorf("golden: rule fa: got %d given matrices, want %d (index 0 unused, then one a layer)", len(m.cfg.Given), m.L+1)
	}
	for i := 1; i <= m.L; i++ {
		r, w := m.cfg.Given[i], m.W[i]
		if i == 1 && r.Empty() {
			continue
		}
		if !r.is(w.Rows, w.Cols) {
			return fmt.Errorf("golden: rule fa: given R_%d: got %d x %d with %d elements, want %d x %d", i, r.Rows, r.Cols, len(r.Data), w.Rows, w.Cols)
		}
		m.R[i] = r.Clone()
	}
	return nil
}

func (fa) teach(m *MLP, i int, dst Mat) {
	mul(blas.NoTrans, blas.NoTrans, m.E[i+1], m.R[i+1], dst)
}
