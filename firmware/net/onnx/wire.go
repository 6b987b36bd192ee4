package onnx

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// span is a piece of the file and the byte at which it begins.
type span struct {
	data []byte
	at   int
}

// field is one field of a message. What it holds depends on kind: number for
// varints and fixed widths, body for what has a length.
type field struct {
	num    protowire.Number
	kind   protowire.Type
	at     int // of the tag, in the file
	number uint64
	body   span
}

// kindNames says what a wire type is, for errors.
var kindNames = map[protowire.Type]string{
	protowire.VarintType: "a varint", protowire.Fixed32Type: "4 bytes", protowire.Fixed64Type: "8 bytes",
	protowire.BytesType: "bytes with a length", protowire.StartGroupType: "a group", protowire.EndGroupType: "an end of group",
}

// malformed is the error of what no protobuf reader could accept.
func malformed(at int, where, got, want string) error {
	return fmt.Errorf("byte %d (%s): got %s, want %s", at, where, got, want)
}

// reason says what protowire found wrong, n being its negative length.
func reason(n int) string {
	err := protowire.ParseError(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "the end of the data"
	}
	return strings.TrimLeft(strings.TrimPrefix(err.Error(), "proto:"), " \u00a0") // it varies its space
}

// fields calls visit for each field of the message s in turn; where names the
// message in errors.
func (s span) fields(where string, visit func(field) error) error {
	for pos := 0; pos < len(s.data); {
		f := field{at: s.at + pos}
		var n int
		if f.num, f.kind, n = protowire.ConsumeTag(s.data[pos:]); n < 0 {
			return malformed(f.at, where, reason(n), "a field")
		}
		pos += n
		if n = f.consume(s.data[pos:]); n < 0 {
			return malformed(s.at+pos, where, reason(n), fmt.Sprintf("field %d, %s", f.num, kindNames[f.kind]))
		}
		pos += n
		f.body.at = s.at + pos - len(f.body.data)
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// consume reads the value behind the tag and returns its length, negative for
// an error of protowire. Groups are skipped: ONNX has none.
func (f *field) consume(b []byte) (n int) {
	switch f.kind {
	case protowire.VarintType:
		f.number, n = protowire.ConsumeVarint(b)
	case protowire.Fixed32Type:
		var v uint32
		v, n = protowire.ConsumeFixed32(b)
		f.number = uint64(v)
	case protowire.Fixed64Type:
		f.number, n = protowire.ConsumeFixed64(b)
	case protowire.BytesType:
		f.body.data, n = protowire.ConsumeBytes(b)
	default:
		n = protowire.ConsumeFieldValue(f.num, f.kind, b)
	}
	return n
}

func (f field) is(kind protowire.Type, where string) error {
	if f.kind != kind {
		return malformed(f.at, where, fmt.Sprintf("field %d as %s", f.num, kindNames[f.kind]), kindNames[kind])
	}
	return nil
}

// The readers below store a value of their type.

func (f field) int(dst *int64, where string) error {
	*dst = int64(f.number)
	return f.is(protowire.VarintType, where)
}

func (f field) float(dst *float32, where string) error {
	*dst = math.Float32frombits(uint32(f.number))
	return f.is(protowire.Fixed32Type, where)
}

func (f field) message(dst *span, where string) error {
	*dst = f.body
	return f.is(protowire.BytesType, where)
}

func (f field) text(dst *string, where string) error {
	if err := f.is(protowire.BytesType, where); err != nil {
		return err
	}
	if !utf8.Valid(f.body.data) {
		return malformed(f.body.at, where, "bytes that are no text", "UTF-8")
	}
	*dst = string(f.body.data)
	return nil
}

func (f field) texts(dst *[]string, where string) error {
	var s string
	err := f.text(&s, where)
	*dst = append(*dst, s)
	return err
}

// numbers appends repeated numbers of a wire type, which come one by one or
// packed.
func (f field) numbers(kind protowire.Type, where string, add func(uint64)) error {
	if f.kind != protowire.BytesType {
		add(f.number)
		return f.is(kind, where)
	}
	for pos := 0; pos < len(f.body.data); {
		one := field{num: f.num, kind: kind}
		n := one.consume(f.body.data[pos:])
		if n < 0 {
			return malformed(f.body.at+pos, where, reason(n), "packed "+kindNames[kind])
		}
		add(one.number)
		pos += n
	}
	return nil
}

func (f field) ints(dst *[]int64, where string) error {
	return f.numbers(protowire.VarintType, where, func(v uint64) { *dst = append(*dst, int64(v)) })
}

func (f field) floats(dst *[]float64, where string) error {
	return f.numbers(protowire.Fixed32Type, where, func(v uint64) {
		*dst = append(*dst, float64(math.Float32frombits(uint32(v))))
	})
}

func (f field) doubles(dst *[]float64, where string) error {
	return f.numbers(protowire.Fixed64Type, where, func(v uint64) { *dst = append(*dst, math.Float64frombits(v)) })
}
