package golden

import (
	"fmt"
	"math/rand/v2"
)

// fa is feedback alignment, E5: BP through fixed matrices R.
type fa struct{}

func (fa) traits() traits            { return traits{feedbacks: []Feedback{Random, Given}} }
func (fa) trains(*Network, int) bool { return true }

func (fa) reset(n *Network, rng *rand.Rand) error {
	n.R = make([]Mat, n.L+1)
	if n.cfg.Feedback == Random {
		for i := n.L; i >= 1; i-- {
			w := n.Layers[i].W
			n.R[i] = normal(rng, w.Rows, w.Cols, he(w.Cols))
		}
		return nil
	}
	if len(n.cfg.Given) != n.L+1 {
		return fmt.Errorf("golden: rule fa: got %d given matrices, want %d (index 0 unused, then one a layer)", len(n.cfg.Given), n.L+1)
	}
	for i := 1; i <= n.L; i++ {
		r, w := n.cfg.Given[i], n.Layers[i].W
		if i == 1 && r.Empty() {
			continue
		}
		if !r.is(w.Rows, w.Cols) {
			return fmt.Errorf("golden: rule fa: given R_%d: got %d x %d with %d elements, want %d x %d", i, r.Rows, r.Cols, len(r.Data), w.Rows, w.Cols)
		}
		n.R[i] = r.Clone()
	}
	return nil
}

func (fa) teach(n *Network, i int, dst []float64) { n.through(i, n.R[i+1], dst) }
