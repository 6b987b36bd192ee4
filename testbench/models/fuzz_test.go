package models

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
	"bdfasim/golden"
	"bdfasim/isa/image"
)

// described reads a network from YAML or, failing that, with its weights from ONNX.
func described(data []byte) (*net.Net, *onnx.Model) {
	if n, err := net.Parse(data, "f.yaml"); err == nil {
		return n, nil
	}
	m, err := onnx.Parse(data, "f.onnx")
	if err != nil {
		return nil, nil
	}
	return m.Net, m
}

// Whatever reads as a network is refused, or compiles to an image that gives back its plan and that the fixed-point model
// starts from. choice picks rule, schedule, formats and batch.
func FuzzBuild(f *testing.F) {
	files, err := filepath.Glob("../../firmware/net/*/*.*") // presets and ONNX files
	require.NoError(f, err)
	for i, name := range files {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(data, uint16(i*37))
	}
	f.Add([]byte(small), uint16(3))
	f.Add([]byte("input: {size: 3}\nclasses: 2\nlayers: [fc: {out: 4, bias: false}, relu, dropout: {rate: 0.5}, fc: {out: 2}]"), uint16(2))
	f.Add([]byte("input: {channels: 2, height: 5, width: 4}\nclasses: 3\n"+
		"layers: [conv: {out: 17, kernel: 3, stride: 2, pad: 1, extra: -1}, bn, relu, flatten, fc: {out: 3}]"), uint16(90))
	f.Fuzz(func(t *testing.T, data []byte, choice uint16) {
		n, file := described(data)
		if n == nil || n.Input.Size() > 4096 || n.Classes > 100 || n.MACs() > 1<<20 || len(n.Layers) > 40 {
			return
		}
		o := Options{Rule: compile.Rules()[choice%5], FromWeights: choice>>3&1 == 1, Momentum: 0.9, Decay: 1e-4, Seed: 1}
		if _, err := compile.Lower(n, compile.DefaultFormats()); err != nil {
			return
		}
		float, err := Float(n, o)
		if err == nil && file != nil {
			err = Adopt(float, file)
		}
		if err != nil {
			return
		}
		buildAny(t, float, o, choice)
	})
}

// buildAny compiles a network for a few samples.
func buildAny(t *testing.T, float *golden.Network, o Options, choice uint16) {
	s, err := Spec(float, o, compile.DefaultFormats())
	if err != nil {
		return
	}
	n := float.Net()
	s.Eta, s.Epochs, s.Batch, s.EvalEvery = 1./64, 1, 1+int(choice>>6)%32, 1
	s.Fit, s.Fused = choice>>4&1 == 1, choice>>5&1 == 1
	s.Train = firmware.Set{Images: make([]byte, 3*n.Input.Size()), Labels: []uint16{0, 1, 0}}
	s.Test = firmware.Set{Images: make([]byte, n.Input.Size()), Labels: make([]uint16, 1)}
	img, p, err := compile.Build(s)
	if err != nil {
		return
	}
	b, err := img.Bytes()
	require.NoError(t, err)
	img, err = image.Read(b)
	require.NoError(t, err)
	again, err := compile.FromImage(img)
	require.NoError(t, err)
	require.Equal(t, p.Layers, again.Layers)
	_, err = Fixed(p, img, 48)
	require.NoError(t, err)
}
