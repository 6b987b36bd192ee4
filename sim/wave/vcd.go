package wave

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// MaxElements is the longest array whose elements become signals; longer ones (rows of lanes, memories) are left out.
const MaxElements = 16

// VCD writes a Value Change Dump of a struct: every field that is a bool or an integer is a signal, every struct or
// short array in it a scope. Slices, pointers, maps, functions, strings and floats are left out.
type VCD struct {
	w       *bufio.Writer
	period  uint64
	signals []signal
	begun   bool
	last    uint64
	err     error
}

// signal is one field.
type signal struct {
	value reflect.Value
	width int
	id    string
	last  uint64
}

// NewVCD writes the header for the struct that v points to. name is the outermost scope; period is the length of a cycle
// in picoseconds, so that viewers show time. Errors of w are kept for Close.
func NewVCD(w io.Writer, name string, v any, period uint64) (*VCD, error) {
	root := reflect.ValueOf(v)
	if root.Kind() != reflect.Pointer || root.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("wave: vcd: got a %T, want a pointer to a struct", v)
	}
	if period == 0 {
		return nil, fmt.Errorf("wave: vcd: period: got 0 ps, want at least 1")
	}
	d := &VCD{w: bufio.NewWriter(w), period: period}
	d.printf("$comment one cycle is %d time units $end\n$timescale 1ps $end\n", period)
	d.scope(name, root.Elem())
	d.printf("$enddefinitions $end\n")
	if len(d.signals) == 0 {
		return nil, fmt.Errorf("wave: vcd: %T has no bool or integer", v)
	}
	return d, nil
}

// scope declares the fields of a struct or the elements of an array.
func (d *VCD) scope(name string, v reflect.Value) {
	d.printf("$scope module %s $end\n", name)
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			d.declare(v.Type().Field(i).Name, v.Field(i))
		}
	} else {
		for i := range v.Len() {
			d.declare("e"+strconv.Itoa(i), v.Index(i))
		}
	}
	d.printf("$upscope $end\n")
}

// declare makes a signal or a scope of a field, or leaves it out.
func (d *VCD) declare(name string, v reflect.Value) {
	width := 0
	switch v.Kind() {
	case reflect.Bool:
		width = 1
	case reflect.Int, reflect.Uint, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		width = v.Type().Bits()
	case reflect.Array:
		if v.Len() <= MaxElements {
			d.scope(name, v)
		}
		return
	case reflect.Struct:
		d.scope(name, v)
		return
	default:
		return
	}
	id := identifier(len(d.signals))
	d.signals = append(d.signals, signal{value: v, width: width, id: id})
	d.printf("$var wire %d %s %s $end\n", width, id, name)
}

// identifier returns the short name of a signal: digits of base 94 from the printable characters.
func identifier(n int) string {
	var b strings.Builder
	for {
		b.WriteByte(byte('!' + n%94))
		if n /= 94; n == 0 {
			return b.String()
		}
	}
}

// Sample writes what has changed since the last sample, as of a cycle. Cycles must rise.
func (d *VCD) Sample(cycle uint64) error {
	if d.begun && cycle <= d.last {
		return fmt.Errorf("wave: vcd: sample: got cycle %d after %d, want a later one", cycle, d.last)
	}
	stamped := false
	for i := range d.signals {
		s := &d.signals[i]
		v := s.read()
		if d.begun && v == s.last {
			continue
		}
		if !stamped {
			d.printf("#%d\n", cycle*d.period)
			stamped = true
		}
		if s.last = v; s.width == 1 {
			d.printf("%d%s\n", v, s.id)
		} else {
			d.printf("b%s %s\n", strconv.FormatUint(v, 2), s.id)
		}
	}
	d.begun, d.last = true, cycle
	return d.err
}

// read returns a signal's bits.
func (s *signal) read() uint64 {
	mask := ^uint64(0) >> (64 - s.width)
	switch {
	case s.value.Kind() == reflect.Bool:
		if s.value.Bool() {
			return 1
		}
		return 0
	case s.value.CanInt():
		return uint64(s.value.Int()) & mask
	}
	return s.value.Uint()
}

// Close ends the last cycle and writes what is buffered.
func (d *VCD) Close() error {
	if d.begun {
		d.printf("#%d\n", (d.last+1)*d.period)
	}
	if err := d.w.Flush(); d.err == nil {
		d.err = err
	}
	return d.err
}

func (d *VCD) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(d.w, format, args...); d.err == nil {
		d.err = err
	}
}
