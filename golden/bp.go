package golden

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
)

// bp is back-propagation, E2.
type bp struct{}

func (bp) feedbacks() []Feedback        { return []Feedback{Random} }
func (bp) scales() bool                 { return false }
func (bp) trains() bool                 { return true }
func (bp) reset(*MLP, *rand.Rand) error { return nil }
func (bp) teach(m *MLP, i int, dst Mat) { mul(blas.NoTrans, blas.NoTrans, m.E[i+1], m.W[i+1], dst) }
