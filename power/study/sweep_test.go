package study

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDensityIsWhatWasAsked: inputs and both hidden layers, and errors that no saturated softmax
// makes vanish.
func TestDensityIsWhatWasAsked(t *testing.T) {
	n := sweepNet
	for _, text := range densities {
		d, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		tr, _, err := n.sparse(text)
		require.NoError(t, err)
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
