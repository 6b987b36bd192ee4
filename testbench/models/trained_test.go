package models

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net/onnx"
)

// TestTrained: what a memory holds goes through a file into the program of another network, and lies there as it lay before: padded
// channels, the order of a flattened map, and running statistics among it.
func TestTrained(t *testing.T) {
	n := smallNet(t)
	build2 := func(seed uint64, m *onnx.Model) (*compile.Plan, []byte) {
		o := Options{Rule: "cbdfa", Seed: uint32(seed)}
		f, err := Float(n, o)
		require.NoError(t, err)
		if m == nil { // parameters of its own
			rng := rand.New(rand.NewPCG(seed, 5))
			for _, p := range f.Params() {
				for k := range p.Value {
					p.Value[k] = rng.Float64()
				}
			}
		} else {
			require.NoError(t, Adopt(f, m))
		}
		p, img, _ := build(t, f, o)
		return p, firmware.Memory(img)
	}
	p, mem := build2(1, nil)
	file := onnx.Encode(Trained(p, mem))
	m, err := onnx.Parse(file, "trained")
	require.NoError(t, err)
	q, again := build2(2, m)
	for i := 1; i < len(p.Layers); i++ {
		require.Equal(t, p.Weights(mem, i), q.Weights(again, i))
		require.Equal(t, p.Biases(mem, i), q.Biases(again, i))
		if !p.Layers[i].BN {
			continue
		}
		got := q.Records(again, i)
		for c, want := range p.Records(mem, i) {
			require.Equal(t, [2]int32{want.Gamma, want.RM}, [2]int32{got[c].Gamma, got[c].RM})
			require.InEpsilon(t, want.Beta, got[c].Beta, 1.0/(1<<23), "float32")
			require.InEpsilon(t, want.RV, got[c].RV, 1.0/(1<<23), "float32")
		}
	}
	require.NotEqual(t, p.Weights(mem, 1), q.Weights(make([]byte, len(again)), 1))
}
