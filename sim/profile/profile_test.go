package profile

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// TagOf is a layer and phase with some events.
func TagOf(phase isa.Phase, layer int, events map[activity.Event]uint64) Tag {
	t := Tag{Elapsed: 1000, Exclusive: 900}
	for e, n := range events {
		t.Row[e] = n
	}
	t.LayerMetrics = sim.NewLayerMetrics(activity.MakeTag(uint8(phase), uint8(layer)), sim.TagResult{Dense: 512_000}, &t.Row)
	return t
}

// TestTag: words by cause, coded words without the raw ones, rates.
func TestTag(t *testing.T) {
	g := TagOf(isa.PhaseEP, 3, map[activity.Event]uint64{
		activity.XReadWLD: 1, activity.XReadDMA: 2, activity.XWriteDrain: 3, activity.XWriteDMA: 4, activity.XWriteDEPC: 5, activity.XReadMom: 6, activity.XWriteMom: 7,
		activity.XReadNorm: 8, activity.XWriteNorm: 9, activity.XReadEPC: 10, activity.OMEMWrite: 100, activity.MAC: 128_000, activity.ClockDNNCWork: 700,
	})
	w := g.ByCause()
	require.Equal(t, Words{Weights: 8, MapsRead: 16, MapsWritten: 96, Update: 104, Norm: 136, Errors: 80}, w)
	require.Equal(t, uint64(8*55), w.Total())
	require.Equal(t, g.Words, w.Total())
	require.Equal(t, 0.75, g.ZeroSkip())
	require.Zero(t, g.CodedWords(), "no encoder worked")
	g.Row[activity.RLCEncode], g.NonZero, g.rawGroups = 1024, 256, 10
	require.Equal(t, uint64(60), g.CodedWords())
	require.Equal(t, uint64(256), g.RawWords())
	require.Equal(t, 0.25, g.Density())
}
