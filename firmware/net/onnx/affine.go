package onnx

import (
	"slices"

	"bdfasim/firmware/net"
)

// affine is y = scale x + shift, by channel of planes or element of a vector.
type affine struct{ scale, shift []float64 }

// addAffine takes a sum or product with constants into the weights beside it: those of the layer
// before, whose rows it scales, or, before any layer, those of the first, when it comes.
func addAffine(b *builder, n *node) error {
	i := 1
	if n.In[1] == b.at {
		i = 0
	}
	v, err := b.channels(n, i)
	if err != nil {
		return err
	}
	f := affine{slices.Repeat([]float64{1}, len(v)), make([]float64, len(v))}
	switch n.Op {
	case "Add":
		f.shift = v
	case "Mul":
		f.scale = v
	case "Sub":
		if f.shift = v; i == 1 {
			times(v, -1)
		} else {
			times(f.scale, -1)
		}
	case "Div":
		if i == 0 || slices.Contains(v, 0) {
			return n.errorf("operator: got a constant divided by %q or a division by 0, want others", b.at)
		}
		for k := range v {
			f.scale[k] = 1 / v[k]
		}
	}
	layers := b.m.Net.Layers
	switch top := len(layers) - 1; {
	case top >= 0 && layers[top].Weighted():
		return b.intoRows(n, f)
	case top > 0 || top == 0 && layers[0].Type != net.Flatten || b.padding != [4]int{}:
		return n.errorf("operator: got it after %s, want it right after a conv or fc or before the first",
			b.last)
	}
	if b.fronts = append(b.fronts, n); b.front == nil {
		b.front = &f
		return nil
	}
	for k, s := range f.scale {
		b.front.scale[k] *= s
		b.front.shift[k] = float64(b.front.shift[k]*s) + f.shift[k]
	}
	return nil
}

// channels are the numbers of a constant for each channel of planes or element of a vector.
func (b *builder) channels(n *node, i int) ([]float64, error) {
	t, top := b.consts[n.In[i]], b.m.Net.Top()
	if t == nil {
		return nil, n.errorf("input %d: got none, want a constant", i)
	}
	want, dims := []int64{int64(top.Channels)}, t.Dims
	if !top.Flat() && !b.lastChannel {
		want = append(want, 1, 1)
	}
	for len(dims) > len(want) && dims[0] == 1 {
		dims = dims[1:]
	}
	size, err := t.elements()
	if err == nil && size != 1 && (b.turned != net.Shape{} || !slices.Equal(dims, want)) {
		return nil, n.errorf("input %d %q: dims: got %v, want one number, or %v",
			i, n.In[i], t.Dims, want)
	}
	v, err := t.reals()
	if err == nil {
		err = b.source.take(3 * top.Channels)
	}
	if err != nil {
		return nil, n.errorf("input %d: %w", i, err)
	}
	return slices.Repeat(v, top.Channels/len(v)), nil
}

// intoRows takes s (W x + b) + t = (s W) x + (s b + t) into the layer below.
func (b *builder) intoRows(n *node, f affine) error {
	l, i := &b.m.Net.Layers[len(b.m.Net.Layers)-1], len(b.m.W)-1
	if b.m.B[i] == nil && slices.ContainsFunc(f.shift, nonzero) {
		b.m.B[i], l.Bias = make([]float64, l.Out), true
	}
	w, bias, fan := b.m.W[i], b.m.B[i], l.FanIn()
	for o, s := range f.scale {
		if times(w[o*fan:(o+1)*fan], s); bias != nil {
			bias[o] = float64(bias[o]*s) + f.shift[o]
		}
	}
	return b.finite(n, w, bias)
}

// intoColumns takes W (s x + t) + b = (W s) x + (W t + b) into the first layer, which is on the
// network.
func (b *builder) intoColumns(n *node) error {
	l, f := &b.m.Net.Layers[len(b.m.Net.Layers)-1], b.front
	if b.front = nil; f == nil {
		return nil
	}
	b.m.Scaled = true
	w, fan, shifted := b.m.W[0], l.FanIn(), slices.ContainsFunc(f.shift, nonzero)
	if shifted && l.Type == net.Conv && max(l.Pad, l.Pad+l.Extra) > 0 {
		return n.errorf("attribute pads: got a padding of %d and %d after %s, want none: the zeros are "+
			"added after the shift, so no weights have the same effect", l.Pad, l.Pad+l.Extra, b.fronts[0])
	}
	if shifted && b.m.B[0] == nil {
		b.m.B[0], l.Bias = make([]float64, l.Out), true
	}
	each := fan / len(f.scale) // taps of a kernel
	for k := range w {
		c := k % fan / each
		if shifted {
			b.m.B[0][k/fan] += float64(w[k] * f.shift[c])
		}
		w[k] *= f.scale[c]
	}
	return nil
}

func nonzero(x float64) bool { return x != 0 }

func times(v []float64, f float64) {
	for i := range v {
		v[i] *= f
	}
}

func (b *builder) finite(n *node, lists ...[]float64) error {
	for _, v := range lists {
		if checkNumbers("", v, len(v)) != nil {
			return n.errorf("operator: got weights beyond any number, want finite ones")
		}
	}
	return nil
}
