package onnx

import (
	"slices"

	"bdfasim/firmware/net"
)

// affine is y = scale x + shift, by channel of planes or element of a vector.
type affine struct{ scale, shift []float64 }

// unit leaves n channels as they are.
func unit(n int) affine {
	return affine{slices.Repeat([]float64{1}, n), make([]float64, n)}
}

// addAffine takes a sum or product with constants into the weights beside it: those of the layer
// before, or, before any layer, those of the first.
func addAffine(b *builder, n *node) error {
	i := 1
	if n.In[1] == b.at {
		i = 0
	}
	v, err := b.channels(n, i)
	if err != nil {
		return err
	}
	f := unit(len(v))
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
		if i == 0 {
			return n.errorf("operator: got a constant divided by %q, want a division by a constant", b.at)
		}
		if slices.Contains(v, 0) {
			return n.errorf("input 1 %q: got a division by 0", n.In[1])
		}
		for k := range v {
			v[k] = 1 / v[k]
		}
		f.scale = v
	}
	return b.affine(n, f)
}

// channels are the numbers of a constant for each channel of planes or element of a vector.
func (b *builder) channels(n *node, i int) ([]float64, error) {
	t, top := b.consts[n.In[i]], b.m.Net.Top()
	if t == nil {
		return nil, n.errorf("input %d: got none, want a constant", i)
	}
	size, err := t.elements()
	if err != nil {
		return nil, n.errorf("input %d: %w", i, err)
	}
	want := []int64{int64(top.Channels)}
	if !top.Flat() && !b.lastChannel {
		want = append(want, 1, 1)
	}
	dims := t.Dims
	for len(dims) > len(want) && dims[0] == 1 {
		dims = dims[1:]
	}
	if size != 1 && b.turned != (net.Shape{}) || size != 1 && !slices.Equal(dims, want) {
		return nil, n.errorf("input %d %q: dims: got %v, want one number, or %v", i, n.In[i], t.Dims, want)
	}
	v, err := t.reals()
	if err == nil {
		err = b.source.take(top.Channels)
	}
	if err != nil {
		return nil, n.errorf("input %d: %w", i, err)
	}
	if size == 1 {
		v = slices.Repeat(v, top.Channels)
	}
	return v, nil
}

// affine takes y = scale x + shift into weights: those of the layer below, whose rows it scales, or,
// if there is none yet, those of the first layer, when it comes.
func (b *builder) affine(n *node, f affine) error {
	layers := b.m.Net.Layers
	switch top := len(layers) - 1; {
	case top >= 0 && layers[top].Weighted():
		return b.intoRows(n, f)
	case top > 0 || top == 0 && layers[0].Type != net.Flatten:
		return n.errorf("operator: got it after %s, want it right after a conv or fc or before the first", b.before())
	case b.padding != [4]int{}:
		return n.errorf("operator: got it after a Pad, want it before")
	}
	if b.front == nil {
		all := unit(len(f.scale))
		b.front = &all
	}
	for k, s := range f.scale {
		b.front.scale[k] *= s
		b.front.shift[k] = b.front.shift[k]*s + f.shift[k]
	}
	b.fronts = append(b.fronts, n)
	return b.finite(n, b.front.scale, b.front.shift)
}

// intoRows multiplies row o of the weights below by scale, and makes the bias bias * scale + shift.
func (b *builder) intoRows(n *node, f affine) error {
	l, i := &b.m.Net.Layers[len(b.m.Net.Layers)-1], len(b.m.W)-1
	if b.m.B[i] == nil && slices.ContainsFunc(f.shift, nonzero) {
		b.m.B[i], l.Bias = make([]float64, l.Out), true
	}
	w, bias, fan := b.m.W[i], b.m.B[i], l.FanIn()
	for o, s := range f.scale {
		if bias != nil {
			bias[o] = bias[o]*s + f.shift[o]
		}
		for j := range fan {
			w[o*fan+j] *= s
		}
	}
	return b.finite(n, w, bias)
}

// intoColumns takes what stands before the first layer into its weights, which are on the network:
// W (scale x + shift) + b = (W scale) x + (W shift + b).
func (b *builder) intoColumns(n *node) error {
	l, f := &b.m.Net.Layers[len(b.m.Net.Layers)-1], b.front
	if f == nil {
		return nil
	}
	b.front = nil
	shifted := slices.ContainsFunc(f.shift, nonzero)
	if shifted && l.Type == net.Conv && max(l.Pad, l.Pad+l.Extra) > 0 {
		return n.errorf("attribute pads: got a padding of %d and %d after %s, want none: the zeros are added after "+
			"the shift, so no weights have the same effect", l.Pad, l.Pad+l.Extra, b.fronts[0])
	}
	if shifted && b.m.B[0] == nil {
		b.m.B[0], l.Bias = make([]float64, l.Out), true
	}
	w, fan := b.m.W[0], l.FanIn()
	each := fan / len(f.scale) // taps of a kernel
	for k := range w {
		c := k % fan / each
		if shifted {
			b.m.B[0][k/fan] += w[k] * f.shift[c]
		}
		w[k] *= f.scale[c]
	}
	return b.finite(n, w, b.m.B[0])
}

func nonzero(x float64) bool { return x != 0 }

func (b *builder) finite(n *node, lists ...[]float64) error {
	for _, v := range lists {
		if checkNumbers("", v, len(v)) != nil {
			return n.errorf("operator: got folded weights beyond any number, want finite ones")
		}
	}
	return nil
}
