package onnx

import (
	"slices"

	"bdfasim/firmware/net"
)

// window is what a conv or a pool slides over planes.
type window struct{ kernel, stride, pad int }

// window reads kernel_shape, strides, dilations, pads and auto_pad; kernel is
// the edge that the weights have, 0 if kernel_shape has to say it.
func (b *builder) window(a *args, kernel int) window {
	w := window{kernel: kernel}
	if kernel == 0 && a.get("kernel_shape", attrInts) == nil {
		a.fail("attribute kernel_shape: got none, want two equal numbers")
	}
	w.kernel = a.equal("kernel_shape", 2, 1, int64(kernel))
	if kernel != 0 && w.kernel != kernel {
		a.fail("attribute kernel_shape: got [%d %d], want [%d %d], the edges of the weights", w.kernel, w.kernel, kernel, kernel)
	}
	a.wantAll("dilations", 2, 1)
	w.stride = a.equal("strides", 2, 1, 1)
	switch auto := a.text("auto_pad", "NOTSET"); auto {
	case "NOTSET":
		w.pad = a.equal("pads", 4, 0, 0)
	case "VALID":
		a.wantAll("pads", 4, 0)
	case "SAME_UPPER", "SAME_LOWER":
		if a.get("pads", attrInts) != nil {
			a.fail("attribute pads: got it beside auto_pad %s, want one of the two", auto)
		}
		w.pad = b.same(a, auto, w)
	default:
		a.fail("attribute auto_pad: got %q, want NOTSET, VALID, SAME_UPPER or SAME_LOWER", auto)
	}
	return w
}

// same is the padding with which a window of stride s makes ceil(edge/s)
// outputs of each edge, if it is the same on all four sides.
func (b *builder) same(a *args, auto string, w window) int {
	top := b.m.Net.Top()
	if top.Flat() {
		return 0 // Append refuses the layer
	}
	total := func(edge int) int {
		outputs := (edge + w.stride - 1) / w.stride
		return max(0, (outputs-1)*w.stride+w.kernel-edge)
	}
	h, v := total(top.Width), total(top.Height)
	if h != v || h%2 != 0 {
		a.fail("attribute auto_pad: got %s, which pads the rows of %s by %d and the columns by %d, want equal even numbers (the same padding on all sides)",
			auto, top, h, v)
	}
	return h / 2
}

func addConv(b *builder, n *node) error {
	a := &args{n: n}
	a.want("group", 1)
	w, err := b.weights(n, 1)
	if err != nil {
		return err
	}
	d := w.Dims
	if len(d) != 4 || d[2] != d[3] || d[2] < 1 {
		return n.errorf("input 1 %q: dims: got %v, want [out in k k], a square kernel", n.In[1], d)
	}
	if top := b.m.Net.Top(); !top.Flat() && d[1] != int64(top.Channels) {
		return n.errorf("input 1 %q: dims: got %v, want %d input channels", n.In[1], d, top.Channels)
	}
	win := b.window(a, int(d[2]))
	if a.err != nil {
		return a.err
	}
	bias, err := b.vector(n, 2, int(d[0]))
	if err != nil {
		return err
	}
	l := net.Layer{Type: net.Conv, Out: int(d[0]), Kernel: win.kernel, Stride: win.stride, Pad: win.pad, Bias: bias != nil}
	return b.weighted(n, l, w, bias, false)
}

func addMaxPool(b *builder, n *node) error { return b.pool(n, net.MaxPool) }

func addAvgPool(b *builder, n *node) error { return b.pool(n, net.AvgPool) }

func (b *builder) pool(n *node, kind net.LayerType) error {
	a := &args{n: n}
	w := b.window(a, 0)
	if w.pad != 0 {
		a.fail("attribute pads: got a padding of %d, want 0 in a pool", w.pad)
	}
	top := b.m.Net.Top()
	if up := a.int("ceil_mode", 0); up != 0 && ((top.Height-w.kernel)%w.stride != 0 || (top.Width-w.kernel)%w.stride != 0) {
		a.fail("attribute ceil_mode: got %d, want 0 where windows of %d, stride %d, do not fit %s exactly", up, w.kernel, w.stride, top)
	}
	if a.err != nil {
		return a.err
	}
	return b.layer(n, net.Layer{Type: kind, Kernel: w.kernel, Stride: w.stride})
}

// weights is the tensor at an input, for one node alone: layers that share
// their weights would no longer do so after a step of training.
func (b *builder) weights(n *node, i int) (*tensor, error) {
	t := b.consts[n.In[i]]
	if t == nil {
		return nil, n.errorf("input %d: got none, want weights", i)
	}
	if other := b.owner[t]; other != nil {
		return nil, n.errorf("input %d %q: got the weights of %s, want its own", i, n.In[i], other)
	}
	b.owner[t] = n
	if _, err := t.elements(); err != nil {
		return nil, n.errorf("input %d: %w", i, err)
	}
	return t, nil
}

// vector is a one-dimensional input of n numbers; 1 x n will do. It is nil if
// the node leaves the input out.
func (b *builder) vector(n *node, i, size int) ([]float64, error) {
	if i >= len(n.In) || n.In[i] == "" {
		return nil, nil
	}
	t := b.consts[n.In[i]]
	want := []int64{int64(size)}
	if !slices.Equal(t.Dims, want) && !slices.Equal(t.Dims, append([]int64{1}, want...)) {
		return nil, n.errorf("input %d %q: dims: got %v, want %v", i, n.In[i], t.Dims, want)
	}
	v, err := t.reals()
	if err != nil {
		return nil, n.errorf("input %d: %w", i, err)
	}
	return v, nil
}

// weighted puts a conv or an fc on the network, its weights transposed if they
// are in x out.
func (b *builder) weighted(n *node, l net.Layer, w *tensor, bias []float64, transposed bool) error {
	if err := b.layer(n, l); err != nil {
		return err
	}
	v, err := w.reals()
	if err != nil {
		return n.errorf("input 1: %w", err)
	}
	if transposed {
		v = transpose(v, l.Out)
	}
	b.m.W, b.m.B = append(b.m.W, v), append(b.m.B, bias)
	return nil
}

// transpose turns rows of n numbers into n rows.
func transpose(v []float64, n int) []float64 {
	t := make([]float64, len(v))
	rows := len(v) / n
	for i, x := range v {
		t[i%n*rows+i/n] = x
	}
	return t
}
