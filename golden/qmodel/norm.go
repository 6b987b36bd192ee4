package qmodel

// normalise computes o_i and pos_i from z_i of nb samples.
func (m *Model) normalise(i, nb int, p *pass) {
	if m.cfg.conv(i).BN {
		if p.training {
			m.measure(i, nb, p)
		} else {
			m.recall(i, p)
		}
		m.loadChannels(i, p)
	}
	m.pool(i, nb, p)
}

// measure sets m, r and sh from the batch, and lets the running statistics follow.
func (m *Model) measure(i, nb int, p *pass) {
	l := m.cfg.conv(i)
	s1, s2 := m.sum1[:l.OutC], m.sum2[:l.OutC]
	clear(s1)
	clear(s2)
	z := p.z[i][:nb*m.cfg.errors(i)]
	for at := 0; at < len(z); at += l.OutC {
		for j, v := range z[at : at+l.OutC] {
			s1[j] += int64(v)
			s2[j] += int64(v) * int64(v)
		}
	}
	n, eps := int64(len(z)/l.OutC), epsilon(l.Fz)
	for j := range l.OutC {
		mean, variance := moments(s1[j], s2[j], n)
		r, sh := rsqrt(variance + eps)
		p.m[i][j], p.r[i][j], p.sh[i][j] = int32(mean), r, int32(sh)
		unbiased := variance
		if n > 1 {
			unbiased = mulDiv(variance, uint64(n), n-1)
		}
		m.RM[i][j] += int32(Away((mean-int64(m.RM[i][j]))*follow, rateBits))
		m.RV[i][j] += Away((unbiased-m.RV[i][j])*follow, rateBits)
	}
}

// recall sets m, r and sh from the running statistics.
func (m *Model) recall(i int, p *pass) {
	eps := epsilon(m.cfg.conv(i).Fz)
	for j := range p.m[i] {
		r, sh := rsqrt(m.RV[i][j] + eps)
		p.m[i][j], p.r[i][j], p.sh[i][j] = m.RM[i][j], r, int32(sh)
	}
}

// loadChannels fills m.chans for layer i.
func (m *Model) loadChannels(i int, p *pass) {
	for j := range p.m[i] {
		m.chans[j] = channel{
			mean: int64(p.m[i][j]), r: int64(p.r[i][j]), half: int(p.sh[i][j]) / 2,
			gamma: Away(int64(m.Gamma[i][j]), 6), beta: int64(m.Beta[i][j]),
		}
	}
}

// normaliseErrors computes e_i from h_i, and T1 and T2.
func (m *Model) normaliseErrors(i int) {
	l := m.cfg.conv(i)
	if !l.BN {
		m.E[i] = m.H[i]
		return
	}
	m.loadChannels(i, &m.train)
	t1, t2 := m.GBeta[i], m.GGamma[i]
	clear(t1)
	clear(t2)
	for at := 0; at < len(m.H[i]); at += l.OutC {
		for j, h := range m.H[i][at : at+l.OutC] {
			if h != 0 {
				t1[j] += int64(h)
				t2[j] += int64(h) * m.chans[j].xhat(m.Z[i][at+j])
			}
		}
	}
	n := int64(len(m.H[i]) / l.OutC)
	for j := range l.OutC {
		c := &m.chans[j]
		c.a1, c.a2 = mulDiv(t1[j], 1<<8, n), rdiv(t2[j], n)
		c.scale = Away(c.gamma*c.r, 16)
	}
	m.E[i] = m.errs[i][:len(m.H[i])]
	st, shift := m.Stats.E[i], m.cfg.normErrorShift(i)
	for at := 0; at < len(m.H[i]); at += l.OutC {
		for j, h := range m.H[i][at : at+l.OutC] {
			c := &m.chans[j]
			v := int64(h)<<8 - c.a1 - Away(c.xhat(m.Z[i][at+j])*c.a2, 16)
			m.E[i][at+j] = int16(st.sat(awaySat(v*c.scale, shift-c.half), 16))
		}
	}
	m.Stats.E[i] = st
}
