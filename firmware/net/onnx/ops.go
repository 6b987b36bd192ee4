package onnx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bdfasim/firmware/net"
)

// operator is what the package knows of an operator: all attributes it may have, the least and most
// inputs, what it adds to the network, and what it puts out if its inputs are constants.
type operator struct {
	attrs       []string
	least, most int
	add         func(*builder, *node) error // nil: of constants alone
	constant    func(*builder, *node) (*tensor, error)
}

// many is more inputs than a node has.
const many = maxShape

var operators = map[string]operator{
	"Add":                {nil, 2, 2, addAffine, nil},
	"AveragePool":        {windowAttrs("ceil_mode", "count_include_pad"), 1, 1, addAvgPool, nil},
	"BatchNormalization": {strings.Fields("epsilon momentum spatial training_mode"), 5, 5, addBN, nil},
	"Cast":               {[]string{"to", "saturate"}, 1, 1, addCast, cast},
	"Concat":             {[]string{"axis"}, 1, many, nil, shapeOp(concat)},
	"Constant":           {constantAttrs, 0, 0, nil, constant},
	"Conv":               {windowAttrs("group"), 2, 3, addConv, nil},
	"Div":                {nil, 2, 2, addAffine, nil},
	"Dropout":            {[]string{"ratio", "seed"}, 1, 3, addDropout, nil},
	"Flatten":            {[]string{"axis"}, 1, 1, addFlatten, nil},
	"Gather":             {[]string{"axis"}, 2, 2, nil, shapeOp(gather)},
	"Gemm":               {[]string{"alpha", "beta", "transA", "transB"}, 2, 3, addGemm, nil},
	"Identity":           {nil, 1, 1, func(*builder, *node) error { return nil }, same},
	"LogSoftmax":         {[]string{"axis"}, 1, 1, addSoftmax, nil},
	"MatMul":             {nil, 2, 2, addMatMul, nil},
	"MaxPool":            {windowAttrs("ceil_mode", "storage_order"), 1, 1, addMaxPool, nil},
	"Mul":                {nil, 2, 2, addAffine, shapeOp(product)},
	"Pad":                {[]string{"mode", "pads", "value"}, 1, 4, addPad, nil},
	"Relu":               {nil, 1, 1, addLayer(net.ReLU), nil},
	"Reshape":            {[]string{"allowzero"}, 2, 2, addReshape, nil},
	"Shape":              {[]string{"start", "end"}, 1, 1, nil, shapeOf},
	"Sigmoid":            {nil, 1, 1, addLayer(net.Sigmoid), nil},
	"Slice":              {[]string{"axes", "ends", "starts"}, 1, 5, nil, shapeOp(slice)},
	"Softmax":            {[]string{"axis"}, 1, 1, addSoftmax, nil},
	"Squeeze":            {[]string{"axes"}, 1, 2, addSqueeze, shapeOp(one)},
	"Sub":                {nil, 2, 2, addAffine, nil},
	"Tanh":               {nil, 1, 1, addLayer(net.Tanh), nil},
	"Transpose":          {[]string{"perm"}, 1, 1, addTranspose, turn},
	"Unsqueeze":          {[]string{"axes"}, 1, 2, nil, shapeOp(one)},
}

var constantAttrs = strings.Fields("value value_float value_floats value_int value_ints")

func windowAttrs(more ...string) []string {
	return append(more, "auto_pad", "dilations", "kernel_shape", "pads", "strides")
}

// addLayer puts a layer without numbers on the network.
func addLayer(kind net.LayerType) func(*builder, *node) error {
	return func(b *builder, n *node) error { return b.layer(n, net.Layer{Type: kind}) }
}

// constant is what a Constant puts out.
func constant(b *builder, n *node) (*tensor, error) {
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
			t.open(fmt.Sprintf("node %d attribute", n.index), b.source)
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
	a.want("transA", 0) // else the samples would be columns
	alpha, beta := float64(a.float("alpha", 1)), float64(a.float("beta", 1))
	trans := a.int("transB", 0)
	if trans != 0 && trans != 1 {
		a.fail("attribute transB: got %d, want 0 or 1", trans)
	}
	if a.err != nil {
		return a.err
	}
	return b.fc(n, trans == 0, alpha, beta)
}

func addMatMul(b *builder, n *node) error { return b.fc(n, true, 1, 1) }

// fc puts an fc on the network, alpha W x + beta b; its weights are in x out if transposed.
func (b *builder) fc(n *node, transposed bool, alpha, beta float64) error {
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
	bias, err := b.vector(n, 2, int(out))
	if err != nil {
		return err
	}
	times(bias, beta)
	l := net.Layer{Type: net.FC, Out: int(out), Bias: bias != nil}
	return b.weighted(n, l, w, alpha, bias, transposed)
}

// rank is the number of dimensions of the tensor at the end of the chain.
func (b *builder) rank() int {
	if b.m.Net.Top().Flat() {
		return 2
	}
	return 4
}

// flatten puts a flatten on the network; a vector stays as it is.
func (b *builder) flatten(n *node) error {
	top := b.m.Net.Top()
	if top.Flat() {
		return nil
	}
	if f := b.front; f != nil {
		each := top.Height * top.Width
		if err := b.source.take(2 * top.Size()); err != nil {
			return n.errorf("%w", err)
		}
		f.scale, f.shift = repeatEach(f.scale, each), repeatEach(f.shift, each)
	}
	if b.lastChannel {
		b.turned, b.lastChannel = top, false
	}
	return b.layer(n, net.Layer{Type: net.Flatten})
}

func repeatEach(v []float64, n int) (out []float64) {
	for _, x := range v {
		out = append(out, slices.Repeat([]float64{x}, n)...)
	}
	return out
}

func addFlatten(b *builder, n *node) error {
	a := &args{n: n}
	axis := a.int("axis", 1)
	if axis != 1 && axis != int64(1-b.rank()) {
		a.fail("attribute axis: got %d, want 1", axis)
	}
	if a.err != nil {
		return a.err
	}
	return b.flatten(n)
}

// addReshape accepts what makes one vector of each sample: the first number stands for the samples,
// the second for all the rest. Before the first layer it may also make planes of a vector, or put
// the one channel of images to another place.
func addReshape(b *builder, n *node) error {
	a := &args{n: n}
	keep := a.int("allowzero", 0) == 0 // 0 stands for the dimension as it is
	if a.err != nil {
		return a.err
	}
	said, err := b.intsAt(n, 1, "")
	if err != nil {
		return err
	}
	to, in, size := slices.Clone(said), b.m.Net.Top(), int64(b.m.Net.Top().Size())
	if len(to) == 2 || len(to) == 4 {
		last := len(to) - 1
		same := to[0] == 0 && keep || to[0] == b.samples()
		free := to[0] == -1 || to[0] > 0 && b.samples() == anyBatch
		rest := int64(1)
		for _, d := range to[1:last] {
			rest *= min(max(d, 0), maxElements)
		}
		if to[last] == -1 && same && rest > 0 {
			to[last] = size / rest
		}
		switch ok := (same || free) && rest <= size && to[last] <= size && rest*to[last] == size; {
		case ok && last == 1:
			return b.flatten(n)
		case ok && (in.Flat() || to[1] == 1) &&
			b.reshapeInput(net.Shape{Channels: int(to[1]), Height: int(to[2]), Width: int(to[3])}):
			return nil
		}
	}
	return n.errorf("input 1: got %s, want [0 -1] or [N %d], one vector a sample",
		shapeText(said), size)
}

// reshapeInput gives the input another shape, which it can have while nothing is on the network,
// and what stands before the first layer does not tell channels apart.
func (b *builder) reshapeInput(to net.Shape) bool {
	if len(b.m.Net.Layers) > 0 || b.padding != [4]int{} {
		return false
	}
	if f := b.front; f != nil {
		if slices.Min(f.scale) != slices.Max(f.scale) || slices.Min(f.shift) != slices.Max(f.shift) {
			return false
		}
		f.scale = slices.Repeat(f.scale[:1], to.Channels)
		f.shift = slices.Repeat(f.shift[:1], to.Channels)
	}
	b.m.Net.Input, b.lastChannel = to, false
	return true
}

// addSqueeze accepts the removal of both edges of planes of 1 x 1.
func addSqueeze(b *builder, n *node) error {
	axes, err := b.intsAt(n, 1, "axes")
	if err != nil {
		return err
	}
	for i, x := range axes {
		if x < 0 {
			axes[i] += int64(b.rank())
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
	for i, v := range p.Var {
		if v < 0 || v+p.Epsilon <= 0 {
			return n.errorf("input 4 %q: element %d: got a variance of %v with epsilon %v, want a sum above 0", n.In[4], i, v, p.Epsilon)
		}
	}
	if err := b.layer(n, net.Layer{Type: net.BN}); err != nil {
		return err
	}
	b.m.BN = append(b.m.BN, p)
	return nil
}

// addCast accepts another type of floating-point numbers.
func addCast(b *builder, n *node) error {
	a := &args{n: n}
	if to := a.int("to", 0); !isReal(to) {
		a.fail("attribute to: got %s, want FLOAT, DOUBLE or FLOAT16", typeName(to))
	}
	return a.err
}

// addTranspose accepts what brings the channels of images to the front before the first layer, or
// to the end before a flatten.
func addTranspose(b *builder, n *node) error {
	a, top := &args{n: n}, b.m.Net.Top()
	perm := a.ints("perm", nil)
	switch {
	case a.err != nil:
		return a.err
	case !top.Flat() && slices.Equal(perm, []int64{0, 2, 3, 1}) && !b.lastChannel:
		b.lastChannel = true
		return nil
	case !top.Flat() && slices.Equal(perm, []int64{0, 3, 1, 2}) && b.lastChannel:
		b.lastChannel = false
		return nil
	case !top.Flat() && slices.Equal(perm, []int64{0, 3, 1, 2}) &&
		b.reshapeInput(net.Shape{Channels: top.Width, Height: top.Channels, Width: top.Height}):
		return nil
	}
	return n.errorf("attribute perm: got %v, want [0 3 1 2] before the first layer or [0 2 3 1] "+
		"before a flatten", perm)
}
