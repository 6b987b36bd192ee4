package net

import (
	"cmp"
	"fmt"
)

// LayerType names a layer in a file.
type LayerType string

// The types of layers.
const (
	Conv    LayerType = "conv"
	FC      LayerType = "fc"
	BN      LayerType = "bn"
	ReLU    LayerType = "relu"
	Tanh    LayerType = "tanh"
	Sigmoid LayerType = "sigmoid"
	MaxPool LayerType = "maxpool"
	AvgPool LayerType = "avgpool"
	Flatten LayerType = "flatten"
	Dropout LayerType = "dropout"
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

// Layer is one layer. Fields that its type does not have are 0.
type Layer struct {
	Type   LayerType
	Out    int     `yaml:"out"`                // conv: output channels; fc: neurons
	Kernel int     `yaml:"kernel"`             // conv and pools: edge of the square window
	Stride int     `yaml:"stride,omitempty"`   // conv and pools: step of the window
	Pad    int     `yaml:"pad,omitempty"`      // conv: zeros around each plane
	Extra  int     `yaml:"extra,omitempty"`    // conv: so many more below it and to its right, or fewer
	Bias   bool    `yaml:"bias,omitempty"`     // conv and fc
	Scale  float64 `yaml:"lr-scale,omitempty"` // conv and fc: its learning rate, in parts of the network's; 0 is 1
	Rate   float64 `yaml:"rate"`               // dropout: the part set to zero, 0 <= rate < 1

	In, To Shape // of one sample, filled in by Infer
}

// Weighted tells whether the layer has a weight matrix.
func (l Layer) Weighted() bool { return l.Type == Conv || l.Type == FC }

// RateScale is how many times the network's the layer's learning rate is.
func (l Layer) RateScale() float64 { return cmp.Or(l.Scale, 1) }

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
			sum += l.To.Size() * l.FanIn()
		}
	}
	return sum
}

// Convs is the number of convolutions.
func (n *Net) Convs() (count int) {
	for _, l := range n.Layers {
		if l.Type == Conv {
			count++
		}
	}
	return count
}
