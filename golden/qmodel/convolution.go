package qmodel

import "bdfasim/golden/intgemm"

// gradientBlock is how many places a gradient takes in at a time: their maps stay in a cache.
const gradientBlock = 1024

// convolve computes z_i of nb samples.
func (m *Model) convolve(i, nb int, p *pass) {
	l := m.cfg.conv(i)
	zh, zw := l.ZSize()
	m.job = job{layer: i, dst: p.z[i], biases: m.B[i], shift: m.cfg.forwardShift(i)}
	seen := m.outSees(l, p.acts[i-1][:nb*m.size(i-1)])
	m.multiply(seen, nb*zh*zw, l.OutC, l.Kernel, seen.Run, (*Model).packOutputs, (*Model).round)
	m.collect(&p.st.Z[i], nil, p.wraps)
}

// packOutputs is W_i with a lane for each output channel.
func (m *Model) packOutputs(p *intgemm.Panel) {
	l, w := m.cfg.conv(m.job.layer), m.W[m.job.layer]
	for j := range p.Lanes {
		for t := range l.taps() {
			p.Column(j, t/l.Kernel, t%l.Kernel*l.InC, w[(t*l.OutC+p.Lane+j)*l.InC:][:l.InC])
		}
	}
}

// round turns the sums of a place into channels of the result.
func (m *Model) round(place, lane int, sums []int64, worker int) {
	j, t := &m.job, m.tallies[worker] // a copy, so that it can live in registers
	dst := j.dst[place*len(j.biases)+lane:][:len(sums)]
	biases := j.biases[lane:][:len(sums)]
	for n, sum := range sums {
		acc := m.wrap(m.wrap(sum, &t.wraps)+int64(biases[n]), &t.wraps)
		dst[n] = int16(t.first.sat(Away(acc, j.shift), 16))
	}
	m.tallies[worker] = t
}

// convolveErrors computes d_{i-1} from e_i and the weights of layer i.
func (m *Model) convolveErrors(i int) {
	l := m.cfg.conv(i)
	places := m.Batch * l.InH * l.InW
	m.D[i-1] = m.outErrs[i-1][:places*l.InC]
	m.job = job{layer: i, dst: m.D[i-1], biases: m.noBias[:l.InC], shift: m.cfg.errorShift(i - 1)}
	seen := m.inSees(l, m.E[i])
	m.multiply(seen, places, l.InC, l.Kernel, seen.Run, (*Model).packInputs, (*Model).round)
	m.collect(&m.Stats.D[i-1], nil, &m.AccWraps)
}

// packInputs is W_i, its taps in reverse, with a lane for each input channel.
func (m *Model) packInputs(p *intgemm.Panel) {
	l := m.cfg.conv(m.job.layer)
	long := l.Kernel * l.OutC
	for seg := range l.Kernel {
		row := func(n int) []int16 {
			if n == long {
				return nil
			}
			tap := l.taps() - 1 - (seg*l.Kernel + n/l.OutC)
			return m.W[m.job.layer][(tap*l.OutC+n%l.OutC)*l.InC+p.Lane:][:p.Lanes]
		}
		for n := 0; n < long; n += 2 {
			p.Rows(0, seg, n, row(n), row(n+1))
		}
	}
}

// convolveGradients computes G_i and gb_i of a convolutional layer.
func (m *Model) convolveGradients(i int) {
	l := m.cfg.conv(i)
	places := len(m.E[i]) / l.OutC
	m.outSees(l, m.O[i-1])
	clear(m.GB[i])
	for at := 0; at < places; at += len(m.offsets) {
		n := min(len(m.offsets), places-at)
		m.job = job{layer: i, from: at, n: n, last: at+n == places}
		left := m.turnErrors(m.E[i][at*l.OutC:][:n*l.OutC], l.OutC)
		for b := range n {
			m.offsets[b] = m.frame.place(at + b)
		}
		m.multiply(left, l.OutC, l.taps()*l.InC, 1, n, (*Model).packSeen, (*Model).addGradients)
	}
	m.finishGradients(i)
}

// packSeen is what outputs see of o_{i-1}, with a lane for each tap and input channel.
func (m *Model) packSeen(p *intgemm.Panel) {
	l, f := m.cfg.conv(m.job.layer), &m.frame
	for lane := 0; lane < p.Lanes; {
		tap, ch := (p.Lane+lane)/l.InC, (p.Lane+lane)%l.InC
		run := min(p.Lanes-lane, l.InC-ch)
		p.Gather(lane, run, f.data[(tap/l.Kernel*f.cols+tap%l.Kernel)*l.InC+ch:], m.offsets[:m.job.n])
		lane += run
	}
}

// addGradients adds the sums of an output channel to G_i.
func (m *Model) addGradients(j, lane int, sums []int64, worker int) {
	l, g := m.cfg.conv(m.job.layer), m.G[m.job.layer]
	for len(sums) > 0 {
		tap, ch := lane/l.InC, lane%l.InC
		run := min(len(sums), l.InC-ch)
		to := g[(tap*l.OutC+j)*l.InC+ch:][:run]
		for n, sum := range sums[:run] {
			if m.job.from > 0 {
				sum += to[n]
			}
			if m.job.last {
				sum = m.wrap(sum, &m.tallies[worker].wraps)
			}
			to[n] = sum
		}
		sums, lane = sums[run:], lane+run
	}
}
