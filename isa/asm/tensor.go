package asm

import (
	"math"

	"bdfasim/isa/image"
)

// tensorField is one of the numbers of a .tensor directive: where it goes and what it may be.
type tensorField struct {
	name      string
	low, high int64
	set       func(t *image.Tensor, v int64)
}

// tensorFields are the numbers before the dimensions.
var tensorFields = []tensorField{
	{"addr", 0, math.MaxUint32, func(t *image.Tensor, v int64) { t.Addr = uint32(v) }},
	{"stride", 0, math.MaxUint32, func(t *image.Tensor, v int64) { t.Stride = uint32(v) }},
	{"bits", 1, 64, func(t *image.Tensor, v int64) { t.Bits = int(v) }},
	{"frac", -1024, 1024, func(t *image.Tensor, v int64) { t.Frac = int(v) }},
	{"layer", -1, math.MaxInt32, func(t *image.Tensor, v int64) { t.Layer = int(v) }},
}

// tensor handles .tensor name, space, layout, addr, stride, bits, frac, layer, dim, dim, ...
func (a *assembler) tensor(c *cursor, p pos) error {
	var t image.Tensor
	for _, s := range []*string{&t.Name, &t.Space, &t.Layout} {
		var err error
		if *s, err = nameOrText(c); err != nil {
			return err
		}
		if err := c.expect(','); err != nil {
			return err
		}
	}
	if t.Space != "xmem" && t.Space != "omem" && t.Space != "mask" {
		return failf(p.col, "tensor space: got %q, want xmem, omem or mask", t.Space)
	}
	if _, twice := a.img.Tensor(t.Name); twice {
		return failf(p.col, "tensor %q is given twice", t.Name)
	}
	index := len(a.img.Tensors)
	a.img.Tensors = append(a.img.Tensors, t)
	for i, f := range tensorFields {
		if i > 0 {
			if err := c.expect(','); err != nil {
				return err
			}
		}
		if err := a.tensorNumber(c, p, index, f); err != nil {
			return err
		}
	}
	dims := 0
	for ; c.accept(','); dims++ {
		if dims == image.MaxDims {
			return failf(c.i, "dimensions: got more than %d", image.MaxDims)
		}
		a.img.Tensors[index].Shape = append(a.img.Tensors[index].Shape, 1)
		d := dims
		f := tensorField{"dimension", 1, math.MaxInt32, func(t *image.Tensor, v int64) { t.Shape[d] = int(v) }}
		if err := a.tensorNumber(c, p, index, f); err != nil {
			return err
		}
	}
	if dims == 0 {
		return failf(c.i, "tensor without a dimension")
	}
	return nil
}

func (a *assembler) tensorNumber(c *cursor, p pos, index int, f tensorField) error {
	c.skip()
	p.col = c.i
	e, err := a.expression(c)
	if err != nil {
		return err
	}
	return a.later(p, e, func(v value) error {
		if v.n < f.low || v.n > f.high {
			return failf(p.col, "tensor %s: got %d, want %d..%d", f.name, v.n, f.low, f.high)
		}
		f.set(&a.img.Tensors[index], v.n)
		return nil
	})
}

// nameOrText parses a string constant or a plain name.
func nameOrText(c *cursor) (string, error) {
	if c.peek() == '"' {
		return c.text()
	}
	if id := c.ident(); id != "" {
		return id, nil
	}
	return "", failf(c.i, "got %s, want a name or a string", c.what())
}
