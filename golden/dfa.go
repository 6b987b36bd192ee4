package golden

import "math/rand/v2"

// dfa is direct feedback alignment, E6: the output error reaches every layer
// through a fixed matrix of its own.
type dfa struct{}

func (dfa) traits() traits {
	return traits{feedbacks: []Feedback{Random, Eq7, Given}, scales: true, fcOnly: true, direct: true}
}
func (dfa) trains(*Network, int) bool { return true }

func (dfa) reset(n *Network, rng *rand.Rand) error {
	if n.cfg.Feedback == Eq7 {
		n.setD(n.products())
		return nil
	}
	return n.drawD(rng, n.convs, n.lowestD())
}

func (dfa) teach(n *Network, i int, dst []float64) { n.direct(i, n.Layers[n.L].e, dst) }

// dfaAll sends the output error to every layer of a network, convolutions too,
// which fails to train deep ones: there is no Eq. 7 across pooling.
type dfaAll struct{ dfa }

func (dfaAll) traits() traits {
	return traits{feedbacks: []Feedback{Random, Given}, scales: true, direct: true}
}

func (dfaAll) reset(n *Network, rng *rand.Rand) error { return n.drawD(rng, 0, 0) }
