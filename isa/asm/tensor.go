package asm

import (
	"math"

	"bdfasim/isa/image"
)

// tensor handles .tensor name, space, layout, addr, stride, bits, frac, layer, dim, dim, ...
func (a *assembler) tensor(c *cursor, p pos) {
	t := image.Tensor{Name: nameOrText(c)}
	c.expect(',')
	t.Space = nameOrText(c)
	c.expect(',')
	t.Layout = nameOrText(c)
	if t.Space != "xmem" && t.Space != "omem" && t.Space != "mask" {
		fail(p.col, "tensor space: got %q, want xmem, omem or mask", t.Space)
	}
	if len(a.img.Tensors) == image.MaxTensors {
		fail(p.col, "tensors: got more than %d", image.MaxTensors)
	}
	if _, twice := a.img.Tensor(t.Name); twice {
		fail(p.col, "tensor %q is given twice", t.Name)
	}
	index := len(a.img.Tensors)
	a.img.Tensors = append(a.img.Tensors, t)
	number := func(what string, low, high int64, set func(t *image.Tensor, v int64)) {
		c.expect(',')
		e := a.expression(c)
		a.later(p, e, func(v value) {
			within(e.col, "tensor "+what, v.n, low, high)
			set(&a.img.Tensors[index], v.n)
		})
	}
	number("addr", 0, math.MaxUint32, func(t *image.Tensor, v int64) { t.Addr = uint32(v) })
	number("stride", 0, math.MaxUint32, func(t *image.Tensor, v int64) { t.Stride = uint32(v) })
	number("bits", 1, 64, func(t *image.Tensor, v int64) { t.Bits = int(v) })
	number("frac", -1024, 1024, func(t *image.Tensor, v int64) { t.Frac = int(v) })
	number("layer", -1, math.MaxInt32, func(t *image.Tensor, v int64) { t.Layer = int(v) })
	shape := &a.img.Tensors[index].Shape
	for d := 0; c.peek() == ','; d++ {
		if d == image.MaxDims {
			fail(c.i+1, "dimensions: got more than %d", image.MaxDims)
		}
		*shape = append(*shape, 1)
		number("dimension", 1, math.MaxInt32, func(t *image.Tensor, v int64) { t.Shape[d] = int(v) })
	}
	if len(*shape) == 0 {
		fail(c.i, "tensor without a dimension")
	}
}

// nameOrText parses a string constant or a plain name.
func nameOrText(c *cursor) string {
	if c.peek() == '"' {
		return c.text()
	}
	id := c.ident()
	if id == "" {
		c.want("a name or a string")
	}
	return id
}
