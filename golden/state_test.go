package golden_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/golden"
	"bdfasim/sim/snapshot"
)

// TestStateIsComplete: a network that takes over another's state learns on as that one does.
func TestStateIsComplete(t *testing.T) {
	n, err := net.Parse([]byte(`
name: state
input: {channels: 1, height: 6, width: 6}
classes: 4
layers:
  - conv: {out: 3, kernel: 3, pad: 1}
  - bn
  - relu
  - flatten
  - dropout: {rate: 0.5}
  - fc: {out: 12}
  - relu
  - fc: {out: 4}
`), "state.yaml")
	require.NoError(t, err)
	for _, rule := range []string{"bp", "cbdfa", "brsf", "frsf"} {
		build := func() *golden.Network {
			f, err := golden.Build(n, golden.NetConfig{Rule: rule, Seed: 5, Momentum: 0.9})
			require.NoError(t, err)
			return f
		}
		rng := rand.New(rand.NewPCG(1, 2))
		x, y := make([]float64, 8*36), make([]int, 8)
		step := func(networks ...*golden.Network) {
			for k := range x {
				x[k] = rng.NormFloat64()
			}
			for k := range y {
				y[k] = rng.IntN(4)
			}
			for _, f := range networks {
				_, err := f.Step(x, y, 0.05)
				require.NoError(t, err)
			}
		}
		first, second := build(), build()
		step(first)
		step(first)
		state, err := snapshot.Encode(first.State()...)
		require.NoError(t, err)
		require.NoError(t, snapshot.Decode(state, second.State()...))
		step(first, second)
		step(first, second)
		require.Equal(t, first.State(), second.State(), rule)
	}
}
