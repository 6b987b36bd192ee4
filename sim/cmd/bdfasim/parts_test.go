package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
)

// A training step of more than 32 samples has several losses, and ends with the last of them.
func TestStepsAreCountedByLosses(t *testing.T) {
	for _, c := range []struct {
		n, batch uint32
		losses   int   // of an epoch
		ends     []int // losses that end a step
	}{
		{150, 100, 6, []int{4, 6, 10, 12}}, {64, 32, 2, []int{1, 2, 3, 4}}, {40, 32, 2, []int{1, 2, 3, 4}},
		{100, 100, 4, []int{4, 8}}, {20, 100, 1, []int{1, 2}}, {70, 33, 5, []int{2, 4, 5, 7, 9, 10}},
	} {
		h := &firmware.Header{TrainN: c.n, Batch: c.batch, Epochs: 2}
		require.Equal(t, c.losses, lossesOf(h))
		losses, ends := 0, []int(nil)
		step := perStep(h, &losses, func() { ends = append(ends, losses) })
		for range 2 * c.losses {
			step()
		}
		require.Equal(t, c.ends, ends)
		require.Equal(t, stepsOf(h), stepsAt(h, losses))
	}
}
