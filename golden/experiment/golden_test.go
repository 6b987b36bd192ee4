package experiment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
)

// Every rule of the model trains a small CNN.
func TestRulesTrainACNN(t *testing.T) {
	described, err := net.Parse([]byte(`input: {channels: 1, height: 6, width: 6}
classes: 3
layers:
  - conv: {out: 4, kernel: 3}
  - bn
  - relu
  - maxpool: {kernel: 2}
  - flatten
  - fc: {out: 6}
  - relu
  - fc: {out: 3}
`), "n.yaml")
	require.NoError(t, err)
	cnn := Network{Name: "n", Net: described}
	x, y := make([]float64, 12*36), make([]int, 12)
	for k := range x {
		x[k] = float64(k*k%17) / 17
		y[k/36] = k / 36 % 3
		if k%36/12 == y[k/36] {
			x[k]++ // a third of the image tells the class
		}
	}
	for _, r := range []Rule{
		{Rule: "bp"}, {Rule: "bp", FCBN: true}, {Rule: "bp", HiddenRate: 3}, {Rule: "dfa-all", Scale: "rms"},
		{Rule: "cdfa", Feedback: "eq7"}, {Rule: "cbdfa", Feedback: "eq9", Scale: "pow2", Boundary: "via-w1"}, {Rule: "conv-only"},
	} {
		tr, err := NewNetwork(Settings{Network: cnn, Rule: r, Momentum: 0.9, Seed: 1}, Shape{1, 6, 6, 3})
		require.NoError(t, err)
		_, _, before, err := tr.Evaluate(x, y, 2)
		require.NoError(t, err)
		for range 60 {
			_, _, err := tr.Step(x, y, 0.02)
			require.NoError(t, err)
		}
		correct, correctK, loss, err := tr.Evaluate(x, y, 2)
		require.NoError(t, err)
		require.Greater(t, correct, 4, "%+v: chance", r)
		require.GreaterOrEqual(t, correctK, correct)
		require.Less(t, loss, before)
		layers, err := tr.Alignment(x, y)
		require.NoError(t, err)
		require.Equal(t, []string{"conv1", "fc1", "fc2"}, []string{layers[0].Layer, layers[1].Layer, layers[2].Layer})
	}
	_, err = NewNetwork(Settings{Network: cnn, Rule: Rule{Rule: "dfa"}}, Shape{1, 6, 6, 4})
	require.ErrorContains(t, err, "network n: classes: got 3, want 4")
}

// With a hidden rate the hidden layers move as at the larger rate and the last
// layer as at the smaller one.
func TestHiddenRate(t *testing.T) {
	build := func(rate float64) *network {
		tr, err := NewNetwork(Settings{Network: Network{Name: "n", Preset: "mlp", Hidden: []int{5}},
			Rule: Rule{Rule: "bp", HiddenRate: rate}, Momentum: 0.9, Decay: 0.01, Seed: 1}, Shape{1, 1, 4, 3})
		require.NoError(t, err)
		return tr.(*network)
	}
	plain, fast, control := build(0), build(0), build(10)
	x, y := []float64{1, 2, 3, 4, 4, 3, 2, 1}, []int{0, 2}
	for _, s := range []struct {
		n  *network
		lr float64
	}{{plain, 0.001}, {fast, 0.01}, {control, 0.001}} {
		_, _, err := s.n.Step(x, y, s.lr)
		require.NoError(t, err)
	}
	require.InDeltaSlice(t, fast.Layers[1].W.Data, control.Layers[1].W.Data, 1e-15)
	require.InDeltaSlice(t, fast.Layers[1].B, control.Layers[1].B, 1e-15)
	require.Equal(t, plain.Layers[2].W.Data, control.Layers[2].W.Data)
	require.NotEqual(t, plain.Layers[1].W.Data, control.Layers[1].W.Data)
}
