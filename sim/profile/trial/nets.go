package trial

import (
	"fmt"

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
	b := builder{net.Net{Name: "cnn", Input: net.Shape{Channels: 3, Height: 16, Width: 16}, Classes: 10}}
	b.conv(64, true)
	b.conv(128, true)
	b.conv(256, false)
	b.fc(512)
	return b.end()
}

// vggLayer is one of VGG-16's last convolutions, 512 channels on maps of 2 x 2, with the one below it.
func vggLayer() (*net.Net, error) {
	b := builder{net.Net{Name: "vgg-layer", Input: net.Shape{Channels: 512, Height: 2, Width: 2}, Classes: 10}}
	b.conv(512, false)
	b.conv(512, false)
	return b.end()
}

// gemm is a matrix of 4,608 x 512 in front of a small layer.
func gemm() (*net.Net, error) { return net.MLP(net.ReLU, 4608, 512, 10) }

// builder collects the lines of a description.
type builder struct{ net.Net }

func (b *builder) conv(out int, pool bool) {
	b.Layers = append(b.Layers, net.Layer{Kind: net.Conv, Out: out, Kernel: 3, Stride: 1, Pad: 1}, net.Layer{Kind: net.BN}, net.Layer{Kind: net.ReLU})
	if pool {
		b.Layers = append(b.Layers, net.Layer{Kind: net.MaxPool, Kernel: 2, Stride: 2})
	}
}

func (b *builder) fc(out int) {
	b.Layers = append(b.Layers, net.Layer{Kind: net.Flatten}, net.Layer{Kind: net.FC, Out: out, Bias: true}, net.Layer{Kind: net.ReLU})
}

func (b *builder) end() (*net.Net, error) {
	if b.Layers[len(b.Layers)-2].Kind != net.FC {
		b.Layers = append(b.Layers, net.Layer{Kind: net.Flatten})
	}
	b.Layers = append(b.Layers, net.Layer{Kind: net.FC, Out: b.Classes, Bias: true})
	n := b.Net
	if err := n.Infer(); err != nil {
		return nil, fmt.Errorf("trial: %w", err)
	}
	return &n, nil
}
