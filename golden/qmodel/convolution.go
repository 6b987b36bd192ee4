package qmodel

// tileSide is the edge of the squares in which results are turned from channel-major to pixel-major.
const tileSide = 64

// outSees sets c.seen to what outputs of the layer see of n samples of o_{i-1} (sections 2 and 7).
func (c *convolver) outSees(l *Conv, o []int16) {
	zh, zw := l.ZSize()
	c.seen = seen{maps: o, h: l.InH, w: l.InW, chans: l.InC, outH: zh, outW: zw, kernel: l.Kernel,
		step: l.Stride, dir: 1, off: -l.Pad, gap: 1}
}

// inSees sets c.seen to what inputs of the layer see of n samples of e_i.
func (c *convolver) inSees(l *Conv, e []int16) {
	zh, zw := l.ZSize()
	c.seen = seen{maps: e, h: zh, w: zw, chans: l.OutC, outH: l.InH, outW: l.InW, kernel: l.Kernel,
		step: 1, dir: -1, off: l.Pad, gap: l.Stride}
}

// convolve computes z_i of nb samples.
func (m *Model) convolve(i, nb int, p *pass) {
	l, c := m.cfg.conv(i), m.mul
	zh, zw := l.ZSize()
	places, terms := zh*zw, l.taps()*l.InC
	for t := range l.taps() { // W as outputs x (tap, input channel)
		for j := range l.OutC {
			to := c.left[j*terms+t*l.InC:][:l.InC]
			for ch, w := range m.W[i][(t*l.OutC+j)*l.InC:][:l.InC] {
				to[ch] = float64(w)
			}
		}
	}
	shift := m.cfg.forwardShift(i)
	for b, most := 0, group(places*l.OutC, c.most); b < nb; b += most {
		n := min(most, nb-b) * places
		c.outSees(l, p.acts[i-1][b*m.size(i-1):nb*m.size(i-1)])
		c.multiply(&c.seen, terms, 1, l.OutC, n, terms)
		m.turn(p.z[i][b*places*l.OutC:], n, m.B[i], shift, &p.st.Z[i], p.wraps)
	}
}

// turn rounds the products in m.mul.out, a row of n places for each bias, and writes them into dst place by place.
func (m *Model) turn(dst []int16, n int, biases []int32, shift int, count *Stat, wraps *uint64) {
	st, chans := *count, len(biases) // a copy, so that it can live in registers
	for p0 := 0; p0 < n; p0 += tileSide {
		for j, bias := range biases {
			for at := p0; at < min(p0+tileSide, n); at++ {
				acc := m.wrap(int64(m.mul.out[j*n+at]), wraps)
				acc = m.wrap(acc+int64(bias), wraps)
				dst[at*chans+j] = int16(st.sat(Away(acc, shift), 16))
			}
		}
	}
	*count = st
}

// convolveErrors computes d_{i-1} from e_i and the weights of layer i.
func (m *Model) convolveErrors(i int) {
	l, c := m.cfg.conv(i), m.mul
	places, terms := l.InH*l.InW, l.taps()*l.OutC
	floats(c.left, m.W[i]) // W as (tap, output channel) x inputs, and so transposed: inputs x (tap, output)
	m.D[i-1] = m.outErrs[i-1][:m.Batch*places*l.InC]
	shift := m.cfg.errorShift(i - 1)
	for b, most := 0, group(places*l.InC, c.most); b < m.Batch; b += most {
		n := min(most, m.Batch-b) * places
		c.inSees(l, m.E[i][b*m.cfg.errors(i):])
		c.multiply(&c.seen, 1, l.InC, l.InC, n, terms)
		m.turn(m.D[i-1][b*places*l.InC:], n, m.noBias[:l.InC], shift, &m.Stats.D[i-1], &m.AccWraps)
	}
}

// convolveGradients computes G_i and gb_i of a convolutional layer.
func (m *Model) convolveGradients(i int) {
	l, c, g := m.cfg.conv(i), m.mul, m.G[i]
	places, terms := m.cfg.errors(i)/l.OutC, l.taps()*l.InC
	clear(g)
	for b, most := 0, group(places*l.OutC, c.most); b < m.Batch; b += most {
		n := min(most, m.Batch-b) * places
		floats(c.left, m.E[i][b*places*l.OutC:][:n*l.OutC]) // e as places x outputs, and so transposed: outputs x places
		c.outSees(l, m.O[i-1][b*m.size(i-1):])
		c.multiply(&c.seT, 1, l.OutC, l.OutC, terms, n)
		for j := range l.OutC {
			for t := range l.taps() {
				to := g[(t*l.OutC+j)*l.InC:][:l.InC]
				for ch, v := range c.out[j*terms+t*l.InC:][:l.InC] {
					to[ch] += int64(v)
				}
			}
		}
	}
	for n, sum := range g {
		g[n] = m.wrap(sum, &m.AccWraps)
	}
	if !l.Bias {
		return
	}
	clear(m.GB[i])
	for n, e := range m.E[i] {
		m.GB[i][n%l.OutC] += int64(e)
	}
	for j, sum := range m.GB[i] {
		m.GB[i][j] = m.wrap(sum, &m.AccWraps)
	}
}

// floats writes src into dst.
func floats(dst []float64, src []int16) {
	for n, v := range src {
		dst[n] = float64(v)
	}
}
