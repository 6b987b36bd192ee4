package testbench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/predict"
	"bdfasim/isa"
	"bdfasim/sim/profile"
	"bdfasim/sim/profile/trial"
)

// TestFusedPredictions compares the prediction of a step of a fused schedule, the third of three, with what a simulation of three steps
// takes more than one of two. Updates and forward pass of a layer run side by side, so their times are compared together.
func TestFusedPredictions(t *testing.T) {
	for _, rule := range []string{compile.BP, compile.BDFA} {
		t.Run(rule, func(t *testing.T) {
			n, err := trial.Net("mlp-784-512-512-10")
			require.NoError(t, err)
			var runs [2]*profile.Profile
			var predicted []predict.Row
			for k, steps := range []int{2, 3} {
				s, err := trial.Spec(n, rule, 32, trial.Dense)
				require.NoError(t, err)
				s.Fused = true
				plan, p, err := trial.Run(context.Background(), trial.Repeat(s, steps), trial.Config(64))
				require.NoError(t, err)
				runs[k] = p
				predicted, err = predict.Step(plan, predict.Density{})
				require.NoError(t, err)
			}
			step, sum := runs[1].Cycles-runs[0].Cycles, 0.0
			exclusive := map[int][2]float64{}
			for _, r := range predicted {
				x, y := runs[1].Find(r.Phase, r.Layer), runs[0].Find(r.Phase, r.Layer)
				sum += r.Cycles
				w, v := x.ByCause(), y.ByCause()
				require.Equal(t, float64(w.Total()-v.Total()), r.Words.Total(), "external words of %v %d", r.Phase, r.Layer)
				require.Equal(t, float64(w.Update-v.Update), r.Words.Update)
				require.Equal(t, float64(x.Dense-y.Dense), r.Dense)
				t.Logf("%v %d: predicted %.0f, simulated %d, elapsed %.0f %d", r.Phase, r.Layer, r.Cycles, x.Exclusive-y.Exclusive, r.Elapsed, x.Elapsed-y.Elapsed)
				if r.Phase == isa.PhaseFF || r.Phase == isa.PhaseWG {
					e := exclusive[r.Layer]
					exclusive[r.Layer] = [2]float64{e[0] + r.Cycles, e[1] + float64(x.Exclusive-y.Exclusive)}
				}
			}
			for layer, e := range exclusive {
				require.InDelta(t, e[1], e[0], 0.05*e[1]+0.005*float64(step), "update and forward of layer %d", layer)
			}
			require.InEpsilon(t, step, sum, 0.03)
		})
	}
}
