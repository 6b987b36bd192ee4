package main

import (
	"flag"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"bdfasim/sim"
	"bdfasim/sim/sample"
)

var sampling = flag.Bool("sampling", false, "sample five trainings with twenty seeds each")

// trainings that can be simulated whole; sampled with these seeds each (docs/sampling.md).
var sampled = []string{
	"mlp-784-128-64-10 --rule bp --samples 1000 --test-samples 300 --epochs 3",
	"mlp-784-128-64-10 --rule bdfa --schedule fused --samples 1000 --test-samples 300 --epochs 2",
	"lenet --rule bdfa --samples 200 --test-samples 60 --batch 8 --epochs 2",
	"cnn-small --rule cbdfa --samples 200 --test-samples 60 --batch 8 --epochs 3 --eval-every 2",
	"cnn-small --rule bp --samples 164 --test-samples 60 --batch 8 --epochs 4 --lr-shift-every 1",
}

const samplingSeeds = 20

// whole is a training that was simulated whole.
type whole struct {
	sample.Training
	cycles, words uint64
	onDie         float64 // uJ
}

// simulateWhole trains on the chip from begin to end.
func simulateWhole(t *testing.T, line string) *whole {
	t.Helper()
	var all cli
	parser, err := kong.New(&all, helpTexts())
	require.NoError(t, err)
	_, err = parser.Parse(append([]string{"train"}, strings.Fields(line)...))
	require.NoError(t, err)
	c := &all.Train
	n, err := c.network()
	require.NoError(t, err)
	trials, err := c.trials(n, c.Rule, 1)
	require.NoError(t, err)
	tr := trials[0]
	o := &outcome{trial: tr}
	require.NoError(t, o.runChip(t.Context(), 0, keepsNothing, func(int) {}))
	m := o.chip.Metrics(sim.All)
	e, err := o.energy(m)
	require.NoError(t, err)
	return &whole{
		sample.Training{Image: tr.img, Plan: tr.plan, Machine: tr.chip, Prices: o.prices},
		m.Cycles, m.Words(), e.OnDie().UJ(),
	}
}

// TestSampling: intervals from ten samples hold what the whole training takes, nine times out of ten,
// and are narrow.
func TestSampling(t *testing.T) {
	lines, seeds := sampled, samplingSeeds
	if !*sampling {
		lines, seeds = sampled[:1], 2
	}
	cases, held := 0, 0
	for _, line := range lines {
		w := simulateWhole(t, line)
		var cycles, onDie, words, all int
		var widest [2]float64
		for seed := range uint64(seeds) {
			r, err := sample.Run(t.Context(), &w.Training, sample.Options{Samples: 10, Seed: seed + 1})
			require.NoError(t, err)
			require.Equal(t, 10, r.Samples())
			c, e := r.Total(sample.Cycles), r.Total(sample.OnDie)
			in := [3]bool{c.Holds(float64(w.cycles)), e.Holds(w.onDie), r.Words == float64(w.words)}
			for k, n := range []*int{&cycles, &onDie, &words} {
				if in[k] {
					*n++
				}
			}
			if in == [3]bool{true, true, true} {
				all++
			}
			widest[0], widest[1] = max(widest[0], c.Relative()), max(widest[1], e.Relative(), r.Error())
		}
		t.Logf("%s: of %d intervals hold cycles %d, on-die energy %d, words %d, all %d; widest %.2f %% and %.2f %%",
			line, seeds, cycles, onDie, words, all, 100*widest[0], 100*widest[1])
		require.LessOrEqual(t, max(widest[0], widest[1]), 0.02)
		require.Equal(t, seeds, words)
		cases, held = cases+seeds, held+all
	}
	require.GreaterOrEqual(t, 10*held, 9*cases, "%d of %d", held, cases)
}
