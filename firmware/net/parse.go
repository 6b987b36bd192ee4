package net

import (
	"errors"
	"strings"

	"bdfasim/firmware/yamlfile"
)

// fields lists what a layer of each type may say, in the order of a file.
var fields = map[LayerType][]string{
	Conv:    {"out", "kernel", "stride", "pad", "extra", "bias", "lr-scale"},
	FC:      {"out", "bias", "lr-scale"},
	MaxPool: {"kernel", "stride"},
	AvgPool: {"kernel", "stride"},
	Dropout: {"rate"},
	BN:      {}, ReLU: {}, Tanh: {}, Sigmoid: {}, Flatten: {},
}

// typeOrder is fields' keys in the order of doc.go.
var typeOrder = []string{
	string(Conv), string(FC), string(BN), string(ReLU), string(Tanh), string(Sigmoid),
	string(MaxPool), string(AvgPool), string(Flatten), string(Dropout),
}

func typeList() string { return "one of " + strings.Join(typeOrder, ", ") }

// Parse reads a description; filename appears in errors alone, as
// filename:line:column. The network it returns has passed Infer.
func Parse(data []byte, filename string) (*Net, error) {
	n := &Net{}
	if _, err := yamlfile.Parse(data, filename, n); err != nil {
		return nil, err
	}
	return n, nil
}

// DecodeYAML reads a description and checks it with Infer.
func (n *Net) DecodeYAML(y *yamlfile.Node) error {
	if err := y.Fields(n); err != nil {
		return err
	}
	if err := n.Infer(); err != nil {
		var p *Problem
		errors.As(err, &p)
		return y.Errorf(p.place(), "got %s, want %s", p.Got, p.Want)
	}
	return nil
}

// DecodeYAML reads a vector, {size: n}, or planes.
func (s *Shape) DecodeYAML(y *yamlfile.Node) error {
	var in struct {
		Size     int `yaml:"size,omitempty" want:"[1,]"`
		Channels int `yaml:"channels,omitempty" want:"[1,]"`
		Height   int `yaml:"height,omitempty" want:"[1,]"`
		Width    int `yaml:"width,omitempty" want:"[1,]"`
	}
	if err := y.Fields(&in); err != nil {
		return err
	}
	*s = Shape{in.Channels, in.Height, in.Width}
	whole := in.Channels > 0 && in.Height > 0 && in.Width > 0
	if in.Size > 0 && *s == (Shape{}) {
		*s = Vector(in.Size)
	} else if in.Size > 0 || !whole {
		const format = "got size %d and %d x %d x %d, want size alone or channels, height and width"
		return y.Errorf("", format, in.Size, s.Channels, s.Height, s.Width)
	}
	return nil
}

// DecodeYAML reads "type" or "type: {field: value, ...}".
func (l *Layer) DecodeYAML(y *yamlfile.Node) error {
	word, body, err := y.Choice(typeOrder)
	if err != nil {
		return err
	}
	*l = Layer{Type: LayerType(word)}
	l.Bias = l.Weighted()
	if err := body.Fields(l, fields[l.Type]...); err != nil {
		return err
	}
	if body.Get("stride") == nil {
		l.Stride = l.defaultStride()
	}
	return nil
}
