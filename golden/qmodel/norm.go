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
	z := p.z[i][:nb*m.cfg.errors(i)]
	m.job = job{layer: i, src: z}
	s1, s2 := m.sumChannels(len(z)/l.OutC, (*Model).measurePart)
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

// sumChannels adds up what body leaves in the sums of workers, two of each channel, for n pixels.
func (m *Model) sumChannels(n int, body func(m *Model, lo, hi, worker int)) (one, two []int64) {
	chans := m.cfg.conv(m.job.layer).OutC
	for _, s := range m.sums {
		clear(s.one[:chans])
		clear(s.two[:chans])
	}
	m.share(n, n*chans, body)
	one, two = m.sums[0].one[:chans], m.sums[0].two[:chans]
	for _, s := range m.sums[1:] {
		for j := range one {
			one[j], two[j] = one[j]+s.one[j], two[j]+s.two[j]
		}
	}
	return one, two
}

// measurePart sums z and z*z of pixels lo..hi-1.
func (m *Model) measurePart(lo, hi, worker int) {
	chans := m.cfg.conv(m.job.layer).OutC
	s1, s2 := m.sums[worker].one[:chans], m.sums[worker].two[:chans]
	for at := lo * chans; at < hi*chans; at += chans {
		for j, v := range m.job.src[at : at+chans] {
			s1[j] += int64(v)
			s2[j] += int64(v) * int64(v)
		}
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
	n := len(m.H[i]) / l.OutC
	m.job = job{layer: i, src: m.Z[i], dst: m.errs[i][:len(m.H[i])], shift: m.cfg.normErrorShift(i)}
	t1, t2 := m.sumChannels(n, (*Model).correlatePart)
	copy(m.GBeta[i], t1)
	copy(m.GGamma[i], t2)
	for j := range l.OutC {
		c := &m.chans[j]
		c.a1, c.a2 = mulDiv(t1[j], 1<<8, int64(n)), rdiv(t2[j], int64(n))
		c.scale = Away(c.gamma*c.r, 16)
	}
	m.E[i] = m.job.dst
	m.share(n, len(m.H[i]), (*Model).correctPart)
	m.collect(&m.Stats.E[i], nil, &m.AccWraps)
}

// correlatePart sums h and h*xhat of pixels lo..hi-1.
func (m *Model) correlatePart(lo, hi, worker int) {
	i := m.job.layer
	chans := m.cfg.conv(i).OutC
	t1, t2 := m.sums[worker].one[:chans], m.sums[worker].two[:chans]
	for at := lo * chans; at < hi*chans; at += chans {
		z := m.job.src[at:][:chans]
		for j, h := range m.H[i][at:][:chans] {
			t1[j] += int64(h)
			t2[j] += int64(h) * m.chans[j].xhat(z[j])
		}
	}
}

// correctPart computes e_i of pixels lo..hi-1.
func (m *Model) correctPart(lo, hi, worker int) {
	i, t := m.job.layer, m.tallies[worker]
	chans := m.cfg.conv(i).OutC
	for at := lo * chans; at < hi*chans; at += chans {
		z, e := m.job.src[at:][:chans], m.job.dst[at:][:chans]
		for j, h := range m.H[i][at:][:chans] {
			c := &m.chans[j]
			v := int64(h)<<8 - c.a1 - Away(c.xhat(z[j])*c.a2, 16)
			e[j] = int16(t.first.sat(awaySat(v*c.scale, m.job.shift-c.half), 16))
		}
	}
	m.tallies[worker] = t
}
