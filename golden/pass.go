package golden

import "fmt"

// Forward evaluates a batch x, one sample a row of channels, rows, columns, and
// returns the logits, a view that the next pass overwrites. Batch norm takes
// its running statistics and dropout rests.
func (n *Network) Forward(x []float64) (Mat, error) {
	in := n.net.Input.Size()
	if len(x) == 0 || len(x)%in != 0 {
		return Mat{}, fmt.Errorf("golden: forward: got %d input values, want a positive multiple of %d", len(x), in)
	}
	return n.forward(x, len(x)/in, evaluating), nil
}

// forward runs E1 on a checked batch.
func (n *Network) forward(x []float64, batch int, m mode) Mat {
	n.batch, n.mode = batch, m
	if !n.net.Input.Flat() {
		n.planes = grow(n.planes, len(x))
		toPlanes(n.planes, x, n.net.Input, batch)
		x = n.planes
	}
	for _, p := range n.pre {
		x = p.forward(n, x)
	}
	for _, l := range n.Layers[1:] {
		x = l.forward(n, x)
	}
	return n.logits()
}

// logits is a_L.
func (n *Network) logits() Mat {
	top := n.Layers[n.L]
	return Mat{Rows: n.batch, Cols: top.W.Rows, Data: top.a}
}

// evaluate checks a labelled batch, runs forward and sets e_L.
func (n *Network) evaluate(x []float64, y []int, m mode) (Stats, error) {
	if err := n.checkBatch(x, y); err != nil {
		return Stats{}, err
	}
	if m.moveStats && len(y) == 1 {
		for _, b := range n.norms {
			if b.shape.Flat() || b.shape.Height*b.shape.Width == 1 {
				return Stats{}, fmt.Errorf("golden: %s: got a batch of one number a channel, want two: they have no variance", b.name)
			}
		}
	}
	for _, d := range n.dropouts {
		if want := len(y) * d.d.In.Size(); m.dropout && d.given != nil && len(d.given) != want {
			return Stats{}, fmt.Errorf("golden: mask %d: got %d elements, want %d for %d samples", d.number, len(d.given), want, len(y))
		}
	}
	logits := n.forward(x, len(y), m)
	top := n.Layers[n.L]
	top.e = grow(top.e, len(logits.Data))
	n.labels = y
	return softmaxCrossEntropy(logits, y, Mat{Rows: logits.Rows, Cols: logits.Cols, Data: top.e}), nil
}

func (n *Network) checkBatch(x []float64, y []int) error {
	if in := n.net.Input.Size(); len(y) == 0 || len(x) != len(y)*in {
		return fmt.Errorf("golden: batch: got %d input values, want %d (%d labels, %d inputs each), at least one sample", len(x), len(y)*in, len(y), in)
	}
	for r, c := range y {
		if c < 0 || c >= n.net.Classes {
			return fmt.Errorf("golden: label %d: got class %d, want 0..%d", r, c, n.net.Classes-1)
		}
	}
	return nil
}

// backward fills e_{L-1} down to e_1: the rule's teaching signal at o_i, then
// f' and whatever else stands between.
func (n *Network) backward(r rule) {
	for i := n.L - 1; i >= 1; i-- {
		l := n.Layers[i]
		l.sig = grow(l.sig, n.batch*l.out.Size())
		r.teach(n, i, l.sig)
		l.backward(n)
	}
}

// through writes the error at o_i that layer i+1 sends down with w for W.
func (n *Network) through(i int, w Mat, dst []float64) {
	above := n.Layers[i+1]
	above.kind.through(n, above, w, dst)
}

// direct writes D_i^T times a vector of N_L numbers a sample, the error at o_i
// of the direct rules.
func (n *Network) direct(i int, teacher, dst []float64) {
	d, s := n.D[i], n.shape(i)
	rows := dst
	if !s.Flat() {
		n.rows = grow(n.rows, len(dst))
		rows = n.rows
	}
	n.mul.Views(rowMajor(rows, d.Cols), rowMajor(teacher, d.Rows), rowMajor(d.Data, d.Cols), n.batch, d.Cols, d.Rows)
	if !s.Flat() {
		toPlanes(dst, rows, s, n.batch)
	}
}

// Gradients runs the rule on a batch without an update: gradients are sums
// over the batch divided by its size or by NetConfig.MeanOver, without weight
// decay. Running statistics stay.
func (n *Network) Gradients(x []float64, y []int) (Stats, error) {
	s, err := n.evaluate(x, y, gradients)
	if err != nil {
		return s, err
	}
	n.backward(n.rule)
	n.gradients()
	return s, nil
}

// gradients is E3 for every layer.
func (n *Network) gradients() {
	for i := n.L; i >= 1; i-- {
		l := n.Layers[i]
		l.kind.gradient(n, l)
		n.opt.divide(n, l.G.Data)
		n.opt.divide(n, l.GB)
	}
	for _, b := range n.norms {
		n.opt.divide(n, b.gGamma)
		n.opt.divide(n, b.gBeta)
	}
}

// Errors returns e_i of the last pass, errors per sample that are not divided
// by the batch, one sample a row (channels, rows, columns). It is a copy.
func (n *Network) Errors(i int) (Mat, error) {
	if i < 1 || i > n.L || len(n.Layers[i].e) == 0 {
		return Mat{}, fmt.Errorf("golden: errors of layer %d: got no pass or no such layer, want 1..%d after Step or Gradients", i, n.L)
	}
	return n.errors(i), nil
}

func (n *Network) errors(i int) Mat {
	l := n.Layers[i]
	m := NewMat(n.batch, l.Desc.To.Size())
	toRows(m.Data, l.e, l.Desc.To, n.batch)
	return m
}

// Output returns o_i of the last pass, one sample a row. It is a copy.
func (n *Network) Output(i int) (Mat, error) {
	if i < 1 || i > n.L || len(n.Layers[i].o) == 0 {
		return Mat{}, fmt.Errorf("golden: output of layer %d: got no pass or no such layer, want 1..%d after Forward or Step", i, n.L)
	}
	m := NewMat(n.batch, n.size(i))
	toRows(m.Data, n.Layers[i].o, n.shape(i), n.batch)
	return m, nil
}

// Signal writes the error at o_i of the last pass, where 0 is what a network
// below this one would receive (no f'), as a copy, one sample a row.
func (n *Network) Signal(i int) (Mat, error) {
	if i < 0 || i >= n.L || len(n.Layers[i+1].e) == 0 {
		return Mat{}, fmt.Errorf("golden: signal at o_%d: got no pass or no such layer, want 0..%d after Step or Gradients", i, n.L-1)
	}
	if len(n.D) > 0 && n.D[i].Empty() && n.rule.direct || len(n.R) > 0 && n.R[i+1].Empty() {
		return Mat{}, fmt.Errorf("golden: signal at o_%d: rule %s has no feedback matrix for it", i, n.cfg.Rule)
	}
	planes, m := make([]float64, n.batch*n.size(i)), NewMat(n.batch, n.size(i))
	n.rule.teach(n, i, planes)
	toRows(m.Data, planes, n.shape(i), n.batch)
	return m, nil
}
