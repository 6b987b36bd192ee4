package net

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"bdfasim/firmware/yamlfile"
)

//go:embed presets/*.yaml
var files embed.FS

// Presets lists the names that Preset knows, sorted.
func Presets() []string { return yamlfile.Names(files, "presets") }

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
func MLP(act LayerType, sizes ...int) (*Net, error) {
	if len(sizes) < 2 {
		return nil, fmt.Errorf("net: mlp: got %d sizes, want at least 2 (input and output)", len(sizes))
	}
	n := &Net{Name: "mlp", Input: Vector(sizes[0]), Classes: sizes[len(sizes)-1]}
	for _, s := range sizes {
		n.Name += fmt.Sprintf("-%d", s)
	}
	if len(n.Name) > maxName {
		n.Name = n.Name[:maxName-3] + "..."
	}
	n.Layers = connected(act, sizes[1:])
	return n.inferred()
}

// Scaled is a preset with convolutions for another number of classes, with the channels of its
// convolutions multiplied by width (0: 1), and with other hidden fully connected layers (nil: its
// own).
func Scaled(preset string, classes int, width float64, hidden []int) (*Net, error) {
	n, err := Preset(preset)
	if err != nil {
		return nil, err
	}
	n.Classes = classes
	n.Layers[len(n.Layers)-1].Out = classes
	for i := range n.Layers {
		switch l := &n.Layers[i]; {
		case l.Type == Conv && width != 0:
			l.Out = max(1, int(float64(width*float64(l.Out))+0.5))
		case l.Type == Flatten && hidden != nil:
			top := connected(ReLU, slices.Concat(hidden, []int{classes}))
			n.Layers = append(n.Layers[:i+1], top...)
			return n.inferred()
		}
	}
	return n.inferred()
}

// connected are fully connected layers of some neurons, with the activation between them.
func connected(act LayerType, neurons []int) (out []Layer) {
	for i, n := range neurons {
		if i > 0 && act != "" {
			out = append(out, Layer{Type: act})
		}
		out = append(out, Layer{Type: FC, Out: n, Bias: true})
	}
	return out
}

func (n *Net) inferred() (*Net, error) {
	if err := n.Infer(); err != nil {
		return nil, fmt.Errorf("net: %s: %w", n.Name, err)
	}
	return n, nil
}
