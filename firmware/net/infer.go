package net

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSize bounds every number and every product of a description, so that a
// mistyped file is an error and never an overflow or an endless allocation.
const maxSize = 1 << 28

// The scales of a layer's learning rate that the chip holds.
const (
	minScale = 1. / 256
	maxScale = 255.
)

// Problem is what does not fit in a network: at layer Layer (from 0; -1 for
// the network itself) the field Field.
type Problem struct {
	Layer     int
	Type      LayerType
	Field     string
	Got, Want string
}

// Error names the place, got and want.
func (p *Problem) Error() string {
	return fmt.Sprintf("%s: got %s, want %s", p.place(), p.Got, p.Want)
}

func (p *Problem) place() string {
	switch {
	case p.Layer < 0:
		return p.Field
	case p.Field == "":
		return fmt.Sprintf("layers[%d].%s", p.Layer, p.Type)
	}
	return fmt.Sprintf("layers[%d].%s.%s", p.Layer, p.Type, p.Field)
}

// problem is one of the network itself, until a layer is named.
func problem(field string, got any, want string, args ...any) *Problem {
	return &Problem{Layer: -1, Field: field, Got: fmt.Sprint(got), Want: fmt.Sprintf(want, args...)}
}

// Infer checks the network and fills in In and To of every layer. Its error is
// a *Problem.
func (n *Net) Infer() error {
	if p := checkName(n.Name); p != nil {
		return p
	}
	if p := n.checkInput(); p != nil {
		return p
	}
	if n.Classes < 2 {
		return problem("classes", n.Classes, "at least 2")
	}
	if len(n.Layers) == 0 {
		return problem("layers", "none", "at least an fc")
	}
	for i := range n.Layers {
		if p := n.inferAt(i); p != nil {
			return p
		}
	}
	return n.checkTop()
}

// Append puts a layer on top, with its In and To, for readers of other formats
// that need the shapes on the way. Its error is a *Problem, and then the layer
// is not there. A finished network still has to pass Infer.
func (n *Net) Append(l Layer) error {
	if p := n.checkInput(); p != nil {
		return p
	}
	n.Layers = append(n.Layers, l)
	if p := n.inferAt(len(n.Layers) - 1); p != nil {
		n.Layers = n.Layers[:len(n.Layers)-1]
		return p
	}
	return nil
}

// Top is the shape that the last layer puts out so far; Input if there is none.
func (n *Net) Top() Shape {
	if len(n.Layers) == 0 {
		return n.Input
	}
	return n.Layers[len(n.Layers)-1].To
}

// inferAt is Infer of layer i, the ones below it being done.
func (n *Net) inferAt(i int) *Problem {
	l := &n.Layers[i]
	l.In = n.Input
	if i > 0 {
		l.In = n.Layers[i-1].To
	}
	p := l.infer()
	if p == nil && (l.To.Size() < 1 || l.To.Size() > maxSize) {
		p = problem("", fmt.Sprint("an output of ", l.To), "1 to %d elements", maxSize)
	}
	if p == nil && (l.Kernel*l.Kernel > maxSize/l.In.Channels || l.Out > maxSize/l.FanIn()) {
		p = problem("", fmt.Sprintf("%d outputs of fan-in %d", l.Out, l.FanIn()),
			"at most %d weights", maxSize)
	}
	if p != nil {
		p.Layer, p.Type = i, l.Type
	}
	return p
}

// maxName is the longest name in bytes.
const maxName = 100

// checkName keeps names from being more than that where they stand: on a line of a program or a
// table.
func checkName(name string) *Problem {
	unprintable := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	if len(name) > maxName || strings.ContainsFunc(name, unprintable) {
		return problem("name", fmt.Sprintf("%.*q", maxName, name),
			"at most %d bytes of text on one line", maxName)
	}
	return nil
}

func (n *Net) checkInput() *Problem {
	in := n.Input
	size := func(v int) bool { return v >= 1 && v <= maxSize }
	ok := size(in.Channels) && (in.Height == 0 && in.Width == 0 ||
		size(in.Height) && size(in.Width) && in.Channels <= maxSize/in.Height && in.Channels*in.Height <= maxSize/in.Width)
	if !ok {
		return problem("input", fmt.Sprintf("%d x %d x %d", in.Channels, in.Height, in.Width),
			"positive numbers with a product of at most %d", maxSize)
	}
	return nil
}

// checkTop wants logits at the end; a nil *Problem must become a nil error.
func (n *Net) checkTop() error {
	i := len(n.Layers) - 1
	l := &n.Layers[i]
	p := problem("out", l.Out, "%d, the classes", n.Classes)
	if l.Type != FC {
		p = problem("", "it as the last layer", "an fc, whose outputs are the logits")
	} else if l.Out == n.Classes {
		return nil
	}
	p.Layer, p.Type = i, l.Type
	return p
}

// FanIn is the number of inputs of one output of a weighted layer, else 1.
func (l Layer) FanIn() int {
	switch l.Type {
	case Conv:
		return l.In.Channels * l.Kernel * l.Kernel
	case FC:
		return l.In.Size()
	}
	return 1
}

// infer checks one layer whose In is known and sets To.
func (l *Layer) infer() *Problem {
	if s := l.RateScale(); !(s >= minScale && s <= maxScale) {
		return problem("lr-scale", s, "%v to %v", minScale, maxScale)
	}
	switch l.Type {
	case Conv, MaxPool, AvgPool:
		return l.inferWindow()
	case FC:
		if !l.In.Flat() {
			return l.wants("a vector (put flatten before it)")
		}
		l.To = Vector(l.Out)
		return atLeast("out", l.Out, 1)
	case Flatten:
		if l.In.Flat() {
			return l.wants("planes; it is a vector already")
		}
		l.To = Vector(l.In.Size())
		return nil
	case Dropout:
		l.To = l.In
		if !(l.Rate >= 0 && l.Rate < 1) {
			return problem("rate", l.Rate, "0 <= rate < 1")
		}
		return nil
	case BN, ReLU, Tanh, Sigmoid:
		l.To = l.In
		return nil
	}
	return problem("", "an unknown kind", "%s", typeList())
}

// inferWindow is for layers that slide a window over planes. The windows lie
// wholly inside the padded plane; what is left over at the far edges is cut.
func (l *Layer) inferWindow() *Problem {
	if l.In.Flat() {
		return l.wants("planes: channels x height x width")
	}
	p := cmp.Or(atLeast("kernel", l.Kernel, 1), atLeast("stride", l.Stride, 1), atLeast("pad", l.Pad, 0))
	if p != nil {
		return p
	}
	if l.Pad >= l.Kernel {
		return problem("pad", l.Pad, "less than the kernel, %d", l.Kernel)
	}
	if l.Extra < -l.Pad || l.Pad+l.Extra >= l.Kernel {
		return problem("extra", l.Extra, "%d to %d: the padding is less than the kernel",
			-l.Pad, l.Kernel-1-l.Pad)
	}
	padding := 2*l.Pad + l.Extra
	h, w := l.In.Height+padding-l.Kernel, l.In.Width+padding-l.Kernel
	if h < 0 || w < 0 {
		return problem("kernel", l.Kernel, "at most %d, the smaller edge of %s with its padding",
			min(l.In.Height, l.In.Width)+padding, l.In)
	}
	l.To = Shape{Channels: l.In.Channels, Height: h/l.Stride + 1, Width: w/l.Stride + 1}
	if l.Type != Conv {
		return nil
	}
	if l.To.Channels = l.Out; l.Out > maxSize/(l.To.Height*l.To.Width) {
		return problem("out", l.Out, "at most %d elements together", maxSize)
	}
	return atLeast("out", l.Out, 1)
}

// wants is a problem of the layer's input.
func (l *Layer) wants(want string) *Problem {
	return problem("", fmt.Sprint("an input of ", l.In), "%s", want)
}

func atLeast(field string, got, low int) *Problem {
	if got < low || got > maxSize {
		return problem(field, got, "%d to %d", low, maxSize)
	}
	return nil
}
