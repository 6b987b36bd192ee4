package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Values of TensorProto.DataType.
const (
	typeFloat   = 1
	typeInt64   = 7
	typeFloat16 = 10
	typeDouble  = 11
)

var typeNames = map[int64]string{0: "no type", typeFloat: "FLOAT", 2: "UINT8", 3: "INT8", 4: "UINT16", 5: "INT16", 6: "INT32",
	typeInt64: "INT64", 8: "STRING", 9: "BOOL", typeFloat16: "FLOAT16", typeDouble: "DOUBLE", 12: "UINT32", 13: "UINT64", 16: "BFLOAT16"}

func typeName(t int64) string {
	if s, ok := typeNames[t]; ok {
		return s
	}
	return fmt.Sprintf("type %d", t)
}

// maxElements bounds a tensor as package net bounds a layer.
const maxElements = 1 << 28

// tensor is a TensorProto. Its elements are in raw, if that is there, or in
// the field of its type; they are decoded when a node asks for them.
type tensor struct {
	where   string // what errors call it
	name    string
	dims    []int64
	kind    int64
	raw     span
	hasRaw  bool
	floats  []float64 // float_data
	doubles []float64 // double_data
	int32s  []int64   // int32_data: float16 as its bits
	int64s  []int64   // int64_data
}

func (f field) tensor(where string) (*tensor, error) {
	t := &tensor{where: where}
	var s span
	if err := f.message(&s, where); err != nil {
		return t, err
	}
	outside, location := int64(0), ""
	err := s.fields(where, func(f field) error {
		switch f.num {
		case 1:
			return f.ints(&t.dims, where+" dims")
		case 2:
			return f.int(&t.kind, where+" data_type")
		case 3:
			return fmt.Errorf("%s: segment: got one, want the whole tensor", where)
		case 4:
			return f.floats(&t.floats, where+" float_data")
		case 5:
			return f.ints(&t.int32s, where+" int32_data")
		case 7:
			return f.ints(&t.int64s, where+" int64_data")
		case 8:
			return f.text(&t.name, where+" name")
		case 9:
			t.hasRaw = true
			return f.message(&t.raw, where+" raw_data")
		case 10:
			return f.doubles(&t.doubles, where+" double_data")
		case 13:
			return f.external(&location, where+" external_data")
		case 14:
			return f.int(&outside, where+" data_location")
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	if t.name != "" {
		t.where = fmt.Sprintf("%s %q", where, t.name)
	}
	if outside != 0 {
		return t, fmt.Errorf("%s: data_location: got external data in %q, want the data in this file", t.where, location)
	}
	return t, nil
}

// external reads a StringStringEntryProto and keeps the name of the file.
func (f field) external(location *string, where string) error {
	var s span
	if err := f.message(&s, where); err != nil {
		return err
	}
	var key, val string
	err := s.fields(where, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&key, where)
		case 2:
			return f.text(&val, where)
		}
		return nil
	})
	if key == "location" {
		*location = val
	}
	return err
}

// elements is the product of the dimensions; a scalar has one.
func (t *tensor) elements() (int, error) {
	n := int64(1)
	for _, d := range t.dims {
		if d < 0 || d > maxElements || d > 0 && n > maxElements/d {
			return 0, fmt.Errorf("%s: dims: got %v, want numbers from 0 with a product of at most %d", t.where, t.dims, maxElements)
		}
		n *= d
	}
	return int(n), nil
}

// reals returns the elements of a floating-point tensor, all finite, in a
// slice of the caller's own.
func (t *tensor) reals() ([]float64, error) {
	n, err := t.elements()
	if err != nil {
		return nil, err
	}
	var v []float64
	switch t.kind {
	case typeFloat:
		v, err = decode(t, n, "float_data", t.floats, 4, func(b []byte) float64 {
			return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		})
	case typeDouble:
		v, err = decode(t, n, "double_data", t.doubles, 8, func(b []byte) float64 {
			return math.Float64frombits(binary.LittleEndian.Uint64(b))
		})
	case typeFloat16:
		halves := make([]float64, len(t.int32s))
		for i, bits := range t.int32s {
			halves[i] = half(uint16(bits))
		}
		v, err = decode(t, n, "int32_data", halves, 2, func(b []byte) float64 { return half(binary.LittleEndian.Uint16(b)) })
	default:
		return nil, fmt.Errorf("%s: data_type: got %s, want FLOAT, DOUBLE or FLOAT16", t.where, typeName(t.kind))
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

// ints returns the elements of an int64 tensor.
func (t *tensor) ints() ([]int64, error) {
	n, err := t.elements()
	if err != nil {
		return nil, err
	}
	if t.kind != typeInt64 {
		return nil, fmt.Errorf("%s: data_type: got %s, want INT64", t.where, typeName(t.kind))
	}
	return decode(t, n, "int64_data", t.int64s, 8, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
}

// decode returns n elements, of raw_data (size bytes each) or of the typed
// field called name.
func decode[T any](t *tensor, n int, name string, typed []T, size int, one func([]byte) T) ([]T, error) {
	if !t.hasRaw {
		if len(typed) != n {
			return nil, fmt.Errorf("%s: %s: got %d elements, want %d of dims %v", t.where, name, len(typed), n, t.dims)
		}
		return slices.Clone(typed), nil
	}
	if len(t.raw.data) != n*size {
		return nil, fmt.Errorf("%s: raw_data: got %d bytes, want %d of dims %v", t.where, len(t.raw.data), n*size, t.dims)
	}
	v := make([]T, n)
	for i := range v {
		v[i] = one(t.raw.data[i*size:])
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
