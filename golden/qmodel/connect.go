package qmodel

import "bdfasim/golden/intgemm"

// rowsOf returns a matrix with k numbers in a row. If k is odd, the number after the last row is read
// too, so the matrix moves to where there is one.
func (m *Model) rowsOf(w []int16, k int) intgemm.Left {
	left := intgemm.Left{Data: w, Row: k, Run: k}
	if k%2 == 1 {
		m.left = intgemm.Grow(m.left, len(w)+1)
		copy(m.left, w)
		left.Data = m.left
	}
	for at := 0; at < len(w); at += k {
		left.Squares = max(left.Squares, intgemm.Squares(w[at:at+k]))
	}
	return left
}

// connect computes the outputs of a fully connected layer.
func (m *Model) connect(i, nb int, p *pass) {
	n, k := m.size(i), m.size(i-1)
	m.job = job{layer: i, src: p.acts[i-1], width: k, dst: p.acts[i], shift: m.cfg.forwardShift(i)}
	if p.training && m.cfg.drops(i) {
		m.job.dropping = true
		m.job.shift-- // what stays has twice its value
	}
	m.multiply(m.rowsOf(m.W[i], k), n, nb, 1, k, (*Model).packSamples, (*Model).activate)
	m.collect(&p.st.Z[i], &p.st.O[i], p.wraps)
}

// packSamples has a lane for each sample.
func (m *Model) packSamples(p *intgemm.Panel) {
	k := m.job.width
	for b := range p.Lanes {
		p.Column(b, 0, 0, m.job.src[(p.Lane+b)*k:][:k])
	}
}

// activate turns the sums of neuron n in some samples into outputs: bias, rounding, and below the
// top the ReLU and dropout.
func (m *Model) activate(n, first int, sums []int64, worker int) {
	j, t := &m.job, m.tallies[worker]
	bias, width := int64(m.B[j.layer][n]), m.size(j.layer)
	for b, sum := range sums {
		acc := m.wrap(m.wrap(sum, &t.wraps)+bias, &t.wraps)
		z := t.first.sat(Away(acc, j.shift), 16)
		if j.layer < m.top {
			z = max(z, 0)
			if j.dropping && m.keepBits(j.layer, first+b, n/dropBits)>>(n%dropBits)&1 == 0 {
				z = 0
			}
			t.second.see(z)
		}
		j.dst[(first+b)*width+n] = int16(z)
	}
	m.tallies[worker] = t
}

// source returns the layer whose errors the rule gives to layer i.
func (m *Model) source(i int) int {
	if m.cfg.Rule == DFA || m.cfg.Rule == BDFA {
		return m.top
	}
	return i + 1
}

// teach computes what the rule gives to layer i: e_i, or of the last convolutional layer d_i,
// without a mask (section 10).
func (m *Model) teach(i int) {
	n, from := m.size(i), m.source(i)
	dst, st := &m.E[i], &m.Stats.E[i]
	*dst = m.errs[i]
	if i == m.cfg.convs() {
		dst, st = &m.D[i], &m.Stats.D[i]
		*dst = m.outErrs[i]
	}
	*dst = (*dst)[:m.Batch*n]
	width, e := m.size(from), m.E[from]
	m.job = job{layer: i, src: m.W[from], width: width, dst: *dst, shift: m.cfg.errorShift(i)}
	if signs := m.feedback[i]; signs != nil {
		for b := range m.Batch {
			for k := range n {
				m.acc[k] = int64(AdderTree(e[b*width:(b+1)*width], signs[k*width:(k+1)*width]))
			}
			m.teachPart(b, 0, m.acc[:n], 0)
		}
	} else {
		left := m.rowsOf(e, width)
		m.multiply(left, m.Batch, n, 1, width, (*Model).packTeacher, (*Model).teachSample)
	}
	m.collect(st, nil, &m.AccWraps)
}

// packTeacher is what the errors are multiplied by, with a lane for each neuron: D_i, or the
// weights of the layer above.
func (m *Model) packTeacher(p *intgemm.Panel) {
	i, width := m.job.layer, m.job.width
	if d := m.matrix[i]; d != nil {
		for k := range p.Lanes {
			p.Column(k, 0, 0, d[(p.Lane+k)*width:][:width])
		}
		return
	}
	m.packRows(p)
}

// packRows has a lane for each column of width rows of src.
func (m *Model) packRows(p *intgemm.Panel) {
	row := len(m.job.src) / m.job.width
	for r := 0; r < m.job.width; r += 2 {
		var odd []int16
		if r+1 < m.job.width {
			odd = m.job.src[(r+1)*row+p.Lane:][:p.Lanes]
		}
		p.Rows(0, 0, r, m.job.src[r*row+p.Lane:][:p.Lanes], odd)
	}
}

// teachSample rounds sums that wrap.
func (m *Model) teachSample(b, first int, sums []int64, worker int) {
	for k, sum := range sums {
		sums[k] = m.wrap(sum, &m.tallies[worker].wraps)
	}
	m.teachPart(b, first, sums, worker)
}

// teachPart rounds the sums of some neurons of a sample.
func (m *Model) teachPart(b, first int, sums []int64, worker int) {
	j, t := &m.job, m.tallies[worker]
	at := b*m.size(j.layer) + first
	dst := j.dst[at:][:len(sums)]
	for k, sum := range sums {
		if j.layer > m.cfg.convs() && !m.Mask[j.layer][at+k] {
			dst[k] = 0
			continue
		}
		dst[k] = int16(t.first.sat(Away(sum, j.shift), 16))
	}
	m.tallies[worker] = t
}

// sumGradients computes G_i and gb_i of a fully connected layer.
func (m *Model) sumGradients(i int) {
	n, k := m.size(i), m.size(i-1)
	m.job = job{layer: i}
	clear(m.GB[i])
	left := m.turnErrors(m.E[i], n)
	m.job.src, m.job.width = m.O[i-1], m.Batch
	m.multiply(left, n, k, 1, m.Batch, (*Model).packRows, (*Model).keepGradients)
	m.finishGradients(i)
}

// keepGradients is G_i of a neuron.
func (m *Model) keepGradients(n, lane int, sums []int64, worker int) {
	row := m.G[m.job.layer][n*m.size(m.job.layer-1)+lane:][:len(sums)]
	wraps := &m.tallies[worker].wraps
	for k, sum := range sums {
		row[k] = m.wrap(sum, wraps)
	}
}

// finishGradients ends gb_i, and counts.
func (m *Model) finishGradients(i int) {
	if !m.cfg.bias(i) {
		clear(m.GB[i])
	}
	for j, sum := range m.GB[i] {
		m.GB[i][j] = m.wrap(sum, &m.AccWraps)
	}
	m.collect(nil, nil, &m.AccWraps)
}
