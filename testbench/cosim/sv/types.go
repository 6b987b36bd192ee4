// Package sv describes the chip's ports to SystemVerilog: it reads the In and Out of the units with
// their tags (package port says what those mean), gives every field its place in a vector of bits,
// and writes chip_pkg.sv, which the RTL in rtl/ is built on.
package sv

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// Type is a packed struct: its first field stands in the highest bits.
type Type struct {
	Name   string // of the typedef
	Fields []Field
	Width  int
}

// Field is a field of a struct, or a port of a unit: a vector of Count elements of Width bits, the
// first in the lowest ones.
type Field struct {
	Name  string
	Width int   // of an element
	Count int   // of elements; 0: it is no array
	Type  *Type // of an element that is a struct
	Valid string

	Index []int // of the field in its Go struct, through embedded ones
}

// Bits is the width of the whole field.
func (f *Field) Bits() int { return f.Width * max(f.Count, 1) }

// fault is what hardware says of a fault: the instruction's address is the simulator's.
var fault = &Type{Name: "fault_t", Width: 68, Fields: []Field{
	{Name: "code", Width: 4, Index: []int{0}},
	{Name: "arg", Width: 64, Valid: "code", Index: []int{2}},
}}

// types collects the structs by name.
type types struct {
	widths port.Widths
	list   []*Type
}

// fields describes the fields of a struct; what is bookkeeping or another struct's field `except`
// is left out.
func (ts *types) fields(t reflect.Type, except string) (list []Field) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("sim") != "" || f.Name == except {
			continue
		}
		if f.Anonymous {
			for _, inner := range ts.fields(f.Type, "") {
				inner.Index = append([]int{i}, inner.Index...)
				list = append(list, inner)
			}
			continue
		}
		field := Field{Name: Name(f.Name), Valid: Name(f.Tag.Get("valid")), Index: []int{i}}
		ts.element(&field, f)
		list = append(list, field)
	}
	return list
}

// element finds the number and the type of a field's elements.
func (ts *types) element(field *Field, f reflect.StructField) {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for t.Kind() == reflect.Array {
		field.Count = max(field.Count, 1) * t.Len()
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		field.Type = ts.structure(t, f.Tag.Get("without"))
		field.Width = field.Type.Width
		return
	}
	tag := f.Tag.Get("bits")
	width, ok := ts.widths[tag]
	if !ok {
		var err error
		if width, err = strconv.Atoi(tag); err != nil {
			panic(fmt.Sprintf("sv: %s: got bits %q, want a number or a width of the machine", f.Name, tag))
		}
	}
	field.Width = width
}

// structure describes a struct once.
func (ts *types) structure(t reflect.Type, without string) *Type {
	if t == reflect.TypeFor[port.Fault]() {
		return fault
	}
	name := Name(t.Name())
	if without != "" {
		name += "_without_" + Name(without)
	}
	name += "_t"
	for _, known := range ts.list {
		if known.Name == name {
			return known
		}
	}
	typ := &Type{Name: name, Fields: ts.fields(t, without)}
	for i := range typ.Fields {
		typ.Width += typ.Fields[i].Bits()
	}
	ts.list = append(ts.list, typ)
	return typ
}

// keywords are names that SystemVerilog does not leave to us.
var keywords = []string{"new", "cell", "bit", "end", "begin", "do", "buf", "ref", "type", "var", "with", "local"}

// Name is that of a Go field or type in the RTL: in lower case with underscores.
func Name(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if i > 0 && unicode.IsUpper(r) &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	if s := b.String(); !slices.Contains(keywords, s) {
		return s
	}
	return b.String() + "_"
}

// Unit is a unit of the chip as SystemVerilog sees it.
type Unit struct {
	Unit    activity.Unit
	Module  string
	In, Out *Type // one field a port
	Events  []activity.Event
}
