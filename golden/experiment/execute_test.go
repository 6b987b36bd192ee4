package experiment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"bdfasim/golden/data"
)

// tiny is a whole experiment on the embedded images that takes a second:
// 2 rules x 2 rates x 2 seeds.
const tiny = `name: tiny
data: [{set: embedded, validation: 50, test: 100}]
networks: [{name: MLP, preset: mlp, hidden: [12]}]
rules:
  - rule: bp
  - {name: BDFA Eq. 9, rule: bdfa, feedback: eq9, scale: pow2, augment: {flip: true, crop: 4}}
samples: [60]
seeds: [1, 2]
rates: [0.01, 0.05]
epochs: 3
batch: 25
momentum: 0.9
schedule: {at: [2], by: 0.1}
metrics: {alignment: true, probe: 20}
`

func parsed(t require.TestingT, src string) *Experiment {
	e, err := Parse([]byte(src), "test.yaml")
	require.NoError(t, err)
	return e
}

// contents returns all files below dir by name.
func contents(t require.TestingT, dir string) map[string]string {
	out := map[string]string{}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	hidden, err := filepath.Glob(filepath.Join(dir, ".*"))
	require.NoError(t, err)
	for _, name := range append(names, hidden...) {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		out[filepath.Base(name)] = string(b)
	}
	return out
}

func TestEndToEnd(t *testing.T) {
	dir := t.TempDir()
	var seen []Progress
	r, err := Execute(t.Context(), parsed(t, tiny), Options{Out: dir, Progress: func(p Progress) { seen = append(seen, p) }})
	require.NoError(t, err)
	require.Positive(t, seen[0].Left)
	require.Len(t, r.Runs, 8)
	require.Len(t, seen, 8*3)
	last := seen[len(seen)-1]
	require.Equal(t, []int{8, 8, 0, 24}, []int{last.Done, last.Total, last.Found, last.Epochs})
	require.Zero(t, last.Left)
	for i := range r.Runs {
		run := &r.Runs[i]
		require.Len(t, run.Epochs, 4)
		require.Nil(t, run.Epochs[0].Train)
		require.InDelta(t, run.Settings.Rate*0.1, run.Epochs[3].Rate, 1e-15)
		require.Len(t, run.Epochs[0].Layers, 2)
		if run.Settings.Rule.Rule == "bp" {
			require.InDelta(t, 1, float64(run.Epochs[2].Layers[0].GradCos), 1e-12)
		} else {
			require.Less(t, float64(run.Epochs[2].Layers[0].GradCos), 0.999)
		}
	}
	for _, row := range r.Summary() {
		require.Greater(t, float64(row.Test.Mean), 0.2, row.Rule) // chance is 0.1
		require.Greater(t, float64(row.TestK.Mean), float64(row.Test.Mean))
	}
	names, err := r.Save(filepath.Join(dir, "results"))
	require.NoError(t, err)
	require.Equal(t, []string{"table.txt", "epochs.csv", "results.json", "alignment.csv", "accuracy_embedded_mlp_n60.png",
		"alignment_embedded_mlp_n60_bp.png", "alignment_embedded_mlp_n60_bdfa-eq-9.png"}, bases(names))
}

// runsOf lists the runs that choose the learning rates: all of them, without a search.
func runsOf(plan []trial) (out []Settings) {
	for _, t := range plan {
		out = append(out, t.tried...)
	}
	return out
}

func bases(names []string) []string {
	var out []string
	for _, n := range names {
		out = append(out, filepath.Base(n))
	}
	return out
}

// An experiment that is interrupted again and again ends with the files of one
// that was not, whatever the number of workers.
func TestInterruptedRunsGoOn(t *testing.T) {
	whole := t.TempDir()
	_, err := Execute(t.Context(), parsed(t, tiny), Options{Out: whole, Workers: 1})
	require.NoError(t, err)
	want := contents(t, filepath.Join(whole, "runs"))
	require.Len(t, want, 8)
	for _, workers := range []int{1, 2, 7} {
		dir, interrupts, made := t.TempDir(), 0, 0
		for {
			ctx, cancel := context.WithCancel(t.Context())
			events, found := 0, -1
			_, err := Execute(ctx, parsed(t, tiny), Options{Out: dir, Workers: workers, Progress: func(p Progress) {
				if events++; events == 7 { // after a run or two, and in the middle of another
					cancel()
				}
				if found == -1 {
					found = p.Found
					require.GreaterOrEqual(t, p.Found, made)
				}
				made = p.Done
				require.LessOrEqual(t, p.Done, p.Total)
			}})
			cancel()
			if err == nil {
				require.Equal(t, 8, made)
				break
			}
			require.ErrorIs(t, err, context.Canceled)
			require.ErrorContains(t, err, "experiment tiny: ")
			interrupts++
			require.Less(t, interrupts, 20)
		}
		require.GreaterOrEqual(t, interrupts, 1)
		require.Equal(t, want, contents(t, filepath.Join(dir, "runs")))
	}
}

// refuse is a factory for experiments that must find all runs finished.
func refuse(Settings, Shape) (Trainer, error) { return nil, errors.New("got a run to make") }

func TestOnlyWhatChangedRunsAgain(t *testing.T) {
	dir := t.TempDir()
	first, err := Execute(t.Context(), parsed(t, tiny), Options{Out: dir})
	require.NoError(t, err)
	again, err := Execute(t.Context(), parsed(t, tiny), Options{Out: dir, Build: refuse})
	require.NoError(t, err)
	var a, b strings.Builder
	require.NoError(t, first.JSON(&a))
	require.NoError(t, again.JSON(&b))
	require.Equal(t, a.String(), b.String())

	count := func(src string) int32 {
		var made atomic.Int32
		_, err := Execute(t.Context(), parsed(t, src), Options{Out: dir, Workers: 1, Build: func(s Settings, shape Shape) (Trainer, error) {
			made.Add(1)
			return NewNetwork(s, shape)
		}})
		require.NoError(t, err)
		return made.Load()
	}
	// Each of the two rules is built once to see that it can be, then once a run.
	require.EqualValues(t, 2+4, count(strings.Replace(tiny, "[0.01, 0.05]", "[0.01, 0.05, 0.02]", 1)))
	require.EqualValues(t, 2+8, count(strings.Replace(tiny, "momentum: 0.9", "momentum: 0.8", 1)))
	require.EqualValues(t, 2+8, count(tiny), "and back")

	name := filepath.Join(dir, "runs", "embedded_mlp_n60_bp_lr0.01_seed1.json")
	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	for _, broken := range []string{"", "{", string(whole[:len(whole)/2]), strings.Replace(string(whole), `"epochs": 3`, `"eppochs": 3`, 1),
		strings.Replace(string(whole), `"epochs": [`, `"diverged": 2, "epochs": [`, 1)} {
		require.NoError(t, os.WriteFile(name, []byte(broken), 0o600))
		require.EqualValues(t, 1+1, count(tiny))
		mended, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, string(whole), string(mended))
	}
}

// A stored run that somebody has changed is made again, and one of another build is used; both are said.
func TestStoredRunsAreKnown(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "runs", "embedded_mlp_n60_bp_lr0.01_seed1.json")
	var notes []string
	execute := func(program string, build Factory) {
		notes = nil
		_, err := Execute(t.Context(), parsed(t, tiny), Options{Out: dir, Program: program, Build: build,
			Note: func(text string) { notes = append(notes, text) }})
		require.NoError(t, err)
	}
	execute("one", NewNetwork)
	require.Empty(t, notes)
	whole, err := os.ReadFile(name)
	require.NoError(t, err)
	changed := regexp.MustCompile(`"top1": 0\.\d`).ReplaceAll(whole, []byte(`"top1": 0.9`))
	require.NotEqual(t, string(whole), string(changed))
	require.NoError(t, os.WriteFile(name, changed, 0o600))
	execute("one", NewNetwork)
	require.Len(t, notes, 1)
	require.Regexp(t, `^`+name+`: run: checksum: got "[0-9a-f]{64}", want "[0-9a-f]{64}"; it is made again$`, notes[0])
	again, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(whole), string(again))
	execute("two", refuse)
	require.Equal(t, []string{"8 of the runs in " + filepath.Dir(name) + " are those of another build of the program; without their files they are made again"}, notes)
}

// Experiments that would take all memory, or years, are refused before they take any.
func TestLargeExperimentsAreRefused(t *testing.T) {
	many := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprint(i+1))
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	for _, c := range []struct{ old, new, want string }{
		{"hidden: [12]", "hidden: [200000, 1000]", "networks[0].hidden[0]: got 200000, want 1 to 65536"},
		{"hidden: [12]", "hidden: [65536, 65536]", "experiment tiny: network MLP: net: mlp-784-65536-65536-10: layers[2].fc: got 65536 outputs of fan-in 65536, want at most 268435456 weights"},
		{"hidden: [12]", "hidden: [50000, 1000]", "experiment tiny: network MLP: got 89210000 weights, want at most 67108864"},
		{"batch: 25", "batch: 3000000", "batch: got 3000000, want 1 to 4096"},
		{"networks: [{name: MLP, preset: mlp, hidden: [12]}]\n", "networks: [{name: L, net: {input: {channels: 1, height: 28, width: 28}, classes: 10, layers: " +
			"[{conv: {out: 500, kernel: 1}}, flatten, {fc: {out: 10}}]}}]\n", "experiment tiny: network L: got 784010 outputs of all layers for each of a batch of 4096, want at most 268435456 together"},
		{"seeds: [1, 2]", "seeds: " + many(3000), "test.yaml:1:1: got 12000 runs (data x networks x samples x rates of all rules x seeds), want at most 10000"},
		{"seeds: [1, 2]", "seeds: " + many(30000), "got 120000 runs"},
	} {
		src := strings.Replace(tiny, c.old, c.new, 1)
		require.NotEqual(t, tiny, src)
		if strings.Contains(c.want, "4096, want") {
			src = strings.Replace(src, "batch: 25", "batch: 4096", 1)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		e, err := Parse([]byte(src), "test.yaml")
		if err == nil {
			_, err = Execute(t.Context(), e, Options{Out: t.TempDir(), Build: refuse})
		}
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, c.want)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(200<<20), c.new)
	}
	require.Equal(t, "escaped", parsed(t, strings.Replace(tiny, "name: tiny", "name: ../../../escaped", 1)).Folder())
}

// scripted is a trainer without a network.
type scripted struct {
	steps, failAt, explodeAt int
}

func (s *scripted) Step(_ []float64, y []int, _ float64) (float64, int, error) {
	s.steps++
	switch s.steps {
	case s.failAt:
		return 0, 0, errors.New("got tired")
	case s.explodeAt:
		return math.NaN(), 0, nil
	}
	return 1, len(y), nil
}

func (s *scripted) Evaluate(_ []float64, y []int, _ int) (int, int, float64, error) {
	return len(y) / 2, len(y), 0.5, nil
}

func (s *scripted) Alignment([]float64, []int) ([]LayerAlignment, error) {
	return []LayerAlignment{{Layer: "fc1", NormRatio: Number(math.Inf(1))}}, nil
}

// watcher keeps what its trainer is shown.
type watcher struct {
	scripted
	x      [][]float64 // of each step
	y      []int
	tested []float64
}

func (w *watcher) Step(x []float64, y []int, lr float64) (float64, int, error) {
	w.x, w.y = append(w.x, slices.Clone(x)), append(w.y, y...)
	return w.scripted.Step(x, y, lr)
}

func (w *watcher) Evaluate(x []float64, y []int, k int) (int, int, float64, error) {
	w.tested = append(w.tested, x...)
	return w.scripted.Evaluate(x, y, k)
}

func watch(t *testing.T, src string) *watcher {
	w := &watcher{}
	e := parsed(t, src)
	l, err := load(e.Data[0], e.Metrics.Probe, "")
	require.NoError(t, err)
	p, err := l.part(e.Samples[0], e.Data[0])
	require.NoError(t, err)
	all := runsOf(e.plan(nil))
	_, err = train(t.Context(), all[len(all)-1], p, func(Settings, Shape) (Trainer, error) { return w, nil }, func(int) {})
	require.NoError(t, err)
	return w
}

// What a trainer is shown: the seed's order, scaled and augmented as said.
func TestTrainerSeesTheRightImages(t *testing.T) {
	plain := strings.Replace(tiny, ", augment: {flip: true, crop: 4}", "", 1)
	a, b := watch(t, plain), watch(t, tiny)
	require.Equal(t, a.y, b.y)
	require.Equal(t, a.tested, b.tested, "only training images are augmented")
	require.Len(t, a.x, 9)
	require.Len(t, a.x[2], 10*784, "60 = 25 + 25 + 10")
	require.NotEqual(t, a.x, b.x)

	e := parsed(t, plain)
	l, err := load(e.Data[0], 20, "")
	require.NoError(t, err)
	p, err := l.part(60, e.Data[0])
	require.NoError(t, err)
	var labels []int
	for epoch := range uint64(3) {
		for _, k := range data.Order(2, epoch+1, 60) {
			labels = append(labels, int(p.train.Labels[k]))
		}
	}
	require.Equal(t, labels, a.y)

	c := watch(t, strings.Replace(plain, "test: 100", "test: 100, normalise: channel", 1))
	first := slices.Concat(c.x[0], c.x[1], c.x[2]) // an epoch: all training images
	mean, sd := stat.PopMeanStdDev(first, nil)
	require.InDelta(t, 0, mean, 1e-9)
	require.InDelta(t, 1, sd, 1e-9)
}

func TestRunningScoresWeighTheBatches(t *testing.T) {
	w := &weighted{}
	e := parsed(t, tiny)
	l, err := load(e.Data[0], 20, "")
	require.NoError(t, err)
	p, err := l.part(60, e.Data[0])
	require.NoError(t, err)
	r, err := train(t.Context(), runsOf(e.plan(nil))[0], p, func(Settings, Shape) (Trainer, error) { return w, nil }, func(int) {})
	require.NoError(t, err)
	// Batches of 25, 25 and 10 images with losses equal to their sizes.
	require.InDelta(t, (25.*25+25*25+10*10)/60, float64(r.Epochs[1].Train.Loss), 1e-12)
	require.InDelta(t, 1, float64(r.Epochs[1].Train.Top1), 0)
}

// weighted says a loss that is the size of the batch.
type weighted struct{ scripted }

func (*weighted) Step(_ []float64, y []int, _ float64) (float64, int, error) {
	return float64(len(y)), len(y), nil
}

func TestDivergedRunsEnd(t *testing.T) {
	dir := t.TempDir()
	build := func(s Settings, _ Shape) (Trainer, error) {
		if s.Rule.Rule == "bp" && s.Seed == 2 {
			return &scripted{explodeAt: 5}, nil // 3 steps an epoch
		}
		return &scripted{}, nil
	}
	var diverged []string
	r, err := Execute(t.Context(), parsed(t, tiny), Options{Out: dir, Workers: 1, Build: build, Progress: func(p Progress) {
		if p.Diverged {
			diverged = append(diverged, p.Run)
		}
	}})
	require.NoError(t, err)
	require.Equal(t, []string{"embedded_mlp_n60_bp_lr0.01_seed2", "embedded_mlp_n60_bp_lr0.05_seed2"}, diverged)
	require.Equal(t, 2, r.Runs[1].Diverged)
	require.Len(t, r.Runs[1].Epochs, 2)
	require.Equal(t, Score{Loss: 1, Top1: 1}, Score{Loss: r.Runs[0].Epochs[1].Train.Loss, Top1: r.Runs[0].Epochs[1].Train.Top1})
	require.Equal(t, &Score{Loss: 0.5, Top1: 0.5, TopK: 1}, r.Runs[0].Epochs[1].Test)
	again, err := Execute(t.Context(), parsed(t, tiny), Options{Out: dir, Build: refuse})
	require.NoError(t, err)
	require.Equal(t, 2, again.Runs[1].Diverged)
	row := again.Summary()[0]
	require.Equal(t, []int{1, 1}, []int{row.Diverged, row.Test.N})
	require.True(t, math.IsNaN(float64(again.Runs[0].Epochs[0].Layers[0].NormRatio)))
}

func TestErrorsOfRunsEndTheExperiment(t *testing.T) {
	for _, workers := range []int{1, 3} {
		_, err := Execute(t.Context(), parsed(t, tiny), Options{Out: t.TempDir(), Workers: workers, Build: func(Settings, Shape) (Trainer, error) {
			return &scripted{failAt: 4}, nil
		}})
		require.ErrorContains(t, err, "experiment tiny: run embedded_mlp_n60_bp_lr0.0")
		require.ErrorContains(t, err, "epoch 2: got tired")
	}
	_, err := Execute(t.Context(), parsed(t, tiny), Options{Out: t.TempDir(), Build: refuse})
	require.ErrorContains(t, err, "experiment tiny: network MLP, rule bp on embedded: got a run to make")
	for old, c := range map[string][2]string{
		"set: embedded":  {"set: cifar-10", "experiment tiny: data[0]: data: cifar-10: got no folder"},
		"samples: [60]":  {"samples: [1951]", "data[0]: embedded, of which 50 are held out: data: fashion-mnist-2000/train: samples: got 1951, want 1..1950"},
		"test: 100":      {"test: 2001", "samples: got 2001, want 1..2000"},
		"probe: 20":      {"probe: 3000", "metrics.probe: data: fashion-mnist-2000/train: samples: got 3000, want 1..1950"},
		"feedback: eq9,": {"feedback: eq7,", `rule BDFA Eq. 9 on embedded: golden: rule bdfa: got feedback "eq7"`},
		"rule: bp":       {"{rule: bp, boundary: via-w1}", "boundary"},
		"preset: mlp":    {"preset: vgg16", "network MLP: input: got 3 x 32 x 32, want 1 x 28 x 28 or 784"},
	} {
		src := strings.Replace(tiny, old, c[0], 1)
		_, err := Execute(t.Context(), parsed(t, src), Options{Out: t.TempDir(), Build: NewNetwork})
		require.ErrorContains(t, err, c[1], "%s", old)
	}
}

func TestPlan(t *testing.T) {
	e := parsed(t, whole)
	plan := runsOf(e.plan(map[string]string{"embedded": "x", "cifar-100": "y"}))
	require.Len(t, plan, 2*2*2*(2+1)*2)
	require.Equal(t, "embedded_mlp_n100_bp_lr0.01_seed1", plan[0].Name())
	require.Equal(t, "embedded_mlp_n100_bp_lr0.01_seed2", plan[1].Name())
	require.Equal(t, "cifar-100_cnn_nall_bdfa-eq-9_lr0.001_seed2", plan[len(plan)-1].Name())
	var names, hashes []string
	for _, s := range plan {
		names, hashes = append(names, s.Name()), append(hashes, s.Hash())
	}
	slices.Sort(names)
	slices.Sort(hashes)
	require.Len(t, slices.Compact(names), len(plan))
	require.Len(t, slices.Compact(hashes), len(plan))

	// What a result does not depend on is not in the hash.
	last := plan[len(plan)-1]
	moved := last
	moved.Data.Folder, moved.Rule.Paper, moved.Rule.Rates = "elsewhere", nil, nil
	require.Equal(t, last.Hash(), moved.Hash())
}

func TestNumberInJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64().Draw(t, "v")
		b, err := Number(v).MarshalJSON()
		require.NoError(t, err)
		var n Number
		require.NoError(t, n.UnmarshalJSON(b))
		if n := Number(v); !n.finite() {
			require.Equal(t, "null", string(b))
			return
		}
		require.Equal(t, v, float64(n))
	})
}

func FuzzReadRun(f *testing.F) {
	e := parsed(f, tiny)
	dir := f.TempDir()
	_, err := Execute(f.Context(), e, Options{Out: dir, Build: func(Settings, Shape) (Trainer, error) { return &scripted{}, nil }})
	require.NoError(f, err)
	raw, err := os.ReadFile(filepath.Join(dir, "runs", "embedded_mlp_n60_bp_lr0.01_seed1.json"))
	require.NoError(f, err)
	var file stored
	require.NoError(f, decode(raw, &file))
	f.Add([]byte(file.Run))
	f.Add([]byte("{}"))
	l, err := load(e.Data[0], 20, "")
	require.NoError(f, err)
	want := runsOf(e.plan(map[string]string{"embedded": l.images}))[0]
	_, _, err = readRun(raw, want)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, run []byte) {
		file := stored{Run: run}
		if file.Checksum, err = checksum(run); err != nil {
			return
		}
		raw, err := json.Marshal(file)
		require.NoError(t, err)
		r, _, err := readRun(raw, want)
		if err == nil {
			require.NotEmpty(t, r.Epochs)
			require.Equal(t, want.Hash(), r.Hash)
		}
	})
}
