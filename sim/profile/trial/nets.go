package trial

import (
	"fmt"
	"slices"

	"bdfasim/firmware/net"
)

// Nets are the networks of docs/timing.md beside the presets.
var Nets = map[string]func() (*net.Net, error){"cnn": cnn, "vgg-layer": vggLayer, "gemm": gemm}

// Net returns a network of Nets or a preset.
func Net(name string) (*net.Net, error) {
	if build, ok := Nets[name]; ok {
		return build()
	}
	return net.Preset(name)
}

// cnn has three convolutions with work enough for the array, and an input of its first fully connected layer that does not
// fit into OMEM.
func cnn() (*net.Net, error) {
	pool := net.Layer{Type: net.MaxPool, Kernel: 2, Stride: 2}
	return build("cnn", net.Shape{Channels: 3, Height: 16, Width: 16},
		conv(64), []net.Layer{pool}, conv(128), []net.Layer{pool}, conv(256),
		[]net.Layer{{Type: net.Flatten}, {Type: net.FC, Out: 512, Bias: true}, {Type: net.ReLU}})
}

// vggLayer is one of VGG-16's last convolutions, 512 channels on maps of 2 x 2, with the one below it.
func vggLayer() (*net.Net, error) {
	return build("vgg-layer", net.Shape{Channels: 512, Height: 2, Width: 2},
		conv(512), conv(512), []net.Layer{{Type: net.Flatten}})
}

// gemm is a matrix of 4,608 x 512 in front of a small layer.
func gemm() (*net.Net, error) { return net.MLP(net.ReLU, 4608, 512, 10) }

// conv is a convolution of 3 x 3 with batch normalisation and ReLU.
func conv(out int) []net.Layer {
	return []net.Layer{
		{Type: net.Conv, Out: out, Kernel: 3, Stride: 1, Pad: 1}, {Type: net.BN}, {Type: net.ReLU},
	}
}

// build puts a layer of ten classes on top.
func build(name string, input net.Shape, layers ...[]net.Layer) (*net.Net, error) {
	n := &net.Net{Name: name, Input: input, Classes: 10, Layers: slices.Concat(layers...)}
	n.Layers = append(n.Layers, net.Layer{Type: net.FC, Out: n.Classes, Bias: true})
	if err := n.Infer(); err != nil {
		return nil, fmt.Errorf("trial: %w", err)
	}
	return n, nil
}
