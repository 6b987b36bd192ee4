package golden

// Step trains on one batch: E1, the rule's errors, E3 and E4 with learning
// rate lr. x is batch x N_0 row-major, y a class 0..N_L-1 per sample. The
// statistics are those before the update. It allocates only when the batch is
// larger than any before.
func (m *MLP) Step(x []float64, y []int, lr float64) (Stats, error) {
	if !m.rule.trains() {
		return m.evaluate(x, y)
	}
	s, err := m.Gradients(x, y)
	if err != nil {
		return s, err
	}
	for i := 1; i <= m.L; i++ {
		update(m.W[i].Data, m.V[i].Data, m.G[i].Data, lr, m.cfg.Momentum, m.cfg.Decay)
		update(m.B[i], m.VB[i], m.GB[i], lr, m.cfg.Momentum, 0)
	}
	return s, nil
}

// update is E4 on one parameter array.
func update(w, v, g []float64, lr, mu, decay float64) {
	for k := range w {
		v[k] = mu*v[k] + (g[k] + decay*w[k])
		w[k] -= lr * v[k]
	}
}
