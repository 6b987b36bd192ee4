package inspect

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/sbinet/npyio/npy"
)

// Array is numbers out of a memory with their format.
type Array struct {
	Name    string
	Shape   []int // the slowest dimension first
	Bits    int   // of an element
	Frac    int   // fraction bits: an element stands for Data * 2^-Frac
	Pattern bool  // elements are bits and no numbers: shown in hex
	Data    []int64

	from  int                // place of the first element
	place func(i int) string // how a place is written
}

// columns is the width of a text.
const columns = 80

// Text writes a line with name, title and format, and the elements with the place of the first
// of each line: as numbers, or the bits in hex. Fractions have as many digits as tell
// neighbours apart.
func (a *Array) Text(w io.Writer, title string, hex bool) error {
	cells, width := make([]string, len(a.Data)), 1
	for i, v := range a.Data {
		cells[i] = a.cell(v, hex || a.Pattern)
		width = max(width, len(cells[i]))
	}
	label := 0
	for _, i := range []int{0, len(a.Data) - 1} {
		label = max(label, len(a.place(a.from+max(i, 0))))
	}
	perLine := 1
	for 2*perLine*(width+1)+label < columns && perLine < 16 {
		perLine *= 2
	}
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s, %s; %s\n", a.Name, title, a.format())
	for i, cell := range cells {
		if i%perLine == 0 {
			fmt.Fprintf(b, "%-*s", label, a.place(a.from+i))
		}
		fmt.Fprintf(b, " %*s", width, cell)
		if i%perLine == perLine-1 || i == len(cells)-1 {
			b.WriteByte('\n')
		}
	}
	return b.Flush()
}

// format tells shape and format: 8 x 64 numbers of 16 bits, 12 after the point.
func (a *Array) format() string {
	text := fmt.Sprintf("numbers of %d bits", a.Bits)
	if a.Bits == 1 {
		text = "bits"
	}
	if len(a.Shape) > 1 {
		text = strings.Trim(strings.ReplaceAll(fmt.Sprint(a.Shape), " ", " x "), "[]") + " " + text
	}
	if a.Frac != 0 {
		text += fmt.Sprintf(", %d after the point", a.Frac)
	}
	return text
}

// cell writes one element.
func (a *Array) cell(v int64, hex bool) string {
	if hex {
		return fmt.Sprintf("%0*x", (a.Bits+3)/4, a.unsigned(v))
	}
	digits := int(math.Ceil(float64(max(a.Frac, 0)) * math.Log10(2)))
	return strconv.FormatFloat(math.Ldexp(float64(v), -a.Frac), 'f', digits, 64)
}

// unsigned are the bits of an element.
func (a *Array) unsigned(v int64) uint64 { return uint64(v) & (math.MaxUint64 >> (64 - a.Bits)) }

// NPY writes the elements as a NumPy array of the shape: fractions as float64, which holds them
// exactly, all others as int64, patterns as uint64.
func (a *Array) NPY(w io.Writer) error {
	kind := reflect.TypeFor[int64]()
	switch {
	case a.Pattern:
		kind = reflect.TypeFor[uint64]()
	case a.Frac != 0:
		kind = reflect.TypeFor[float64]()
	}
	for d := len(a.Shape) - 1; d >= 0; d-- {
		kind = reflect.ArrayOf(a.Shape[d], kind)
	}
	out, next := reflect.New(kind), 0
	a.fill(out.Elem(), &next)
	b := bufio.NewWriter(w)
	if err := npy.Write(b, out.Interface()); err != nil {
		return fmt.Errorf("%s: %w", a.Name, err)
	}
	return b.Flush()
}

// fill puts the elements from next on into nested arrays.
func (a *Array) fill(v reflect.Value, next *int) {
	if v.Kind() == reflect.Array {
		for i := range v.Len() {
			a.fill(v.Index(i), next)
		}
		return
	}
	x := a.Data[*next]
	*next++
	switch {
	case v.CanFloat():
		v.SetFloat(math.Ldexp(float64(x), -a.Frac))
	case v.CanUint():
		v.SetUint(a.unsigned(x))
	default:
		v.SetInt(x)
	}
}
