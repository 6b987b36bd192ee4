package golden

// errorSign is dfa that sends only the signs of the output error, sign(0) = +1
// (error-sign-based DFA: Frenkel, Lefebvre, Bol 2021, doi
// 10.3389/fnins.2021.629892, section 2.1). Convolutions have BP as in cdfa.
type errorSign struct{ cdfa }

func (r errorSign) teach(n *Network, i int, dst []float64) {
	if n.layerwise(i) {
		bp{}.teach(n, i, dst)
		return
	}
	e := n.Layers[n.L].e
	n.teacher = grow(n.teacher, len(e))
	for k, v := range e {
		n.teacher[k] = 1
		if v < 0 {
			n.teacher[k] = -1
		}
	}
	n.direct(i, n.teacher, dst)
}

// drtp is direct random target projection (same source): the layers learn from
// the label alone, e_i = -(D_i^T y) .* f'(a_i), so they need not wait for the
// output. The minus is that of e_L = softmax - y, whose sign y stands for.
type drtp struct{ cdfa }

func (r drtp) teach(n *Network, i int, dst []float64) {
	if n.layerwise(i) {
		bp{}.teach(n, i, dst)
		return
	}
	n.teacher = grow(n.teacher, n.batch*n.net.Classes)
	clear(n.teacher)
	for s, c := range n.labels {
		n.teacher[s*n.net.Classes+c] = -1
	}
	n.direct(i, n.teacher, dst)
}
