package qmodel

// allocateConvs makes what convolutional layers have in addition.
func (m *Model) allocateConvs() {
	layers := m.cfg.convs() + 1
	for _, list := range []*[][]int32{&m.Gamma, &m.Beta, &m.VGamma, &m.VBeta, &m.RM} {
		*list = make([][]int32, layers)
	}
	for _, list := range []*[][]int64{&m.RV, &m.GGamma, &m.GBeta} {
		*list = make([][]int64, layers)
	}
	for _, list := range []*[][]int16{&m.Z, &m.D, &m.H, &m.normErrs, &m.outErrs} {
		*list = make([][]int16, layers)
	}
	m.Pos = make([][]uint8, layers)
	m.M, m.R, m.Sh = m.train.m, m.train.r, m.train.sh
	left, out, rows, chans, maps := 0, 0, 0, 0, 0
	for i := 1; i < layers; i++ {
		l, z := m.cfg.conv(i), m.cfg.errors(i)
		m.train.z[i], m.train.pos[i] = make([]int16, MaxBatch*z), make([]uint8, MaxBatch*m.places(i))
		m.normErrs[i], m.outErrs[i] = make([]int16, MaxBatch*z), make([]int16, MaxBatch*m.size(i))
		if l.BN {
			m.allocateNorm(i)
		}
		outputs, inputs := m.cfg.rounding(i)
		in := m.cfg.Sizes[i-1]
		left = max(left, m.cfg.weights(i), group(z, maxGroup)*z)
		out = max(out, m.cfg.weights(i), group(z, maxGroup)*z, group(in, maxGroup)*in)
		rows, chans, maps = max(rows, outputs*inputs), max(chans, l.OutC), max(maps, MaxBatch*z)
	}
	if layers == 1 {
		return
	}
	scratch := make([]int16, maps) // nobody looks back at a z_i of Eval
	for i := 1; i < layers; i++ {
		m.test.z[i] = scratch
	}
	m.rows, m.chans = make([]uint16, rows), make([]channel, chans)
	m.sum1, m.sum2 = make([]int64, chans), make([]int64, chans)
	m.mul = newConvolver(left, out)
}

// allocateNorm makes the channels of layer i: scale and running variance 1, all else 0 (section 8).
func (m *Model) allocateNorm(i int) {
	l := m.cfg.conv(i)
	for _, list := range [][][]int32{m.Gamma, m.Beta, m.VGamma, m.VBeta, m.RM, m.M, m.Sh, m.test.m, m.test.sh} {
		list[i] = make([]int32, l.OutC)
	}
	m.RV[i], m.GGamma[i], m.GBeta[i] = make([]int64, l.OutC), make([]int64, l.OutC), make([]int64, l.OutC)
	m.R[i], m.test.r[i] = make([]uint32, l.OutC), make([]uint32, l.OutC)
	for j := range l.OutC {
		m.Gamma[i][j], m.RV[i][j] = 1<<gammaFrac, 1<<(2*l.Fz+16)
	}
}
