package vectors

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sbinet/npyio/npy"
	"github.com/sbinet/npyio/npz"
)

//go:embed *.npz
var files embed.FS

// File is one opened .npz file: arrays by name, in memory.
type File struct {
	name   string
	arrays map[string][]byte // array name -> its .npy bytes
}

// Names lists the embedded files without ".npz", sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // the root of an embedded file system always exists
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".npz"))
	}
	slices.Sort(names)
	return names
}

// Load opens the embedded file with this name (without ".npz").
func Load(name string) (*File, error) {
	raw, err := files.ReadFile(name + ".npz")
	if err != nil {
		return nil, fmt.Errorf("vectors: no file %q (have %d files, such as %q)", name, len(Names()), Names()[0])
	}
	return parse(name, raw)
}

// parse opens the bytes of an .npz file; name appears in errors.
//
// Arrays are unpacked whole before npyio sees them: its readers take what a
// single Read returns, which from a deflate stream may be part of an element.
func parse(name string, raw []byte) (*File, error) {
	z, err := npz.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("vectors: %s: %w", name, err)
	}
	f := &File{name: name, arrays: make(map[string][]byte)}
	for _, key := range z.Keys() {
		r, err := z.Open(key)
		if err != nil {
			return nil, fmt.Errorf("vectors: %s: %w", name, err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("vectors: %s: array %s: %w", name, key, err)
		}
		f.arrays[strings.TrimSuffix(key, ".npy")] = b
	}
	return f, nil
}

// Arrays lists the names of the arrays in the file, sorted.
func (f *File) Arrays() []string {
	var names []string
	for n := range f.arrays {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Has tells whether the file holds the array.
func (f *File) Has(array string) bool {
	_, ok := f.arrays[array]
	return ok
}

// Shape returns the array's dimensions, outermost first; a scalar has none.
func (f *File) Shape(array string) ([]int, error) {
	r, err := f.open(array)
	if err != nil {
		return nil, err
	}
	return r.Header.Descr.Shape, nil
}

// Float64 returns a float64 array in row-major order. Like its integer
// siblings it converts nothing: another element type is an error.
func (f *File) Float64(array string) ([]float64, error) { return read[float64](f, array, "<f8") }

// Int64 returns an int64 array in row-major order.
func (f *File) Int64(array string) ([]int64, error) { return read[int64](f, array, "<i8") }

// Int32 returns an int32 array in row-major order.
func (f *File) Int32(array string) ([]int32, error) { return read[int32](f, array, "<i4") }

// Int16 returns an int16 array in row-major order.
func (f *File) Int16(array string) ([]int16, error) { return read[int16](f, array, "<i2") }

// Uint16 returns a uint16 array in row-major order.
func (f *File) Uint16(array string) ([]uint16, error) { return read[uint16](f, array, "<u2") }

// Uint8 returns a uint8 array in row-major order.
func (f *File) Uint8(array string) ([]uint8, error) { return read[uint8](f, array, "|u1") }

func (f *File) open(array string) (*npy.Reader, error) {
	b, ok := f.arrays[array]
	if !ok {
		return nil, fmt.Errorf("vectors: %s: no array %q, have %s", f.name, array, strings.Join(f.Arrays(), " "))
	}
	r, err := npy.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("vectors: %s: array %s: %w", f.name, array, err)
	}
	return r, nil
}

func read[T any](f *File, array, want string) ([]T, error) {
	r, err := f.open(array)
	if err != nil {
		return nil, err
	}
	d := r.Header.Descr
	if d.Type != want {
		return nil, fmt.Errorf("vectors: %s: array %s: got element type %s, want %s", f.name, array, d.Type, want)
	}
	if d.Fortran && len(d.Shape) > 1 {
		return nil, fmt.Errorf("vectors: %s: array %s: got Fortran order, want C order", f.name, array)
	}
	var v []T
	if err := r.Read(&v); err != nil {
		return nil, fmt.Errorf("vectors: %s: array %s: %w", f.name, array, err)
	}
	return v, nil
}
