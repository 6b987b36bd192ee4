package qmodel

import "fmt"

// Widths of the parameters (section 1).
const (
	weightBits   = 16
	velocityBits = 24
	biasBits     = 32
)

// Update applies G and GB, and GGamma and GBeta, to the layers that the rule trains, with learning rate eta (Q0.16, 16
// bits), and ends the step: StepNo grows by one (sections 5 and 8).
func (m *Model) Update(eta uint32) {
	if eta > maxRate {
		panic(fmt.Sprintf("qmodel: update: eta is %d, want at most %d", eta, maxRate))
	}
	for i := 1; i <= m.top; i++ {
		if !m.cfg.trains(i) {
			continue
		}
		eta := m.cfg.rate(i, eta)
		m.updateWeights(i, eta)
		f, st, mu, mean := &m.cfg.F, &m.Stats, int64(m.cfg.Mu), meanShift(m.Batch)
		if m.cfg.bias(i) {
			precise{m.B[i], m.VB[i], m.GB[i],
				biasGradientShift(f, i, mean), biasShift(f, i), biasBits, &st.B[i], &st.VB[i]}.update(mu, eta)
		}
		if conv := m.cfg.conv(i); conv != nil && conv.BN {
			shift := conv.gammaGradientShift(f, i, mean)
			precise{m.Gamma[i], m.VGamma[i], m.GGamma[i],
				shift, gammaShift(f, i), gammaBits, &st.Gamma[i], &st.VGamma[i]}.update(mu, eta)
			precise{m.Beta[i], m.VBeta[i], m.GBeta[i],
				shift - xhatBits, betaShift(f, i), betaBits, &st.Beta[i], &st.VBeta[i]}.update(mu, eta)
		}
	}
	m.StepNo++
}

// rate is eta of layer i (section 5).
func (c *Config) rate(i int, eta uint32) int64 {
	if c.Scale == nil {
		return int64(eta)
	}
	rate := (uint64(eta)*uint64(c.Scale[i]) + 1<<(scaleBits-1)) >> scaleBits
	if rate > maxRate {
		panic(fmt.Sprintf("qmodel: update: eta of layer %d is %d, want at most %d", i, rate, maxRate))
	}
	return int64(rate)
}

// updateWeights computes V' and W' of layer i.
func (m *Model) updateWeights(i int, eta int64) {
	m.layerWords(i)
	m.job = job{layer: i, eta: eta}
	m.share(len(m.W[i]), len(m.W[i]), (*Model).updatePart)
	m.collect(&m.Stats.W[i], &m.Stats.V[i], &m.AccWraps)
}

// updatePart computes those of weights lo..hi-1.
func (m *Model) updatePart(lo, hi, worker int) {
	i, eta := m.job.layer, m.job.eta
	w := m.W[i][lo:hi]
	v, g, r := m.V[i][lo:hi][:len(w)], m.G[i][lo:hi][:len(w)], m.words[lo:hi][:len(w)]

	f := &m.cfg.F
	gShift, dShift, t := gradientShift(f, i, meanShift(m.Batch)), decayShift(f, i), weightShift(f, i)
	mu, lambda := int64(m.cfg.Mu), int64(m.cfg.Lambda)
	var ws, vs Stat // not in memory that is shared, so that they can live in registers
	for n, wn := range w {
		// mu*V toward zero: rounding to nearest would hold a small velocity up for ever
		sum := Trunc0(mu*int64(v[n]), rateBits) + Away(g[n], gShift) + Away(lambda*int64(wn), dShift)
		vn := vs.sat(sum, velocityBits)
		v[n] = int32(vn)
		step := Stochastic(eta*vn, alignWord(r[n], t), t)
		w[n] = int16(ws.sat(int64(wn)-step, weightBits))
	}
	m.tallies[worker].first, m.tallies[worker].second = ws, vs
}

// alignWord returns R: the 16-bit word r as a fraction of 2^t.
func alignWord(r uint16, t int) int64 {
	if t < 16 {
		return int64(r >> uint(16-t))
	}
	return int64(r) << uint(t-16)
}

// precise is parameters that are wide enough to do without random rounding and decay: biases and those of the
// normalisation.
type precise struct {
	values, velocities []int32
	sums               []int64 // of the gradient over the batch
	gradient, step     int     // shifts
	bits               int
	st, vst            *Stat
}

// update computes the velocities and then the values.
func (p precise) update(mu, eta int64) {
	for j, sum := range p.sums {
		v := p.vst.sat(Trunc0(mu*int64(p.velocities[j]), rateBits)+awaySat(sum, p.gradient), velocityBits)
		p.velocities[j] = int32(v)
		p.values[j] = int32(p.st.sat(int64(p.values[j])-Away(eta*v, p.step), p.bits))
	}
}
