package data

import (
	"archive/zip"
	"bufio"
	"bytes"
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

// array is an array of an .npz file. Package npyio, which writes ours, is not for files from
// elsewhere: its reader panics on a short header and takes whatever memory a header claims.
type array struct {
	name  string // in errors
	file  *zip.File
	kind  byte // u, i, f or b, as NumPy has them
	size  int  // bytes of an element
	shape []int
	n     int // elements
}

func (a *array) errorf(format string, args ...any) error {
	return fmt.Errorf("data: %s: %w", a.name, fmt.Errorf(format, args...))
}

// openNPZ reads an .npz file.
func openNPZ(name string) (Found, error) {
	dir, base := filepath.Split(name)
	raw, err := readFile(os.DirFS(filepath.Join(dir, ".")), dir, base)
	if err != nil {
		return Found{}, err
	}
	return readNPZ(name, raw)
}

// readNPZ reads x_train, y_train, x_test and y_test; the last two may be absent.
func readNPZ(name string, raw []byte) (found Found, err error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return found, fmt.Errorf("data: %s: %w, want an .npz file or a folder", name, err)
	}
	arrays := map[string]*array{}
	var names []string
	for _, f := range z.File {
		key := strings.TrimSuffix(f.Name, ".npy")
		names = append(names, key)
		arrays[key] = &array{name: name + ": " + key, file: f}
	}
	var a [4]*array
	for i, key := range []string{"x_train", "y_train", "x_test", "y_test"} {
		if a[i] = arrays[key]; a[i] == nil {
			continue
		}
		if _, err := a[i].open(); err != nil {
			return found, err
		}
		if err := unpacked(a[i].name, int64(a[i].n)*int64(a[i].size), len(raw)); err != nil {
			return found, err
		}
	}
	if a[0] == nil || a[1] == nil || (a[2] == nil) != (a[3] == nil) {
		return found, fmt.Errorf("data: %s: got arrays %s, want x_train and y_train, and both or none "+
			"of x_test and y_test", name, some(names))
	}
	l, err := layoutOf(a[0])
	if err != nil {
		return found, err
	}
	var parts [2]Set
	for i := range parts {
		if a[2*i] == nil {
			continue
		}
		if parts[i], err = l.read(a[2*i], a[2*i+1]); err != nil {
			return found, err
		}
	}
	found, err = join(strings.TrimSuffix(filepath.Base(name), ".npz"), parts[0], parts[1])
	found.Notes = append([]string{l.note}, found.Notes...)
	return found, err
}

// npyHead is the header of a plain array of numbers as NumPy writes it.
var npyHead = regexp.MustCompile(`^\{'descr': '[<|]([ui][1248]|f[48]|b1)', ` +
	`'fortran_order': False, 'shape': \(([0-9, ]*)\), \}\s*$`)

// open reads the header and returns what is behind it.
func (a *array) open() (io.Reader, error) {
	f, err := a.file.Open()
	if err != nil {
		return nil, a.errorf("%w", err)
	}
	r := bufio.NewReaderSize(f, 1<<16)
	start := make([]byte, 10)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:7]) != "\x93NUMPY\x01" {
		return nil, a.errorf("got no NumPy array of version 1, want one")
	}
	text := make([]byte, binary.LittleEndian.Uint16(start[8:]))
	_, err = io.ReadFull(r, text)
	m := npyHead.FindSubmatch(text)
	if err != nil || m == nil {
		return nil, a.errorf("header: got %.99q, want integers, float32 or float64, little-endian, "+
			"in C's order: astype and numpy.ascontiguousarray make them", text)
	}
	a.kind, a.size, a.shape, a.n = m[1][0], int(m[1][1]-'0'), nil, 1
	for _, dim := range strings.Fields(strings.ReplaceAll(string(m[2]), ",", " ")) {
		d, err := strconv.Atoi(dim)
		if err != nil || a.n > maxBytes/max(1, d) {
			return nil, a.errorf("shape: got (%s), want at most %d elements", m[2], maxBytes)
		}
		a.shape, a.n = append(a.shape, d), a.n*d
	}
	return r, nil
}

// each calls f with every element. Integers beyond 53 bits are not exact.
func (a *array) each(f func(k int, v float64) error) error {
	r, err := a.open()
	if err != nil {
		return err
	}
	buf := make([]byte, 1<<16)
	for k := 0; k < a.n; {
		b := buf[:min(len(buf), (a.n-k)*a.size)]
		if _, err := io.ReadFull(r, b); err != nil {
			return a.errorf("got fewer elements than %d: %w", a.n, err)
		}
		for ; len(b) > 0; b = b[a.size:] {
			if err := f(k, a.number(b)); err != nil {
				return a.errorf("element %d: %w", k, err)
			}
			k++
		}
	}
	if n, err := io.CopyN(io.Discard, r, 1); n > 0 || err != io.EOF { // a wrong checksum
		return a.errorf("got more bytes than the %d elements of its shape (%v)", a.n, err)
	}
	return nil
}

// number is the element that b begins with.
func (a *array) number(b []byte) float64 {
	v, unused := uint64(0), 64-8*a.size
	for i := range a.size {
		v |= uint64(b[i]) << (8 * i)
	}
	switch {
	case a.kind == 'i':
		return float64(int64(v<<unused) >> unused)
	case a.kind == 'f' && a.size == 4:
		return float64(math.Float32frombits(uint32(v)))
	case a.kind == 'f':
		return math.Float64frombits(v)
	}
	return float64(v)
}

// layout says how images lie in an array, and what their numbers mean.
type layout struct {
	Shape
	like  *array  // the training images
	last  bool    // channels are the last dimension
	times float64 // makes pixels 0 to 255
	note  string
}

// layoutOf tells the layout by the number of channels, 1 or 3, and the largest pixel.
func layoutOf(a *array) (*layout, error) {
	l, order := &layout{like: a, times: 1}, "N,D"
	is := func(d int) bool { return d == 1 || d == 3 }
	switch s := a.shape; {
	case len(s) == 2:
		l.Shape = Shape{1, 1, s[1]}
	case len(s) == 3:
		l.Shape, order = Shape{1, s[1], s[2]}, "N,H,W"
	case len(s) == 4 && is(s[3]):
		l.Shape, order, l.last = Shape{s[3], s[1], s[2]}, "N,H,W,C", true
	case len(s) == 4 && is(s[1]):
		l.Shape, order = Shape{s[1], s[2], s[3]}, "N,C,H,W"
	default:
		return nil, a.errorf("got shape %v, want N,D or N,H,W, or N,H,W,C or N,C,H,W "+
			"of 1 or 3 channels", s)
	}
	l.note = fmt.Sprintf("x_train: %s, %c%d", order, a.kind, 8*a.size)
	if a.kind == 'u' || a.kind == 'i' {
		return l, nil
	}
	high := 0.
	err := a.each(func(_ int, v float64) error {
		high = max(high, v)
		return inside(v, 255)
	})
	if l.note += fmt.Sprintf(" up to %.4g", high); high <= 1 {
		l.times, l.note = 255, l.note+", times 255 and rounded"
	}
	return l, err
}

func inside(v, most float64) error {
	if !(v >= 0 && v <= most) { // NaN, too
		return fmt.Errorf("got %g, want 0..%g", v, most)
	}
	return nil
}

// read makes planes of bytes of images, and reads their labels.
func (l *layout) read(x, y *array) (s Set, err error) {
	if len(x.shape) == 0 || !slices.Equal(x.shape[1:], l.like.shape[1:]) {
		return s, x.errorf("got shape %v, want all but the first of %v", x.shape, l.like.shape)
	}
	s.N, s.Shape = x.shape[0], l.Shape
	if y.kind != 'u' && y.kind != 'i' || len(y.shape) < 1 || y.shape[0] != s.N || y.n != s.N {
		return s, y.errorf("got %c%d of shape %v, want an integer for each of %d images: argmax(axis=1) "+
			"makes them of one-hot rows, astype(\"int64\") of floats", y.kind, 8*y.size, y.shape, s.N)
	}
	if err := holds(x.name, s.N, s.Shape); err != nil {
		return s, err
	}
	s.Images = make([]byte, x.n)
	size, plane := s.Size(), s.Rows*s.Cols
	if err := x.each(func(k int, v float64) error {
		if l.last {
			at := k % size
			k += at%l.Channels*plane + at/l.Channels - at
		}
		s.Images[k] = byte(math.Round(v * l.times))
		return inside(v, 255/l.times)
	}); err != nil {
		return s, err
	}
	return s, y.each(func(_ int, v float64) error {
		s.Labels = append(s.Labels, byte(v))
		return inside(v, maxClasses-1)
	})
}
