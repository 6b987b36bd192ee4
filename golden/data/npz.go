package data

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// array is an array of an .npz file. Package npyio, which writes ours, is not for files from elsewhere: its
// reader panics on a header that is cut short and takes memory that a header claims.
type array struct {
	name   string // in errors
	file   *zip.File
	skip   int64 // bytes of the header
	kind   byte  // u, i, f or b as NumPy has them
	size   int   // bytes of an element
	order  binary.ByteOrder
	shape  []int
	length int // elements
}

// openNPZ reads x_train, y_train, x_test and y_test of an .npz file; the last two may be absent.
func openNPZ(name string) (Found, error) {
	f, err := os.Open(name)
	if err != nil {
		return Found{}, fmt.Errorf("data: %s: %w", name, reason(err))
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return Found{}, fmt.Errorf("data: %s: %w", name, reason(err))
	case !info.Mode().IsRegular() || info.Size() > maxBytes:
		return Found{}, fmt.Errorf("data: %s: got %v of %d bytes, want a regular file of at most %d", name, info.Mode(), info.Size(), maxBytes)
	}
	return readNPZ(name, f, info.Size())
}

func readNPZ(name string, r io.ReaderAt, size int64) (found Found, err error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return found, fmt.Errorf("data: %s: got no .npz file (%w), want one, or a folder", name, err)
	}
	arrays := map[string]*zip.File{}
	var names []string
	for _, f := range z.File {
		key := strings.TrimSuffix(f.Name, ".npy")
		arrays[key], names = f, append(names, key)
	}
	slices.Sort(names)
	var pair [4]*array // x_train, y_train, x_test, y_test
	for i, key := range []string{"x_train", "y_train", "x_test", "y_test"} {
		f := arrays[key]
		switch {
		case f != nil:
			if pair[i], err = head(name+": "+key, f, size); err != nil {
				return found, err
			}
		case i < 2 || i == 3 && pair[2] != nil || i == 2 && arrays["y_test"] != nil:
			return found, fmt.Errorf("data: %s: got arrays %s, want x_train and y_train, and both or none of x_test and y_test",
				name, some(names))
		}
	}
	return readPairs(name, pair)
}

// readPairs makes a set of the arrays.
func readPairs(name string, a [4]*array) (found Found, err error) {
	l, err := layoutOf(a[0])
	if err != nil {
		return found, err
	}
	low, high, err := a[0].span()
	if err != nil {
		return found, err
	}
	times, scaled := 1., ""
	if a[0].kind == 'f' || a[0].kind == 'b' {
		if scaled = ", rounded"; high <= 1 {
			times, scaled = 255, ", times 255 and rounded"
		}
	}
	var parts [2]labelled
	for i := range parts {
		if a[2*i] == nil {
			continue
		}
		if parts[i].Set, err = l.read(a[2*i], a[0], times); err != nil {
			return found, err
		}
		if parts[i].labels, err = a[2*i+1].integers(); err != nil {
			return found, err
		}
		parts[i].file = a[2*i+1].name
	}
	base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	found, err = join(base, parts[0], parts[1])
	found.Notes = append([]string{fmt.Sprintf("x_train: %c%d, %s, pixels %.4g..%.4g%s", a[0].kind, 8*a[0].size, l, low, high, scaled)},
		found.Notes...)
	return found, err
}

// npyHead is the header that NumPy writes.
var npyHead = regexp.MustCompile(`^\{'descr': '([<>|])([a-zA-Z])(\d+)', 'fortran_order': (False|True), 'shape': \(([0-9, ]*)\), *\}\s*$`)

// head reads the header of an array in a file of some bytes.
func head(name string, f *zip.File, size int64) (*array, error) {
	wrong := func(format string, args ...any) (*array, error) {
		return nil, fmt.Errorf("data: %s: "+format, append([]any{name}, args...)...)
	}
	r, err := f.Open()
	if err != nil {
		return wrong("%w", err)
	}
	defer r.Close()
	var start [12]byte
	if _, err := io.ReadFull(r, start[:10]); err != nil || string(start[:6]) != "\x93NUMPY" {
		return wrong("got no NumPy array, want one")
	}
	a := &array{name: name, file: f, skip: 10}
	n := uint32(binary.LittleEndian.Uint16(start[8:]))
	if start[6] > 1 {
		if _, err := io.ReadFull(r, start[10:]); err != nil {
			return wrong("header: %w", err)
		}
		n, a.skip = binary.LittleEndian.Uint32(start[8:]), 12
	}
	if n > maxHeader {
		return wrong("header: got %d bytes, want at most %d", n, maxHeader)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r, text); err != nil {
		return wrong("header: %w", err)
	}
	a.skip += int64(n)
	if err := a.describe(string(text)); err != nil {
		return wrong("%w", err)
	}
	return a, unpacked(name, int64(a.length)*int64(a.size), int(min(f.CompressedSize64, uint64(size))))
}

// describe reads the text of the header.
func (a *array) describe(text string) error {
	m := npyHead.FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("header: got %.100q, want that of a plain array of numbers", text)
	}
	if a.order = binary.LittleEndian; m[1] == ">" {
		a.order = binary.BigEndian
	}
	a.kind, a.length = m[2][0], 1
	a.size, _ = strconv.Atoi(m[3])
	for dim := range strings.SplitSeq(m[5], ",") {
		if dim = strings.TrimSpace(dim); dim == "" {
			continue
		}
		d, err := strconv.Atoi(dim)
		if err != nil || a.length > maxBytes/max(1, d) {
			return fmt.Errorf("shape: got (%s), want at most %d elements", m[5], maxBytes)
		}
		a.shape, a.length = append(a.shape, d), a.length*d
	}
	switch {
	case !strings.Contains(" f4 f8 b1 u1 u2 u4 u8 i1 i2 i4 i8 ", " "+m[2]+m[3]+" "):
		return fmt.Errorf("type: got %s%s%s, want integers, float32 or float64: astype makes them", m[1], m[2], m[3])
	case m[4] == "True" && len(a.shape) > 1:
		return fmt.Errorf("order: got Fortran's, want C's: numpy.ascontiguousarray makes it")
	}
	return nil
}

// each calls f with every element. Integers beyond 53 bits are not exact.
func (a *array) each(f func(k int, v float64) error) error {
	file, err := a.file.Open()
	if err != nil {
		return fmt.Errorf("data: %s: %w", a.name, err)
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 1<<16)
	if _, err := r.Discard(int(a.skip)); err != nil {
		return fmt.Errorf("data: %s: %w", a.name, err)
	}
	b := make([]byte, a.size)
	for k := range a.length {
		if _, err := io.ReadFull(r, b); err != nil {
			return fmt.Errorf("data: %s: got %d elements, want %d: %w", a.name, k, a.length, err)
		}
		if err := f(k, a.number(b)); err != nil {
			return fmt.Errorf("data: %s: element %d: %w", a.name, k, err)
		}
	}
	switch n, err := io.Copy(io.Discard, io.LimitReader(r, 1)); {
	case err != nil: // the checksum
		return fmt.Errorf("data: %s: %w", a.name, err)
	case n > 0:
		return fmt.Errorf("data: %s: got more bytes than the %d elements of its shape", a.name, a.length)
	}
	return nil
}

// number is an element.
func (a *array) number(b []byte) float64 {
	var v uint64
	switch a.size {
	case 1:
		v = uint64(b[0])
	case 2:
		v = uint64(a.order.Uint16(b))
	case 4:
		v = uint64(a.order.Uint32(b))
	default:
		v = a.order.Uint64(b)
	}
	switch {
	case a.kind == 'i':
		return float64(int64(v<<(64-8*a.size)) >> (64 - 8*a.size))
	case a.kind == 'f' && a.size == 4:
		return float64(math.Float32frombits(uint32(v)))
	case a.kind == 'f':
		return math.Float64frombits(v)
	}
	return float64(v)
}

// span is the smallest and the largest pixel.
func (a *array) span() (low, high float64, err error) {
	low, high = math.Inf(1), math.Inf(-1)
	err = a.each(func(_ int, v float64) error {
		low, high = min(low, v), max(high, v)
		return inside(v, 255)
	})
	return low, high, err
}

func inside(v, most float64) error {
	if !(v >= 0 && v <= most) { // NaN, too
		return fmt.Errorf("got %g, want 0..%g", v, most)
	}
	return nil
}

// integers are all elements of an array of labels.
func (a *array) integers() (out []int, err error) {
	switch {
	case len(a.shape) == 2 && a.shape[1] > 1:
		return nil, fmt.Errorf("data: %s: got shape %v, want one label an image: argmax(axis=1) makes it of one-hot rows", a.name, a.shape)
	case len(a.shape) == 0 || len(a.shape) > 2:
		return nil, fmt.Errorf("data: %s: got shape %v, want one label an image", a.name, a.shape)
	case a.kind != 'u' && a.kind != 'i':
		return nil, fmt.Errorf("data: %s: got elements of type %c%d, want integers: astype(\"int64\") makes them", a.name, a.kind, 8*a.size)
	}
	err = a.each(func(_ int, v float64) error {
		out = append(out, int(max(-1, min(v, 1<<20)))) // what is no label stays none
		return nil
	})
	return out, err
}

// layout says how an image lies in an array.
type layout struct {
	Shape
	last  bool // channels are the last dimension
	order string
}

// String is for notes.
func (l layout) String() string { return fmt.Sprintf("%s, images of %s", l.order, l.Shape) }

// layoutOf tells the layout by the number of channels: 1 or 3.
func layoutOf(a *array) (layout, error) {
	is := func(d int) bool { return d == 1 || d == 3 }
	switch s := a.shape; {
	case len(s) == 2:
		return layout{Shape{1, 1, s[1]}, false, "N,D"}, nil
	case len(s) == 3:
		return layout{Shape{1, s[1], s[2]}, false, "N,H,W"}, nil
	case len(s) == 4 && is(s[3]):
		return layout{Shape{s[3], s[1], s[2]}, true, "N,H,W,C"}, nil
	case len(s) == 4 && is(s[1]):
		return layout{Shape{s[1], s[2], s[3]}, false, "N,C,H,W"}, nil
	}
	return layout{}, fmt.Errorf("data: %s: got shape %v, want N,D or N,H,W or N,H,W,C or N,C,H,W with 1 or 3 channels", a.name, a.shape)
}

// read makes planes of bytes of an array that is shaped as another one.
func (l layout) read(a, as *array, times float64) (s Set, err error) {
	if len(a.shape) != len(as.shape) || !slices.Equal(a.shape[1:], as.shape[1:]) {
		return s, fmt.Errorf("data: %s: got shape %v, want all but the first of %v as %s has", a.name, a.shape, as.shape, as.name)
	}
	s = Set{Shape: l.Shape, N: a.shape[0]}
	if err := holds(a.name, s.N, s.Shape); err != nil {
		return s, err
	}
	s.Images = make([]byte, s.N*s.Size())
	size, plane := s.Size(), s.Rows*s.Cols
	return s, a.each(func(k int, v float64) error {
		if l.last {
			at := k % size
			k += at%l.Channels*plane + at/l.Channels - at
		}
		s.Images[k] = byte(v*times + 0.5)
		return inside(v, 255/times)
	})
}
