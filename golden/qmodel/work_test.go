package qmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Work by the definition: for each sum, its operands one by one.
func TestWork(t *testing.T) {
	m := convModel(t, BP)
	x, y := make([]uint8, 3*m.size(0)), []int{0, 1, 2}
	for n := range x {
		x[n] = uint8(n * n % 5 * 50)
	}
	m.Step(x, y, 100)
	work := m.Work()
	for i := 1; i <= m.top; i++ {
		l := m.cfg.conv(i)
		if l == nil {
			require.Equal(t, Work{nonZero(m.O[i-1]), len(m.O[i-1]), nonZero(m.E[i]), len(m.E[i]), 3}, work[i])
			continue
		}
		zh, zw := l.ZSize()
		want := Work{Places: 3 * zh * zw}
		for p := range want.Places {
			for tap := range l.taps() {
				r := p/zw%zh*l.Stride - l.Pad + tap/l.Kernel
				c := p%zw*l.Stride - l.Pad + tap%l.Kernel
				if r < 0 || r >= l.InH || c < 0 || c >= l.InW {
					continue
				}
				in := (p/(zh*zw)*l.InH+r)*l.InW + c
				want.Forward += nonZero(m.O[i-1][in*l.InC:][:l.InC])
				want.AllForward += l.InC
				want.AllErrors += l.OutC
				want.Errors += nonZero(m.E[i][p*l.OutC:][:l.OutC])
			}
		}
		require.Equal(t, want, work[i], "layer %d", i)
	}
	m.Eval(x[:2*m.size(0)], y[:2])
	require.Equal(t, nonZero(m.test.acts[m.top-1][:2*m.size(m.top-1)]), m.TestWork(2)[m.top].Forward)
	require.Zero(t, m.TestWork(2)[m.top].Errors)
}
