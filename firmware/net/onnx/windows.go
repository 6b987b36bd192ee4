package onnx

import (
	"slices"

	"bdfasim/firmware/net"
)

// window is what a conv or a pool slides over planes. pads are above, left, below, right.
type window struct {
	kernel, stride int
	pads           [4]int
}

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
		w.pads = a.pads(a.ints("pads", make([]int64, 4)))
	case "VALID":
		a.wantAll("pads", 4, 0)
	case "SAME_UPPER", "SAME_LOWER":
		a.wantAll("pads", 4, 0)
		w.pads = b.same(auto, w)
	default:
		a.fail("attribute auto_pad: got %q, want NOTSET, VALID, SAME_UPPER or SAME_LOWER", auto)
	}
	return w
}

// pads reads four numbers of zeros.
func (a *args) pads(list []int64) (p [4]int) {
	if len(list) != 4 || slices.Min(list) < 0 || slices.Max(list) > maxElements {
		a.fail("attribute pads: got %v, want 4 numbers from 0", list)
		return p
	}
	for i, v := range list {
		p[i] = int(v)
	}
	return p
}

// same is the padding with which a window of stride s makes ceil(edge/s) outputs of each edge; what
// is odd is more at the far edge, or, with SAME_LOWER, at the near one.
func (b *builder) same(auto string, w window) (p [4]int) {
	top := b.m.Net.Top()
	for i, edge := range []int{top.Height, top.Width} {
		edge += b.padding[i] + b.padding[i+2]
		outputs := (edge + w.stride - 1) / w.stride
		total := max(0, (outputs-1)*w.stride+w.kernel-edge)
		p[i], p[i+2] = total/2, total-total/2
		if auto == "SAME_LOWER" {
			p[i], p[i+2] = p[i+2], p[i]
		}
	}
	return p
}

// padded is the padding of a conv, and how much more there is below and at the right, where any
// number will do that makes as many windows.
func (b *builder) padded(a *args, w window) (pad, extra int) {
	top, p := b.m.Net.Top(), w.pads
	windows := func(edge, near, far int) int { return (edge + near + far - w.kernel) / w.stride }
	if p[0] == p[1] {
		for _, far := range []int{p[2], p[3], p[0]} {
			if windows(top.Height, p[0], far) == windows(top.Height, p[0], p[2]) &&
				windows(top.Width, p[0], far) == windows(top.Width, p[0], p[3]) {
				return p[0], far - p[0]
			}
		}
	}
	a.fail("attribute pads: got %v (above, left, below, right) of %s, want as much above as at the "+
		"left and below as at the right", p, top)
	return 0, 0
}

// addPad adds zeros around planes, which the conv that follows takes into its padding.
func addPad(b *builder, n *node) error {
	a := &args{n: n}
	mode, with := a.text("mode", "constant"), []float64{float64(a.float("value", 0))}
	list, err := b.intsAt(n, 1, "pads")
	if t := b.constantAt(n, 2); t != nil && err == nil {
		with, err = t.reals()
	}
	switch {
	case err != nil:
		return err
	case mode != "constant" || !slices.Equal(with, []float64{0}) || len(n.In) > 3:
		a.fail("got mode %s with %v and %d inputs, want constant, zeros, and no axes",
			mode, with, len(n.In))
	case !slices.ContainsFunc(list, func(x int64) bool { return x != 0 }):
	case b.rank() != 4 || b.lastChannel || len(list) != 8 || list[0]|list[1]|list[4]|list[5] != 0:
		a.fail("pads: got %v of %s, want zeros around rows and columns, [0 0 above left 0 0 below right]",
			list, b.m.Net.Top())
	default:
		for i, p := range a.pads([]int64{list[2], list[3], list[6], list[7]}) {
			b.padding[i] += p
		}
	}
	return a.err
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
	for i := range win.pads {
		win.pads[i] += b.padding[i]
	}
	var pad, extra int
	if a.err == nil && !b.m.Net.Top().Flat() {
		pad, extra = b.padded(a, win)
	}
	if a.err != nil {
		return a.err
	}
	bias, err := b.vector(n, 2, int(d[0]))
	if err != nil {
		return err
	}
	l := net.Layer{Type: net.Conv, Out: int(d[0]), Kernel: win.kernel, Stride: win.stride,
		Pad: pad, Extra: extra, Bias: bias != nil}
	err = b.weighted(n, l, w, 1, bias, false)
	b.padding = [4]int{}
	return err
}

func addMaxPool(b *builder, n *node) error { return b.pool(n, net.MaxPool) }

func addAvgPool(b *builder, n *node) error { return b.pool(n, net.AvgPool) }

func (b *builder) pool(n *node, kind net.LayerType) error {
	a := &args{n: n}
	w := b.window(a, 0)
	if w.pads != [4]int{} {
		a.fail("attribute pads: got %v, want 0 in a pool", w.pads)
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
	if other := b.owner[t.root()]; other != nil {
		return nil, n.errorf("input %d %q: got the weights of %s, want its own", i, n.In[i], other)
	}
	b.owner[t.root()] = n
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
	want, dims := []int64{int64(size)}, t.Dims
	if len(dims) == 2 && dims[0] == 1 {
		dims = dims[1:]
	}
	count, err := t.elements()
	one := count == 1 && n.Op == "Gemm" // which spreads it
	if err == nil && !one && !slices.Equal(dims, want) {
		return nil, n.errorf("input %d %q: dims: got %v, want %v", i, n.In[i], t.Dims, want)
	}
	v, err := t.reals()
	if err != nil {
		return nil, n.errorf("input %d: %w", i, err)
	}
	if one {
		v = slices.Repeat(v, size)
	}
	return v, nil
}

// weighted puts a conv or an fc on the network, its weights alpha w, transposed if they are in x
// out.
func (b *builder) weighted(
	n *node, l net.Layer, w *tensor, alpha float64, bias []float64, transposed bool,
) error {
	if err := b.layer(n, l); err != nil {
		return err
	}
	v, err := w.reals()
	if err != nil {
		return n.errorf("input 1: %w", err)
	}
	if times(v, alpha); transposed {
		v = transpose(v, l.Out)
	}
	if c := b.turned; l.Type == net.FC && c != (net.Shape{}) {
		v, b.turned = channelsFirst(v, c), net.Shape{}
	}
	b.m.W, b.m.B = append(b.m.W, v), append(b.m.B, bias)
	if err := b.intoColumns(n); err != nil {
		return err
	}
	return b.finite(n, v, bias)
}

// channelsFirst reorders the columns of rows that are planes with their channels last.
func channelsFirst(v []float64, c net.Shape) []float64 {
	size, each := c.Size(), c.Height*c.Width
	out := make([]float64, len(v))
	for k, x := range v {
		row, px, ch := k/size, k%size/c.Channels, k%c.Channels
		out[row*size+ch*each+px] = x
	}
	return out
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
