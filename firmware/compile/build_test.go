package compile

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
)

// sample makes a specification of a network with random weights and n random training images.
func sample(t *testing.T, n *net.Net, rule string, arm Arm, batch, images int) Spec {
	t.Helper()
	layers, err := Lower(n, DefaultFormats())
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	s := Spec{Net: n, Layers: layers, Rule: rule, Arm: arm, Eta: 1.0 / 64, Mu: 0.9, Epochs: 1, Batch: batch, Seed: 7}
	s.W = make([][]float64, len(layers))
	for i := 1; i < len(layers); i++ {
		d := n.Layers[layers[i].At]
		fan := d.In.Size()
		if d.Kind == net.Conv {
			fan = d.In.Channels * d.Kernel * d.Kernel
		}
		s.W[i] = make([]float64, d.Out*fan)
		for k := range s.W[i] {
			s.W[i][k] = rng.NormFloat64() * math.Sqrt(2/float64(fan))
		}
	}
	size := n.Input.Size()
	s.Train = firmware.Set{Images: make([]byte, images*size), Labels: make([]uint16, images)}
	for k := range s.Train.Images {
		s.Train.Images[k] = byte(rng.IntN(256)) & byte(-rng.IntN(2))
	}
	for k := range s.Train.Labels {
		s.Train.Labels[k] = uint16(rng.IntN(n.Classes))
	}
	return s
}

// Presets fit into the default chip at the largest batch, but for two: VGG-16 needs a larger external memory, and the maps
// of the head with 4096 neurons are too large for OMEM.
func TestBuildPresets(t *testing.T) {
	for _, name := range net.Presets() {
		n, err := net.Preset(name)
		require.NoError(t, err)
		s := sample(t, n, BP, "", firmware.MaxBatch, firmware.MaxBatch)
		_, _, err = Build(s)
		switch name {
		case "vgg-head-4096":
			require.Error(t, err)
			require.Regexp(t, `^compile: omem: layer fc1: its error needs 32768 words, 0 of 32768 are left: 32768 missing$`, err.Error())
		case "vgg16-cifar":
			require.Error(t, err)
			require.Regexp(t, `^compile: external memory, lower half: needs \d+ bytes, there are \d+: [1-9]\d* missing; conv\d+\.\S+ is the first that does not fit, conv\d+\.W the largest with \d+$`, err.Error())
			s.Capacities = firmware.DefaultCapacities()
			s.Capacities.XMemBytes = 256 << 20
			_, _, err = Build(s)
			require.NoError(t, err, name)
		default:
			require.NoError(t, err, name)
		}
	}
}
