package study

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDensityIsWhatWasAsked: inputs and both hidden layers, and errors that no saturated softmax makes vanish.
func TestDensityIsWhatWasAsked(t *testing.T) {
	n := sweepNet
	for _, d := range densities {
		tr, s := n.synthetic(d)
		require.NoError(t, n.probe(tr, s))
		require.Len(t, tr.Density, 3)
		for i, v := range tr.Density {
			require.InDelta(t, d, v, 0.025, "o_%d at %g", i, d)
		}
		for i, v := range tr.Errors[:2] {
			require.InDelta(t, d, v, 0.03, "e_%d at %g: as many as f' lets through", i+1, d)
		}
		require.Greater(t, tr.Errors[2], 0.99, "e_L at %g", d)
	}
}
