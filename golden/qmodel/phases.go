package qmodel

import "fmt"

// Forward computes the activations of a batch of pixels x (nb x N_0, 1 <= nb <= Config.Batch): O, A, Mask and Batch, and of
// convolutional layers Z, Pos, M, R and Sh; running statistics follow (sections 2, 7, 8 and 11).
func (m *Model) Forward(x []uint8) {
	nb := m.forward(x, &m.train)
	m.Batch = nb
	for i := range m.top {
		m.O[i] = m.train.acts[i][:nb*m.size(i)]
	}
	m.A = m.train.acts[m.top][:nb*m.size(m.top)]
	for i := 1; i <= m.cfg.convs(); i++ {
		m.Z[i] = m.train.z[i][:nb*m.cfg.errors(i)]
		m.Pos[i] = m.train.pos[i][:nb*m.places(i)]
	}
	for i := m.cfg.convs() + 1; i < m.top; i++ {
		m.Mask[i] = m.masks[i][:nb*m.size(i)]
		for n, o := range m.O[i] {
			m.Mask[i][n] = o != 0
		}
	}
}

// forward runs a batch through the network into p and returns nb.
func (m *Model) forward(x []uint8, p *pass) (nb int) {
	nb = len(x) / m.size(0)
	if nb < 1 || nb > m.cfg.held() || len(x) != nb*m.size(0) {
		panic(fmt.Sprintf("qmodel: forward: %d pixels, want 1..%d samples of %d", len(x), m.cfg.held(), m.size(0)))
	}
	for n, v := range x {
		p.acts[0][n] = int16(v)
	}
	for i := 1; i <= m.cfg.convs(); i++ {
		m.convolve(i, nb, p)
		m.normalise(i, nb, p)
	}
	for i := m.cfg.convs() + 1; i <= m.top; i++ {
		m.connect(i, nb, p)
	}
	return nb
}

// wrap is wrap_A, counting the values that it changes.
func (m *Model) wrap(v int64, wraps *uint64) int64 {
	w := Wrap(v, m.cfg.AccBits)
	if w != v {
		*wraps++
	}
	return w
}

// Errors computes E of the hidden layers from E[L] and the weights as they are, by the rule of the configuration, and D
// and H of convolutional layers (sections 4, 7, 8 and 10).
func (m *Model) Errors() {
	for i := m.top - 1; i >= m.cfg.lowest(); i-- {
		m.teach(i)
	}
	for i := m.cfg.convs(); i >= 1; i-- {
		m.spread(i)
		m.normaliseErrors(i)
		if i > 1 {
			m.convolveErrors(i)
		}
	}
}

// Gradients computes the sums G and GB over the batch of the layers that the rule trains, and GGamma and GBeta are
// there since Errors (sections 5 and 7).
func (m *Model) Gradients() {
	for i := 1; i <= m.top; i++ {
		switch {
		case i <= m.cfg.convs():
			m.convolveGradients(i)
		case m.cfg.trains(i):
			m.sumGradients(i)
		}
	}
}
