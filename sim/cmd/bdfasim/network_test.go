package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
)

// Files of other tools train from where they are, and the chip equals its fixed-point model.
func TestForeignNetworksTrain(t *testing.T) {
	for _, name := range []string{"torch-view", "torch-flatten", "torch-external", "keras"} {
		out := okWide(t, "train", "../../../firmware/net/onnx/testdata/"+name+".onnx", "--synthetic", "64", "--test-samples", "64", "--epochs", "1")
		require.Contains(t, out, "bp, seed 1: all weights, biases and velocities of the chip equal the fixed-point model's", name)
		if name == "keras" {
			require.Contains(t, out, "the file scales images itself; here they are p/256 for bytes p")
		}
	}
}

// A name is a name wherever it comes from, the file's own among them, and no text of a program.
func TestNamesAreOneLine(t *testing.T) {
	const layers = "input: {size: 784}\nclasses: 10\nlayers: [{fc: {out: 10}}]\n"
	r := bdfasim(t, "", "compile", write(t, "a.yaml", "name: \"a\\nhalt\\n/* \"\n"+layers), "--synthetic", "32")
	require.Contains(t, r.stderr, `a.yaml:1:7: name: got "a\nhalt\n/* ", want at most 100 bytes of text on one line`)
	name := filepath.Join(t.TempDir(), "a\nhalt\n# .yaml")
	require.NoError(t, os.WriteFile(name, []byte(layers), 0o666))
	r = bdfasim(t, "", "compile", name, "--synthetic", "32")
	require.Contains(t, r.stderr, `name: got "a\nhalt\n# ", want at most 100 bytes of text on one line`)
	require.Equal(t, exitFailure, r.code)
}

// What cannot fit is refused before images are made, weights drawn or samples ordered: nothing of their size is taken.
func TestLargeNetworksAreRefusedSmall(t *testing.T) {
	for args, want := range map[string]string{
		"--layers 784-300000-10": "pointer table: layer fc1: its output needs 150016 pointers",
		"lenet --epochs 1000000": "order.train is the first that does not fit",
		write(t, "wide.yaml", "input: {size: 200000000}\nclasses: 10\nlayers: [fc: {out: 1}, relu, fc: {out: 10}]\n") + " --synthetic 32": "fc1.W is the first that does not fit",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := bdfasim(t, "", append([]string{"train"}, strings.Fields(args)...)...)
		runtime.ReadMemStats(&after)
		require.Contains(t, r.stderr, want)
		require.Equal(t, exitFailure, r.code)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100<<20), args)
	}
}

// Weights that the formats do not hold are said before training, in tables, and by the image; --formats fit holds them.
func TestWeightsThatDoNotFit(t *testing.T) {
	n, err := net.MLP(net.ReLU, 64, 10)
	require.NoError(t, err)
	m := &onnx.Model{Net: n, W: [][]float64{make([]float64, 640)}, B: [][]float64{make([]float64, 10)}}
	m.W[0][7], m.W[0][8], m.B[0][3] = 20, -9.5, 5000
	name, img := write(t, "big.onnx", string(onnx.Encode(m))), filepath.Join(t.TempDir(), "big.img")
	weights := "fc1: 2 of 640 weights lie outside -8..7.99976, the furthest is 20"
	biases := "fc1: 1 of 10 biases lie outside -2048..2048, the furthest is 5000"
	flags := []string{name, "--data", images(t), "--epochs", "1"}
	r := bdfasim(t, "", append([]string{"train"}, flags...)...)
	for _, text := range []string{weights, biases} {
		require.Contains(t, r.stderr, "note: "+text+": the chip starts from that range, the float model does not (--formats fit makes room)\n")
		require.Contains(t, r.out, text)
		require.Contains(t, ok(t, append([]string{"compile", "-o", img}, flags...)...), text)
		require.Contains(t, ok(t, "info", img), text)
		require.Contains(t, ok(t, "verify", img), text)
	}
	for _, command := range []string{"train", "compile", "verify"} {
		r := bdfasim(t, "", append([]string{command, "--formats", "fit"}, flags...)...)
		require.Equal(t, exitOK, r.code, r.stderr)
		require.NotContains(t, r.out+r.stderr, "outside")
	}
}
