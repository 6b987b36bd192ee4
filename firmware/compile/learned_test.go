package compile

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
)

// What is written is what is read, every number of it, and nothing else changes.
func TestSetLearned(t *testing.T) {
	n, err := net.Preset("cnn-small")
	require.NoError(t, err)
	img, p, err := Build(sample(t, n, BP, "", 32, 32))
	require.NoError(t, err)
	mem := firmware.Memory(img)
	v := int32(0)
	next := func() int32 { v += 7919; return v % (1 << 22) }
	for i := 1; i < len(p.Layers); i++ {
		l := p.Learned(mem, i)
		for k := range l.W {
			l.W[k], l.V[k] = int16(next()), -next()
		}
		for k := range l.B {
			l.B[k], l.VB[k] = -next()*64, next()
		}
		for c := range l.Norm {
			l.Norm[c] = Record{Gamma: next(), Beta: -next(), VG: next(), VB: next(), RM: next(), RV: int64(next()) << 32}
		}
		p.SetLearned(mem, i, &l)
		got := p.Learned(mem, i)
		require.Equal(t, l, got)
		require.Empty(t, got.Differs(i, &l))
		got.VB[1]++
		require.Regexp(t, `^vb_\d+, element 1: chip -?\d+, model -?\d+$`, got.Differs(i, &l))
		if got.VB[1]--; len(l.Norm) > 0 {
			got.Norm[1].RM++
			require.Contains(t, got.Differs(i, &l), "channel 1: chip")
		}
		for _, m := range [][]byte{mem} { // back to what the image has
			old := p.Learned(firmware.Memory(img), i)
			p.SetLearned(m, i, &old)
		}
	}
	require.True(t, string(firmware.Memory(img)) == string(mem))
}
