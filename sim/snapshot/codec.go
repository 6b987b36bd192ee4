package snapshot

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
)

// own is what lays its bytes out itself.
type own interface {
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

var ownType = reflect.TypeFor[own]()

// Encode lays out what the parts point to: numbers, and structs, arrays and slices of them, or what
// marshals itself. Of a struct it takes exported and embedded fields, but no pointers, which lead
// to neighbours.
func Encode(parts ...any) ([]byte, error) {
	c := &coder{bytes: binary.LittleEndian.AppendUint64(nil, layout(parts))}
	c.parts(parts)
	return c.bytes, c.err
}

// Decode is the inverse of Encode. The parts are of the same types in the same order; a slice that
// is not nil keeps its length.
func Decode(data []byte, parts ...any) error {
	if len(data) < 8 || binary.LittleEndian.Uint64(data) != layout(parts) {
		return fmt.Errorf("got the state of another version of the program")
	}
	c := &coder{bytes: data[8:], read: true}
	if c.parts(parts); c.err == nil && len(c.bytes) > 0 {
		c.err = fmt.Errorf("got %d bytes more than the state has", len(c.bytes))
	}
	return c.err
}

// coder walks values, and writes or reads them.
type coder struct {
	bytes []byte // written so far, or still to be read
	read  bool
	err   error
}

func (c *coder) parts(parts []any) {
	for _, p := range parts {
		c.value(reflect.ValueOf(p).Elem())
	}
}

func (c *coder) value(v reflect.Value) {
	if c.err != nil {
		return
	}
	if marshals(v.Type()) {
		c.marshal(v.Addr().Interface().(own))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if taken(v.Type().Field(i)) {
				c.value(v.Field(i))
			}
		}
	case reflect.Slice:
		n := c.number(uint64(v.Len()), 8)
		if c.read && v.IsNil() && n > 0 && c.enough(n) {
			v.Set(reflect.MakeSlice(v.Type(), int(n), int(n)))
		}
		if n != uint64(v.Len()) && c.err == nil {
			c.err = fmt.Errorf("got %d elements of %v, want %d", n, v.Type(), v.Len())
		}
		c.elements(v)
	case reflect.Array:
		c.elements(v)
	default:
		c.scalar(v)
	}
}

// enough tells whether so many elements can be in what is left: each has a byte or more.
func (c *coder) enough(n uint64) bool {
	if c.err == nil && n > uint64(len(c.bytes)) {
		c.err = io.ErrUnexpectedEOF
	}
	return c.err == nil
}

// elements goes through a slice or an array, plain numbers at once.
func (c *coder) elements(v reflect.Value) {
	if plain := v.Kind() == reflect.Slice && v.Type().Elem().PkgPath() == "" &&
		binary.Size(reflect.Zero(v.Type()).Interface()) == 0; plain && c.err == nil {
		if !c.read {
			c.bytes, c.err = binary.Append(c.bytes, binary.LittleEndian, v.Interface())
			return
		}
		n, err := binary.Decode(c.bytes, binary.LittleEndian, v.Interface())
		c.bytes, c.err = c.bytes[n:], err
		return
	}
	for i := 0; i < v.Len() && c.err == nil; i++ {
		c.value(v.Index(i))
	}
}

func (c *coder) marshal(m own) {
	if !c.read {
		var b []byte
		b, c.err = m.MarshalBinary()
		c.number(uint64(len(b)), 8)
		c.bytes = append(c.bytes, b...)
		return
	}
	if n := c.number(0, 8); c.enough(n) {
		c.err = m.UnmarshalBinary(c.bytes[:n])
		c.bytes = c.bytes[n:]
	}
}

func (c *coder) scalar(v reflect.Value) {
	switch size := int(v.Type().Size()); {
	case v.Kind() == reflect.Bool:
		var b uint64
		if v.Bool() {
			b = 1
		}
		if b = c.number(b, 1); c.read {
			v.SetBool(b != 0)
		}
	case v.CanInt():
		if n := c.number(uint64(v.Int()), size); c.read {
			v.SetInt(int64(n) << (64 - 8*size) >> (64 - 8*size))
		}
	case v.CanUint():
		if n := c.number(v.Uint(), size); c.read {
			v.SetUint(n)
		}
	case v.CanFloat():
		if n := c.number(math.Float64bits(v.Float()), 8); c.read {
			v.SetFloat(math.Float64frombits(n))
		}
	default:
		c.err = fmt.Errorf("a %v cannot be kept", v.Type()) // a mistake of the caller
	}
}

// number writes the low bytes of n, or reads a number of so many.
func (c *coder) number(n uint64, size int) uint64 {
	var b [8]byte
	if !c.read {
		binary.LittleEndian.PutUint64(b[:], n)
		c.bytes = append(c.bytes, b[:size]...)
		return n
	}
	if !c.enough(uint64(size)) {
		return 0
	}
	copy(b[:], c.bytes[:size])
	c.bytes = c.bytes[size:]
	return binary.LittleEndian.Uint64(b[:])
}

// taken tells whether a field of a struct is part of its state.
func taken(f reflect.StructField) bool {
	return (f.IsExported() || f.Anonymous) && f.Type.Kind() != reflect.Pointer
}

func marshals(t reflect.Type) bool { return reflect.PointerTo(t).Implements(ownType) }

// layout is a fingerprint of the types of the parts.
func layout(parts []any) uint64 {
	var b strings.Builder
	for _, p := range parts {
		describe(&b, reflect.TypeOf(p).Elem())
	}
	h := fnv.New64a()
	_, _ = io.WriteString(h, b.String())
	return h.Sum64()
}

func describe(b *strings.Builder, t reflect.Type) {
	fmt.Fprintf(b, "%v ", t.Kind())
	switch kind := t.Kind(); {
	case marshals(t):
		fmt.Fprintf(b, "%v ", t)
	case kind == reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); taken(f) {
				fmt.Fprintf(b, "%s ", f.Name)
				describe(b, f.Type)
			}
		}
		b.WriteString("end ")
	case slices.Contains([]reflect.Kind{reflect.Slice, reflect.Array}, kind):
		if kind == reflect.Array {
			fmt.Fprintf(b, "%d ", t.Len())
		}
		describe(b, t.Elem())
	}
}
