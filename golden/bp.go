package golden

import "math/rand/v2"

// bp is back-propagation, E2; in convolutions with the kernel turned by 180
// degrees.
type bp struct{}

func (bp) traits() traits                         { return traits{feedbacks: []Feedback{Random}} }
func (bp) trains(*Network, int) bool              { return true }
func (bp) reset(*Network, *rand.Rand) error       { return nil }
func (bp) teach(n *Network, i int, dst []float64) { n.through(i, n.Layers[i+1].W, dst) }
