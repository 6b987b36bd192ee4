package qmodel

import "fmt"

// Forward computes the activations of a batch of pixels x (nb x N_0, 1 <= nb <= 32): O, A, Mask and Batch (section 2).
func (m *Model) Forward(x []uint8) {
	nb := m.forward(x, m.acts, &m.Stats, &m.AccWraps)
	m.Batch = nb
	for i := range m.top {
		m.O[i] = m.acts[i][:nb*m.size(i)]
	}
	m.A = m.acts[m.top][:nb*m.size(m.top)]
	for i := 1; i < m.top; i++ {
		m.Mask[i] = m.masks[i][:nb*m.size(i)]
		for n, o := range m.O[i] {
			m.Mask[i][n] = o != 0
		}
	}
}

// forward runs a batch through the network into acts (0..L), counting into st and wraps, and returns nb.
func (m *Model) forward(x []uint8, acts [][]int16, st *Stats, wraps *uint64) (nb int) {
	nb = len(x) / m.size(0)
	if nb < 1 || nb > MaxBatch || len(x) != nb*m.size(0) {
		panic(fmt.Sprintf("qmodel: forward: %d pixels, want 1..%d samples of %d", len(x), MaxBatch, m.size(0)))
	}
	for n, p := range x {
		acts[0][n] = int16(p)
	}
	for i := 1; i <= m.top; i++ {
		n, k := m.size(i), m.size(i-1)
		for b := range nb {
			m.vec.set(acts[i-1][b*k : (b+1)*k])
			m.vec.dots(m.acc[:n], m.W[i], k)
			m.activate(i, acts[i][b*n:(b+1)*n], st, wraps)
		}
	}
	return nb
}

// activate turns the sums of one sample in m.acc into the outputs of layer i: bias, rounding, and below the top the
// ReLU.
func (m *Model) activate(i int, out []int16, st *Stats, wraps *uint64) {
	shift := forwardShift(&m.cfg.F, i)
	for j := range out {
		acc := m.wrap(m.acc[j], wraps)
		acc = m.wrap(acc+int64(m.B[i][j]), wraps)
		z := st.Z[i].sat(Away(acc, shift), 16)
		if i < m.top {
			z = max(z, 0)
			st.O[i].see(z)
		}
		out[j] = int16(z)
	}
}

// wrap is wrap_A, counting the values that it changes.
func (m *Model) wrap(v int64, wraps *uint64) int64 {
	w := Wrap(v, m.cfg.AccBits)
	if w != v {
		*wraps++
	}
	return w
}

// Errors computes E of the hidden layers from E[L] and the weights as they are, by the rule of the configuration
// (section 4).
func (m *Model) Errors() {
	for i := m.top - 1; i >= 1; i-- {
		m.E[i] = m.errs[i][:m.Batch*m.size(i)]
		if m.cfg.Rule == BP {
			m.backPropagate(i)
		} else {
			m.feedBack(i)
		}
	}
}

// backPropagate computes e_i = (W_{i+1}^T e_{i+1}) masked.
func (m *Model) backPropagate(i int) {
	n, above := m.size(i), m.size(i+1)
	wt := m.right[:n*above]
	transpose(wt, m.W[i+1], above, n)
	shift := errorShift(&m.cfg.F, i)
	for b := range m.Batch {
		m.vec.set(m.E[i+1][b*above : (b+1)*above])
		m.vec.dots(m.acc[:n], wt, above)
		for k := range n {
			m.setError(i, b*n+k, m.wrap(m.acc[k], &m.AccWraps), shift)
		}
	}
}

// feedBack computes e_i = (B_i e_L) masked, scaled by 2^-s_i.
func (m *Model) feedBack(i int) {
	n, classes := m.size(i), m.size(m.top)
	shift := feedbackShift(&m.cfg.F, i, m.cfg.FB[i].Shift)
	for b := range m.Batch {
		e := m.E[m.top][b*classes : (b+1)*classes]
		for k := range n {
			sum := AdderTree(e, m.feedback[i][k*classes:(k+1)*classes])
			m.setError(i, b*n+k, int64(sum), shift)
		}
	}
}

// setError rounds a sum into element n of e_i, or clears it where the ReLU was off.
func (m *Model) setError(i, n int, sum int64, shift int) {
	m.E[i][n] = 0
	if m.Mask[i][n] {
		m.E[i][n] = int16(m.Stats.E[i].sat(Away(sum, shift), 16))
	}
}

// Gradients computes the sums G and GB over the batch (section 5).
func (m *Model) Gradients() {
	for i := 1; i <= m.top; i++ {
		n, k := m.size(i), m.size(i-1)
		et, ot := m.left[:n*m.Batch], m.right[:k*m.Batch]
		transpose(et, m.E[i], m.Batch, n)
		transpose(ot, m.O[i-1], m.Batch, k)
		for j := range n {
			m.vec.set(et[j*m.Batch : (j+1)*m.Batch])
			row := m.G[i][j*k : (j+1)*k]
			m.vec.dots(row, ot, m.Batch)
			for c, v := range row {
				row[c] = m.wrap(v, &m.AccWraps)
			}
			m.GB[i][j] = m.wrap(m.vec.sum(), &m.AccWraps)
		}
	}
}
