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

// TestPredictions compares predictions with a simulation of dense data: times within 5 %, words exactly, MACs exactly where
// the operands are maps.
func TestPredictions(t *testing.T) {
	for _, c := range []struct {
		net, rule string
		batch     int
	}{
		{"mlp-784-512-512-10", compile.BP, 32}, {"mlp-784-512-512-10", compile.DFA, 32}, {"mlp-784-512-512-10", compile.BDFA, 32}, {"cnn", compile.BP, 32},
		{"vgg-layer", compile.BDFA, 32},
	} {
		t.Run(c.net+"/"+c.rule, func(t *testing.T) {
			if testing.Short() && c.net != "mlp-784-512-512-10" {
				t.Skip("several million cycles")
			}
			n, err := trial.Net(c.net)
			require.NoError(t, err)
			s, err := trial.Spec(n, c.rule, c.batch, trial.Dense)
			require.NoError(t, err)
			plan, p, err := trial.Run(context.Background(), s, trial.Config(64))
			require.NoError(t, err)
			d, err := trial.Density(plan, p, nil)
			require.NoError(t, err)
			d.Maps = nil
			predicted, err := predict.Step(plan, d)
			require.NoError(t, err)
			comparePrediction(t, predicted, p)
		})
	}
}

// comparePrediction holds a prediction against a profile. What a phase adds to the run may be next to nothing when another one
// hides it, so its difference counts against the phase's whole time.
func comparePrediction(t *testing.T, predicted []predict.Row, p *profile.Profile) {
	t.Helper()
	require.Len(t, p.Tags, len(predicted))
	var sum float64
	for _, r := range predicted {
		x := p.Find(r.Phase, r.Layer)
		require.NotNil(t, x, "%v %d", r.Phase, r.Layer)
		sum += r.Cycles
		if x.Elapsed*50 > p.Cycles {
			require.InEpsilon(t, x.Elapsed, r.Elapsed, 0.05, "elapsed cycles of %v %d", r.Phase, r.Layer)
			require.InDelta(t, x.Exclusive, r.Cycles, 0.05*float64(x.Elapsed), "cycles that %v %d adds", r.Phase, r.Layer)
		}
		compareWork(t, &r, x)
	}
	require.InEpsilon(t, p.Cycles, sum, 0.03, "cycles of the run")
}

// compareWork holds the words and MACs of a row against those of a profile, which it tells exactly.
func compareWork(t *testing.T, r *predict.Row, x *profile.Tag) {
	t.Helper()
	w := x.ByCause()
	require.Equal(t, predict.Words{
		Weights: float64(w.Weights), MapsRead: float64(w.MapsRead), MapsWritten: float64(w.MapsWritten), Update: float64(w.Update), Norm: float64(w.Norm), Errors: float64(w.Errors),
	}, r.Words, "external words of %v %d", r.Phase, r.Layer)
	if r.Phase == isa.PhaseFF || r.Phase == isa.PhaseWG {
		require.Equal(t, float64(x.MACs), r.MACs, "MACs of %v %d", r.Phase, r.Layer)
	}
	require.Equal(t, float64(x.Dense), r.Dense, "dense MACs of %v %d", r.Phase, r.Layer)
}
