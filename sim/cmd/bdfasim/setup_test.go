package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/golden/qmodel"
)

// tiny is an experiment of a moment.
func tiny(t *testing.T) setup {
	return setup{
		Epochs: 2, Batch: 32, Seed: 5, dataFlags: dataFlags{Data: images(t)}, Momentum: 0.9, Feedback: "lfsr", Init: "he", LRShift: 1, EvalEvery: 1,
		chipFlags: chipFlags{XMemMB: 1},
	}
}

// layers is its network.
func layers(t *testing.T) *network { return sized(t, "64-32-16-10") }

// sized is a fully connected network.
func sized(t *testing.T, sizes string) *network {
	n, err := ofSizes(sizes)
	require.NoError(t, err)
	return n
}

// fixedOf is the fixed-point model of a trial.
func fixedOf(t *testing.T, tr *trial) *qmodel.Model {
	m, err := tr.fixed()
	require.NoError(t, err)
	return m
}

// TestTrialsStartEqual: chip, fixed-point and float model of a trial have the same weights, feedback signs and scales.
func TestTrialsStartEqual(t *testing.T) {
	for _, c := range []struct{ feedback, init string }{{"lfsr", "he"}, {"eq9", "he"}, {"lfsr", "concordant"}} {
		s := tiny(t)
		s.Feedback, s.Init = c.feedback, c.init
		trials, err := s.trials(layers(t), []string{compile.BDFA}, 2)
		require.NoError(t, err)
		require.Len(t, trials, 2)
		require.NotEqual(t, fixedOf(t, trials[0]).W, fixedOf(t, trials[1]).W, "seeds")
		for _, tr := range trials {
			fixed, mem := fixedOf(t, tr), firmware.Memory(tr.img)
			for i := 1; i <= 3; i++ {
				fw := tr.plan.Layers[i].Fw
				require.Equal(t, tr.plan.Weights(mem, i), fixed.W[i])
				for k, w := range tr.float.Layers[i].W.Data {
					require.InDelta(t, w, math.Ldexp(float64(fixed.W[i][k]), -fw), math.Ldexp(0.5001, -fw))
				}
			}
			for i := 1; i <= 2; i++ {
				scale := math.Ldexp(1, -tr.plan.Layers[i].FBShift)
				require.Equal(t, tr.float.S[i], scale, "scale of layer %d", i)
				for n, row := range fixed.FeedbackBits(i) {
					for k, sign := range row {
						require.Equal(t, scale*float64(sign), tr.float.D[i].At(k, n), "%+v: layer %d, neuron %d, class %d", c, i, n, k)
					}
				}
			}
		}
	}
}

// TestRulesShareWeights: with one seed, both rules start from the same weights and see the images in the same order.
func TestRulesShareWeights(t *testing.T) {
	s := tiny(t)
	trials, err := s.trials(layers(t), []string{compile.BP, compile.BDFA}, 1)
	require.NoError(t, err)
	require.Equal(t, fixedOf(t, trials[0]).W, fixedOf(t, trials[1]).W)
	require.Equal(t, trials[0].orders, trials[1].orders)
	require.NotEqual(t, trials[0].orders[0], trials[0].orders[1], "epochs")
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]float64{"2^-6": 1.0 / 64, "2^-17": 1.0 / 131072, "0.25": 0.25, "1e-3": 0.001} {
		got, err := parseRate(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "0", "-1", "nan", "inf", "2^", "2^x", "2^-99", "2^-18", "2^0", "3^2"} {
		_, err := parseRate(text)
		require.Error(t, err, text)
	}
}

// TestSome: the choice is a set of the whole, the same every time, with the right labels.
func TestSome(t *testing.T) {
	s := tiny(t)
	d, err := s.load(sized(t, "64-10"))
	require.NoError(t, err)
	part, err := some(d.train, 30, "--samples")
	require.NoError(t, err)
	again, err := some(d.train, 30, "--samples")
	require.NoError(t, err)
	require.Equal(t, part, again)
	require.Equal(t, 30, part.N)
	whole := map[string]int{}
	for k := range d.train.N {
		whole[string(d.train.Labels[k])+string(d.train.Images[k*64:(k+1)*64])]++
	}
	for k := range part.N {
		whole[string(part.Labels[k])+string(part.Images[k*64:(k+1)*64])]--
	}
	for _, n := range whole {
		require.GreaterOrEqual(t, n, 0)
	}
}

// TestLoadHoldout: what is held out is not trained on.
func TestLoadHoldout(t *testing.T) {
	s := tiny(t)
	all, err := s.load(sized(t, "64-10"))
	require.NoError(t, err)
	s.Holdout = 20
	d, err := s.load(sized(t, "64-10"))
	require.NoError(t, err)
	require.True(t, d.heldOut)
	kept, held, err := all.train.HoldOutLast(20)
	require.NoError(t, err)
	require.Equal(t, sets{train: kept, test: held, heldOut: true}, d)
}

// TestDefaultRates are those that were chosen; every rule has one.
func TestDefaultRates(t *testing.T) {
	for _, c := range []struct {
		rule, init string
		want       float64
	}{
		{compile.BP, "he", 1. / 64}, {compile.BP, "concordant", 1. / 64}, {compile.BDFA, "he", 1. / 512}, {compile.BDFA, "concordant", 1. / 256},
	} {
		require.Equal(t, c.want, defaultRate(c.rule, c.init), "%+v", c)
	}
	for _, rule := range compile.Rules() {
		require.Positive(t, defaultRate(rule, "he"))
	}
}

// FuzzSizes: sizes are numbers, or the text is refused.
func FuzzSizes(f *testing.F) {
	for _, s := range []string{"784-128-10", "", "-", "1", "a-b", "784--1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sizes, err := parseSizes(s)
		require.True(t, (err == nil) == (len(sizes) > 0))
	})
}
