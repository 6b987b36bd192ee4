package port

import (
	"fmt"
	"reflect"
	"strconv"
)

// QueueRegBits is what a Queue adds to the clocked registers of its unit: head (2 bits) and length (3 bits). The
// entries and the parameter registers are written once a command and clock-gated otherwise.
const QueueRegBits = 5

// RegBits counts the clocked register bits of a unit's State, a struct or a pointer to one, by the tags of its fields:
//
//	bits:"n"    n bits each element: the field may be a number, a bool or an array of them, of any depth
//	bits:"name" the same with as many bits as Widths tells: the width follows the unit's configuration
//	mem:"NAME"  a memory: no clocked register
//
// A field without a tag is a struct (or an array of structs) whose own fields count; a Queue counts as QueueRegBits, a
// Fault as nothing, since it is written once.
// RegBits uses reflection: call it once, when the unit is made. It panics on a field that it cannot count, which is a
// mistake in the unit's source.
func RegBits(state any) int { return Widths(nil).RegBits(state) }

// Widths are the widths, in bits, that a unit's configuration sets, by the names that tags give them.
type Widths map[string]int

// RegBits is RegBits of a state whose tags name widths.
func (w Widths) RegBits(state any) int {
	t := reflect.TypeOf(state)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return w.structBits(t)
}

func (w Widths) structBits(t reflect.Type) (bits int) {
	switch t {
	case reflect.TypeFor[Queue]():
		return QueueRegBits
	case reflect.TypeFor[Fault]():
		return 0
	}
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("regbits: got %v, want a struct", t))
	}
	for i := range t.NumField() {
		bits += w.fieldBits(t, t.Field(i))
	}
	return bits
}

func (w Widths) fieldBits(owner reflect.Type, f reflect.StructField) int {
	if _, ok := f.Tag.Lookup("mem"); ok {
		return 0
	}
	elements, element := 1, f.Type
	for element.Kind() == reflect.Array {
		elements *= element.Len()
		element = element.Elem()
	}
	tag, ok := f.Tag.Lookup("bits")
	if !ok {
		if element.Kind() != reflect.Struct {
			panic(fmt.Sprintf("regbits: %v.%s: got no tag, want bits or mem", owner, f.Name))
		}
		return elements * w.structBits(element)
	}
	width, err := w.width(tag)
	if max := kindBits(element); err != nil || width < 1 || width > max {
		panic(fmt.Sprintf("regbits: %v.%s: got bits %q, want 1..%d for %v", owner, f.Name, tag, max, element))
	}
	return elements * width
}

// width is that of a tag: a name or a number.
func (w Widths) width(tag string) (int, error) {
	if width, ok := w[tag]; ok {
		return width, nil
	}
	return strconv.Atoi(tag)
}

// kindBits is the largest width that a value of type t can hold; 0 for what is no plain number.
func kindBits(t reflect.Type) int {
	switch t.Kind() {
	case reflect.Bool:
		return 1
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return t.Bits()
	}
	return 0
}
