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
		w := x.ByCause()
		require.Equal(t, predict.Words{
			Weights: float64(w.Weights), MapsRead: float64(w.MapsRead), MapsWritten: float64(w.MapsWritten), Update: float64(w.Update), Norm: float64(w.Norm), Errors: float64(w.Errors),
		}, r.Words, "external words of %v %d", r.Phase, r.Layer)
		if r.Phase == isa.PhaseFF || r.Phase == isa.PhaseWG {
			require.Equal(t, float64(x.MACs), r.MACs, "MACs of %v %d", r.Phase, r.Layer)
		}
		require.Equal(t, float64(x.Dense), r.Dense, "dense MACs of %v %d", r.Phase, r.Layer)
	}
	require.InEpsilon(t, p.Cycles, sum, 0.03, "cycles of the run")
}

// TestProfileAddsUp holds a profile against what the chip itself counts.
func TestProfileAddsUp(t *testing.T) {
	n, err := trial.Net("cnn-small")
	require.NoError(t, err)
	s, err := trial.Spec(n, compile.BP, 8, trial.Random)
	require.NoError(t, err)
	plan, p, err := trial.Run(context.Background(), s, trial.Config(64))
	require.NoError(t, err)
	require.Equal(t, 1, plan.Steps())
	exclusive := p.Tail
	for k := range p.Tags {
		g := &p.Tags[k]
		exclusive += g.Exclusive
		require.LessOrEqual(t, g.MACs, g.Dense)
		words := g.ByCause()
		require.Equal(t, g.Words, words.Total())
		require.LessOrEqual(t, g.CodedWords(), g.RawWords())
		require.LessOrEqual(t, g.NonZero, g.Encoded())
		require.LessOrEqual(t, g.Busy, g.Elapsed)
	}
	require.Equal(t, p.Cycles, exclusive)
	// The images: 8 of 28 x 28 pixels, blocks of one element in a group of 16, half of them not zero.
	ff := p.Find(isa.PhaseFF, 1)
	require.Equal(t, uint64(8*28*28*16), ff.Encoded())
	require.InDelta(t, 0.5/16, ff.Density(), 0.002)
	require.Equal(t, ff.NonZero, ff.CodedWords(), "a word for each pixel that is not zero")
	for _, x := range p.Points(200) {
		require.LessOrEqual(t, x.Rate, 1.0001*x.Roof, "%v %d is above its roof", x.Phase, x.Layer)
	}
}

// TestGEMM takes the product of docs/timing.md apart: 32 x 4,608 x 512 on 256 lanes, with external memory as it is and with
// one that never makes it wait.
func TestGEMM(t *testing.T) {
	if testing.Short() {
		t.Skip("two million cycles")
	}
	const full, swaps, ends = 32 * 4608 * 512 / 256, 144 * 32, 144
	n, err := trial.Net("gemm")
	require.NoError(t, err)
	s, err := trial.Spec(n, compile.BP, 32, trial.Dense)
	require.NoError(t, err)
	_, lpddr, err := trial.Run(context.Background(), s, trial.Config(64))
	require.NoError(t, err)
	_, ideal, err := trial.Run(context.Background(), s, trial.IdealMemory(trial.Config(64)))
	require.NoError(t, err)
	for _, p := range []*profile.Profile{lpddr, ideal} {
		require.Equal(t, uint64(full+swaps+ends), p.Find(isa.PhaseFF, 1).Busy)
		require.Equal(t, uint64(full*256), p.Find(isa.PhaseFF, 1).MACs)
	}
	require.InDelta(t, 2*1024, ideal.Find(isa.PhaseFF, 1).WaitWeight, 40, "the first tile of weights for each 256 outputs, and no other, is waited for")
	require.Less(t, float64(lpddr.Find(isa.PhaseFF, 1).Elapsed), 1.03*full, "as close to the lanes' limit as public simulators of systolic arrays are")
}
