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
//	each:"1"     an array or slice whose elements are clocked one at a time: the event counts
//	             elements; what belongs to the unit's own group is clocked with all of that
//	clk:"-"      in no group: by names the event that prices it, in each unit that has it: of what
//	             works on the register, of the memory whose output it is, or the clock of the group
//	             that counts its bits
//	clk:"group"  the field, or all of a struct, belongs to this group: event clock_<unit>_<group>;
//	             without, to the group of what it lies in, at last to the unit's own: clock_<unit>
//	without:"F"  the struct without its field F: the data of a port that only reads
//	mem:"NAME"   a memory: no flip-flops
//	sim:"why"    bookkeeping of the simulator: no hardware has it
//	valid:"F"    payload: means something only while field F beside it is set
//
// A field without bits, mem or sim is a struct, or an array of structs, whose own fields count.
// Clocked uses reflection: call it once, when the unit is made. It panics on a field that it cannot
// count and on a group without event, which are mistakes in the unit's source.
func Clocked(u activity.Unit, w Widths, parts ...any) map[activity.Event]activity.Registers {
	sum := map[activity.Event]activity.Registers{}
	for _, part := range parts {
		v := reflect.ValueOf(part)
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		walk := walker{unit: u, widths: w, visit: func(_ string, _ reflect.Value, e activity.Event, bits, copies int) {
			if e == activity.Active(u) {
				bits, copies = bits*copies, 1
			}
			if r, ok := sum[e]; ok && r.Copies != copies {
				panic(fmt.Sprintf("clocked: %v: got %d copies and %d", e, r.Copies, copies))
			}
			sum[e] = activity.Registers{Bits: sum[e].Bits + bits, Copies: copies}
		}}
		walk.structure("", v, "")
	}
	return sum
}

// Register is a register of a unit, or an array of them, whose group an event counts.
type Register struct {
	Path  string
	Value reflect.Value
	Group activity.Event
	Each  bool // the event counts elements
}

// Registers lists the registers of a unit, of State and Out given as pointers.
func Registers(u activity.Unit, parts ...any) (list []Register) {
	w := &walker{unit: u, all: true, visit: func(path string, v reflect.Value, e activity.Event, _, copies int) {
		list = append(list, Register{path, v, e, copies > 0})
	}}
	for _, part := range parts {
		v := reflect.ValueOf(part).Elem()
		w.structure(v.Type().String(), v, "")
	}
	return list
}

// Widths are the widths, in bits, that the machine sets, by the names that tags give them.
type Widths map[string]int

// walker visits the registers of a struct: field by field, arrays and slices of numbers whole.
type walker struct {
	unit   activity.Unit
	widths Widths
	visit  func(path string, v reflect.Value, group activity.Event, bits, copies int)
	copies int    // of what is visited
	all    bool   // visit every copy, whatever its width
	except string // field that the struct does without
}

func (w *walker) structure(path string, v reflect.Value, group string) {
	switch t := v.Type(); {
	case t == reflect.TypeFor[Fault](): // written once
		return
	case t.Kind() != reflect.Struct:
		panic(fmt.Sprintf("clocked: got %v, want a struct", t))
	}
	except := w.except
	w.except = ""
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Name != except && f.Tag.Get("clk") != "-" && f.Tag.Get("mem") == "" && f.Tag.Get("sim") == "" {
			w.field(path+"."+f.Name, v.Type(), f, v.Field(i), group)
		}
	}
}

func (w *walker) field(path string, owner reflect.Type, f reflect.StructField, v reflect.Value, group string) {
	if name, ok := f.Tag.Lookup("clk"); ok {
		group = name
	}
	_, each := f.Tag.Lookup("each")
	_, plain := f.Tag.Lookup("bits")
	if plain && v.Kind() == reflect.Slice && v.Len() == 0 { // not built
		return
	}
	if each {
		defer func(n int) { w.copies = n }(w.copies)
		w.copies = max(w.copies, 1) * v.Len()
		if !w.all {
			v = v.Index(0)
		}
	}
	tag, ok := f.Tag.Lookup("bits")
	if !ok {
		w.except = f.Tag.Get("without")
		w.structures(path, owner, f, v, group)
		return
	}
	if w.all {
		w.visit(path, v, w.event(group), 0, w.copies)
		return
	}
	elements, element := size(v)
	width, err := w.width(tag)
	if max := kindBits(element); err != nil || width < 1 || width > max {
		panic(fmt.Sprintf("clocked: %v.%s: got bits %q, want 1..%d for %v", owner, f.Name, tag, max, element))
	}
	w.visit(path, v, w.event(group), elements*width, max(w.copies, 1))
}

// structures visits a struct, or those of an array or slice.
func (w *walker) structures(path string, owner reflect.Type, f reflect.StructField, v reflect.Value, group string) {
	switch v.Kind() {
	case reflect.Struct:
		w.structure(path, v, group)
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			w.structures(fmt.Sprintf("%s[%d]", path, i), owner, f, v.Index(i), group)
		}
		if _, element := size(v); element.Kind() == reflect.Struct {
			break
		}
		fallthrough
	default:
		panic(fmt.Sprintf("clocked: %v.%s: got no tag, want bits, mem or sim", owner, f.Name))
	}
}

// size is the number of elements of a value and their type.
func size(v reflect.Value) (n int, element reflect.Type) {
	if k := v.Kind(); k != reflect.Array && k != reflect.Slice {
		return 1, v.Type()
	}
	if element = v.Type().Elem(); element.Kind() != reflect.Array {
		return v.Len(), element
	}
	inner, element := size(reflect.Zero(element))
	return v.Len() * inner, element
}

// event is that of a group.
func (w *walker) event(group string) activity.Event {
	name := activity.Active(w.unit).String()
	if group != "" {
		name += "_" + group
	}
	for e, info := range activity.Events {
		if info.Name == name {
			return activity.Event(e)
		}
	}
	panic(fmt.Sprintf("clocked: got group %q of %v, want one with an event", group, w.unit))
}

// width is that of a tag: a name or a number.
func (w *walker) width(tag string) (int, error) {
	if width, ok := w.widths[tag]; ok {
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
	for _, r := range Clocked(u, w, parts...) {
		bits += r.Bits * r.Copies
	}
	return bits
}
