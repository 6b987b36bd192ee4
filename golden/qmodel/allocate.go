package qmodel

// allocateConvs makes what convolutional layers have in addition.
func (m *Model) allocateConvs() {
	layers := m.cfg.convs() + 1
	perLayer(layers, &m.Gamma, &m.Beta, &m.VGamma, &m.VBeta, &m.RM)
	perLayer(layers, &m.RV, &m.GGamma, &m.GBeta)
	perLayer(layers, &m.Z, &m.D, &m.H, &m.normErrs, &m.outErrs)
	perLayer(layers, &m.Pos)
	m.M, m.R, m.Sh = m.train.m, m.train.r, m.train.sh
	rows, chans, maps, most := 0, 0, 0, m.cfg.held()
	for i := 1; i < layers; i++ {
		l, z := m.cfg.conv(i), m.cfg.errors(i)
		m.train.z[i], m.train.pos[i] = make([]int16, most*z), make([]uint8, most*m.places(i))
		m.normErrs[i], m.outErrs[i] = make([]int16, most*z), make([]int16, most*m.size(i))
		if l.BN {
			m.allocateNorm(i)
		}
		outputs, inputs := m.cfg.rounding(i)
		rows, chans, maps = max(rows, outputs*inputs), max(chans, l.OutC), max(maps, SubBatch*z)
	}
	if layers == 1 {
		return
	}
	scratch := make([]int16, maps) // nobody looks back at a z_i of Eval
	for i := 1; i < layers; i++ {
		m.test.z[i] = scratch
	}
	m.rows, m.chans = make([]uint16, rows), make([]channel, chans)
	for w := range m.sums {
		m.sums[w] = channelSums{make([]int64, chans), make([]int64, chans)}
	}
	m.noBias = make([]int32, chans)
}

// allocateNorm makes the channels of layer i: scale and running variance 1, all else 0 (section 8).
func (m *Model) allocateNorm(i int) {
	l := m.cfg.conv(i)
	room(i, l.OutC, m.Gamma, m.Beta, m.VGamma, m.VBeta, m.RM, m.M, m.Sh, m.test.m, m.test.sh)
	room(i, l.OutC, m.RV, m.GGamma, m.GBeta)
	room(i, l.OutC, m.R, m.test.r)
	for j := range l.OutC {
		m.Gamma[i][j], m.RV[i][j] = 1<<gammaFrac, 1<<(2*l.Fz+16)
	}
}

// perLayer makes lists over layers; an index that has no tensor stays nil.
func perLayer[T any](layers int, lists ...*[][]T) {
	for _, list := range lists {
		*list = make([][]T, layers)
	}
}

// room makes the tensors of layer i, of n elements.
func room[T any](i, n int, lists ...[][]T) {
	for _, list := range lists {
		list[i] = make([]T, n)
	}
}
