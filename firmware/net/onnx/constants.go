package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Exporters write as nodes what they could compute: transposed weights, and shapes as
// x.view(x.size(0), -1) wants them. What depends on constants and shapes alone is computed here. A
// shape is a list of integers; a single one is the same whether it is a scalar or a list.

// anyBatch stands for the number of samples in a shape, where the file leaves it open.
const anyBatch = math.MinInt64

// shapeText is a shape as people write it.
func shapeText(list []int64) string {
	return strings.ReplaceAll(fmt.Sprint(list), fmt.Sprint(math.MinInt64), "N")
}

func isReal(kind int64) bool {
	return kind == typeFloat || kind == typeDouble || kind == typeFloat16
}

// constantAt is input i, nil if the node leaves it out.
func (b *builder) constantAt(n *node, i int) *tensor {
	if i >= len(n.In) {
		return nil
	}
	return b.consts[n.In[i]]
}

// intsAt are the integers of an input or, in old files, of an attribute; nil if neither is there.
func (b *builder) intsAt(n *node, i int, attr string) ([]int64, error) {
	a := &args{n: n}
	list := slices.Clone(a.ints(attr, nil))
	if t := b.constantAt(n, i); t != nil && a.err == nil {
		var err error
		if list, err = t.ints(); err != nil {
			return nil, n.errorf("input %d: %w", i, err)
		}
	}
	return list, a.err
}

// shapeOp makes an operator of what computes a shape from the shapes in its inputs.
func shapeOp(compute func(a *args, in [][]int64) []int64) func(*builder, *node) (*tensor, error) {
	return func(b *builder, n *node) (*tensor, error) {
		in := make([][]int64, max(len(n.In), 5))
		for i := range n.In {
			var err error
			if in[i], err = b.intsAt(n, i, ""); err != nil {
				return nil, err
			}
		}
		a := &args{n: n}
		return shapeTensor(n, compute(a, in)), a.err
	}
}

func shapeTensor(n *node, list []int64) *tensor {
	return &tensor{where: n.Out[0], Kind: typeInt64, Dims: []int64{int64(len(list))}, Int64s: list}
}

// one is a number in another form: Squeeze and Unsqueeze.
func one(a *args, in [][]int64) []int64 {
	if len(in[0]) != 1 {
		a.fail("input 0: got %s, want one number", shapeText(in[0]))
	}
	return in[0]
}

func concat(a *args, in [][]int64) []int64 {
	a.want("axis", 0)
	return slices.Concat(in...)
}

func gather(a *args, in [][]int64) (out []int64) {
	a.want("axis", 0)
	for _, k := range in[1] {
		if k < 0 {
			k += int64(len(in[0]))
		}
		if k < 0 || k >= int64(len(in[0])) {
			a.fail("input 1: got %v, want places in %s", in[1], shapeText(in[0]))
			return nil
		}
		out = append(out, in[0][k])
	}
	return out
}

func slice(a *args, in [][]int64) []int64 {
	from, to := append(in[1], a.ints("starts", nil)...), append(in[2], a.ints("ends", nil)...)
	if len(from) != 1 || len(to) != 1 || in[4] != nil && !slices.Equal(in[4], []int64{1}) {
		a.fail("got starts %v, ends %v and steps %v, want one start and end and a step of 1",
			from, to, in[4])
		return nil
	}
	return part(in[0], from[0], to[0])
}

// part is a list from one place to another, counted from its end if they are negative.
func part(list []int64, from, to int64) []int64 {
	n := int64(len(list))
	for _, k := range []*int64{&from, &to} {
		if *k < 0 {
			*k += n
		}
		*k = min(max(*k, 0), n)
	}
	return list[from:max(from, to)]
}

// product multiplies two sizes.
func product(a *args, in [][]int64) []int64 {
	size := int64(1)
	for _, v := range slices.Concat(one(a, in), one(a, in[1:])) {
		if v < 0 || v > 0 && size > maxElements/v {
			a.fail("inputs: got %s and %s, want sizes with a product of at most %d",
				shapeText(in[0]), shapeText(in[1]), maxElements)
		}
		size *= v
	}
	return []int64{size}
}

// shapeOf is the shape of a constant or of what the chain has put out.
func shapeOf(b *builder, n *node) (*tensor, error) {
	dims, ok := b.shapes[n.In[0]]
	if t := b.consts[n.In[0]]; t != nil {
		dims, ok = t.Dims, true
	}
	if !ok {
		return nil, n.errorf("input 0: got %q, want a tensor that is known", n.In[0])
	}
	a := &args{n: n}
	return shapeTensor(n, part(dims, a.int("start", 0), a.int("end", int64(len(dims))))), a.err
}

func same(b *builder, n *node) (*tensor, error) { return b.consts[n.In[0]], nil }

// cast leaves constants as they are, and rounds none: the chip's numbers are coarser than all of
// these.
func cast(b *builder, n *node) (*tensor, error) {
	a, t := &args{n: n}, b.consts[n.In[0]]
	to := a.int("to", 0)
	integer := to == typeInt64 || to == typeInt32
	if isReal(to) == integer || isReal(to) != isReal(t.Kind) {
		a.fail("attribute to: got %s for %s, want numbers for numbers, INT64 or INT32 for shapes",
			typeName(to), typeName(t.Kind))
	}
	return t, a.err
}

// turn transposes a matrix, which stays the one that it was for layers that would share it.
func turn(b *builder, n *node) (*tensor, error) {
	a, t := &args{n: n}, b.consts[n.In[0]]
	back := []int64{1, 0}
	if perm := a.ints("perm", back); len(t.Dims) != 2 || !slices.Equal(perm, back) {
		a.fail("attribute perm: got %v of %v, want [1 0] of a matrix", perm, t.Dims)
	}
	if a.err != nil {
		return nil, a.err
	}
	v, err := t.reals()
	if err != nil {
		return nil, n.errorf("input 0: %w", err)
	}
	turned := &tensor{where: n.Out[0], Kind: typeDouble, origin: t.root(), from: t.from}
	turned.Dims = []int64{t.Dims[1], t.Dims[0]}
	turned.Doubles = transpose(v, int(max(1, t.Dims[1])))
	return turned, nil
}

// root is the tensor that others are forms of.
func (t *tensor) root() *tensor {
	if t.origin != nil {
		return t.origin
	}
	return t
}
