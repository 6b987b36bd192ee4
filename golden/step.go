package golden

// Step trains on one batch: E1, the rule's errors, E3 and E4 with learning
// rate lr. x is one sample a row (channels, rows, columns), y a class 0..N_L-1
// per sample. The statistics are those before the update. It allocates only
// when the batch is larger than any before. With a rule that trains no layer it
// only evaluates, in training mode.
func (n *Network) Step(x []float64, y []int, lr float64) (Stats, error) {
	s, err := n.evaluate(x, y, training)
	if err != nil {
		return s, err
	}
	defer func() { n.steps++ }()
	if !n.trains(1) {
		return s, nil
	}
	n.backward(n.rule)
	n.gradients()
	for i, l := range n.Layers {
		if i == 0 || !n.trains(i) {
			continue
		}
		lr := float64(lr * l.Desc.RateScale())
		n.opt.update(n, l.W.Data, l.V.Data, l.G.Data, lr, n.cfg.Decay)
		n.opt.update(n, l.B, l.VB, l.GB, lr, 0)
		for _, p := range l.post {
			if b, ok := p.(*batchNorm); ok {
				n.opt.update(n, b.gamma, b.vGamma, b.gGamma, lr, 0)
				n.opt.update(n, b.beta, b.vBeta, b.gBeta, lr, 0)
			}
		}
	}
	return s, nil
}

// optimiser runs the loops over parameters on the pool.
type optimiser struct {
	w, v, g       []float64
	lr, mu, decay float64
	divisor       float64
	step, div     func(lo, hi, worker int)
}

func (o *optimiser) bind() { o.step, o.div = o.stepRange, o.divRange }

// update is E4 on one parameter array.
func (o *optimiser) update(n *Network, w, v, g []float64, lr, decay float64) {
	o.w, o.v, o.g, o.lr, o.mu, o.decay = w, v, g, lr, n.cfg.Momentum, decay
	n.pool.Range(len(w), elementGrain, o.step)
}

func (o *optimiser) stepRange(lo, hi, _ int) {
	w, v, g := o.w[lo:hi], o.v[lo:hi], o.g[lo:hi]
	lr, mu, decay := o.lr, o.mu, o.decay
	for k := range w {
		u := float64(mu*v[k]) + (g[k] + float64(decay*w[k]))
		v[k] = u
		w[k] -= float64(lr * u)
	}
}

// divide makes a mean of sums over the batch.
func (o *optimiser) divide(n *Network, g []float64) {
	o.g, o.divisor = g, float64(n.batch)
	if n.cfg.MeanOver > 0 {
		o.divisor = float64(n.cfg.MeanOver)
		for o.divisor < float64(n.batch) {
			o.divisor *= 2
		}
	}
	n.pool.Range(len(g), elementGrain, o.div)
}

func (o *optimiser) divRange(lo, hi, _ int) {
	for k := lo; k < hi; k++ {
		o.g[k] /= o.divisor
	}
}
