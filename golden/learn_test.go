package golden

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/golden/data"
)

// A small CNN learns real images under the combined rules as under BP.
func TestCNNLearnsFashionMNIST(t *testing.T) {
	train, test, err := data.Embedded()
	require.NoError(t, err)
	tx, ty := floatsOf(t, test)
	const block = "conv: {out: 8, kernel: 3, pad: 1, bias: false}, bn, relu, maxpool: {kernel: 2}, "
	d := describe(t, "1x28x28", flow(block+block+"flatten, fc: {out: 64}, relu, fc: {out: 10}"), 10)
	for _, cfg := range []NetConfig{
		{Rule: "bp"}, {Rule: "cdfa", Feedback: Eq7}, {Rule: "cbdfa", Feedback: Eq9, Scale: Pow2},
	} {
		cfg.Momentum, cfg.Seed = 0.9, 1
		n := build(t, d, cfg)
		const size = 32
		x, y := make([]float64, size*d.Input.Size()), make([]int, size)
		order := data.Order(cfg.Seed, 0, train.N)
		for at := 0; at+size <= len(order); at += size {
			require.NoError(t, train.Batch(order[at:at+size], x, y))
			_, err := n.Step(x, y, 0x1p-8)
			require.NoError(t, err)
		}
		acc, err := n.Accuracy(tx, ty)
		require.NoError(t, err)
		t.Logf("%s: test accuracy %.1f %% after one epoch", cfg.Rule, 100*acc)
		require.Greater(t, acc, 0.6, cfg.Rule)
	}
}
