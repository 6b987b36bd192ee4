package compile

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
)

// A program has code for another seed only if its random counter overflows: VGG-16 with 50,000
// images does after 24 epochs.
func TestEras(t *testing.T) {
	n, err := net.Preset("vgg16-cifar")
	require.NoError(t, err)
	s := sample(t, n, BP, "", 32, 32)
	s.Machine = machine.Reference()
	s.Machine.XMem.Bytes = 1 << 30
	_, p, err := Build(s)
	require.NoError(t, err)
	require.Zero(t, p.eras())
	require.NotContains(t, p.Assembly(), "V_ERA")

	h := &p.Header
	h.TrainN = 50_000
	for epochs, wraps := range map[uint32]bool{23: false, 24: true, 50: true} {
		h.Epochs = epochs
		require.Equal(t, wraps, p.eras() > 0, "%d epochs", epochs)
		steps := uint64(p.Steps()) * uint64(epochs)
		require.Equal(t, wraps, steps*uint64(max(h.CounterStep, p.dropStep)) > 1<<32, "%d epochs", epochs)
	}
	h.Epochs, p.dropStep = 50, h.CounterStep+1
	require.Equal(t, p.dropStep, p.eras(), "the larger counter says it")
}
