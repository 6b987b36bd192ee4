package testbench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/golden/qmodel"
	"bdfasim/rtl/epc"
)

// wantRecord is what the fixed-point model counted in training, as a compiled program's records have it (docs/firmware.md).
func wantRecord(c *Compiled) (want firmware.EpochResult) {
	m, top := c.Model, len(c.Plan.Layers)-1
	sat := func(n *uint32, stats ...qmodel.Stat) {
		for _, s := range stats {
			*n += uint32(s.Sat)
		}
	}
	peak := func(n *uint32, stats ...qmodel.Stat) {
		for _, s := range stats {
			*n = max(*n, uint32(s.MaxAbs))
		}
	}
	st := &m.Stats
	want.TrainCorrect, want.MaxTop = uint32(c.Correct), uint32(st.E[top].MaxAbs)
	for i := 1; i <= top; i++ {
		sat(&want.SatFF, st.Z[i], st.U[i])
		peak(&want.MaxFF, st.Z[i])
		sat(&want.SatErr, st.D[i], st.Gamma[i], st.Beta[i], st.VGamma[i], st.VBeta[i])
		peak(&want.MaxErr, st.D[i])
		if i < top {
			sat(&want.SatErr, st.E[i])
			peak(&want.MaxErr, st.E[i])
		}
		sat(&want.SatV, st.V[i], st.VB[i])
		peak(&want.MaxV, st.V[i], st.VB[i])
		sat(&want.SatW, st.W[i], st.B[i])
		peak(&want.MaxW, st.W[i])
	}
	return want
}

// gotRecord sums up the records of all epochs.
func gotRecord(c *Compiled) (sum firmware.EpochResult) {
	for _, r := range c.Plan.Results(c.Chip.XMemory()) {
		sum.TrainCorrect += r.TrainCorrect
		sum.SatFF += r.SatFF
		sum.SatErr += r.SatErr
		sum.SatV += r.SatV
		sum.SatW += r.SatW
		sum.MaxFF = max(sum.MaxFF, r.MaxFF)
		sum.MaxErr = max(sum.MaxErr, r.MaxErr)
		sum.MaxTop = max(sum.MaxTop, r.MaxTop)
		sum.MaxV = max(sum.MaxV, r.MaxV)
		sum.MaxW = max(sum.MaxW, r.MaxW)
	}
	return sum
}

// The records of a compiled program hold what the fixed-point model counts, on every arm, with formats that fit and with formats
// that are too narrow, so that z, u, errors, velocities and weights clip.
func TestCompiledRecords(t *testing.T) {
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
				c, _, err := NewCompiled(spec, j.config())
				require.NoError(t, err)
				require.NoError(t, c.Run(context.Background(), 20_000_000))
				want := wantRecord(c)
				require.Equal(t, want, gotRecord(c))
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
