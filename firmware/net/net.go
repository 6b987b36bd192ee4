package net

import "fmt"

// Kind names a layer in a file.
type Kind string

// The kinds of layers.
const (
	Conv    Kind = "conv"
	FC      Kind = "fc"
	BN      Kind = "bn"
	ReLU    Kind = "relu"
	Tanh    Kind = "tanh"
	Sigmoid Kind = "sigmoid"
	MaxPool Kind = "maxpool"
	AvgPool Kind = "avgpool"
	Flatten Kind = "flatten"
	Dropout Kind = "dropout"
)

// Shape is what one sample looks like between two layers: Channels planes of
// Height x Width, or, with Height and Width 0, a vector of Channels numbers.
type Shape struct{ Channels, Height, Width int }

// Vector is the shape of n numbers.
func Vector(n int) Shape { return Shape{Channels: n} }

// Flat tells whether the shape is a vector.
func (s Shape) Flat() bool { return s.Height == 0 }

// Size is the number of elements, channels * height * width.
func (s Shape) Size() int {
	if s.Flat() {
		return s.Channels
	}
	return s.Channels * s.Height * s.Width
}

// String is "3 x 32 x 32" or "784".
func (s Shape) String() string {
	if s.Flat() {
		return fmt.Sprint(s.Channels)
	}
	return fmt.Sprintf("%d x %d x %d", s.Channels, s.Height, s.Width)
}

// Layer is one layer. Fields that its kind does not have are 0.
type Layer struct {
	Kind   Kind
	Out    int     `yaml:"out"`              // conv: output channels; fc: neurons
	Kernel int     `yaml:"kernel"`           // conv and pools: edge of the square window
	Stride int     `yaml:"stride,omitempty"` // conv and pools: step of the window
	Pad    int     `yaml:"pad,omitempty"`    // conv: zeros around each plane
	Bias   bool    `yaml:"bias,omitempty"`   // conv and fc
	Rate   float64 `yaml:"rate"`             // dropout: the part set to zero, 0 <= rate < 1

	In, To Shape // of one sample, filled in by Infer
}

// Weighted tells whether the layer has a weight matrix.
func (l Layer) Weighted() bool { return l.Kind == Conv || l.Kind == FC }

// Net is a network, checked and with all shapes known if Parse, a preset or
// Infer gave it.
type Net struct {
	Name    string  `yaml:"name,omitempty"`
	Input   Shape   `yaml:"input"`
	Classes int     `yaml:"classes"`
	Layers  []Layer `yaml:"layers"`
}

// MACs is the number of multiply-accumulates of one sample's forward pass.
func (n *Net) MACs() int {
	sum := 0
	for _, l := range n.Layers {
		if l.Weighted() {
			sum += l.To.Size() * l.fanIn()
		}
	}
	return sum
}

// Convs is the number of convolutions.
func (n *Net) Convs() (count int) {
	for _, l := range n.Layers {
		if l.Kind == Conv {
			count++
		}
	}
	return count
}
