package main

import (
	"flag"
	"math"
	"os"
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

// holds tells whether an interval contains a number, but for rounding.
func holds(i sample.Interval, v float64) bool { return math.Abs(i.Value-v) <= i.Half+1e-9*v }

// TestSampling: intervals from ten samples hold what the whole training takes, nine times out of ten,
// and are within 2 %, nineteen times out of twenty.
func TestSampling(t *testing.T) {
	lines, seeds := sampled, samplingSeeds
	if !*sampling {
		lines, seeds = sampled[:1], 2
	}
	cases, held, narrow := 0, 0, 0
	for _, line := range lines {
		w := simulateWhole(t, line)
		var cycles, onDie, words, all int
		var widest [2]float64
		for seed := range uint64(seeds) {
			r, err := sample.Run(t.Context(), &w.Training, sample.Options{Samples: 10, Seed: seed + 1})
			require.NoError(t, err)
			require.Equal(t, 10, r.Samples())
			c, e := r.Total(sample.Cycles), r.Total(sample.OnDie)
			in := [3]bool{holds(c, float64(w.cycles)), holds(e, w.onDie), r.Words == float64(w.words)}
			for k, n := range []*int{&cycles, &onDie, &words} {
				if in[k] {
					*n++
				}
			}
			if in == [3]bool{true, true, true} {
				all++
			}
			if r.Error() <= 0.02 {
				narrow++
			}
			widest[0], widest[1] = max(widest[0], c.Relative()), max(widest[1], e.Relative())
		}
		t.Logf("%s: of %d intervals hold cycles %d, on-die energy %d, words %d, all %d; widest %.2f %% and %.2f %%",
			line, seeds, cycles, onDie, words, all, 100*widest[0], 100*widest[1])
		require.Equal(t, seeds, words)
		cases, held = cases+seeds, held+all
	}
	t.Logf("all three hold in %d of %d cases; cycles and energies are within 2 %% in %d", held, cases, narrow)
	require.GreaterOrEqual(t, 10*held, 9*cases)
	require.GreaterOrEqual(t, 20*narrow, 19*cases)
}

// TestSampleFlags: what a sampled training cannot give is refused before it begins.
func TestSampleFlags(t *testing.T) {
	for flags, want := range map[string]string{
		"--sample 3":                    "--sample: got 3, want at least 7 for this training",
		"--sample 10 --limit 5":         "--limit: got --sample or --error as well",
		"--error 1":                     "--error: got 1, want 0.001% to 50%",
		"--sample 10 --rule bp,bdfa":    "--sample and --error: got 2 rules and seeds, want one",
		"--sample 10 --seeds 2":         "--sample and --error: got 2 rules and seeds, want one",
		"--error 1% --power":            "--power: got --sample",
		"--sample 10 --checkpoint x":    "--checkpoint: got --sample",
		"--sample 10 --no-compare":      "--no-compare: got --sample",
		"--sample 10 --batch 33":        "--sample: got batches of 33 samples, want up to 32",
		"--sample 10 --samples 64":      "--sample: got 2 steps an epoch, want 3 or more",
		"--sample 10 --sample-seed -1 ": "--sample-seed",
	} {
		args := append([]string{"train", "--samples", "200", "--epochs", "2"}, strings.Fields(flags)...)
		r := bdfasim(t, "", args...)
		require.NotZero(t, r.code, flags)
		require.Contains(t, r.stderr, want, flags)
	}
}

// TestSampleTables: what is known, and what is estimated, as text and as files; the network that was
// trained is the one that a whole training gives.
func TestSampleTables(t *testing.T) {
	dir := t.TempDir()
	args := []string{"train", "--samples", "200", "--test-samples", "200", "--epochs", "2", "--rule", "bdfa"}
	out := ok(t, append(args, "--sample", "10", "--out", dir, "--save", dir+"/sampled.onnx")...)
	for line := range strings.Lines(out) {
		require.LessOrEqual(t, len([]rune(strings.TrimRight(line, "\n"))), 80, line)
	}
	require.Contains(t, out, "10 samples on the chip")
	csv, err := os.ReadFile(dir + "/estimated_totals.csv")
	require.NoError(t, err)
	require.Contains(t, string(csv), "what,value,half_width,half_width_percent,unit")
	whole := ok(t, append(args, "--no-compare", "--format", "csv", "--save", dir+"/whole.onnx")...)
	sampled, err := os.ReadFile(dir + "/sampled.onnx")
	require.NoError(t, err)
	want, err := os.ReadFile(dir + "/whole.onnx")
	require.NoError(t, err)
	require.True(t, string(want) == string(sampled))
	epochs, err := os.ReadFile(dir + "/accuracy_by_epoch.csv")
	require.NoError(t, err)
	require.Equal(t, whole[:len(epochs)], string(epochs), "what the chip's records say")
}
