package golden

import (
	"fmt"
	"math/rand/v2"
)

// bdfa is binary direct feedback alignment, E9: dfa whose matrices are signs,
// one bit an element, times a scale per layer.
type bdfa struct{ dfa }

func (b bdfa) traits() traits {
	t := b.dfa.traits()
	t.feedbacks, t.binary = []Feedback{Random, Eq9, LFSR, Given}, true
	return t
}

func (bdfa) reset(n *Network, rng *rand.Rand) error {
	d, err := n.bits(rng)
	if err != nil {
		return err
	}
	n.setD(d)
	return nil
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
				return fmt.Errorf("golden: rule %s: given D_%d row %d column %d: got %g, want -1 or 1", n.cfg.Rule, i, k/d[i].Cols, k%d[i].Cols, v)
			}
		}
	}
	return nil
}
