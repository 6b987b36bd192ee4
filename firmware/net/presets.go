package net

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed presets/*.yaml
var files embed.FS

// Presets lists the names that Preset knows, sorted.
func Presets() []string {
	entries, err := files.ReadDir("presets")
	if err != nil {
		panic(err) // the folder is embedded
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	slices.Sort(names)
	return names
}

// Preset reads an embedded description by its name.
func Preset(name string) (*Net, error) {
	if !slices.Contains(Presets(), name) {
		return nil, fmt.Errorf("net: got preset %q, want one of %s", name, strings.Join(Presets(), ", "))
	}
	path := "presets/" + name + ".yaml"
	data, err := files.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("net: preset %s: %w", name, err)
	}
	return Parse(data, path)
}

// MLP is a fully connected network of the given sizes N_0, ..., N_L with the
// activation (ReLU, Tanh or Sigmoid; "" for none) after all but the last.
func MLP(act Kind, sizes ...int) (*Net, error) {
	if len(sizes) < 2 {
		return nil, fmt.Errorf("net: mlp: got %d sizes, want at least 2 (input and output)", len(sizes))
	}
	n := &Net{Name: "mlp", Input: Vector(sizes[0]), Classes: sizes[len(sizes)-1]}
	for i, s := range sizes {
		n.Name += fmt.Sprintf("-%d", s)
		if i == 0 {
			continue
		}
		n.fc(s)
		if i < len(sizes)-1 && act != "" {
			n.Layers = append(n.Layers, Layer{Kind: act})
		}
	}
	return n.inferred()
}

// LeNet is LeNet-5's shape (LeCun et al. 1998) with ReLU and max pooling for
// grey images of 28 x 28: convolutions of 6 and 16 channels, then 120-84.
func LeNet(classes int) (*Net, error) {
	n := &Net{Name: "lenet", Input: Shape{1, 28, 28}, Classes: classes}
	n.conv(6, 5, 2, true)
	n.add(ReLU).pool(2)
	n.conv(16, 5, 0, true)
	n.add(ReLU).pool(2)
	n.add(Flatten).fc(120)
	n.add(ReLU).fc(84)
	n.add(ReLU).fc(classes)
	return n.inferred()
}

// VGG16 says how VGG16CIFAR varies.
type VGG16 struct {
	Classes int
	Width   float64 // multiplies the channels of the convolutions; 0 is 1
	FC      []int   // neurons of the hidden FC layers; nil is 512, 512
	FCBN    bool    // batch norm after the hidden FC layers too
}

// VGG16CIFAR is VGG-16 (Simonyan, Zisserman 2014, configuration D) for images
// of 3 x 32 x 32: thirteen 3x3 convolutions with batch norm and ReLU, five max
// pools down to 1 x 1, then FC 512-512-classes.
func VGG16CIFAR(v VGG16) (*Net, error) {
	if v.Width == 0 {
		v.Width = 1
	}
	if v.FC == nil {
		v.FC = []int{512, 512}
	}
	n := &Net{Name: "vgg16-cifar", Input: Shape{3, 32, 32}, Classes: v.Classes}
	for _, block := range []struct{ convs, channels int }{{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}} {
		for range block.convs {
			n.conv(max(1, int(v.Width*float64(block.channels)+0.5)), 3, 1, false) // bn has the bias
			n.add(BN).add(ReLU)
		}
		n.pool(2)
	}
	n.add(Flatten)
	for _, neurons := range v.FC {
		n.fc(neurons)
		if v.FCBN {
			n.add(BN)
		}
		n.add(ReLU)
	}
	n.fc(v.Classes)
	return n.inferred()
}

func (n *Net) add(k Kind) *Net {
	n.Layers = append(n.Layers, Layer{Kind: k})
	return n
}

func (n *Net) conv(out, kernel, pad int, bias bool) {
	n.Layers = append(n.Layers, Layer{Kind: Conv, Out: out, Kernel: kernel, Stride: 1, Pad: pad, Bias: bias})
}

func (n *Net) pool(kernel int) {
	n.Layers = append(n.Layers, Layer{Kind: MaxPool, Kernel: kernel, Stride: kernel})
}

func (n *Net) fc(out int) { n.Layers = append(n.Layers, Layer{Kind: FC, Out: out, Bias: true}) }

func (n *Net) inferred() (*Net, error) {
	if err := n.Infer(); err != nil {
		return nil, fmt.Errorf("net: %s: %w", n.Name, err)
	}
	return n, nil
}
