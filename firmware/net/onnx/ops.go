package onnx

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"bdfasim/firmware/net"
)

// operator is what the package knows of an operator: all attributes it may
// have, the least and most inputs, and what it adds to the network.
type operator struct {
	attrs       []string
	least, most int
	add         func(*builder, *node) error // nil: constants alone
}

var operators = map[string]operator{
	"Add": {nil, 2, 2, addAdd},
	"AveragePool": {[]string{"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"},
		1, 1, addAvgPool},
	"BatchNormalization": {[]string{"epsilon", "momentum", "spatial", "training_mode"}, 5, 5, addBN},
	"Constant":           {[]string{"value", "value_float", "value_floats", "value_int", "value_ints"}, 0, 0, nil},
	"Conv":               {[]string{"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"}, 2, 3, addConv},
	"Dropout":            {[]string{"ratio", "seed"}, 1, 3, addDropout},
	"Flatten":            {[]string{"axis"}, 1, 1, addFlatten},
	"Gemm":               {[]string{"alpha", "beta", "transA", "transB"}, 2, 3, addGemm},
	"Identity":           {nil, 1, 1, func(*builder, *node) error { return nil }},
	"MatMul":             {nil, 2, 2, addMatMul},
	"MaxPool": {[]string{"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"},
		1, 1, addMaxPool},
	"Relu":    {nil, 1, 1, func(b *builder, n *node) error { return b.layer(n, net.Layer{Type: net.ReLU}) }},
	"Reshape": {[]string{"allowzero"}, 2, 2, addReshape},
	"Sigmoid": {nil, 1, 1, func(b *builder, n *node) error { return b.layer(n, net.Layer{Type: net.Sigmoid}) }},
	"Softmax": {[]string{"axis"}, 1, 1, addSoftmax},
	"Squeeze": {[]string{"axes"}, 1, 2, addSqueeze},
	"Tanh":    {nil, 1, 1, func(b *builder, n *node) error { return b.layer(n, net.Layer{Type: net.Tanh}) }},
}

// constant is what a Constant, or an Identity of a constant, puts out.
func (b *builder) constant(n *node) (*tensor, error) {
	if n.Op == "Identity" {
		return b.consts[n.In[0]], nil
	}
	if len(n.Attrs) != 1 {
		return nil, n.errorf("attributes: got %d, want 1, the value", len(n.Attrs))
	}
	a := &args{n: n}
	t := &tensor{where: n.Out[0], Kind: typeFloat}
	switch name := n.Attrs[0].Name; name {
	case "value":
		if x := a.get(name, attrTensor); x != nil {
			if t = x.T; t == nil {
				return nil, n.errorf("attribute value: got no tensor, want one")
			}
			if err := t.open(fmt.Sprintf("node %d attribute", n.index)); err != nil {
				return nil, err
			}
		}
	case "value_float":
		t.Floats = []float32{a.float(name, 0)}
	case "value_floats":
		if x := a.get(name, attrFloats); x != nil {
			t.Floats, t.Dims = x.Floats, []int64{int64(len(x.Floats))}
		}
	case "value_int":
		t.Kind, t.Int64s = typeInt64, []int64{a.int(name, 0)}
	case "value_ints":
		t.Kind, t.Int64s = typeInt64, a.ints(name, nil)
		t.Dims = []int64{int64(len(t.Int64s))}
	}
	return t, a.err
}

func addGemm(b *builder, n *node) error {
	a := &args{n: n}
	for _, name := range []string{"alpha", "beta"} {
		if got := a.float(name, 1); got != 1 {
			a.fail("attribute %s: got %v, want 1", name, got)
		}
	}
	a.want("transA", 0)
	trans := a.int("transB", 0)
	if trans != 0 && trans != 1 {
		a.fail("attribute transB: got %d, want 0 or 1", trans)
	}
	if a.err != nil {
		return a.err
	}
	return b.fc(n, trans == 0, true)
}

func addMatMul(b *builder, n *node) error { return b.fc(n, true, false) }

// fc puts an fc on the network; its weights are in x out if transposed.
func (b *builder) fc(n *node, transposed, mayHaveBias bool) error {
	w, err := b.weights(n, 1)
	if err != nil {
		return err
	}
	top := b.m.Net.Top()
	if len(w.Dims) != 2 {
		return n.errorf("input 1 %q: dims: got %v, want a matrix", n.In[1], w.Dims)
	}
	out, in, order := w.Dims[0], w.Dims[1], "[out in]"
	if transposed {
		out, in, order = in, out, "[in out]"
	}
	if top.Flat() && in != int64(top.Size()) {
		return n.errorf("input 1 %q: dims: got %v, want %s with %d inputs", n.In[1], w.Dims, order, top.Size())
	}
	var bias []float64
	if mayHaveBias {
		if bias, err = b.vector(n, 2, int(out)); err != nil {
			return err
		}
	}
	return b.weighted(n, net.Layer{Type: net.FC, Out: int(out), Bias: bias != nil}, w, bias, transposed)
}

// addAdd gives the fc of a MatMul its bias.
func addAdd(b *builder, n *node) error {
	if b.last == nil || b.last.Op != "MatMul" {
		return n.errorf("operator: got Add of a constant elsewhere, want it right after a MatMul, as the bias of an fc")
	}
	i := 1
	if n.In[1] == b.at {
		i = 0
	}
	l := &b.m.Net.Layers[len(b.m.Net.Layers)-1]
	bias, err := b.vector(n, i, l.Out)
	if err != nil {
		return err
	}
	if bias == nil {
		return n.errorf("input %d: got none, want a bias", i)
	}
	l.Bias = true
	b.m.B[len(b.m.B)-1] = bias
	return nil
}

// rank is the number of dimensions of the tensor at the end of the chain.
func (b *builder) rank() int64 {
	if b.m.Net.Top().Flat() {
		return 2
	}
	return 4
}

// flatten puts a flatten on the network; a vector stays as it is.
func (b *builder) flatten(n *node) error {
	if b.m.Net.Top().Flat() {
		return nil
	}
	return b.layer(n, net.Layer{Type: net.Flatten})
}

func addFlatten(b *builder, n *node) error {
	a := &args{n: n}
	axis := a.int("axis", 1)
	if axis != 1 && axis != 1-b.rank() {
		a.fail("attribute axis: got %d, want 1", axis)
	}
	if a.err != nil {
		return a.err
	}
	return b.flatten(n)
}

// addReshape accepts what makes one vector of each sample: the first number
// stands for the samples, the second for all the rest.
func addReshape(b *builder, n *node) error {
	a := &args{n: n}
	keep := a.int("allowzero", 0) == 0 // 0 stands for the dimension as it is
	if a.err != nil {
		return a.err
	}
	t := b.consts[n.In[1]]
	if t == nil {
		return n.errorf("input 1: got none, want a shape")
	}
	to, err := t.ints()
	if err != nil {
		return n.errorf("input 1: %w", err)
	}
	samples, size := b.input.Type.Tensor.Shape.Dims[0].Number, int64(b.m.Net.Top().Size())
	ok := len(to) == 2 && len(t.Dims) == 1
	if ok {
		first, second := to[0], to[1]
		same := first == 0 && keep || first > 0 && first == samples
		free := first == -1 || first > 0 && samples == 0
		ok = same && (second == -1 || second == size) || free && second == size
	}
	if !ok {
		return n.errorf("input 1 %q: got %v, want [0 -1] or [N %d], one vector a sample", n.In[1], to, size)
	}
	return b.flatten(n)
}

// addSqueeze accepts the removal of both edges of planes of 1 x 1.
func addSqueeze(b *builder, n *node) error {
	a := &args{n: n}
	axes := slices.Clone(a.ints("axes", nil))
	if a.err != nil {
		return a.err
	}
	if len(n.In) == 2 && n.In[1] != "" {
		var err error
		if axes, err = b.consts[n.In[1]].ints(); err != nil {
			return n.errorf("input 1: %w", err)
		}
	}
	for i, x := range axes {
		if x < 0 {
			axes[i] += b.rank()
		}
	}
	slices.Sort(axes)
	top := b.m.Net.Top()
	if top.Flat() || top.Height != 1 || top.Width != 1 || !slices.Equal(axes, []int64{2, 3}) {
		return n.errorf("axes: got %v of %s, want [2 3] of planes of 1 x 1", axes, top)
	}
	return b.flatten(n)
}

// addSoftmax drops a softmax at the end: the loss has it.
func addSoftmax(b *builder, n *node) error {
	a := &args{n: n}
	if axis := a.int("axis", 1); !b.m.Net.Top().Flat() || axis != 1 && axis != -1 {
		a.fail("attribute axis: got %d of %s, want that of the classes, a vector", axis, b.m.Net.Top())
	}
	if !b.isOutput(n.Out[0]) {
		a.fail("output: got a use of %q, want a softmax at the end alone", n.Out[0])
	}
	return a.err
}

func addDropout(b *builder, n *node) error {
	a := &args{n: n}
	rate := shortest(a.float("ratio", 0.5))
	if a.err != nil {
		return a.err
	}
	if len(n.In) > 1 && n.In[1] != "" {
		t := b.consts[n.In[1]]
		v, err := t.reals()
		if err != nil {
			return n.errorf("input 1: %w", err)
		}
		if len(v) != 1 {
			return n.errorf("input 1 %q: got %d numbers, want 1, the ratio", n.In[1], len(v))
		}
		if rate = v[0]; t.Kind == typeFloat {
			rate = shortest(float32(rate))
		}
	}
	return b.layer(n, net.Layer{Type: net.Dropout, Rate: rate})
}

// shortest is the number that a person wrote to get v: 0.1, where the nearest
// float32 is 0.100000001490116.
func shortest(v float32) float64 {
	x, err := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64)
	if err != nil {
		return float64(v)
	}
	return x
}

func addBN(b *builder, n *node) error {
	a := &args{n: n}
	p := Norm{Epsilon: shortest(a.float("epsilon", 1e-5)), Momentum: shortest(a.float("momentum", 0.9))}
	a.want("spatial", 1)
	a.int("training_mode", 0) // the layer trains or not as the chip does
	if a.err != nil {
		return a.err
	}
	channels := b.m.Net.Top().Channels
	for i, dst := range []*[]float64{&p.Scale, &p.Shift, &p.Mean, &p.Var} {
		v, err := b.vector(n, i+1, channels)
		if err != nil {
			return err
		}
		if v == nil {
			return n.errorf("input %d: got none, want %d numbers", i+1, channels)
		}
		*dst = v
	}
	for _, e := range []struct {
		name string
		v    float64
	}{{"epsilon", p.Epsilon}, {"momentum", p.Momentum}} {
		if math.IsNaN(e.v) || math.IsInf(e.v, 0) {
			return n.errorf("attribute %s: got %v, want a finite number", e.name, e.v)
		}
	}
	for i, v := range p.Var {
		if v < 0 || v+p.Epsilon <= 0 {
			return n.errorf("input 4 %q: element %d: got a variance of %v with epsilon %v, want a sum above 0", n.In[4], i, v, p.Epsilon)
		}
	}
	if b.fold {
		return b.foldInto(n, p)
	}
	if err := b.layer(n, net.Layer{Type: net.BN}); err != nil {
		return err
	}
	b.m.BN = append(b.m.BN, p)
	return nil
}

// foldInto multiplies row o of the weights below by g = scale / sqrt(var +
// epsilon), and makes the bias (bias - mean) g + shift.
func (b *builder) foldInto(n *node, p Norm) error {
	top := len(b.m.Net.Layers) - 1
	if top < 0 || !b.m.Net.Layers[top].Weighted() {
		return n.errorf("operator: got it after %s, want it right after a conv or fc to fold it", b.before())
	}
	l, i := &b.m.Net.Layers[top], len(b.m.W)-1
	if b.m.B[i] == nil {
		b.m.B[i] = make([]float64, l.Out)
	}
	w, bias, fan := b.m.W[i], b.m.B[i], l.FanIn()
	l.Bias = true
	for o := range bias {
		g := p.Scale[o] / math.Sqrt(p.Var[o]+p.Epsilon)
		bias[o] = float64((bias[o]-p.Mean[o])*g) + p.Shift[o]
		for j := range fan {
			w[o*fan+j] *= g
		}
	}
	if checkNumbers("", w, len(w)) != nil || checkNumbers("", bias, len(bias)) != nil {
		return n.errorf("operator: got folded weights beyond any number, want finite ones")
	}
	return nil
}

// before describes what the chain has last, for errors.
func (b *builder) before() string {
	if b.last == nil {
		return "the input"
	}
	return fmt.Sprint(b.last)
}
