package trace

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// UnitByName finds a unit by its name in reports; case does not matter.
func UnitByName(name string) (activity.Unit, bool) {
	for u, n := range activity.UnitNames {
		if strings.EqualFold(n, name) {
			return activity.Unit(u), true
		}
	}
	return 0, false
}

// Recorder writes a recording.
type Recorder struct {
	w       *bufio.Writer
	in, out any
	led     []uintptr // where the pointers of in led to
	fields  []reflect.Value
}

// NewRecorder writes the line of names for a unit of a chip that has not run yet, and keeps all
// units of the chip awake, since one that sleeps sees nothing. Call Cycle after every cycle and
// Close at the end. Errors of w are kept for both.
func NewRecorder(w io.Writer, chip *rtl.Chip, u activity.Unit) *Recorder {
	chip.KeepAwake()
	of := func(all any) any { return reflect.ValueOf(all).Elem().Field(int(u)).Addr().Interface() }
	r := &Recorder{w: bufio.NewWriter(w), in: of(chip.Inputs()), out: of(chip.Wires())}
	var header []string
	header, r.fields = columns(r.in, r.out)
	r.w.WriteString(strings.Join(header, ",") + "\n")
	return r
}

// Cycle adds a cycle, the chip's latest.
func (r *Recorder) Cycle(cycle uint64) error {
	if led := leads(r.in); !slices.Equal(led, r.led) { // the netlist led an answer here
		r.led = led
		_, r.fields = columns(r.in, r.out)
	}
	b := strconv.AppendUint(r.w.AvailableBuffer(), cycle, 10)
	for _, v := range r.fields {
		b = append(b, ',')
		switch {
		case v.Kind() == reflect.Bool && v.Bool():
			b = append(b, '1')
		case v.Kind() == reflect.Bool:
			b = append(b, '0')
		case v.CanInt():
			b = strconv.AppendInt(b, v.Int(), 10)
		default:
			b = strconv.AppendUint(b, v.Uint(), 10)
		}
	}
	_, err := r.w.Write(append(b, '\n'))
	return err
}

// Close writes what is buffered.
func (r *Recorder) Close() error { return r.w.Flush() }

// leads tells where the pointers of an In lead to.
func leads(in any) (to []uintptr) {
	v := reflect.ValueOf(in).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Pointer {
			to = append(to, f.Pointer())
		}
	}
	return to
}

// columns are the names and the places of all columns but the cycle's, and the line of names.
func columns(in, out any) (header []string, fields []reflect.Value) {
	header = []string{"cycle"}
	add := func(name string, v reflect.Value) {
		header, fields = append(header, name), append(fields, v)
	}
	walk("In", reflect.ValueOf(in), add)
	walk("Out", reflect.ValueOf(out), add)
	return header, fields
}

// walk visits the bools and integers of a value in their order; nil pointers get something to
// point to. It panics on what a wire cannot carry, which is a mistake in the unit's source.
func walk(name string, v reflect.Value, visit func(string, reflect.Value)) {
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		walk(name, v.Elem(), visit)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			walk(name+"."+v.Type().Field(i).Name, v.Field(i), visit)
		}
	case v.Kind() == reflect.Array:
		for i := range v.Len() {
			walk(name+"."+strconv.Itoa(i), v.Index(i), visit)
		}
	case v.Kind() == reflect.Bool:
		visit(name+":u1", v)
	case v.CanInt():
		visit(fmt.Sprintf("%s:i%d", name, v.Type().Bits()), v)
	case v.CanUint():
		visit(fmt.Sprintf("%s:u%d", name, v.Type().Bits()), v)
	default:
		panic(fmt.Sprintf("trace: %s: got %v, want what a wire can carry", name, v.Type()))
	}
}
