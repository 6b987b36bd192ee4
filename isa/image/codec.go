package image

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"bdfasim/isa"
)

// codec is an encoded section, read or written: what it holds is said once for both ways. An item
// that is written stays as it is; after an error, what is read is of no use.
type codec struct {
	b       []byte
	reading bool
	err     error
}

var errShort = errors.New("ends too early or holds an oversized number")

// unsigned is a number below a bound.
func unsigned[T int | uint32](c *codec, x *T, below uint64) {
	if !c.reading {
		c.b = binary.AppendUvarint(c.b, uint64(*x))
		return
	}
	v, n := binary.Uvarint(c.b)
	if c.take(n, v < below) {
		*x = T(v)
	}
}

func (c *codec) signed(x *int) {
	if !c.reading {
		c.b = binary.AppendVarint(c.b, int64(*x))
		return
	}
	v, n := binary.Varint(c.b)
	if c.take(n, v >= math.MinInt32 && v <= math.MaxInt32) {
		*x = int(v)
	}
}

// take passes n bytes, if there are so many and what they hold is good.
func (c *codec) take(n int, good bool) bool {
	if c.err != nil || n <= 0 || n > len(c.b) || !good {
		c.err = errShort
		return false
	}
	c.b = c.b[n:]
	return true
}

func (c *codec) text(s *string) {
	n := len(*s)
	unsigned(c, &n, math.MaxInt32)
	if !c.reading {
		c.b = append(c.b, *s...)
	} else if b := c.b; n > 0 && c.take(n, true) {
		*s = string(b[:n])
	}
}

// list is the number of items and then each of them, at least a byte long, which bounds what is
// allocated.
func list[T any](c *codec, items *[]T, item func(*T)) {
	n := len(*items)
	unsigned(c, &n, uint64(len(c.b)))
	for i := 0; i < n && c.err == nil; i++ {
		if c.reading {
			*items = append(*items, *new(T))
		}
		item(&(*items)[i])
	}
}

// lines is the .bdfasim.lines section.
func (c *codec) lines(lines *[]Line) {
	index := map[string]int{}
	var files []string
	for _, l := range *lines {
		if _, ok := index[l.File]; !ok {
			index[l.File] = len(files)
			files = append(files, l.File)
		}
	}
	list(c, &files, c.text)
	var last Line
	list(c, lines, func(l *Line) {
		words, file, step := int(l.Addr-last.Addr)/isa.WordBytes, index[l.File], l.Line-last.Line
		unsigned(c, &words, MaxCodeBytes/isa.WordBytes)
		unsigned(c, &file, uint64(len(files)))
		c.signed(&step)
		if c.reading && c.err == nil {
			*l = Line{last.Addr + uint32(words)*isa.WordBytes, files[file], last.Line + step}
		}
		last = *l
	})
}

// tensors is the .bdfasim.tensors section.
func (c *codec) tensors(tensors *[]Tensor) {
	list(c, tensors, func(t *Tensor) {
		c.text(&t.Name)
		c.text(&t.Space)
		c.text(&t.Layout)
		unsigned(c, &t.Addr, 1<<32)
		unsigned(c, &t.Stride, 1<<32)
		c.signed(&t.Bits)
		c.signed(&t.Frac)
		c.signed(&t.Layer)
		list(c, &t.Shape, func(d *int) { unsigned(c, d, 1<<31) })
	})
}

// encode returns a section.
func encode[T any](section func(*codec, *T), of T) []byte {
	var c codec
	section(&c, &of)
	return c.b
}

// decode reads a section.
func decode[T any](section func(*codec, *T), b []byte) (of T, err error) {
	c := codec{b: b, reading: true}
	if section(&c, &of); c.err == nil && len(c.b) != 0 {
		return of, fmt.Errorf("got %d bytes too many", len(c.b))
	}
	return of, c.err
}
