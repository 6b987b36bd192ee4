package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Values of TensorProto.DataType.
const (
	typeFloat   = 1
	typeInt32   = 6
	typeInt64   = 7
	typeFloat16 = 10
	typeDouble  = 11
)

var typeNames = map[int64]string{
	0: "no type", typeFloat: "FLOAT", 2: "UINT8", 3: "INT8", 4: "UINT16", 5: "INT16",
	typeInt32: "INT32", typeInt64: "INT64", 8: "STRING", 9: "BOOL", typeFloat16: "FLOAT16", typeDouble: "DOUBLE",
	12: "UINT32", 13: "UINT64", 16: "BFLOAT16",
}

func typeName(t int64) string {
	if s, ok := typeNames[t]; ok {
		return s
	}
	return fmt.Sprintf("type %d", t)
}

// maxElements bounds a tensor as package net bounds a layer, maxShape one of integers: a shape.
const (
	maxElements = 1 << 28
	maxShape    = 64
)

// open gives the tensor its name in errors, and the source of its numbers.
func (t *tensor) open(where string, from *source) {
	t.where, t.from = where, from
	if t.Name != "" {
		t.where = fmt.Sprintf("%s %q", where, t.Name)
	}
}

// elements is the product of the dimensions; a scalar has one.
func (t *tensor) elements() (int, error) {
	n := int64(1)
	if len(t.Dims) > maxShape {
		return 0, fmt.Errorf("%s: dims: got %d, want at most %d", t.where, len(t.Dims), maxShape)
	}
	for _, d := range t.Dims {
		if d < 0 || d > maxElements || d > 0 && n > maxElements/d {
			return 0, fmt.Errorf("%s: dims: got %v, want numbers from 0 with a product of at most %d", t.where, t.Dims, maxElements)
		}
		n *= d
	}
	return int(n), nil
}

// reals returns the elements of a floating-point tensor, all finite, in a
// slice of the caller's own.
func (t *tensor) reals() ([]float64, error) {
	n, err := t.load()
	if err != nil {
		return nil, err
	}
	var v []float64
	switch t.Kind {
	case typeFloat:
		v, err = decode(t, n, "float_data", t.Floats, func(x float32) float64 { return float64(x) })
	case typeDouble:
		v, err = decode(t, n, "double_data", t.Doubles, func(x float64) float64 { return x })
	case typeFloat16:
		bits := make([]uint16, len(t.Int32s))
		for i, b := range t.Int32s {
			bits[i] = uint16(b)
		}
		v, err = decode(t, n, "int32_data", bits, half)
	default:
		return nil, fmt.Errorf("%s: data_type: got %s, want FLOAT, DOUBLE or FLOAT16", t.where, typeName(t.Kind))
	}
	if err != nil {
		return nil, err
	}
	for i, x := range v {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%s: element %d: got %v, want a finite number", t.where, i, x)
		}
	}
	return v, nil
}

// ints returns the elements of an integer tensor.
func (t *tensor) ints() ([]int64, error) {
	if n, err := t.elements(); err == nil && (n > maxShape || len(t.Dims) > 1) {
		return nil, fmt.Errorf("%s: dims: got %v, want a vector of at most %d integers",
			t.where, t.Dims, maxShape)
	}
	n, err := t.load()
	switch {
	case err != nil:
		return nil, err
	case t.Kind == typeInt64:
		return decode(t, n, "int64_data", t.Int64s, func(x int64) int64 { return x })
	case t.Kind == typeInt32:
		list := make([]int32, len(t.Int32s))
		for i, x := range t.Int32s {
			list[i] = int32(x)
		}
		return decode(t, n, "int32_data", list, func(x int32) int64 { return int64(x) })
	}
	return nil, fmt.Errorf("%s: data_type: got %s, want INT64 or INT32", t.where, typeName(t.Kind))
}

// decode returns n elements, of raw_data or of the typed field called name.
func decode[T, V any](t *tensor, n int, name string, typed []T, value func(T) V) ([]V, error) {
	if raw := t.Raw.data; raw != nil {
		if size := n * binary.Size(*new(T)); len(raw) != size { // before memory is taken
			return nil, fmt.Errorf("%s: raw_data: got %d bytes, want %d of dims %v", t.where, len(raw), size, t.Dims)
		}
		typed = make([]T, n)
		if _, err := binary.Decode(raw, binary.LittleEndian, typed); err != nil {
			return nil, fmt.Errorf("%s: raw_data: %w", t.where, err)
		}
	}
	if len(typed) != n {
		return nil, fmt.Errorf("%s: %s: got %d elements, want %d of dims %v", t.where, name, len(typed), n, t.Dims)
	}
	v := make([]V, n)
	for i, x := range typed {
		v[i] = value(x)
	}
	return v, nil
}

// half is the value of an IEEE 754 binary16: sign, 5 bits of exponent, 10 of
// fraction.
func half(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	v := math.Ldexp(fraction, -24) // subnormal
	switch {
	case exponent == 31 && fraction == 0:
		v = math.Inf(1)
	case exponent == 31:
		v = math.NaN()
	case exponent > 0:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits>>15 == 1 {
		return math.Copysign(v, -1)
	}
	return v
}
