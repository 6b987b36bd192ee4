package qmodel

import "fmt"

// Forward computes the activations of a batch of pixels x (nb x N_0, 1 <= nb <= 32): O, A, Mask and Batch, and of
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
	if nb < 1 || nb > MaxBatch || len(x) != nb*m.size(0) {
		panic(fmt.Sprintf("qmodel: forward: %d pixels, want 1..%d samples of %d", len(x), MaxBatch, m.size(0)))
	}
	for n, v := range x {
		p.acts[0][n] = int16(v)
	}
	for i := 1; i <= m.cfg.convs(); i++ {
		m.convolve(i, nb, p)
		m.normalise(i, nb, p)
	}
	for i := m.cfg.convs() + 1; i <= m.top; i++ {
		n, k := m.size(i), m.size(i-1)
		for b := range nb {
			m.vec.set(p.acts[i-1][b*k : (b+1)*k])
			m.vec.dots(m.acc[:n], m.W[i], k)
			m.activate(i, b, p)
		}
	}
	return nb
}

// activate turns the sums of sample b in m.acc into the outputs of layer i: bias, rounding, and below the top the ReLU
// and dropout.
func (m *Model) activate(i, b int, p *pass) {
	n := m.size(i)
	out, shift := p.acts[i][b*n:(b+1)*n], m.cfg.forwardShift(i)
	dropping := p.training && m.cfg.drops(i)
	if dropping {
		shift-- // what stays has twice its value
	}
	keep := uint32(1<<dropBits - 1)
	for j := range out {
		acc := m.wrap(m.acc[j], p.wraps)
		acc = m.wrap(acc+int64(m.B[i][j]), p.wraps)
		z := p.st.Z[i].sat(Away(acc, shift), 16)
		if i < m.top {
			if dropping && j%dropBits == 0 {
				keep = m.keepBits(i, b, j/dropBits)
			}
			z = max(z, 0)
			if keep>>(j%dropBits)&1 == 0 {
				z = 0
			}
			p.st.O[i].see(z)
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

// teach computes what the rule gives to layer i: e_i, or of the last convolutional layer d_i, without a mask.
func (m *Model) teach(i int) {
	n, shift := m.size(i), m.cfg.errorShift(i)
	if m.cfg.Rule == BP || m.cfg.Rule == ConvOnly {
		above := m.size(i + 1)
		transpose(m.right[:n*above], m.W[i+1], above, n)
	}
	dst, st := m.errs[i], &m.Stats.E[i]
	if i == m.cfg.convs() {
		dst, st = m.outErrs[i], &m.Stats.D[i]
	}
	dst = dst[:m.Batch*n]
	for b := range m.Batch {
		m.sumErrors(i, b)
		for k, sum := range m.acc[:n] {
			at := b*n + k
			if i > m.cfg.convs() && !m.Mask[i][at] {
				dst[at] = 0
				continue
			}
			dst[at] = int16(st.sat(Away(sum, shift), 16))
		}
	}
	if i == m.cfg.convs() {
		m.D[i] = dst
	} else {
		m.E[i] = dst
	}
}

// sumErrors sets m.acc to the sums that the rule takes for sample b of layer i (section 10).
func (m *Model) sumErrors(i, b int) {
	acc := m.acc[:m.size(i)]
	from, rows := m.top, m.right // the layer whose errors are taken in, and what multiplies them
	switch m.cfg.Rule {
	case DFA:
		rows = m.matrix[i]
	case BP, BFA, ConvOnly:
		from = i + 1
	}
	width := m.size(from)
	e := m.E[from][b*width : (b+1)*width]
	if signs := m.feedback[i]; signs != nil {
		for k := range acc {
			acc[k] = int64(AdderTree(e, signs[k*width:(k+1)*width]))
		}
		return
	}
	m.vec.set(e)
	m.vec.dots(acc, rows, width)
	for k, sum := range acc {
		acc[k] = m.wrap(sum, &m.AccWraps)
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

// sumGradients computes G_i and gb_i of a fully connected layer.
func (m *Model) sumGradients(i int) {
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
		if m.cfg.bias(i) {
			m.GB[i][j] = m.wrap(m.vec.sum(), &m.AccWraps)
		}
	}
}
