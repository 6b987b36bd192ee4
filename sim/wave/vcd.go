package wave

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// MaxElements is the longest array whose elements become signals. A longer one of integers is one
// signal of at most MaxBits, its first element in the low bits (the data of a burst); what is larger
// (rows of lanes, memories) is left out.
const (
	MaxElements = 16
	MaxBits     = 1024
)

// VCD writes a Value Change Dump of a struct: every field that is a bool or an integer is a signal, every struct or
// short array in it a scope. An integer with names (fmt.Stringer) has a second signal that shows them, as a text; viewers
// know those, although the standard does not. Slices, pointers, maps, functions, strings and floats are left out. Beside
// it are a clock, which rises with each cycle, and named floats and texts (Group).
type VCD struct {
	w       *bufio.Writer
	period  uint64
	signals []signal
	begun   bool
	last    uint64 // cycle of the last sample
	stamped bool
	time    uint64 // last written, if any
	line    []byte // of a text or an array
	err     error
}

// clock is the clock's identifier; those of signals are shorter.
const clock = "clock"

var rise, fall = []byte("1" + clock + "\n"), []byte("0" + clock + "\n")

// signal is one field, or a variable of a group.
type signal struct {
	name  string
	value reflect.Value
	text  func() string // nil: not a text
	width int           // 0: a real or a text
	id    string
	last  uint64 // bits; those of a float64
	line  []byte // the last of a text or an array
}

// Var is a signal that has a real number or a text for a value. The number must be finite when it is
// sampled; blanks in the text become underscores.
type Var struct {
	Name  string // without blanks
	Value *float64
	Text  func() string // nil: it has a number
}

// Group is variables in an outermost scope of their own.
type Group struct {
	Scope string
	Vars  []Var
}

// NewVCD writes the header for the struct that v points to, and for groups. name is the outermost scope; period is the length
// of a cycle in picoseconds, so that viewers show time. Errors of w are kept for Close.
func NewVCD(w io.Writer, name string, v any, period uint64, groups ...Group) (*VCD, error) {
	root := reflect.ValueOf(v)
	if root.Kind() != reflect.Pointer || root.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("wave: vcd: got a %T, want a pointer to a struct", v)
	}
	if period == 0 {
		return nil, fmt.Errorf("wave: vcd: period: got 0 ps, want at least 1")
	}
	d := &VCD{w: bufio.NewWriter(w), period: period}
	d.printf("$comment one cycle is %d time units $end\n$timescale 1ps $end\n", period)
	d.printf("$scope module %s $end\n$var wire 1 %s clk $end\n", name, clock)
	d.fields(root.Elem())
	d.printf("$upscope $end\n")
	if len(d.signals) == 0 {
		return nil, fmt.Errorf("wave: vcd: %T has no bool or integer", v)
	}
	for _, g := range groups {
		d.group(g)
	}
	d.printf("$enddefinitions $end\n")
	return d, nil
}

// group declares reals and texts.
func (d *VCD) group(g Group) {
	d.printf("$scope module %s $end\n", g.Scope)
	for _, r := range g.Vars {
		if r.Text != nil {
			d.texts(r.Name, r.Text)
			continue
		}
		d.printf("$var real 64 %s %s $end\n", d.add(r.Name, reflect.ValueOf(r.Value).Elem(), 0), r.Name)
	}
	d.printf("$upscope $end\n")
}

// add makes a signal and returns its identifier.
func (d *VCD) add(name string, v reflect.Value, width int) string {
	id := identifier(len(d.signals))
	d.signals = append(d.signals, signal{name: name, value: v, width: width, id: id})
	return id
}

// texts declares a text.
func (d *VCD) texts(name string, text func() string) {
	id := d.add(name, reflect.Value{}, 0)
	d.signals[len(d.signals)-1].text = text
	d.printf("$var string 1 %s %s $end\n", id, name)
}

// scope declares the fields of a struct or the elements of an array.
func (d *VCD) scope(name string, v reflect.Value) {
	d.printf("$scope module %s $end\n", name)
	if v.Kind() == reflect.Struct {
		d.fields(v)
	} else {
		for i := range v.Len() {
			d.declare("e"+strconv.Itoa(i), v.Index(i))
		}
	}
	d.printf("$upscope $end\n")
}

// fields declares the fields of a struct, those of embedded ones as its own.
func (d *VCD) fields(v reflect.Value) {
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Anonymous {
			d.fields(v.Field(i))
		} else {
			d.declare(f.Name, v.Field(i))
		}
	}
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
			return
		}
		e := v.Index(0)
		if width = v.Len() * int(8*e.Type().Size()); !e.CanInt() && !e.CanUint() || width > MaxBits {
			return
		}
	case reflect.Struct:
		d.scope(name, v)
		return
	default:
		return
	}
	d.printf("$var wire %d %s %s $end\n", width, d.add(name, v, width), name)
	if named := reflect.TypeFor[fmt.Stringer](); v.Type().Implements(named) {
		d.texts(name+"_name", func() string { return v.Interface().(fmt.Stringer).String() })
	}
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
	return d.sample(cycle)
}

// Amend writes what has changed since the last sample as of that sample's cycle, for what is known only after it. It
// does nothing if there is none.
func (d *VCD) Amend() error {
	if !d.begun {
		return d.err
	}
	return d.sample(d.last)
}

// sample writes what has changed.
func (d *VCD) sample(cycle uint64) error {
	if !d.begun || cycle != d.last {
		d.fall()
		d.stamp(cycle * d.period)
		d.write(rise)
	}
	for i := range d.signals {
		s := &d.signals[i]
		if s.text != nil || s.array() {
			if d.line = s.appendLong(d.line[:0]); !bytes.Equal(d.line, s.line) {
				s.line = append(s.line[:0], d.line...)
				d.stamp(cycle * d.period)
				d.write(d.line)
			}
			continue
		}
		v := s.read()
		if d.begun && v == s.last {
			continue
		}
		if s.width == 0 && !finite(v) {
			return fmt.Errorf("wave: vcd: sample: real %s: got %v in cycle %d, want a finite number", s.name, math.Float64frombits(v), cycle)
		}
		d.stamp(cycle * d.period)
		s.last = v
		d.write(s.appendChange(d.w.AvailableBuffer()))
	}
	d.begun, d.last = true, cycle
	return d.err
}

// fall lets the clock fall in the middle of the last cycle.
func (d *VCD) fall() {
	if d.begun {
		d.stamp(d.last*d.period + d.period/2)
		d.write(fall)
	}
}

// array tells whether the signal is a whole array.
func (s *signal) array() bool { return s.width > 0 && s.value.Kind() == reflect.Array }

// appendLong appends the line of a text or an array.
func (s *signal) appendLong(b []byte) []byte {
	if s.text != nil {
		b = append(append(b, 's'), strings.Join(strings.Fields(s.text()), "_")...)
	} else {
		b = append(b, 'b')
		width := s.width / s.value.Len()
		for i := s.value.Len() - 1; i >= 0; i-- {
			e := signal{value: s.value.Index(i), width: width}
			v := e.read()
			for bit := width - 1; bit >= 0; bit-- {
				b = append(b, '0'+byte(v>>bit&1))
			}
		}
	}
	return append(append(append(b, ' '), s.id...), '\n')
}

// stamp writes a time, once.
func (d *VCD) stamp(t uint64) {
	if d.stamped && t == d.time {
		return
	}
	d.stamped, d.time = true, t
	b := append(d.w.AvailableBuffer(), '#')
	d.write(append(strconv.AppendUint(b, t, 10), '\n'))
}

// read returns a signal's bits.
func (s *signal) read() uint64 {
	switch {
	case s.width == 0:
		return math.Float64bits(s.value.Float())
	case s.value.Kind() == reflect.Bool:
		if s.value.Bool() {
			return 1
		}
		return 0
	case s.value.CanInt():
		return uint64(s.value.Int()) & (^uint64(0) >> (64 - s.width))
	}
	return s.value.Uint()
}

// appendChange appends the line of a new value; reals are printed as %.16g does (IEEE 1364-2001 section 18.2.1).
func (s *signal) appendChange(b []byte) []byte {
	switch s.width {
	case 0:
		b = append(strconv.AppendFloat(append(b, 'r'), math.Float64frombits(s.last), 'g', 16, 64), ' ')
	case 1:
		b = strconv.AppendUint(b, s.last, 2)
	default:
		b = append(strconv.AppendUint(append(b, 'b'), s.last, 2), ' ')
	}
	return append(append(b, s.id...), '\n')
}

// finite tells whether bits are those of a number.
func finite(bits uint64) bool {
	f := math.Float64frombits(bits)
	return !math.IsNaN(f) && !math.IsInf(f, 0)
}

// Close ends the last cycle and writes what is buffered.
func (d *VCD) Close() error {
	if d.begun {
		d.fall()
		d.stamp((d.last + 1) * d.period)
	}
	if err := d.w.Flush(); d.err == nil {
		d.err = err
	}
	return d.err
}

func (d *VCD) printf(format string, args ...any) {
	d.write(fmt.Appendf(d.w.AvailableBuffer(), format, args...))
}

func (d *VCD) write(b []byte) {
	if _, err := d.w.Write(b); d.err == nil {
		d.err = err
	}
}
