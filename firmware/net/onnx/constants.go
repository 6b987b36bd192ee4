package onnx

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Exporters write as nodes what they could compute: transposed weights, and shapes as x.view(x.size(0),
// -1) wants them. What depends on constants and shapes alone is computed here.

// anyBatch stands for the number of samples in a shape, where the file leaves it open.
const anyBatch = math.MinInt64

// shapeText is a shape as people write it.
func shapeText(list []int64) string {
	return strings.ReplaceAll(fmt.Sprint(list), fmt.Sprint(math.MinInt64), "N")
}

func isReal(kind int64) bool {
	return kind == typeFloat || kind == typeDouble || kind == typeFloat16
}

func isInt(kind int64) bool { return kind == typeInt64 || kind == typeInt32 }

// computed is a tensor that a node puts out.
func computed(n *node, dims []int64) *tensor {
	return &tensor{where: n.Out[0], Dims: dims}
}

func (n *node) ints(dims []int64, v ...int64) *tensor {
	t := computed(n, dims)
	t.Kind, t.Int64s = typeInt64, v
	return t
}

// list is a vector of integers.
func (n *node) list(v []int64) *tensor { return n.ints([]int64{int64(len(v))}, v...) }

// form is a tensor in another form: the same numbers, or the same in another order.
func (t *tensor) form(n *node, dims []int64) *tensor {
	f := *t
	f.where, f.Dims, f.origin = n.Out[0], dims, t.root()
	return &f
}

// root is the tensor that others are forms of.
func (t *tensor) root() *tensor {
	if t.origin != nil {
		return t.origin
	}
	return t
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
	if a.err != nil {
		return nil, a.err
	}
	if t := b.constantAt(n, i); t != nil {
		var err error
		if list, err = t.ints(); err != nil {
			return nil, n.errorf("input %d: %w", i, err)
		}
	}
	return list, nil
}

// axes are those of an input or attribute, counted from 0 in a tensor of so many dimensions, sorted.
func (b *builder) axes(n *node, rank int) ([]int64, error) {
	list, err := b.intsAt(n, 1, "axes")
	for i, x := range list {
		if x < 0 {
			list[i] += int64(rank)
		}
	}
	slices.Sort(list)
	if err == nil && len(list) > 0 && (list[0] < 0 || list[len(list)-1] >= int64(rank)) {
		err = n.errorf("axes: got %v, want axes of %d dimensions", list, rank)
	}
	return list, err
}

func constIdentity(b *builder, n *node) (*tensor, error) { return b.consts[n.In[0]], nil }

func constCast(b *builder, n *node) (*tensor, error) {
	a, t := &args{n: n}, b.consts[n.In[0]]
	to := a.int("to", 0)
	if a.err != nil {
		return nil, a.err
	}
	if t.Kind == to || isInt(t.Kind) && isInt(to) || isReal(t.Kind) && to == typeDouble {
		return t, nil
	}
	if !isReal(t.Kind) || to != typeFloat {
		return nil, n.errorf("attribute to: got %s for %s, want FLOAT or DOUBLE for numbers, INT64 or INT32 for shapes",
			typeName(to), typeName(t.Kind))
	}
	v, err := t.reals()
	if err != nil {
		return nil, n.errorf("input 0: %w", err)
	}
	for i := range v {
		v[i] = float64(float32(v[i]))
	}
	return t.reordered(n, t.Dims, v), nil
}

// reordered is a form with numbers of its own.
func (t *tensor) reordered(n *node, dims []int64, v []float64) *tensor {
	f := computed(n, dims)
	f.Kind, f.Doubles, f.origin, f.from = typeDouble, v, t.root(), t.from
	return f
}

func constTranspose(b *builder, n *node) (*tensor, error) {
	a, t := &args{n: n}, b.consts[n.In[0]]
	rank := len(t.Dims)
	var back []int64
	for i := range rank {
		back = append(back, int64(rank-1-i))
	}
	perm := a.ints("perm", back)
	if sorted := slices.Sorted(slices.Values(perm)); a.err == nil {
		slices.Reverse(back)
		if !slices.Equal(sorted, back) {
			a.fail("attribute perm: got %v, want an order of %d dimensions", perm, rank)
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	v, err := t.reals()
	if err != nil {
		return nil, n.errorf("input 0: %w", err)
	}
	dims, steps := make([]int64, rank), make([]int64, rank)
	for i, p := range perm {
		dims[i], steps[i] = t.Dims[p], 1
		for _, d := range t.Dims[p+1:] {
			steps[i] *= d
		}
	}
	out, at := make([]float64, len(v)), make([]int64, rank)
	for k := range out {
		from := int64(0)
		for i := range rank {
			from += at[i] * steps[i]
		}
		out[k] = v[from]
		for i := rank - 1; i >= 0; i-- {
			if at[i]++; at[i] < dims[i] {
				break
			}
			at[i] = 0
		}
	}
	return t.reordered(n, dims, out), nil
}

func constReshape(b *builder, n *node) (*tensor, error) {
	t := b.consts[n.In[0]]
	size, err := t.elements()
	if err != nil {
		return nil, n.errorf("input 0: %w", err)
	}
	to, err := b.intsAt(n, 1, "")
	if err != nil {
		return nil, err
	}
	dims, free, rest := slices.Clone(to), -1, int64(1)
	for i, d := range to {
		switch {
		case d == 0 && i < len(t.Dims):
			dims[i] = t.Dims[i]
		case d == -1 && free < 0:
			free = i
			continue
		}
		if rest *= dims[i]; rest < 1 || rest > maxElements {
			return nil, n.errorf("input 1: got %s for %v, want a shape of as many elements", shapeText(to), t.Dims)
		}
	}
	if free >= 0 {
		dims[free] = int64(size) / rest
		rest *= dims[free]
	}
	if rest != int64(size) {
		return nil, n.errorf("input 1: got %s for %v, want a shape of as many elements", shapeText(to), t.Dims)
	}
	return t.form(n, dims), nil
}

func constSqueeze(b *builder, n *node) (*tensor, error) {
	t := b.consts[n.In[0]]
	axes, err := b.axes(n, len(t.Dims))
	if err != nil {
		return nil, err
	}
	var dims []int64
	for i, d := range t.Dims {
		if named := slices.Contains(axes, int64(i)); named && d != 1 {
			return nil, n.errorf("axes: got %v of %v, want dimensions of 1", axes, t.Dims)
		} else if !named && (d != 1 || axes != nil) {
			dims = append(dims, d)
		}
	}
	return t.form(n, dims), nil
}

func constUnsqueeze(b *builder, n *node) (*tensor, error) {
	t := b.consts[n.In[0]]
	list, err := b.intsAt(n, 1, "axes")
	if err != nil {
		return nil, err
	}
	axes, err := b.axes(n, len(t.Dims)+len(list))
	if err != nil {
		return nil, err
	}
	dims := slices.Clone(t.Dims)
	for i, x := range axes {
		if i > 0 && x == axes[i-1] {
			return nil, n.errorf("axes: got %v, want each once", axes)
		}
		dims = slices.Insert(dims, int(x), 1)
	}
	return t.form(n, dims), nil
}

func constConcat(b *builder, n *node) (*tensor, error) {
	a := &args{n: n}
	a.want("axis", 0)
	if a.err != nil {
		return nil, a.err
	}
	var all []int64
	for i := range n.In {
		list, err := b.intsAt(n, i, "")
		if err != nil {
			return nil, err
		}
		if all = append(all, list...); len(all) > maxShape {
			return nil, n.errorf("got %d integers, want at most %d", len(all), maxShape)
		}
	}
	return n.list(all), nil
}

func constGather(b *builder, n *node) (*tensor, error) {
	a := &args{n: n}
	a.want("axis", 0)
	if a.err != nil {
		return nil, a.err
	}
	list, err := b.intsAt(n, 0, "")
	if err != nil {
		return nil, err
	}
	at, err := b.intsAt(n, 1, "")
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, k := range at {
		if k < 0 {
			k += int64(len(list))
		}
		if k < 0 || k >= int64(len(list)) {
			return nil, n.errorf("input 1: got %v, want places in %d numbers", at, len(list))
		}
		out = append(out, list[k])
	}
	return n.ints(b.consts[n.In[1]].Dims, out...), nil
}

// constSlice cuts a vector; its axis can only be the first.
func constSlice(b *builder, n *node) (*tensor, error) {
	list, err := b.intsAt(n, 0, "")
	if err != nil {
		return nil, err
	}
	var ends [4][]int64
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		if ends[i], err = b.intsAt(n, i+1, name); err != nil {
			return nil, err
		}
	}
	if len(ends[0]) != 1 || len(ends[1]) != 1 || len(ends[3]) == 1 && ends[3][0] != 1 {
		return nil, n.errorf("got starts %v, ends %v and steps %v, want one start and end and a step of 1", ends[0], ends[1], ends[3])
	}
	from, to := within(ends[0][0], len(list)), within(ends[1][0], len(list))
	return n.list(list[from:max(from, to)]), nil
}

// within is a place in a list of n, counted from its end if it is negative.
func within(k int64, n int) int64 {
	if k < 0 {
		k += int64(n)
	}
	return min(max(k, 0), int64(n))
}

// constProduct multiplies dimensions: two numbers, or all of a list.
func constProduct(b *builder, n *node) (*tensor, error) {
	a := &args{n: n}
	product, dims := int64(1), []int64{1}[:a.int("keepdims", 1)&1]
	if n.Op == "Mul" {
		dims = b.consts[n.In[0]].Dims
	}
	for i := range n.In {
		list, err := b.intsAt(n, i, "")
		if err != nil {
			return nil, err
		}
		for k, v := range list {
			if k > 0 && n.Op == "Mul" || v < 0 || v > 0 && product > maxElements/v {
				return nil, n.errorf("input %d: got %s, want known dimensions, of at most %d elements", i, shapeText(list), maxElements)
			}
			product *= v
		}
	}
	return n.ints(dims, product), a.err
}

// constShape is the shape of a constant or of what the chain has put out.
func constShape(b *builder, n *node) (*tensor, error) {
	dims, ok := b.shapes[n.In[0]]
	if t := b.consts[n.In[0]]; t != nil {
		dims, ok = t.Dims, true
	}
	if !ok {
		return nil, n.errorf("input 0: got %q, want a tensor that is known", n.In[0])
	}
	a := &args{n: n}
	from, to := within(a.int("start", 0), len(dims)), within(a.int("end", int64(len(dims))), len(dims))
	return n.list(dims[from:max(from, to)]), a.err
}
