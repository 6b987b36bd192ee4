package experiment

import (
	"bytes"
	"image/png"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/testbench/expect"
)

// made is a set of results without any training: bp is best at rate 0.1 on
// validation and at 0.01 on test, and diverges once; bdfa is best in the
// middle of its grid.
func made(t *testing.T, report string) *Results {
	e := parsed(t, `name: made
data: [{set: cifar-10, validation: 100}]
networks: [{name: Net, preset: mlp}]
rules:
  - name: BP
    rule: bp
    paper: {cifar-10: {top1: 81.11, top5: 98.63}}
  - {name: BDFA, rule: bdfa, rates: [1, 0.1, 0.01]}
seeds: [3, 4]
rates: [0.01, 0.1]
epochs: 2
batch: 10
metrics: {alignment: true}
report: `+report+"\n")
	r := &Results{Experiment: e}
	validation := []float64{0.5, 0.5, 0.75, 0.5, 0.25, 0.25, 0.5, 0.75, 0.625, 0.625}
	for i, s := range runsOf(e.plan(map[string]string{"cifar-10": "x"})) {
		v := validation[i]
		run := Run{Hash: s.Hash(), Settings: s}
		for epoch := range 3 {
			at := Epoch{Epoch: epoch, Validation: &Score{Loss: 1, Top1: Number(v), TopK: 0.9}, Test: &Score{Loss: 1.5, Top1: Number(1 - v), TopK: 0.75}}
			at.Layers = []LayerAlignment{{Layer: "fc1", ErrorCos: Number(v), ErrorSD: 0.1, GradCos: 0.5, NormRatio: Number(math.Inf(1))}}
			if epoch > 0 {
				at.Rate = s.Rate
				at.Train = &Score{Loss: 0.5, Top1: Number(v), TopK: Number(math.NaN())}
			}
			if epoch == 1 && i == 7 {
				at.Validation.Top1, at.Test.Top1 = 0.8125, 0.125 // better than its last epoch
			}
			run.Epochs = append(run.Epochs, at)
		}
		if i == 1 {
			run.Diverged, run.Epochs = 2, run.Epochs[:2]
		}
		r.Runs = append(r.Runs, run)
	}
	return r
}

func TestRateIsChosenOnValidation(t *testing.T) {
	rows := made(t, "last").Summary()
	require.Len(t, rows, 2)
	bp, bdfa := rows[0], rows[1]
	require.Equal(t, []any{0.1, true, 0, 2}, []any{bp.Rate, bp.Edge, bp.Diverged, bp.Tried})
	require.Equal(t, Stat{Mean: 0.625, SD: Number(math.Sqrt(2) / 8), N: 2}, bp.Validation)
	require.Equal(t, Number(0.375), bp.Test.Mean)
	require.Equal(t, &Paper{81.11, 98.63}, bp.Paper)
	// 0.1 and 0.01 are equally good: the smaller one, though it stands later.
	require.Equal(t, []any{0.01, true, 3}, []any{bdfa.Rate, bdfa.Edge, bdfa.Tried})
	require.Nil(t, bdfa.Paper)

	best := made(t, "best").Summary()[1]
	require.Equal(t, []any{0.1, false}, []any{best.Rate, best.Edge})
	require.Equal(t, Number((0.8125+0.5)/2), best.Validation.Mean)
	require.Equal(t, Number((0.125+0.5)/2), best.Test.Mean)
}

// Whatever the test images say, the choice stays.
func TestTestSetChoosesNothing(t *testing.T) {
	for _, report := range []string{"last", "best"} {
		a, b := made(t, report), made(t, report)
		for i := range b.Runs {
			for k := range b.Runs[i].Epochs {
				b.Runs[i].Epochs[k].Test = &Score{Top1: Number(float64(i*7%10) / 10), TopK: 1}
			}
		}
		for i, row := range b.Summary() {
			require.Equal(t, a.Summary()[i].Rate, row.Rate)
			require.Equal(t, a.Summary()[i].Validation, row.Validation)
		}
	}
}

func TestDivergedRunsCountAsZero(t *testing.T) {
	r := made(t, "last")
	for i := 2; i < 4; i++ { // both seeds of bp at 0.1
		r.Runs[i].Diverged, r.Runs[i].Epochs = 1, r.Runs[i].Epochs[:1]
	}
	bp := r.Summary()[0]
	require.Equal(t, []any{0.01, 1, 1}, []any{bp.Rate, bp.Diverged, bp.Test.N})
	require.True(t, math.IsNaN(float64(bp.Test.SD)), "one seed has no deviation")
	for i := range r.Runs[:4] {
		r.Runs[i].Diverged = 1
	}
	require.Zero(t, r.Summary()[0].Test.N)
	var b bytes.Buffer
	require.NoError(t, r.Table(&b))
	require.Regexp(t, ` BP +\| 0\.01\* \| +- \| +- \| +- \| +- \n(?s:.*) BP +\| +2 of 2 \|`, b.String())
	require.NoError(t, r.JSON(&b))
}

func TestGoldenFiles(t *testing.T) {
	r := made(t, "last")
	var table, csv, alignment bytes.Buffer
	require.NoError(t, r.Table(&table))
	require.NoError(t, r.CSV(&csv))
	require.NoError(t, r.AlignmentCSV(&alignment))
	for name, got := range map[string][]byte{"table.txt": table.Bytes(), "epochs.csv": csv.Bytes(), "alignment.csv": alignment.Bytes()} {
		expect.File(t, filepath.Join("testdata", name), string(got))
	}
}

func TestCurves(t *testing.T) {
	r := made(t, "last")
	curves := r.curves()
	require.Len(t, curves, 3)
	require.Equal(t, "accuracy_cifar-10_net_nall", curves[0].name)
	require.Equal(t, []point{{1, 62.5, 12.5 * math.Sqrt2}, {2, 62.5, 12.5 * math.Sqrt2}}, curves[0].panels[0].lines[0].points)
	require.Len(t, curves[0].panels[1].lines[0].points, 3, "the test set is measured before training too")
	require.Equal(t, point{0, 0.625, 0.125 * math.Sqrt2}, curves[1].panels[0].lines[0].points[0])
	for i, c := range curves {
		var b bytes.Buffer
		require.NoError(t, c.png(&b))
		image, err := png.Decode(&b)
		require.NoError(t, err)
		size := image.Bounds().Size()
		require.Greater(t, size.X, 500*len(c.panels))
		colours := map[any]bool{}
		for x := range size.X {
			for y := range size.Y {
				colours[image.At(x, y)] = true
			}
		}
		require.Greater(t, len(colours), 10, "image %d is empty", i)
	}
}

func TestCrossEntropy(t *testing.T) {
	require.InDelta(t, math.Log(4), nats([]float64{1000, 1000, 1000, 1000}, 1), 1e-12)
	require.True(t, math.IsNaN(nats([]float64{1, math.NaN()}, 0)))
}

// Every ready-made experiment parses, and its networks fit its images.
func TestReadyMade(t *testing.T) {
	shapes := map[string]Shape{
		"embedded": {1, 28, 28, 10}, "fashion-mnist": {1, 28, 28, 10}, "cifar-10": {3, 32, 32, 10}, "cifar-100": {3, 32, 32, 100},
	}
	for _, name := range Names() {
		e, err := Open(name)
		require.NoError(t, err)
		require.Equal(t, name, e.Name)
		require.GreaterOrEqual(t, len(e.Seeds), 3)
		for _, d := range e.Data {
			for _, n := range e.Networks {
				for _, r := range e.Rules {
					_, err := n.Describe(shapes[d.Set], r.FCBN)
					require.NoError(t, err, name)
				}
			}
		}
		if strings.HasSuffix(name, "-small") {
			_, err := Open(strings.TrimSuffix(name, "-small"))
			require.True(t, name == "rules-small" || err == nil, "%s has no large one", name)
		}
	}
	_, err := Open("table3")
	require.ErrorContains(t, err, `experiment: got "table3", want one of cifar10-quarter, fig1, fig1-small`)
}

func TestBatchNormAfterFC(t *testing.T) {
	n, err := Network{Name: "n", Preset: "mlp", Hidden: []int{5, 4}}.Describe(Shape{1, 2, 2, 3}, true)
	require.NoError(t, err)
	var kinds []string
	for _, l := range n.Layers {
		kinds = append(kinds, string(l.Type))
	}
	require.Equal(t, []string{"fc", "bn", "relu", "fc", "bn", "relu", "fc"}, kinds)
	_, err = Network{Name: "n", Preset: "lenet"}.Describe(Shape{3, 32, 32, 10}, false)
	require.ErrorContains(t, err, "network n: input: got 1 x 28 x 28, want 3 x 32 x 32 or 3072, an image")
	_, err = Network{Name: "n", Preset: "resnet"}.Describe(Shape{1, 2, 2, 3}, false)
	require.ErrorContains(t, err, `network n: preset: got "resnet", want mlp, lenet or vgg16`)
}
