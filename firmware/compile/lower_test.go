package compile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/net"
)

// parse reads layers behind an input of 3 x 9 x 8, or of 20 numbers.
func parse(t *testing.T, flat bool, layers string) *net.Net {
	t.Helper()
	input := "{channels: 3, height: 9, width: 8}"
	if flat {
		input = "{size: 20}"
	}
	n, err := net.Parse(fmt.Appendf(nil, "name: n\ninput: %s\nclasses: 5\nlayers: [%s]", input, layers), "test")
	require.NoError(t, err, layers)
	return n
}

// What the chip has no place for names the network, the line, its kind, and the field with got and want.
func TestLowerRefuses(t *testing.T) {
	for _, c := range []struct {
		flat         bool
		layers, want string
	}{
		{true, "relu, fc: {out: 5}", "layers[0].relu: stands before the first weights"},
		{true, "dropout: {rate: 0.5}, fc: {out: 5}", "layers[0].dropout: stands before the first weights"},
		{false, "bn, conv: {out: 4, kernel: 3}, relu, flatten, fc: {out: 5}", "layers[0].bn: stands before the first weights"},
		{false, "conv: {out: 4, kernel: 3, stride: 3}, relu, flatten, fc: {out: 5}", "layers[0].conv: stride: got 3, want 1, 2 or 4"},
		{false, "conv: {out: 4, kernel: 16, pad: 15}, relu, flatten, fc: {out: 5}", "layers[0].conv: kernel: got 16, want at most 15"},
		{false, "conv: {out: 4, kernel: 3}, flatten, fc: {out: 5}", "layers[2].fc: got conv1 without a ReLU before it, want one"},
		{false, "conv: {out: 4, kernel: 3}, conv: {out: 4, kernel: 3}, relu, flatten, fc: {out: 5}", "layers[1].conv: got conv1 without a ReLU"},
		{true, "fc: {out: 7}, fc: {out: 5}", "layers[1].fc: got fc1 without a ReLU before it, want one"},
		{true, "fc: {out: 7}, bn, relu, fc: {out: 5}", "layers[1].bn: the chip normalises between a convolution and its ReLU only"},
		{false, "conv: {out: 4, kernel: 3}, relu, bn, flatten, fc: {out: 5}", "layers[2].bn: the chip normalises between"},
		{false, "conv: {out: 4, kernel: 3}, bn, bn, relu, flatten, fc: {out: 5}", "layers[2].bn: a second normalisation"},
		{true, "fc: {out: 7}, relu, relu, fc: {out: 5}", "layers[2].relu: a second ReLU"},
		{false, "conv: {out: 4, kernel: 3}, maxpool: {kernel: 2}, relu, flatten, fc: {out: 5}", "layers[1].maxpool: the chip pools once, behind the ReLU"},
		{false, "conv: {out: 4, kernel: 3}, relu, maxpool: {kernel: 2}, maxpool: {kernel: 2}, flatten, fc: {out: 5}", "layers[3].maxpool: the chip pools once"},
		{false, "conv: {out: 4, kernel: 3}, relu, maxpool: {kernel: 3, stride: 2}, flatten, fc: {out: 5}", "layers[2].maxpool: stride: got 2, want 3, the kernel"},
		{false, "conv: {out: 4, kernel: 3}, relu, maxpool: {kernel: 4}, flatten, fc: {out: 5}", "layers[2].maxpool: kernel: got 4, want at most 3"},
		{false, "conv: {out: 4, kernel: 3}, relu, dropout: {rate: 0.5}, flatten, fc: {out: 5}", "layers[2].dropout: the chip drops outputs of hidden fully connected layers"},
		{true, "fc: {out: 7}, dropout: {rate: 0.5}, relu, fc: {out: 5}", "layers[1].dropout: the chip drops outputs of hidden"},
		{true, "fc: {out: 7}, relu, dropout: {rate: 0.25}, fc: {out: 5}", "layers[2].dropout: rate: got 0.25, want 0.5"},
		{true, "fc: {out: 7}, tanh, fc: {out: 5}", "layers[1].tanh: not on the chip"},
		{true, "fc: {out: 7}, sigmoid, fc: {out: 5}", "layers[1].sigmoid: not on the chip"},
		{false, "conv: {out: 4, kernel: 3}, relu, avgpool: {kernel: 2}, flatten, fc: {out: 5}", "layers[2].avgpool: not on the chip"},
	} {
		_, err := Lower(parse(t, c.flat, c.layers), DefaultFormats())
		require.ErrorContains(t, err, "compile: network n: "+c.want, c.layers)
	}
	// What a description cannot say, but a program that makes one can.
	n := parse(t, false, "conv: {out: 4, kernel: 3}, relu, maxpool: {kernel: 2}, flatten, fc: {out: 5}")
	n.Layers[2].Pad = 1
	_, err := Lower(n, DefaultFormats())
	require.ErrorContains(t, err, "compile: network n: layers[2].maxpool: pad: got 1, want 0")
	n = parse(t, true, "fc: {out: 5}")
	n.Layers = append(n.Layers, net.Layer{Type: net.ReLU})
	_, err = Lower(n, DefaultFormats())
	require.ErrorContains(t, err, "compile: network n: layers[1].relu: stands behind the logits")
	n = parse(t, false, "conv: {out: 4, kernel: 3}, relu, flatten, fc: {out: 5}")
	n.Layers = append(n.Layers, net.Layer{Type: net.ReLU}, n.Layers[0])
	_, err = Lower(n, DefaultFormats())
	require.ErrorContains(t, err, "compile: network n: layers[5].conv: a convolution behind fully connected layers")
}

func TestLowerRefusesTooManyLayers(t *testing.T) {
	n, err := net.Parse([]byte("input: {size: 4}\nclasses: 5\nlayers: ["+strings.Repeat("fc: {out: 4}, relu, ", firmware.MaxLayers)+"fc: {out: 5}]"), "deep")
	require.NoError(t, err)
	_, err = Lower(n, DefaultFormats())
	require.EqualError(t, err, "compile: 32 weighted layers, want at most 31: marks hold no more")
}

// describe writes a layer in a few words.
func describe(l *Layer) string {
	flags := ""
	for _, f := range []struct {
		set  bool
		name string
	}{{l.BN, " bn"}, {l.Bias, " bias"}, {l.Drop, " drop"}} {
		if f.set {
			flags += f.name
		}
	}
	if !l.Conv {
		return fmt.Sprintf("%s %d-%d%s", l.Name, l.InC, l.OutC, flags)
	}
	return fmt.Sprintf("%s %dx%dx%d-%dx%dx%d-%dx%d k%ds%dp%d/%d%s", l.Name, l.InC, l.InH, l.InW, l.OutC, l.X, l.Y, l.H, l.W, l.Kernel, l.Stride, l.Pad, l.Pool, flags)
}

// The presets as LeCun et al. 1998 (maps of 28 x 28, maximum in place of the average) and Simonyan, Zisserman 2014 (for CIFAR, with
// batch normalisation) have them.
func TestLowerPresets(t *testing.T) {
	for name, want := range map[string]string{
		"mlp-784-128-64-10":  "fc1 784-128 bias, fc2 128-64 bias, fc3 64-10 bias",
		"mlp-784-512-512-10": "fc1 784-512 bias, fc2 512-512 bias, fc3 512-10 bias",
		"vgg-head-512":       "fc1 512-512 bias, fc2 512-512 bias, fc3 512-10 bias",
		"vgg-head-4096":      "fc1 512-4096 bias, fc2 4096-4096 bias, fc3 4096-10 bias",
		"mdnet-head":         "fc1 4608-512 bias, fc2 512-512 bias, fc3 512-2 bias",
		"cnn-small": "conv1 1x28x28-8x28x28-14x14 k3s1p1/2 bn, conv2 8x14x14-16x14x14-7x7 k3s1p1/2 bn, fc1 784-64 bias, " +
			"fc2 64-10 bias",
		"lenet": "conv1 1x28x28-6x28x28-14x14 k5s1p2/2 bias, conv2 6x14x14-16x10x10-5x5 k5s1p0/2 bias, fc1 400-120 bias, " +
			"fc2 120-84 bias, fc3 84-10 bias",
		"vgg16-cifar": "conv1 3x32x32-64x32x32-32x32 k3s1p1/1 bn, conv2 64x32x32-64x32x32-16x16 k3s1p1/2 bn, conv3 64x16x16-128x16x16-16x16 k3s1p1/1 bn, " +
			"conv4 128x16x16-128x16x16-8x8 k3s1p1/2 bn, conv5 128x8x8-256x8x8-8x8 k3s1p1/1 bn, conv6 256x8x8-256x8x8-8x8 k3s1p1/1 bn, " +
			"conv7 256x8x8-256x8x8-4x4 k3s1p1/2 bn, conv8 256x4x4-512x4x4-4x4 k3s1p1/1 bn, conv9 512x4x4-512x4x4-4x4 k3s1p1/1 bn, " +
			"conv10 512x4x4-512x4x4-2x2 k3s1p1/2 bn, conv11 512x2x2-512x2x2-2x2 k3s1p1/1 bn, conv12 512x2x2-512x2x2-2x2 k3s1p1/1 bn, " +
			"conv13 512x2x2-512x2x2-1x1 k3s1p1/2 bn, fc1 512-512 bias, fc2 512-512 bias, " +
			"fc3 512-10 bias",
	} {
		n, err := net.Preset(name)
		require.NoError(t, err)
		layers, err := Lower(n, DefaultFormats())
		require.NoError(t, err, name)
		var got []string
		for i := 1; i < len(layers); i++ {
			got = append(got, describe(&layers[i]))
		}
		require.Equal(t, want, strings.Join(got, ", "), name)
		require.Equal(t, 14, layers[len(layers)-1].Fe, "the loss unit's")
		macs := 0
		for i := 1; i < len(layers); i++ {
			macs += layers[i].MACs()
		}
		require.Equal(t, n.MACs(), macs, name)
	}
}
