package testbench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/rtl/epc"
)

// The records of a compiled program hold what the fixed-point model counts, on every arm, with formats that fit and with formats
// that are too narrow, so that z, u, errors, velocities and weights clip.
func TestRecords(t *testing.T) {
	for _, j := range []job{
		{rule: compile.BP}, {rule: compile.BDFA}, {rule: compile.DFA, arm: compile.ArmEPC, kind: epc.Tree}, {rule: compile.BP, arm: compile.ArmEPC, kind: epc.LaneMask},
	} {
		j.net, j.samples, j.batch, j.epochs, j.test = uneven(t), 7, 4, 2, 5
		for _, narrow := range []bool{false, true} {
			name := j.String()
			if narrow {
				name += "-narrow"
			}
			t.Run(name, func(t *testing.T) {
				spec, err := j.spec(9)
				require.NoError(t, err)
				if narrow {
					spec.Eta = 0.09
					narrowFormats(spec.Layers)
				}
				c, _, err := start(spec, j.config())
				require.NoError(t, err)
				require.NoError(t, c.Run(context.Background(), 20_000_000))
				want := c.Expected()
				require.Equal(t, want, c.Counted())
				if narrow {
					for _, n := range []uint32{want.SatFF, want.SatErr, want.SatV, want.SatW} {
						require.NotZero(t, n, "%+v", want)
					}
				}
			})
		}
	}
}

// narrowFormats leaves no room for large values: in every layer the integer part is too short.
func narrowFormats(layers []compile.Layer) {
	top := len(layers) - 1
	for i := 1; i <= top; i++ {
		l := &layers[i]
		l.Fw, l.Fv = 17, 27
		l.Fo = 14
		if i < top {
			l.Fe = 20
		}
		if l.Conv {
			l.Fd = 20
			if l.Fz = l.Fo; l.BN {
				l.Fz = 12
			}
		}
	}
}
