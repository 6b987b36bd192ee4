package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
	"bdfasim/golden"
	"bdfasim/isa/image"
)

// convNet is a small network for the images of images.
const convNet = `
input: {channels: 1, height: 8, width: 8}
classes: 10
layers:
  - conv: {out: 4, kernel: 3, pad: 1, bias: false}
  - bn
  - relu
  - maxpool: {kernel: 2}
  - flatten
  - fc: {out: 24}
  - relu
  - fc: {out: 16}
  - relu
  - fc: {out: 10}
`

// write makes a file in a folder of the test.
func write(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(name, []byte(text), 0o666))
	return name
}

// onnxBytes is convNet with drawn weights and batch normalisation unlike the chip's.
func onnxBytes(t *testing.T) []byte {
	t.Helper()
	n, err := net.Parse([]byte(convNet), "conv.yaml")
	require.NoError(t, err)
	f, err := golden.Build(n, golden.NetConfig{Rule: "bp", Seed: 77})
	require.NoError(t, err)
	m := &onnx.Model{Net: n, BN: []onnx.Norm{{
		Scale: []float64{1, 2, 1, 0.5}, Shift: []float64{0, 0.25, 0, 0}, Mean: []float64{0, 0, 0.5, 0}, Var: []float64{1, 2, 1, 1}, Epsilon: 1e-3, Momentum: 0.75,
	}}}
	for _, l := range f.Layers[1:] {
		m.W, m.B = append(m.W, l.W.Data), append(m.B, l.B)
	}
	require.NoError(t, m.Check())
	return onnx.Encode(m)
}

func TestCompile(t *testing.T) {
	name, img := write(t, "conv.yaml", convNet), filepath.Join(t.TempDir(), "x.img")
	args := []string{"compile", name, "--rule", "cbdfa", "--data", images(t), "--epochs", "2", "-o", img}
	out := ok(t, args...)
	for _, want := range []string{
		"Layers: conv, rule cbdfa, errors of fully connected layers by depc", "bn, relu, pool 2", "3 x 3, step 1, pad 1", "Passes of a full batch",
		"two buffers for strips", "instruction memory", "scratch memory", "mask memory",
		"sign memory", "pointer table",
		"conv1 tables of gradient", "images.train", "Halves of external memory", "norm.channels | 512",
	} {
		require.Contains(t, out, want)
	}
	require.Equal(t, out, ok(t, args...), "two runs")
	for _, part := range strings.Split(ok(t, append(args, "--format", "csv")...), "\n\n") {
		rows, err := csv.NewReader(strings.NewReader(part)).ReadAll()
		require.NoError(t, err)
		require.Greater(t, len(rows), 1)
	}
	_, err := image.ReadFile(img)
	require.NoError(t, err)
	info := ok(t, "info", img)
	require.Regexp(t, `errors of fully connected layers by +\| +depc `, info)
	require.Regexp(t, `training images +\| +96 `, info)
	require.Contains(t, info, "conv1.W")
	report := ok(t, "run", img)
	require.Regexp(t, `(?m)^ +2 +\| +6 \| +2\^-\d+ \|`, report, "the second of the epochs, read by the header alone")
}

func TestCompileAssembly(t *testing.T) {
	dir := t.TempDir()
	args := []string{"compile", write(t, "conv.yaml", convNet), "--data", images(t)}
	text := ok(t, append(args, "-S")...)
	require.True(t, strings.HasPrefix(text, "# conv, rule bp, errors of the fully connected layers by dnnc: compiled."), text[:100])
	require.Contains(t, text, "dnnc.grad")
	require.NotContains(t, text, "Memories")
	s := filepath.Join(dir, "x.s")
	require.Contains(t, ok(t, append(args, "-S", "-o", s)...), "Memories on the chip")
	got, err := os.ReadFile(s)
	require.NoError(t, err)
	require.Equal(t, text, string(got))
	img := filepath.Join(dir, "x.img")
	require.Equal(t, text, ok(t, append(args, "-S", "-o", img)...))
	_, err = image.ReadFile(img)
	require.NoError(t, err)
}

// TestCompileDump: each pass of the compiler shows what it hands on, as text and for programs.
func TestCompileDump(t *testing.T) {
	args := []string{"compile", write(t, "conv.yaml", convNet), "--data", images(t), "--dump"}
	for pass, want := range map[string]string{
		"lower": `conv1 +\| +8 \| +12 \| +15 `, "plan": `conv1.W +\| xmem +\| blocks +\| 0x`,
		"tile": `conv1.forward +\| last +\| +0 \| +3 `, "emit": `fc1_forward +\| li +r5, 24 `,
	} {
		require.Regexp(t, want, ok(t, append(args, pass, "--wide")...))
		require.NotEmpty(t, tables(t, ok(t, append(args, pass, "--format", "json")...)))
	}
}

// TestCompileArms: the unit of the error path is built as asked for, with and without an image file between.
func TestCompileArms(t *testing.T) {
	name, img := write(t, "conv.yaml", convNet), filepath.Join(t.TempDir(), "x.img")
	out := ok(t, "compile", name, "--data", images(t), "--arm", "epc", "--epc", "lane-mask", "--epochs", "1", "-o", img)
	require.Regexp(t, `epc.kind +\| lane-mask`, out)
	require.Regexp(t, `fc2 +\| errors +\| epc `, out)
	require.Contains(t, ok(t, "info", img), "epc")
	tree, mask := ok(t, "run", img, "--epc", "tree"), ok(t, "run", img)
	require.NotEqual(t, tree, mask)
	epochs := func(s string) string {
		_, table, _ := strings.Cut(s, "Epochs")
		table, _, _ = strings.Cut(table, "Machine")
		return table
	}
	require.Equal(t, epochs(tree), epochs(mask), "they compute the same")
	require.NotEqual(t, ok(t, "power", img), ok(t, "power", img, "--epc", "tree-gate"))
	require.Contains(t, ok(t, "power", "prices", "--epc", "tree"), "EPC")
}

// TestCompileONNX: the file's weights are the initial ones, and what the chip does otherwise is said.
func TestCompileONNX(t *testing.T) {
	name, data := write(t, "conv.onnx", string(onnxBytes(t))), images(t)
	out := ok(t, "compile", name, "--data", data, "--wide")
	require.Contains(t, out, "bn1: the file has epsilon 0.001, the chip always 1e-05")
	require.Contains(t, out, "bn1: the file has momentum 0.25 for the running statistics, the chip always 0.1")
	out = ok(t, "train", name, "--rule", "cdfa", "--feedback", "eq9", "--data", data, "--epochs", "1", "--wide")
	require.Contains(t, out, "batch normalisation of the chip equal the fixed-point model's")
	require.Contains(t, out, "bn1: the file has epsilon")
	require.Equal(t, out, ok(t, "train", name, "--rule", "cdfa", "--feedback", "eq9", "--data", data, "--epochs", "1", "--wide"))
}

// TestSynthetic: networks for which there are no images have cycles all the same.
func TestSynthetic(t *testing.T) {
	name := write(t, "colour.yaml", strings.ReplaceAll(convNet, "channels: 1", "channels: 3"))
	img := filepath.Join(t.TempDir(), "x.img")
	out := ok(t, "compile", name, "--synthetic", "20", "--epochs", "1", "-o", img, "--wide")
	require.Contains(t, out, "RANDOM IMAGES: the program is good for cycles and energy; its accuracy means nothing")
	require.Contains(t, ok(t, "run", img), "Epochs")
	out = ok(t, "train", name, "--synthetic", "20", "--epochs", "1")
	require.Contains(t, out, "chip, fixed, float: of 20 RANDOM IMAGES: accuracy means nothing")
	require.Contains(t, out, "equal the fixed-point")
}

// TestFlattenedInput: a network that flattens its images at once is one that takes vectors.
func TestFlattenedInput(t *testing.T) {
	rest := "classes: 10\nlayers:\n%s  - fc: {out: 16}\n  - relu\n  - fc: {out: 10}\n"
	planes := "input: {channels: 1, height: 8, width: 8}\n" + strings.ReplaceAll(rest, "%s", "  - flatten\n")
	vector := "input: {size: 64}\n" + strings.ReplaceAll(rest, "%s", "")
	data := images(t)
	require.Equal(t, ok(t, "train", write(t, "x.yaml", vector), "--data", data, "--epochs", "2"), ok(t, "train", write(t, "x.yaml", planes), "--data", data, "--epochs", "2"))
}

// TestTrainNetwork trains with all rules: the chip must end with the fixed-point model's integers, and its accuracy must be
// near the float model's.
func TestTrainNetwork(t *testing.T) {
	name, data := write(t, "conv.yaml", convNet), images(t)
	for _, more := range [][]string{
		{"--rule", "bp,cdfa,cbdfa,bfa,conv-only", "--seeds", "2", "--power"},
		{"--rule", "bp,cbdfa", "--arm", "epc", "--epc", "tree-gate"},
		{"--rule", "cbdfa", "--feedback", "eq9", "--batch", "13", "--samples", "60"},
		{"--rule", "bdfa", "--init", "concordant"},
		{"--rule", "dfa", "--feedback", "eq9", "--lr", "0.01", "--lr-shift-every", "1", "--decay", "0.001"},
	} {
		out := ok(t, append([]string{"train", name, "--data", data, "--epochs", "2", "--wide"}, more...)...)
		require.Contains(t, out, "all weights, biases, velocities and records of batch normalisation of the chip equal the fixed-point model's")
		require.NotContains(t, out, "DIFFERS")
		require.Equal(t, strings.Contains(more[1], "bfa"), strings.Contains(out, "the float model does not know this rule"))
	}
	curve := filepath.Join(t.TempDir(), "x.csv")
	out := ok(t, "train", "--net", name, "--data", data, "--epochs", "20", "--eval-every", "20", "--curve", curve)
	require.Contains(t, out, "Energy by phase")
	b, err := os.ReadFile(curve)
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	require.NoError(t, err)
	end := rows[len(rows)-1]
	require.Equal(t, end[5], end[6], "chip and fixed point")
	require.Greater(t, end[5], "0.5", "it learns")
	require.Greater(t, end[7], "0.5", "and so does the float model")
}

// TestDifferNorm: a difference in a record is found.
func TestDifferNorm(t *testing.T) {
	s := tiny(t)
	n, err := readNetwork(write(t, "conv.yaml", convNet))
	require.NoError(t, err)
	s.Epochs, s.XMemMB = 1, 0
	trials, err := s.trials(n, []string{"bp"}, 1)
	require.NoError(t, err)
	o := &outcome{trial: trials[0]}
	require.NoError(t, o.runChip(t.Context(), 0, keepsNothing, func(int) {}))
	require.NoError(t, o.runFixed(t.Context(), keepsNothing, func(int) {}))
	o.compare()
	require.Empty(t, o.diff)
	o.params[1].Norm[2].RV++
	o.compare()
	require.Contains(t, o.diff, "normalisation of layer 1, channel 2")
}

// TestListing: the listings to read are what the compiler writes (make gen).
func TestListing(t *testing.T) {
	for _, rule := range []string{"bp", "bdfa"} {
		want, err := os.ReadFile("../../../firmware/listing/" + rule + ".s")
		require.NoError(t, err)
		got := ok(t, "compile", "mlp-784-128-64-10", "--rule", rule, "-S")
		require.True(t, got == string(want), "%s.s: make gen changes it", rule)
	}
}
