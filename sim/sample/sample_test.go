package sample

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/power"
	"bdfasim/sim"
)

// training is a small one, ready to be sampled, and what it takes as a whole.
func (f few) training(t testing.TB) (*Training, count, *sim.Metrics) {
	t.Helper()
	img, plan, cfg := f.build(t)
	c, _, err := boot(t.Context(), img, plan, cfg)
	require.NoError(t, err)
	prices, err := power.Default65().Prices(c.Chip().Geometry())
	require.NoError(t, err)
	_, _, err = c.to(t.Context())
	require.NoError(t, err)
	whole, err := countOf(&c.last, prices)
	require.NoError(t, err)
	return &Training{img, plan, cfg, prices}, whole, c.last.Metrics(sim.All)
}

// A training that is simulated whole, piece by piece from the model's states, takes what it takes in
// one go: nothing but the phase of refresh differs.
func TestCensus(t *testing.T) {
	for _, f := range []few{
		{net: "mlp-784-128-64-10", rule: compile.BP, images: 39, batch: 8, epochs: 3, test: 30, every: 2},
		{net: "mlp-784-128-64-10", rule: compile.BDFA, fused: true, images: 39, batch: 8, epochs: 2, test: 20, every: 1},
		{net: "cnn-small", rule: compile.BDFA, fused: true, images: 8, batch: 2, epochs: 2, test: 10, every: 1},
		{net: "cnn-small", rule: compile.BP, images: 8, batch: 2, epochs: 2, test: 2, every: 1},
	} {
		t.Run(f.String(), func(t *testing.T) {
			tr, whole, m := f.training(t)
			r, err := Run(t.Context(), tr, Options{Samples: 1000, Seed: 1})
			require.NoError(t, err)
			require.EqualValues(t, m.MACs(), r.Products.Done)
			require.EqualValues(t, m.Words(), r.Words)
			for q := range numQuantities {
				got := r.Total(Quantity(q))
				require.Zero(t, got.Half, "quantity %d: all is known", q)
				require.InDelta(t, whole[q], got.Value, 0.02*whole[q]+0.004*whole[Cycles], "quantity %d", q)
			}
			require.InEpsilon(t, whole[Cycles], r.Total(Cycles).Value, 0.004)
			require.InEpsilon(t, whole[OnDie], r.Total(OnDie).Value, 0.004)
			t.Log(whole[Cycles], r.Total(Cycles).Value, whole[OnDie], r.Total(OnDie).Value, r.Samples())
			sum := 0.0
			for k := range NumKinds {
				i, pieces, simulated := r.Of(k, Cycles)
				require.Equal(t, pieces, simulated, KindNames[k])
				sum += i.Value
			}
			require.InEpsilon(t, r.Total(Cycles).Value, sum, 1e-9)
		})
	}
}
