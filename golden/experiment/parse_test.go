package experiment

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
)

const whole = `name: A test
about: says what it shows
data:
  - set: embedded
    validation: 200
    test: 300
    split: 7
    normalise: channel
  - {set: cifar-100, folder: images, validation: 100}
networks:
  - {name: MLP, preset: mlp, hidden: [20, 10], activation: tanh}
  - name: CNN
    net:
      # two pixels a side remain
      input: {channels: 1, height: 28, width: 28}
      classes: 10

      layers:
        - maxpool: {kernel: 14}
        - flatten
        - fc: {out: 10}
rules:
  - rule: bp
  - name: BDFA Eq. 9
    rule: bdfa
    feedback: eq9
    scale: pow2
    boundary: direct
    init: he
    fc-bn: true
    rates: [0.001]
    augment: {flip: true}
    paper:
      cifar-100: {top1: 47.48, top5: 71.92}
samples: [100, all]
seeds: [1, 2]
rates: [0.01, 0.1]
epochs: 4
batch: 10
momentum: 0.9
weight-decay: 1e-4
schedule: {at: [1, 3], by: 0.5}
augment: {flip: true, crop: 4}
metrics: {train: full, top: 3, alignment: true, probe: 20}
best-by: validation
report: best
`

func TestParse(t *testing.T) {
	e, err := Parse([]byte(whole), "a.yaml")
	require.NoError(t, err)
	all := Augment{Flip: true, Crop: 4}
	cnn := &net.Net{Input: net.Shape{Channels: 1, Height: 28, Width: 28}, Classes: 10}
	cnn.Layers = []net.Layer{
		{Type: net.MaxPool, Kernel: 14, Stride: 14}, {Type: net.Flatten},
		{Type: net.FC, Out: 10, Bias: true},
	}
	require.NoError(t, cnn.Infer())
	require.Equal(t, &Experiment{
		Name: "A test", About: "says what it shows",
		Data: []Data{
			{Set: "embedded", Validation: 200, Test: 300, Split: 7, Normalise: "channel"},
			{Set: "cifar-100", Folder: "images", Validation: 100, Normalise: "pixel"},
		},
		Networks: []Network{
			{Name: "MLP", Preset: "mlp", Hidden: []int{20, 10}, Activation: "tanh"},
			{Name: "CNN", Net: cnn},
		},
		Rules: []Rule{
			{Name: "bp", Rule: "bp", Rates: []float64{0.01, 0.1}, Augment: &all},
			{Name: "BDFA Eq. 9", Rule: "bdfa", Feedback: "eq9", Scale: "pow2", Boundary: "direct", Init: "he", FCBN: true,
				Rates: []float64{0.001}, Augment: &Augment{Flip: true}, Paper: map[string]Paper{"cifar-100": {47.48, 71.92}}},
		},
		Samples: []Count{100, 0}, Seeds: []uint64{1, 2}, Rates: []float64{0.01, 0.1}, Epochs: 4, Batch: 10,
		Momentum: 0.9, Decay: 1e-4, Schedule: Schedule{At: []int{1, 3}, By: 0.5}, Augment: all,
		Metrics: Metrics{Train: "full", Top: 3, Alignment: true, Probe: 20}, BestBy: "validation", Report: "best",
	}, e)
	require.InDeltaSlice(t, []float64{1, 0.5, 0.5, 0.25, 0.25}, []float64{
		e.Schedule.factor(1), e.Schedule.factor(2), e.Schedule.factor(3), e.Schedule.factor(4), e.Schedule.factor(5)}, 0)
}

// Each case changes one line of the whole file.
func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"name: A test", `name: "?"`, `a.yaml:1:7: name: got "?", want at most 100 bytes of text on one line with letters or digits`},
		{"set: embedded", "set: ImageNet", `a.yaml:4:10: data[0].set: got "ImageNet", want one of embedded, mnist`},
		{"set: cifar-100", "set: embedded",
			`a.yaml:9:11: data[1].set: got embedded twice, want each set once`},
		{"validation: 200", "validation: -1",
			`a.yaml:5:17: data[0].validation: got -1, want 0 or more`},
		{"validation: 200", "validation: many", `a.yaml:5:17: data[0].validation: got "many", want a whole number`},
		{"validation: 200", "validation: 0", `a.yaml:5:17: data[0].validation: got 0, want images that choose among learning rates or epochs (rule bp)`},
		{"    validation: 200\n", "", `a.yaml:4:5: data[0].validation: got 0, want images`},
		{"test: 300", "test: none",
			`a.yaml:6:11: data[0].test: got "none", want all or a number of 1 or more`},
		{"samples: [100, all]", "samples: [100, 0]",
			`a.yaml:35:16: samples[1]: got "0", want all or a number`},
		{"normalise: channel", "normalise: max",
			`a.yaml:8:16: data[0].normalise: got "max", want one of pixel, channel`},
		{"split: 7", "colour: 7",
			`a.yaml:7:5: data[0]: got field "colour", want set, folder, validation, test, split, normalise`},
		{"best-by: validation", "bestby: test",
			`a.yaml:45:1: got field "bestby", want name, about, data`},
		{"best-by: validation", "best-by: test", `a.yaml:45:10: best-by: got "test", want validation`},
		{"report: best", "report: first", `report: got "first", want one of last, best`},
		{"hidden: [20, 10]", "hidden: [20, 0]",
			`a.yaml:11:43: networks[0].hidden[1]: got 0, want 1 to 65536`},
		{"preset: mlp", "preset: vgg19", `networks[0].preset: got "vgg19", want one of mlp, lenet, vgg16`},
		{"activation: tanh", "activation: gelu",
			`networks[0].activation: got "gelu", want one of relu, tanh, sigmoid`},
		{"activation: tanh", "width: 2", `networks[0].width: got 2, want none but for preset vgg16`},
		{"preset: mlp, hidden: [20, 10], activation", "activation",
			`a.yaml:11:5: networks[0]: got preset "" and net false, want one of the two`},
		{"name: CNN", "preset: mlp\n    name: CNN", `a.yaml:12:5: networks[1]: got preset "mlp" and net true, want one of the two`},
		{"name: CNN", "hidden: [3]\n    name: CNN", `networks[1]: got parameters of a preset beside net`},
		{"name: CNN", "name: mlp",
			`a.yaml:12:11: networks[1].name: got mlp twice, want names that differ`},
		{"maxpool: {kernel: 14}", "maxpool: {kernel: 29}",
			`a.yaml:19:29: networks[1].net.layers[0].maxpool.kernel: got 29, want at most 28`},
		{"- flatten", "- flat",
			`a.yaml:20:11: networks[1].net.layers[1]: got "flat", want one of conv`},
		{"rule: bdfa", "rulle: bdfa",
			`a.yaml:25:5: rules[1]: got field "rulle", want name, rule, feedback`},
		{"  - rule: bp\n", "  - name: bp\n", `a.yaml:23:5: rules[0].rule: got nothing, want text`},
		{"name: BDFA Eq. 9", "name: BP", `a.yaml:24:11: rules[1].name: got bp twice`},
		{"fc-bn: true", "fc-bn: 3", `a.yaml:30:12: rules[1].fc-bn: got "3", want true or false`},
		{"init: he", "hidden-rate: -1",
			`a.yaml:29:18: rules[1].hidden-rate: got -1, want 0 or more`},
		{"rates: [0.001]", "rates: [-1]",
			`a.yaml:31:13: rules[1].rates[0]: got -1, want more than 0`},
		{"rates: [0.001]", "rates: [.nan]",
			`rules[1].rates[0]: got ".nan", want a number, more than 0`},
		{"rates: [0.001]", "rates: [1, 1]", `rules[1].rates[1]: got 1 twice`},
		{"rates: [0.01, 0.1]\n", "", `rules[0].rates: got none here and none for all rules`},
		{"augment: {flip: true}", "augment: {crop: 65}",
			`a.yaml:32:21: rules[1].augment.crop: got 65, want 0 to 64`},
		{"cifar-100: {top1", "cifar-10: {top1",
			`a.yaml:34:7: rules[1].paper.cifar-10: got values for a set that is not among the data`},
		{"top1: 47.48", "top1: 147", `rules[1].paper.cifar-100.top1: got 147, want 0 to 100`},
		{"top1: 47.48", "top2: 47.48",
			`a.yaml:34:19: rules[1].paper.cifar-100: got field "top2", want top1, top5`},
		{"seeds: [1, 2]", "seeds: [1, 1]", `a.yaml:36:12: seeds[1]: got 1 twice`},
		{"seeds: [1, 2]", "seeds: [1, -2]",
			`a.yaml:36:12: seeds[1]: got "-2", want a whole number, 0 or more`},
		{"seeds: [1, 2]", "seeds: []", `a.yaml:36:1: seeds: got none, want at least one`},
		{"seeds: [1, 2]", "seeds: 3", `a.yaml:36:8: seeds: got "3", want a list`},
		{"samples: [100, all]", "samples: [all, all]", `samples[1]: got all twice`},
		{"{at: [1, 3], by: 0.5}", "{at: [1]}",
			`a.yaml:42:1: schedule.by: got none, want more than 0`},
		{"rule: bdfa", "rule: bbfa", `a.yaml:25:11: rules[1].rule: got "bbfa", want one of`},
		{"feedback: eq9", "feedback: eq8",
			`a.yaml:26:15: rules[1].feedback: got "eq8", want one of random, eq7, eq9, lfsr`},
		{"epochs: 4", "epochs: 0", `a.yaml:38:9: epochs: got 0, want 1 to 100000`},
		{"epochs: 4", "epochs: 4.5", `a.yaml:38:9: epochs: got "4.5", want a whole number`},
		{"epochs: 4", "epochs: 4\nepochs: 5",
			`a.yaml:39:1: got field "epochs" twice, want it once`},
		{"batch: 10", "batch: 1000000000000", `batch: got 1000000000000, want 1 to 4096`},
		{"name: A test", `name: "a\nb"`, `a.yaml:1:7: name: got "a\nb", want at most 100 bytes of text on one line`},
		{"batch: 10", "batch: 0", `batch: got 0, want 1 to 4096`},
		{"momentum: 0.9", "momentum: 1",
			`a.yaml:40:11: momentum: got 1, want 0 or more and less than 1`},
		{"weight-decay: 1e-4", "weight-decay: -1", `weight-decay: got -1, want 0 or more`},
		{"by: 0.5", "by: 2", `schedule.by: got 2, want more than 0 and at most 1`},
		{"{at: [1, 3], by: 0.5}", "{by: 0.5}", `schedule.at: got none, want`},
		{"at: [1, 3]", "at: [3, 3]", `a.yaml:42:20: schedule.at[1]: got 3, want rising numbers`},
		{"top: 3", "top: -1", `metrics.top: got -1, want 1 to 1000`},
		{"probe: 20", "probe: -1", `metrics.probe: got -1`},
		{"train: full", "train: half", `metrics.train: got "half", want one of running, full`},
		{"name: A test\n", "name: [A\n", `a.yaml:`},
	} {
		require.Equal(t, 1, strings.Count(whole, c.old), "old %q", c.old)
		_, err := Parse([]byte(strings.Replace(whole, c.old, c.new, 1)), "a.yaml")
		require.ErrorContains(t, err, c.want, "new %q", c.new)
		require.Regexp(t, `^a\.yaml:\d+(:\d+)?: `, err.Error())
	}
	for _, src := range []string{"", "a", "- 1", "name: a\n---\nname: b\n", "\x00"} {
		_, err := Parse([]byte(src), "a.yaml")
		require.Error(t, err, "%q", src)
	}
}

func TestInlineInFlowStyle(t *testing.T) {
	src := strings.Replace(whole, whole[strings.Index(whole, "    net:"):strings.Index(whole, "rules:")],
		"    net: {input: {size: 784}, classes: 10, layers: [fc: {out: 10}]}\n", 1)
	e, err := Parse([]byte(src), "a.yaml")
	require.NoError(t, err)
	n, err := e.Networks[1].Describe(Shape{1, 28, 28, 10}, false)
	require.NoError(t, err)
	require.Len(t, n.Layers, 1)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	for _, name := range Names() {
		src, err := Source(name)
		require.NoError(f, err)
		f.Add(src)
	}
	f.Add([]byte("a: &x [*x]"))
	f.Add([]byte("networks:\n- net:\n   layers: &l\n    - fc\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		e, err := Parse(src, "f.yaml")
		if err != nil {
			require.Regexp(t, `^f\.yaml:\d+(:\d+)?: `, err.Error())
			return
		}
		require.NotEmpty(t, e.Rules)
		for _, r := range e.Rules {
			require.NotEmpty(t, r.Rates)
		}
	})
}
