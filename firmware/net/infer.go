package net

import "fmt"

// maxSize bounds every number and every product of a description, so that a
// mistyped file is an error and never an overflow or an endless allocation.
const maxSize = 1 << 28

// Problem is what does not fit in a network: at layer Layer (from 0; -1 for
// the network itself) the field Field.
type Problem struct {
	Layer     int
	Kind      Kind
	Field     string
	Got, Want string
}

// Error names the place, got and want.
func (p *Problem) Error() string {
	return fmt.Sprintf("%s: got %s, want %s", p.place(), p.Got, p.Want)
}

func (p *Problem) place() string {
	place := p.Field
	if p.Layer >= 0 {
		place = fmt.Sprintf("layers[%d].%s", p.Layer, p.Kind)
		if p.Field != "" {
			place += "." + p.Field
		}
	}
	return place
}

// Infer checks the network and fills in In and To of every layer. Its error is
// a *Problem.
func (n *Net) Infer() error {
	if p := n.checkInput(); p != nil {
		return p
	}
	if n.Classes < 2 {
		return &Problem{Layer: -1, Field: "classes", Got: fmt.Sprint(n.Classes), Want: "at least 2"}
	}
	if len(n.Layers) == 0 {
		return &Problem{Layer: -1, Field: "layers", Got: "none", Want: "at least an fc"}
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
		p = &Problem{Got: fmt.Sprintf("an output of %s", l.To), Want: fmt.Sprintf("1 to %d elements", maxSize)}
	}
	if p == nil && (l.Kernel*l.Kernel > maxSize/l.In.Channels || l.Out > maxSize/l.fanIn()) {
		p = &Problem{Got: fmt.Sprintf("%d outputs of fan-in %d", l.Out, l.fanIn()), Want: fmt.Sprintf("at most %d weights", maxSize)}
	}
	if p != nil {
		p.Layer, p.Kind = i, l.Kind
	}
	return p
}

func (n *Net) checkInput() *Problem {
	in := n.Input
	size := func(v int) bool { return v >= 1 && v <= maxSize }
	ok := size(in.Channels) && (in.Height == 0 && in.Width == 0 ||
		size(in.Height) && size(in.Width) && in.Channels <= maxSize/in.Height && in.Channels*in.Height <= maxSize/in.Width)
	if !ok {
		return &Problem{Layer: -1, Field: "input", Got: fmt.Sprintf("%d x %d x %d", in.Channels, in.Height, in.Width),
			Want: fmt.Sprintf("positive numbers with a product of at most %d", maxSize)}
	}
	return nil
}

// checkTop wants logits at the end; a nil *Problem must become a nil error.
func (n *Net) checkTop() error {
	i := len(n.Layers) - 1
	if l := n.Layers[i]; l.Kind != FC {
		return &Problem{Layer: i, Kind: l.Kind, Got: "it as the last layer", Want: "an fc, whose outputs are the logits"}
	} else if l.Out != n.Classes {
		return &Problem{Layer: i, Kind: l.Kind, Field: "out", Got: fmt.Sprint(l.Out), Want: fmt.Sprintf("%d, the classes", n.Classes)}
	}
	return nil
}

// fanIn is the number of inputs of one output of a weighted layer, else 1.
func (l Layer) fanIn() int {
	switch l.Kind {
	case Conv:
		return l.In.Channels * l.Kernel * l.Kernel
	case FC:
		return l.In.Size()
	}
	return 1
}

// infer checks one layer whose In is known and sets To.
func (l *Layer) infer() *Problem {
	switch l.Kind {
	case Conv, MaxPool, AvgPool:
		return l.inferWindow()
	case FC:
		if !l.In.Flat() {
			return &Problem{Got: fmt.Sprintf("an input of %s", l.In), Want: "a vector (put flatten before it)"}
		}
		l.To = Vector(l.Out)
		return l.atLeast("out", l.Out, 1)
	case Flatten:
		if l.In.Flat() {
			return &Problem{Got: fmt.Sprintf("an input of %s", l.In), Want: "planes; it is a vector already"}
		}
		l.To = Vector(l.In.Size())
		return nil
	case Dropout:
		l.To = l.In
		if !(l.Rate >= 0 && l.Rate < 1) {
			return &Problem{Field: "rate", Got: fmt.Sprint(l.Rate), Want: "0 <= rate < 1"}
		}
		return nil
	case BN, ReLU, Tanh, Sigmoid:
		l.To = l.In
		return nil
	}
	return &Problem{Got: "an unknown kind", Want: kindList()}
}

// inferWindow is for layers that slide a window over planes. The windows lie
// wholly inside the padded plane; what is left over at the far edges is cut.
func (l *Layer) inferWindow() *Problem {
	if l.In.Flat() {
		return &Problem{Got: fmt.Sprintf("an input of %s", l.In), Want: "planes: channels x height x width"}
	}
	if p := l.atLeast("kernel", l.Kernel, 1); p != nil {
		return p
	}
	if p := l.atLeast("stride", l.Stride, 1); p != nil {
		return p
	}
	if p := l.atLeast("pad", l.Pad, 0); p != nil {
		return p
	}
	if l.Pad >= l.Kernel {
		return &Problem{Field: "pad", Got: fmt.Sprint(l.Pad), Want: fmt.Sprintf("less than the kernel, %d", l.Kernel)}
	}
	h, w := l.In.Height+2*l.Pad-l.Kernel, l.In.Width+2*l.Pad-l.Kernel
	if h < 0 || w < 0 {
		return &Problem{Field: "kernel", Got: fmt.Sprint(l.Kernel),
			Want: fmt.Sprintf("at most %d, the smaller edge of %s with its padding", min(l.In.Height, l.In.Width)+2*l.Pad, l.In)}
	}
	l.To = Shape{Channels: l.In.Channels, Height: h/l.Stride + 1, Width: w/l.Stride + 1}
	if l.Kind != Conv {
		return nil
	}
	if l.To.Channels = l.Out; l.Out > maxSize/(l.To.Height*l.To.Width) {
		return &Problem{Field: "out", Got: fmt.Sprint(l.Out), Want: fmt.Sprintf("at most %d elements together", maxSize)}
	}
	return l.atLeast("out", l.Out, 1)
}

func (l *Layer) atLeast(field string, got, low int) *Problem {
	if got < low || got > maxSize {
		return &Problem{Field: field, Got: fmt.Sprint(got), Want: fmt.Sprintf("%d to %d", low, maxSize)}
	}
	return nil
}
