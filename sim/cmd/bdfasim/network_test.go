package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Files of other tools train from where they are, and the chip equals its fixed-point model.
func TestForeignNetworksTrain(t *testing.T) {
	for _, name := range []string{"torch-view", "torch-flatten", "torch-external", "keras"} {
		out := ok(t, "train", "../../../firmware/net/onnx/testdata/"+name+".onnx", "--synthetic", "64", "--test-samples", "64", "--epochs", "1")
		require.Contains(t, out, "bp, seed 1: all weights, biases and velocities of the chip equal the fixed-point model's", name)
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
