package qmodel

import "pgregory.net/rapid"

// randomConfig draws a network whose shifts take both signs.
func randomConfig(t *rapid.T, convs []Conv) Config {
	size := rapid.OneOf(rapid.IntRange(1, 6), rapid.IntRange(7, 40), rapid.IntRange(60, 70))
	c := Config{
		Convs:   convs,
		Rule:    rapid.SampledFrom([]string{BP, BDFA, DFA, BFA}).Draw(t, "rule"),
		AccBits: rapid.SampledFrom([]int{20, 24, 32, 48}).Draw(t, "acc bits"),
		Mu:      rapid.Uint32Max(65535).Draw(t, "mu"),
		Lambda:  rapid.Uint32Max(65535).Draw(t, "lambda"),
		Seed:    rapid.Uint32().Draw(t, "seed"),
	}
	if convs == nil {
		c.Sizes = rapid.SliceOfN(size, 2, 4).Draw(t, "sizes")
	} else {
		c.Sizes = append(SizesOf(convs), rapid.SliceOfN(size, 1, 3).Draw(t, "sizes")...)
		if rapid.IntRange(0, 4).Draw(t, "conv only") == 0 {
			c.Rule = ConvOnly
		}
	}
	c.NoBias, c.Drop = make([]bool, len(c.Sizes)), make([]bool, len(c.Sizes))
	for i := range c.Sizes {
		c.F.Fo = append(c.F.Fo, rapid.IntRange(4, 12).Draw(t, "Fo"))
		c.F.Fw = append(c.F.Fw, rapid.IntRange(6, 16).Draw(t, "Fw"))
		c.F.Fe = append(c.F.Fe, rapid.IntRange(8, 18).Draw(t, "Fe"))
		c.F.Fv = append(c.F.Fv, rapid.IntRange(8, 24).Draw(t, "Fv"))
		c.NoBias[i] = i > len(convs) && rapid.Bool().Draw(t, "no bias")
		c.Drop[i] = i > len(convs) && i < c.top() && rapid.Bool().Draw(t, "drop")
	}
	c.F.Fo[0], c.F.Fe[c.top()] = 8, 14
	for i := range convs {
		conv := &convs[i]
		conv.Fz, conv.Fd = c.F.Fo[i+1], c.F.Fe[i+1]
		if conv.BN {
			conv.Fz, conv.Fd = rapid.IntRange(2, 14).Draw(t, "Fz"), rapid.IntRange(8, 18).Draw(t, "Fd")
		}
	}
	for i := range c.top() {
		f := Feedback{Shift: rapid.IntRange(-8, 8).Draw(t, "scale")}
		if c.Rule == DFA {
			some := rapid.SliceOfN(rapid.Int16(), 1, 29).Draw(t, "matrix")
			f.D, f.Fb = make([]int16, c.Sizes[i]*c.Sizes[c.top()]), f.Shift+10
			for n := range f.D {
				f.D[n] = some[n%len(some)]
			}
		} else {
			f.Seed = rapid.Uint32Min(1).Draw(t, "feedback")
		}
		c.FB = append(c.FB, f)
		if short := minShift - c.errorShift(i); convs == nil && short > 0 { // below what a command can carry
			c.FB[i].Shift += short
		}
	}
	return c
}

// newTwin draws parameters for m and returns a twin with the same.
func newTwin(t *rapid.T, m *Model) *twin {
	top := m.top
	tw := &twin{
		c: m.cfg, stats: newStats(top), streams: map[uint32][]uint16{},
		w: make([][]int16, top+1), v: make([][]int32, top+1), b: make([][]int32, top+1), vb: make([][]int32, top+1),
		o: make([][]int16, top+1), e: make([][]int16, top+1), g: make([][]int64, top+1), gb: make([][]int64, top+1),
	}
	m.StepNo = rapid.Uint32().Draw(t, "step")
	tw.step = m.StepNo
	half := rapid.SampledFrom([]int32{100, 2000, 32767}).Draw(t, "range")
	for i := range top + 1 {
		tw.o[i] = make([]int16, 32*m.size(i))
		if i == 0 {
			continue
		}
		tw.e[i] = make([]int16, 32*m.cfg.errors(i))
		w := rapid.SliceOfN(rapid.Int32Range(-half, half), 1, 31).Draw(t, "w") // repeated: 31 is prime to most sizes
		for n := range m.W[i] {
			m.W[i][n], m.V[i][n] = int16(w[n%len(w)]), w[(n+5)%len(w)]*250
		}
		for n := range m.B[i] {
			if m.cfg.bias(i) {
				m.B[i][n], m.VB[i][n] = w[n%len(w)]*60000, w[(n+3)%len(w)]*250
			}
		}
		tw.w[i], tw.v[i] = append([]int16{}, m.W[i]...), append([]int32{}, m.V[i]...)
		tw.b[i], tw.vb[i] = append([]int32{}, m.B[i]...), append([]int32{}, m.VB[i]...)
		tw.g[i], tw.gb[i] = make([]int64, len(m.W[i])), make([]int64, len(m.B[i]))
	}
	tw.newConvs(t, m)
	return tw
}
