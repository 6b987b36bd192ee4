package onnx

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// span is a piece of the file and the byte at which it begins.
type span struct {
	data []byte
	at   int
	left *int // messages that the file may yet have
}

// maxMessages is how many messages, nodes and their attributes most of all, a file may have: many
// times what any network needs, and read in a moment.
const maxMessages = 1 << 17

// refused is a field that a file must not have.
type refused struct{}

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

// tag is what the tag `pb:"number,name,want"` of a struct's field says: the
// number of the message's field, its name in errors, if that of the message
// does not say enough, and what a refused field stands in the way of.
type tag struct {
	num        protowire.Number
	name, want string
}

// tags are those of a message, by the index of the struct's field; number 0 is
// none.
func tags(message reflect.Type) []tag {
	list := make([]tag, message.NumField())
	for i := range list {
		part := strings.Split(message.Field(i).Tag.Get("pb")+",,", ",")
		num, _ := strconv.Atoi(part[0]) // none is 0
		list[i] = tag{protowire.Number(num), part[1], part[2]}
	}
	return list
}

// read reads the message s into the fields of a struct that have its numbers,
// and skips all others; where names the message in errors.
func (s span) read(message reflect.Value, where string) error {
	tags := tags(message.Type())
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
		f.body.at, f.body.left = s.at+pos-len(f.body.data), s.left
		for i, t := range tags {
			if t.num != f.num {
				continue
			}
			if err := f.read(message.Field(i), t, where); err != nil {
				return err
			}
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

// read stores the value of a field of the message called where.
func (f field) read(v reflect.Value, t tag, where string) error {
	place := strings.TrimSpace(where + " " + t.name)
	if t.name != "" && (where == "model" || where == "graph") { // of which there is one
		place = t.name
	}
	switch dst := v.Addr().Interface().(type) {
	case *int64:
		*dst = int64(f.number)
		return f.is(protowire.VarintType, place)
	case *float32:
		*dst = math.Float32frombits(uint32(f.number))
		return f.is(protowire.Fixed32Type, place)
	case *span:
		*dst = f.body
		return f.is(protowire.BytesType, place)
	case *string:
		return f.text(dst, place)
	case *[]string:
		*dst = append(*dst, "")
		return f.text(&(*dst)[len(*dst)-1], place)
	case *[]int64:
		return numbers(f, dst, protowire.VarintType, place, func(v uint64) int64 { return int64(v) })
	case *[]float32:
		return numbers(f, dst, protowire.Fixed32Type, place, func(v uint64) float32 { return math.Float32frombits(uint32(v)) })
	case *[]float64:
		return numbers(f, dst, protowire.Fixed64Type, place, math.Float64frombits)
	case *refused:
		return fmt.Errorf("byte %d (%s): %s: got one, want %s", f.at, where, t.name, t.want)
	}
	switch v.Kind() {
	case reflect.Slice:
		place = fmt.Sprint(place, " ", v.Len())
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		v = v.Index(v.Len() - 1)
	case reflect.Pointer:
		if !v.IsNil() {
			return malformed(f.at, where, "a second "+place, "one")
		}
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if err := f.is(protowire.BytesType, place); err != nil {
		return err
	}
	if *f.body.left--; *f.body.left < 0 {
		return malformed(f.at, where, fmt.Sprintf("more than %d messages", maxMessages), "fewer")
	}
	return f.body.read(v, place)
}

func (f field) is(kind protowire.Type, where string) error {
	if f.kind != kind {
		return malformed(f.at, where, fmt.Sprintf("field %d as %s", f.num, kindNames[f.kind]), kindNames[kind])
	}
	return nil
}

func (f field) text(dst *string, where string) error {
	*dst = string(f.body.data)
	if err := f.is(protowire.BytesType, where); err != nil {
		return err
	}
	if !utf8.ValidString(*dst) {
		return malformed(f.body.at, where, "bytes that are no text", "UTF-8")
	}
	if strings.ContainsFunc(*dst, unicode.IsControl) { // names go into errors and titles
		return malformed(f.body.at, where, fmt.Sprintf("%.100q", *dst), "no control characters")
	}
	return nil
}

// numbers appends repeated numbers of a wire type, which come one by one or
// packed.
func numbers[T any](f field, dst *[]T, kind protowire.Type, where string, value func(uint64) T) error {
	if f.kind != protowire.BytesType {
		*dst = append(*dst, value(f.number))
		return f.is(kind, where)
	}
	for pos := 0; pos < len(f.body.data); {
		one := field{num: f.num, kind: kind}
		n := one.consume(f.body.data[pos:])
		if n < 0 {
			return malformed(f.body.at+pos, where, reason(n), "packed "+kindNames[kind])
		}
		*dst = append(*dst, value(one.number))
		pos += n
	}
	return nil
}

// appendMessage appends the fields of a struct that are not zero, in its order.
func appendMessage(b []byte, message reflect.Value) []byte {
	for i, t := range tags(message.Type()) {
		if v := message.Field(i); t.num != 0 && !v.IsZero() {
			b = appendField(b, t.num, v)
		}
	}
	return b
}

func appendField(b []byte, num protowire.Number, v reflect.Value) []byte {
	switch v := v.Interface().(type) {
	case int64:
		return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), uint64(v))
	case float32:
		return protowire.AppendFixed32(protowire.AppendTag(b, num, protowire.Fixed32Type), math.Float32bits(v))
	}
	if v.Kind() == reflect.Slice {
		for i := range v.Len() {
			b = appendField(b, num, v.Index(i))
		}
		return b
	}
	b = protowire.AppendTag(b, num, protowire.BytesType)
	switch v := v.Interface().(type) {
	case string:
		return protowire.AppendString(b, v)
	case span:
		return protowire.AppendBytes(b, v.data)
	}
	return protowire.AppendBytes(b, appendMessage(nil, reflect.Indirect(v)))
}
