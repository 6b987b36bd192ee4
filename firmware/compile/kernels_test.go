package compile

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
)

// The largest kernels are those that docs/networks.md promises: of a first convolution by its input channels, of others by
// the channels on both sides.
func TestLargestKernels(t *testing.T) {
	room := func(input, kernel, between, second int) error {
		n := &net.Net{Name: "kernels", Input: net.Shape{Channels: input, Height: 16, Width: 16}, Classes: 5, Layers: []net.Layer{
			{Type: net.Conv, Out: between, Kernel: kernel, Stride: 4}, {Type: net.ReLU},
			{Type: net.Conv, Out: between, Kernel: second, Stride: 1, Pad: second - 1}, {Type: net.ReLU},
			{Type: net.Flatten}, {Type: net.FC, Out: 5},
		}}
		require.NoError(t, n.Infer())
		layers, err := Lower(n, DefaultFormats())
		if err != nil {
			return err
		}
		return Room(Spec{Net: n, Layers: layers, Rule: BP, Eta: 1. / 64, Epochs: 1, Batch: 8}, 8, 1)
	}
	for channels, kernel := range map[int]int{21: 15, 32: 12, 64: 8, 128: 6, 256: 4} {
		require.NoError(t, room(channels, kernel, 16, 1), "first, %d channels", channels)
		require.Error(t, room(channels, kernel+1, 16, 1), "first, %d channels", channels)
	}
	for channels, kernel := range map[int]int{16: 8, 64: 8, 128: 6, 256: 4, 512: 3} {
		require.NoError(t, room(3, 1, channels, kernel), "second, %d channels", channels)
		require.ErrorContains(t, room(3, 1, channels, kernel+1), " blocks of weights, 78 fit", "second, %d channels", channels)
	}
}
