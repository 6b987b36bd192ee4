package port

import (
	"fmt"
	"reflect"
	"strconv"

	"bdfasim/rtl/activity"
)

// Clocked adds up the flip-flops of a unit by the enable that clocks them, as the tags of its State
// and Out tell. Its keys are the events that count the cycles in which a group is clocked.
//
//	bits:"n"     n bits each element: the field may be a number, a bool or an array of them, of any depth
//	bits:"name"  the same with as many bits as Widths tells: the width follows the machine
//	clk:"group"  the field, or all of a struct, belongs to this group: event clock_<unit>_<group>;
//	             without, to the group of what it lies in, at last to the unit's own: clock_<unit>
//	mem:"NAME"   a memory: no flip-flops
//	sim:"why"    bookkeeping of the simulator: no hardware has it
//	valid:"F"    payload: means something only while field F beside it is set
//
// A field without bits, mem or sim is a struct, or an array of structs, whose own fields count.
// Clocked uses reflection: call it once, when the unit is made. It panics on a field that it cannot
// count and on a group without event, which are mistakes in the unit's source.
func Clocked(u activity.Unit, w Widths, parts ...any) map[activity.Event]int {
	c := counter{unit: u, widths: w, sum: map[activity.Event]int{}}
	for _, part := range parts {
		t := reflect.TypeOf(part)
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		c.fields(t, "")
	}
	return c.sum
}

// Widths are the widths, in bits, that the machine sets, by the names that tags give them.
type Widths map[string]int

// QueueRegBits is what a Queue adds to a unit's own group: head (2 bits) and length (3 bits).
const QueueRegBits = 5

type counter struct {
	unit   activity.Unit
	widths Widths
	sum    map[activity.Event]int
}

func (c *counter) fields(t reflect.Type, group string) {
	switch t {
	case reflect.TypeFor[Queue]():
		c.add(group, QueueRegBits)
		return
	case reflect.TypeFor[Fault](): // written once
		return
	}
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("clocked: got %v, want a struct", t))
	}
	for i := range t.NumField() {
		c.field(t, t.Field(i), group)
	}
}

func (c *counter) field(owner reflect.Type, f reflect.StructField, group string) {
	for _, none := range []string{"mem", "sim"} {
		if _, ok := f.Tag.Lookup(none); ok {
			return
		}
	}
	if name, ok := f.Tag.Lookup("clk"); ok {
		group = name
	}
	elements, element := 1, f.Type
	for element.Kind() == reflect.Array {
		elements *= element.Len()
		element = element.Elem()
	}
	tag, ok := f.Tag.Lookup("bits")
	if !ok {
		if element.Kind() != reflect.Struct {
			panic(fmt.Sprintf("clocked: %v.%s: got no tag, want bits, mem or sim", owner, f.Name))
		}
		for range elements {
			c.fields(element, group)
		}
		return
	}
	width, err := c.width(tag)
	if max := kindBits(element); err != nil || width < 1 || width > max {
		panic(fmt.Sprintf("clocked: %v.%s: got bits %q, want 1..%d for %v", owner, f.Name, tag, max, element))
	}
	c.add(group, elements*width)
}

// add adds bits to a group.
func (c *counter) add(group string, bits int) {
	name := activity.Active(c.unit).String()
	if group != "" {
		name += "_" + group
	}
	for e, info := range activity.Events {
		if info.Name == name {
			c.sum[activity.Event(e)] += bits
			return
		}
	}
	panic(fmt.Sprintf("clocked: got group %q of %v, want one with an event", group, c.unit))
}

// width is that of a tag: a name or a number.
func (c *counter) width(tag string) (int, error) {
	if width, ok := c.widths[tag]; ok {
		return width, nil
	}
	return strconv.Atoi(tag)
}

// kindBits is the largest width that a value of type t can hold; 0 for what is no plain number.
func kindBits(t reflect.Type) int {
	switch t.Kind() {
	case reflect.Bool:
		return 1
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return t.Bits()
	}
	return 0
}

// RegBits adds up all groups.
func RegBits(u activity.Unit, w Widths, parts ...any) (bits int) {
	for _, n := range Clocked(u, w, parts...) {
		bits += n
	}
	return bits
}
