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

func TestBuildPresets(t *testing.T) {
	for _, name := range net.Presets() {
		n, err := net.Preset(name)
		require.NoError(t, err)
		batch := 32
		s := sample(t, n, BP, "", batch, 32)
		s.Capacities = firmware.DefaultCapacities()
		s.Capacities.XMemBytes = 256 << 20
		img, p, err := Build(s)
		require.NoError(t, err, name)
		t.Logf("%s: %d instructions, OMEM %d words, strip buffers %d words %d pointers, low %d MB", name, len(img.Code), p.OMEMWords, p.bufWords, p.bufPtrs, p.low.next>>20)
		for _, q := range p.passes {
			t.Logf("  %s %s: %s", p.Layers[q.layer].Name, q.kind, q.describeTiles())
		}
	}
}
