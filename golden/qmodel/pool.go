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
	l := m.cfg.conv(i)
	zh, zw := l.ZSize()
	h, w := l.OutSize()
	step := m.pixelStep(i)
	best, pos := m.sum1[:l.OutC], m.sum2[:l.OutC] // free since measure
	for n := range nb * h * w {
		b, y, x := n/(h*w), n/w%h*l.Pool, n%w*l.Pool
		for j := range best {
			best[j], pos[j] = 0, noPos
		}
		for place := range l.Pool * l.Pool {
			at := ((b*zh+y+place/l.Pool)*zw + x + place%l.Pool) * l.OutC
			for j, z := range p.z[i][at : at+l.OutC] {
				if u := m.unit(i, j, z, p.st); u > best[j] { // a later equal one does not win
					best[j], pos[j] = u, int64(place)
				}
			}
		}
		for j, v := range best {
			p.acts[i][n*step+j] = int16(v)
			p.st.O[i].see(v)
			if p.pos[i] != nil {
				p.pos[i][n*l.OutC+j] = uint8(pos[j])
			}
		}
	}
}

// unit returns u of an element of channel j (section 8), z itself without batch normalisation.
func (m *Model) unit(i, j int, z int16, st *Stats) int64 {
	if !m.cfg.Convs[i-1].BN {
		return int64(z)
	}
	c := &m.chans[j]
	u := Away(c.gamma*c.xhat(z)+c.beta, normShift(&m.cfg.F, i))
	clipped := Sat(u, 16)
	if clipped != u {
		st.U[i].Sat++
	}
	return clipped
}

// spread computes h_i: each error goes to where its maximum came from.
func (m *Model) spread(i int) {
	l := m.cfg.conv(i)
	zh, zw := l.ZSize()
	h, w := l.OutSize()
	step := m.pixelStep(i)
	m.H[i] = m.normErrs[i][:m.Batch*m.cfg.errors(i)]
	clear(m.H[i])
	for n := range m.Batch * h * w {
		b, y, x := n/(h*w), n/w%h*l.Pool, n%w*l.Pool
		for j, pos := range m.Pos[i][n*l.OutC : (n+1)*l.OutC] {
			if pos != noPos {
				at := (b*zh+y+int(pos)/l.Pool)*zw + x + int(pos)%l.Pool
				m.H[i][at*l.OutC+j] = m.D[i][n*step+j]
			}
		}
	}
}
