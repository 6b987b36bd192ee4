package sample

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/predict"
	"bdfasim/sim"
	"bdfasim/testbench/models"
)

// Products and words of a whole training are known without the chip.
func TestExact(t *testing.T) {
	more := []few{
		{net: "mlp-784-512-512-10", rule: compile.BDFA, images: 40, batch: 8, epochs: 1, test: 33, every: 1},
		{net: "lenet", rule: compile.BP, images: 6, batch: 2, epochs: 2, test: 3, every: 1},
		{net: "lenet", rule: compile.BP, arm: compile.ArmEPC, images: 6, batch: 2, epochs: 1},
		{net: "mlp-784-128-64-10", rule: compile.BP, images: 71, batch: 10, epochs: 3, test: 47, every: 2},
		{net: "mlp-784-128-64-10", rule: compile.BP, fused: true, images: 71, batch: 10, epochs: 2, test: 47, every: 1},
		{net: "cnn-small", rule: compile.ConvOnly, images: 10, batch: 2, epochs: 1},
	}
	for _, f := range append(more, trainings...) {
		if testing.Short() && f.net != "mlp-784-128-64-10" {
			continue
		}
		t.Run(f.String(), func(t *testing.T) {
			img, plan, cfg := f.build(t)
			m, err := models.Fixed(plan, img, cfg.DNNC.AccBits)
			require.NoError(t, err)
			var want Products
			steps, n := plan.Steps()*f.epochs, plan.Steps()
			for step := range steps {
				train1(plan, img, m, step)
				want.add(stepProducts(plan, m.Work()))
				if epoch := step / n; step%n == n-1 && plan.Header.Tests(epoch) {
					for batch := range (f.test + f.batch - 1) / f.batch {
						x, y := plan.TestBatch(firmware.Memory(img), batch)
						m.Eval(x, y)
						want.add(testProducts(plan, m.TestWork(len(y))))
					}
				}
			}
			c, _, err := (&Training{img, plan, cfg, prices(t, cfg)}).boot(t.Context())
			require.NoError(t, err)
			_, _, err = c.to(t.Context())
			require.NoError(t, err)
			all := c.result.Metrics(sim.All)
			require.EqualValues(t, all.MACs(), want.Done, "products")
			require.EqualValues(t, all.Dense, want.Dense, "dense products")
			words, err := predict.TrainingWords(plan)
			require.NoError(t, err)
			require.EqualValues(t, all.Words(), words, "words")
		})
	}
}
