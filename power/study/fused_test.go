package study

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/rtl/activity"
)

// TestFusedIteration: a fused schedule does the same products and updates; what it saves is the loader's weights of the forward pass.
func TestFusedIteration(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	for _, base := range append([]string{Headline}, baselines...) {
		plain, fused := st.plain("tiny", base), st.find("tiny", base, compile.BP, schedule{Fused: true})
		for _, p := range []isa.Phase{isa.PhaseFF, isa.PhaseEP, isa.PhaseWG} {
			require.Equal(t, plain.Counts[p][activity.MAC], fused.Counts[p][activity.MAC], "%s, %v", base, p)
		}
		for _, e := range []activity.Event{activity.MomLane, activity.MomRand, activity.XReadMom, activity.XWriteMom} {
			require.Equal(t, plain.Total(e), fused.Total(e), "%s, event %d", base, e)
		}
		require.Positive(t, plain.Counts[isa.PhaseFF][activity.XReadWLD])
		require.Zero(t, fused.Counts[isa.PhaseFF][activity.XReadWLD])
		require.Equal(t, plain.Counts[isa.PhaseEP][activity.XReadWLD], fused.Counts[isa.PhaseEP][activity.XReadWLD])
		require.Equal(t, 3, fused.Geometry.Memories[activity.MemAcc].Macros/(plain.Geometry.Memories[activity.MemAcc].Macros/2))
	}
}
