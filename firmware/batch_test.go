package firmware

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The mean's power of two is not in eta, so that a small rate keeps its bits.
func TestEtaOfLargeBatches(t *testing.T) {
	for n, want := range map[int]uint32{32: 33, 128: 33, 4096: 33, 100: 42, 1000: 34, 33: 64} {
		got, err := EtaFor(5e-4, n) // 32.768
		require.NoError(t, err)
		require.Equal(t, want, got, n)
	}
	require.Equal(t, 7, MeanShift(100))
	require.Equal(t, uint32(330), LayerEta(33, RateScale(10)))
	require.Equal(t, uint32(10), LayerEta(33, RateScale(0.3))) // 77/256 of it is 9.93
}
