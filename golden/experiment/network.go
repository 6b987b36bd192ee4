package experiment

import (
	"cmp"
	"fmt"
	"slices"

	"bdfasim/firmware/net"
)

// Describe returns the layers of a network for images of this shape: its
// preset or its own description, with batch norm after every FC layer but the
// last if fcBN is set.
func (n Network) Describe(shape Shape, fcBN bool) (*net.Net, error) {
	described, err := n.describe(shape)
	if err == nil && fcBN {
		described, err = withBN(described)
	}
	if err != nil {
		return nil, fmt.Errorf("network %s: %w", n.Name, err)
	}
	in, want := described.Input, net.Shape{Channels: shape.Channels, Height: shape.Rows, Width: shape.Cols}
	if in != want && in != net.Vector(shape.Size()) {
		return nil, fmt.Errorf("network %s: input: got %s, want %s or %d, an image", n.Name, in, want, shape.Size())
	}
	if described.Classes != shape.Classes {
		return nil, fmt.Errorf("network %s: classes: got %d, want %d", n.Name, described.Classes, shape.Classes)
	}
	return described, nil
}

// The largest network: numbers of weights, and of outputs of all layers together for a batch.
const (
	maxWeights = 1 << 26
	maxOutputs = 1 << 28
)

// fits refuses a network, or a batch, that would take all memory.
func (s Settings) fits(shape Shape) error {
	n, err := s.Network.Describe(shape, s.Rule.FCBN)
	if err != nil {
		return err
	}
	weights, outputs := 0, 0
	for _, l := range n.Layers {
		if outputs += l.To.Size(); l.Weighted() {
			weights += l.Out * l.FanIn()
		}
	}
	if weights > maxWeights {
		return fmt.Errorf("network %s: got %d weights, want at most %d",
			s.Network.Name, weights, maxWeights)
	}
	if outputs > maxOutputs/s.Batch {
		return fmt.Errorf("network %s: got %d outputs of all layers for each of a batch of %d, "+
			"want at most %d together", s.Network.Name, outputs, s.Batch, maxOutputs)
	}
	return nil
}

func (n Network) describe(shape Shape) (*net.Net, error) {
	switch n.Preset {
	case "":
		return n.Net, nil
	case "mlp":
		act := cmp.Or(net.LayerType(n.Activation), net.ReLU)
		return net.MLP(act, slices.Concat([]int{shape.Size()}, n.Hidden, []int{shape.Classes})...)
	case "lenet":
		return net.Scaled("lenet", shape.Classes, 0, nil)
	case "vgg16":
		return net.Scaled("vgg16-cifar", shape.Classes, n.Width, n.Hidden)
	}
	return nil, fmt.Errorf("preset: got %q, want mlp, lenet or vgg16", n.Preset)
}

// withBN inserts batch norm after every FC layer but the last.
func withBN(n *net.Net) (*net.Net, error) {
	out := &net.Net{Name: n.Name, Input: n.Input, Classes: n.Classes}
	for i, l := range n.Layers {
		out.Layers = append(out.Layers, l)
		if l.Type == net.FC && i < len(n.Layers)-1 {
			out.Layers = append(out.Layers, net.Layer{Type: net.BN})
		}
	}
	return out, out.Infer()
}
