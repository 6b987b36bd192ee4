package qmodel

// places returns the elements of pos_i in a sample: H_i * W_i * C_i.
func (m *Model) places(i int) int {
	l := m.cfg.conv(i)
	h, w := l.OutSize()
	return h * w * l.OutC
}

// pixelStep returns from pixel to pixel in o_i and d_i: C_i, or P in the last convolutional layer.
func (m *Model) pixelStep(i int) int {
	return m.size(i) / (m.places(i) / m.cfg.conv(i).OutC)
}

// pool computes o_i and pos_i: normalisation by m.chans if the layer has it, ReLU, and the maximum of each window
// (section 7). What is left over at the far edges is in no window.
func (m *Model) pool(i, nb int, p *pass) {
	m.job = job{layer: i, src: p.z[i], dst: p.acts[i], pos: p.pos[i], shift: normShift(&m.cfg.F, i)}
	n := nb * m.places(i) / m.cfg.conv(i).OutC
	m.share(n, nb*m.cfg.errors(i), (*Model).poolPart)
	m.collect(&p.st.U[i], &p.st.O[i], p.wraps)
}

// poolPart computes pixels lo..hi-1.
func (m *Model) poolPart(lo, hi, worker int) {
	i, t := m.job.layer, m.tallies[worker]
	l := m.cfg.conv(i)
	zh, zw := l.ZSize()
	h, w := l.OutSize()
	step := m.pixelStep(i)
	best, pos := m.sums[worker].one[:l.OutC], m.sums[worker].two[:l.OutC]
	for n := lo; n < hi; n++ {
		b, y, x := n/(h*w), n/w%h*l.Pool, n%w*l.Pool
		for j := range best {
			best[j], pos[j] = 0, noPos
		}
		for place := range l.Pool * l.Pool {
			at := ((b*zh+y+place/l.Pool)*zw + x + place%l.Pool) * l.OutC
			for j, z := range m.job.src[at : at+l.OutC] {
				u := int64(z)
				if l.BN {
					u = m.chans[j].unit(z, m.job.shift, &t.first)
				}
				if u > best[j] { // a later equal one does not win
					best[j], pos[j] = u, int64(place)
				}
			}
		}
		for j, v := range best {
			m.job.dst[n*step+j] = int16(v)
			t.second.see(v)
			if m.job.pos != nil {
				m.job.pos[n*l.OutC+j] = uint8(pos[j])
			}
		}
	}
	m.tallies[worker] = t
}

// unit returns u of an element (section 8).
func (c *channel) unit(z int16, shift int, st *Stat) int64 {
	u := Away(c.gamma*c.xhat(z)+c.beta, shift)
	clipped := Sat(u, 16)
	if clipped != u {
		st.Sat++
	}
	return clipped
}

// spread computes h_i: each error goes to where its maximum came from.
func (m *Model) spread(i int) {
	m.H[i] = m.normErrs[i][:m.Batch*m.cfg.errors(i)]
	m.job = job{layer: i}
	m.share(m.Batch, len(m.H[i]), (*Model).spreadPart)
}

// spreadPart computes that of samples lo..hi-1.
func (m *Model) spreadPart(lo, hi, _ int) {
	i := m.job.layer
	l, size := m.cfg.conv(i), m.cfg.errors(i)
	_, zw := l.ZSize()
	high, wide := l.OutSize()
	step := m.pixelStep(i)
	var from [maxPool * maxPool]int // the places of a window
	for place := range l.Pool * l.Pool {
		from[place] = (place/l.Pool*zw + place%l.Pool) * l.OutC
	}
	clear(m.H[i][lo*size : hi*size])
	for n := lo * high * wide; n < hi*high*wide; n++ {
		b, y, x := n/(high*wide), n/wide%high*l.Pool, n%wide*l.Pool
		h, d := m.H[i][b*size+(y*zw+x)*l.OutC:], m.D[i][n*step:][:l.OutC]
		for j, pos := range m.Pos[i][n*l.OutC:][:l.OutC] {
			if pos != noPos {
				h[from[pos]+j] = d[j]
			}
		}
	}
}
