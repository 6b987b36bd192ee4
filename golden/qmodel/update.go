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
		m.updateWeights(i, int64(eta))
		if m.cfg.bias(i) {
			m.updateBiases(i, int64(eta))
		}
		if conv := m.cfg.conv(i); conv != nil && conv.BN {
			m.updateNorm(i, int64(eta))
		}
	}
	m.StepNo++
}

// updateWeights computes V' and W' of layer i.
func (m *Model) updateWeights(i int, eta int64) {
	w := m.W[i]
	v, g, r := m.V[i][:len(w)], m.G[i][:len(w)], m.layerWords(i)[:len(w)]

	f := &m.cfg.F
	gShift, dShift, t := gradientShift(f, i), decayShift(f, i), weightShift(f, i)
	mu, lambda := int64(m.cfg.Mu), int64(m.cfg.Lambda)
	vs, ws := m.Stats.V[i], m.Stats.W[i] // copies, so that they can live in registers
	for n, wn := range w {
		// mu*V toward zero: rounding to nearest would hold a small velocity up for ever
		sum := Trunc0(mu*int64(v[n]), rateBits) + Away(g[n], gShift) + Away(lambda*int64(wn), dShift)
		vn := vs.sat(sum, velocityBits)
		v[n] = int32(vn)
		step := Stochastic(eta*vn, alignWord(r[n], t), t)
		w[n] = int16(ws.sat(int64(wn)-step, weightBits))
	}
	m.Stats.V[i], m.Stats.W[i] = vs, ws
}

// alignWord returns R: the 16-bit word r as a fraction of 2^t.
func alignWord(r uint16, t int) int64 {
	if t < 16 {
		return int64(r >> uint(16-t))
	}
	return int64(r) << uint(t-16)
}

// updateBiases computes vb' and b' of layer i; biases are wide enough to do without random rounding and decay.
func (m *Model) updateBiases(i int, eta int64) {
	f := &m.cfg.F
	gShift, bShift := biasGradientShift(f, i), biasShift(f, i)
	mu := int64(m.cfg.Mu)
	for j, gb := range m.GB[i] {
		sum := Trunc0(mu*int64(m.VB[i][j]), rateBits) + Away(gb, gShift)
		vb := m.Stats.VB[i].sat(sum, velocityBits)
		m.VB[i][j] = int32(vb)
		b := int64(m.B[i][j]) - Away(eta*vb, bShift)
		m.B[i][j] = int32(m.Stats.B[i].sat(b, biasBits))
	}
}
