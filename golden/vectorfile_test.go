package golden

import (
	"bytes"
	"embed"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sbinet/npyio/npy"
	"github.com/sbinet/npyio/npz"
)

// The golden vectors, which golden/vectors/README.md lists. They come from PyTorch's autograd and share no code with
// the models that they judge.
//
//go:embed vectors/*.npz
var vectorFiles embed.FS

// npzFile is one opened .npz file: arrays by name, in memory.
type npzFile struct {
	name   string
	arrays map[string][]byte // array name -> its .npy bytes
}

// vectorNames lists the embedded files without ".npz", sorted.
func vectorNames() []string {
	entries, err := vectorFiles.ReadDir("vectors") // sorted
	if err != nil {
		panic(err) // the root of an embedded file system always exists
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".npz"))
	}
	return names
}

// loadVectors opens the embedded file with this name (without ".npz").
func loadVectors(name string) (*npzFile, error) {
	raw, err := vectorFiles.ReadFile("vectors/" + name + ".npz")
	if err != nil {
		return nil, fmt.Errorf("vectors: no file %q (have %d files, such as %q)", name, len(vectorNames()), vectorNames()[0])
	}
	return parseVectors(name, raw)
}

// parseVectors opens the bytes of an .npz file; name appears in errors.
//
// Arrays are unpacked whole before npyio sees them: its readers take what a
// single Read returns, which from a deflate stream may be part of an element.
func parseVectors(name string, raw []byte) (*npzFile, error) {
	z, err := npz.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("vectors: %s: %w", name, err)
	}
	f := &npzFile{name: name, arrays: make(map[string][]byte)}
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
func (f *npzFile) Arrays() []string { return slices.Sorted(maps.Keys(f.arrays)) }

// Shape returns the array's dimensions, outermost first; a scalar has none.
func (f *npzFile) Shape(array string) ([]int, error) {
	r, err := f.open(array)
	if err != nil {
		return nil, err
	}
	return r.Header.Descr.Shape, nil
}

// arrayOf returns an array in row-major order. It converts nothing: another element type is an error.
func arrayOf[T any](f *npzFile, name string) ([]T, error) {
	r, err := f.open(name)
	if err != nil {
		return nil, err
	}
	if d := r.Header.Descr; d.Fortran && len(d.Shape) > 1 {
		return nil, fmt.Errorf("vectors: %s: array %s: got Fortran order, want C order", f.name, name)
	}
	var v []T
	if err := r.Read(&v); err != nil {
		return nil, fmt.Errorf("vectors: %s: array %s: %T: %w", f.name, name, v, err)
	}
	return v, nil
}

func (f *npzFile) open(array string) (*npy.Reader, error) {
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
