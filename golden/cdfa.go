package golden

// cdfa combines BP in the convolutions with DFA in the FC layers. The
// convolutions receive, at their flattened output, D^T e_L (Direct) or W^T e of
// the first FC layer (ViaW1). Without convolutions it is dfa.
type cdfa struct{ dfa }

func (c cdfa) traits() traits { return combined(c.dfa.traits()) }

func (c cdfa) teach(n *Network, i int, dst []float64) {
	if n.layerwise(i) {
		bp{}.teach(n, i, dst)
		return
	}
	c.dfa.teach(n, i, dst)
}

// cbdfa is cdfa with binary feedback. Without convolutions it is bdfa.
type cbdfa struct{ bdfa }

func (c cbdfa) traits() traits { return combined(c.bdfa.traits()) }

func (c cbdfa) teach(n *Network, i int, dst []float64) { cdfa{}.teach(n, i, dst) }

// combined is what changes when a direct rule leaves the convolutions to BP.
func combined(t traits) traits {
	t.fcOnly, t.boundary, t.direct = false, true, false
	return t
}

// layerwise tells whether a combined rule takes the signal at o_i from the
// layer above.
func (n *Network) layerwise(i int) bool {
	return i < n.convs || i == n.convs && i > 0 && n.cfg.Boundary == ViaW1
}

// lowestD is the lowest layer whose D a combined rule reads.
func (n *Network) lowestD() int {
	if n.layerwise(n.convs) {
		return n.convs + 1
	}
	return n.convs
}
