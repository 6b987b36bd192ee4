package testbench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/epc"
)

// TestTogglesChangeNothing runs programs with and without counting toggled bits: wires, memories and all other counts are
// equal, and without counting no toggle is counted.
func TestTogglesChangeNothing(t *testing.T) {
	small, err := net.Parse([]byte(smallNet), "small.yaml")
	require.NoError(t, err)
	for _, j := range []job{{rule: compile.BP}, {rule: compile.BDFA}, {rule: compile.BP, arm: compile.ArmEPC, kind: epc.LaneMask}, {rule: compile.DFA, arm: compile.ArmEPC, kind: epc.Tree}} {
		j.net, j.samples, j.batch, j.epochs = small, 5, 3, 1
		t.Run(j.String(), func(t *testing.T) {
			spec, err := j.spec(5)
			require.NoError(t, err)
			img, _, err := compile.Build(spec)
			require.NoError(t, err)
			cfg := j.config()
			cfg.XMem.Bytes = int(img.XMemBytes)
			off := withImage(t, img, cfg)
			cfg.Toggles = true
			on := withImage(t, img, cfg)
			for !off.Wires().Seq.Finished {
				off.Step()
				on.Step()
				require.Empty(t, differ(off.Wires(), on.Wires()), "cycle %d", off.Cycle())
			}
			require.True(t, on.Wires().Seq.Finished)
			require.Equal(t, off.XMemory(), on.XMemory())
			compareButToggles(t, off, on)
		})
	}
}

func compareButToggles(t *testing.T, off, on *rtl.Chip) {
	a, b := off.Activity(), on.Activity()
	toggles := map[activity.Event]bool{}
	for e := activity.ToggleX; e <= activity.EPCToggleOut; e++ {
		toggles[e] = true
		require.Zero(t, a.Total(e), e.String())
	}
	require.NotZero(t, b.Total(activity.ToggleX))
	for tag := range a.Rows {
		for e, n := range a.Rows[tag] {
			if !toggles[activity.Event(e)] {
				require.Equal(t, n, b.Rows[tag][e], "%v under tag %d", activity.Event(e), tag)
			}
		}
	}
	require.Equal(t, a.Cycles, b.Cycles)
}
