package data_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/sbinet/npyio/npy"
	"github.com/stretchr/testify/require"

	"bdfasim/golden/data"
)

// npyOf is an array file as NumPy writes it: type, shape and elements.
func npyOf(descr, shape string, elements []byte) []byte {
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape)
	for (len(head)+11)%64 != 0 {
		head += " "
	}
	head += "\n"
	return append([]byte("\x93NUMPY\x01\x00"+string([]byte{byte(len(head)), byte(len(head) >> 8)})+head), elements...)
}

// zipOf is a ZIP file of arrays.
func zipOf(t require.TestingT, arrays map[string][]byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(arrays)) {
		w, err := z.Create(name + ".npy")
		require.NoError(t, err)
		_, err = w.Write(arrays[name])
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// good are the arrays of a set of 3 and 1 images of 1 x 2.
func good() map[string][]byte {
	return map[string][]byte{
		"x_train": npyOf("|u1", "(3, 1, 2)", []byte{1, 2, 3, 4, 5, 255}), "y_train": npyOf("|u1", "(3,)", []byte{0, 2, 1}),
		"x_test": npyOf("|u1", "(1, 1, 2)", []byte{7, 8}), "y_test": npyOf("<i4", "(1, 1)", []byte{2, 0, 0, 0}),
	}
}

func TestOpenNPZ(t *testing.T) {
	name := filepath.Join(t.TempDir(), "own.npz")
	require.NoError(t, os.WriteFile(name, zipOf(t, good()), 0o666))
	f, err := data.Open(name, data.Shape{})
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3, 4, 5, 255}, f.Train.Images)
	require.Equal(t, []uint8{0, 2, 1}, f.Train.Labels)
	require.Equal(t, []uint8{2}, f.Test.Labels)
	require.Equal(t, []string{"own/train", "own/test"}, []string{f.Train.Name, f.Test.Name})
	require.Equal(t, []string{"x_train: N,H,W, u8"}, f.Notes)

	f, err = data.Open(name, data.Shape{Channels: 3, Rows: 1, Cols: 1})
	require.NoError(t, err)
	require.Equal(t, []byte{2, 2, 2, 4, 4, 4, 130, 130, 130}, f.Train.Images)
	require.Equal(t, 1, f.Test.N)
	require.Contains(t, f.Notes, "images resized from 1 x 1 x 2 to 3 x 1 x 1")
}

// arrays by npyio, which knows the format by itself.
func encoded(t require.TestingT, v any, descr, shape string) []byte {
	var b bytes.Buffer
	require.NoError(t, npy.Write(&b, v))
	r, err := npy.NewReader(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	require.Equal(t, descr, r.Header.Descr.Type)
	_, body, _ := bytes.Cut(b.Bytes(), []byte("\n")) // none of the elements before it is one
	return npyOf(descr, shape, body)
}

// TestNPZForms: every type of element and order of dimensions.
func TestNPZForms(t *testing.T) {
	for _, c := range []struct {
		x, y   []byte
		images []byte
		labels []uint8
		notes  []string
	}{
		{encoded(t, []float32{0, 0.5, 1, 0.25}, "<f4", "(2, 2)"), encoded(t, []int64{1, 2}, "<i8", "(2,)"), []byte{0, 128, 255, 64}, []uint8{0, 1},
			[]string{"x_train: N,D, f32 up to 1, times 255 and rounded", "labels 1..2 are classes 0..1"}},
		{encoded(t, []float64{0, 0.6, 254.4, 2}, "<f8", "(2, 2)"), encoded(t, []uint16{1, 0}, "<u2", "(2,)"), []byte{0, 1, 254, 2}, []uint8{1, 0},
			[]string{"x_train: N,D, f64 up to 254.4"}},
		{npyOf("|b1", "(1, 3)", []byte{0, 1, 1}), encoded(t, []int16{0}, "<i2", "(1,)"), []byte{0, 255, 255}, []uint8{0},
			[]string{"x_train: N,D, b8 up to 1, times 255 and rounded"}},
		{npyOf("<u2", "(1, 1, 2)", []byte{7, 0, 9, 0}), npyOf("|i1", "(1,)", []byte{0}), []byte{7, 9}, []uint8{0},
			[]string{"x_train: N,H,W, u16"}},
		{npyOf("|u1", "(2, 1, 2, 3)", []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), npyOf("|u1", "(2,)", []byte{0, 1}),
			[]byte{1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12}, []uint8{0, 1}, []string{"x_train: N,H,W,C, u8"}},
		{npyOf("|u1", "(1, 3, 1, 2)", []byte{1, 2, 3, 4, 5, 6}), npyOf("|u1", "(1,)", []byte{0}),
			[]byte{1, 2, 3, 4, 5, 6}, []uint8{0}, []string{"x_train: N,C,H,W, u8"}},
	} {
		f, err := data.ReadNPZ(zipOf(t, map[string][]byte{"x_train": c.x, "y_train": c.y}))
		require.NoError(t, err)
		require.Equal(t, c.images, f.Train.Images)
		require.Equal(t, c.labels, f.Train.Labels)
		require.Equal(t, c.notes, f.Notes)
		require.Zero(t, f.Test.N)
	}
}

func TestNPZErrors(t *testing.T) {
	fortran := bytes.Replace(good()["x_train"], []byte("False, 'shape': (3, 1, 2), }"), []byte("True, 'shape': (3, 1, 2), } "), 1)
	for _, c := range []struct {
		array string
		raw   []byte
		want  string
	}{
		{"x_train", nil, "f.npz: got arrays x_test, y_test, y_train, want x_train and y_train, and both or none"},
		{"y_test", nil, "got arrays x_test, x_train, y_train, want"},
		{"x_test", nil, "got arrays x_train, y_test, y_train, want"},
		{"x_train", []byte("no"), "f.npz: x_train: got no NumPy array"},
		{"x_train", []byte("\x93NUMPY\x01\x00\x40\x00{"), `x_train: header: got "{\x00`},
		{"x_train", []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{}"), "x_train: got no NumPy array of version 1"},
		{"x_train", npyOf("<U3", "(3, 2)", nil), `<U3`},
		{"x_train", npyOf("<f2", "(3, 2)", nil), `<f2`},
		{"x_train", npyOf(">u2", "(3, 2)", nil), `>u2`},
		{"x_train", npyOf("|u1", "[3, 2]", nil), "x_train: header: got "},
		{"x_train", npyOf("|u1", "(3, 1, 2)", make([]byte, 5)), "x_train: got fewer elements than 6: unexpected EOF"},
		{"x_train", npyOf("|u1", "(3, 1, 2)", make([]byte, 7)), "x_train: got more bytes than the 6 elements"},
		{"x_train", npyOf("|u1", "(3, 0)", nil), "x_train: size: got 3 images of 1 x 1 x 0, want 1.."},
		{"x_test", npyOf("|u1", "(0, 1, 2)", nil), "y_test: got i32 of shape [1 1], want an integer for each of 0 images"},
		{"x_train", npyOf("|u1", "(3, 5, 2, 2)", make([]byte, 60)), "x_train: got shape [3 5 2 2], want N,D or N,H,W"},
		{"x_train", npyOf("<i2", "(3, 1, 2)", append(make([]byte, 10), 0, 1)), "x_train: element 5: got 256, want 0..255"},
		{"x_train", npyOf("|i1", "(3, 1, 2)", append(make([]byte, 5), 0xff)), "x_train: element 5: got -1, want 0..255"},
		{"x_train", encoded(t, []float32{0, 0, 0, 0, 0, float32(nan())}, "<f4", "(3, 1, 2)"), "x_train: element 5: got NaN, want 0..255"},
		{"x_train", encoded(t, []float32{0, 0, 0, 0, 0, 1}, "<f4", "(3, 1, 2)"), "x_test: element 0: got 7, want 0..1"},
		{"x_train", fortran, "in C's order: astype and numpy.ascontiguousarray make them"},
		{"x_test", npyOf("|u1", "(1, 2, 1)", []byte{7, 8}), "x_test: got shape [1 2 1], want all but the first of [3 1 2]"},
		{"y_train", npyOf("|u1", "(3, 4)", make([]byte, 12)), "y_train: got u8 of shape [3 4], want an integer for each of 3 images: argmax(axis=1)"},
		{"y_train", npyOf("<f4", "(3,)", make([]byte, 12)), "y_train: got f32 of shape [3], want an integer for each of 3 images"},
		{"y_train", npyOf("|u1", "(2,)", make([]byte, 2)), "y_train: got u8 of shape [2], want an integer for each of 3 images"},
		{"y_train", npyOf("|i1", "(3,)", []byte{0, 1, 0xff}), "y_train: element 2: got -1, want 0..255"},
		{"y_train", npyOf("<u8", "(3,)", bytes.Repeat([]byte{0xff}, 24)), "y_train: element 0: got 1.8"},
		{"y_train", npyOf("<i2", "(3,)", []byte{0, 0, 1, 0, 0, 1}), "y_train: element 2: got 256, want 0..255"},
	} {
		arrays := good()
		if arrays[c.array] = c.raw; c.raw == nil {
			delete(arrays, c.array)
		}
		_, err := data.ReadNPZ(zipOf(t, arrays))
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "data: f.npz: ")
	}
	raw := zipOf(t, good())
	_, err := data.ReadNPZ(raw[:len(raw)-30])
	require.ErrorContains(t, err, "data: f.npz: zip: not a valid zip file, want an .npz file or a folder")
}

func nan() float64 { z := 0.; return z / z }

// TestNPZBombs: claims are checked before memory is taken for them.
func TestNPZBombs(t *testing.T) {
	zeros := io.LimitReader(zero{}, 100<<20)
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for name, b := range good() {
		w, err := z.Create(name + ".npy")
		require.NoError(t, err)
		if name == "x_train" {
			b = npyOf("|u1", "(100, 1024, 1024)", nil)
		}
		_, err = w.Write(b)
		require.NoError(t, err)
		if name == "x_train" {
			_, err = io.Copy(w, zeros)
			require.NoError(t, err)
		}
	}
	require.NoError(t, z.Close())
	claim := good()
	claim["x_train"] = npyOf("|u1", "(1000, 1024, 1024)", nil)
	huge := good()
	huge["x_train"] = npyOf("|u1", "(4294967296, 4294967296, 4294967296)", nil)
	for want, raw := range map[string][]byte{
		"x_train: size: got 104857600 bytes unpacked, want at most 67108864":  packed.Bytes(),
		"x_train: size: got 1048576000 bytes unpacked, want at most 67108864": zipOf(t, claim),
		"x_train: shape: got (4294967296":                                     zipOf(t, huge),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := data.ReadNPZ(raw)
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, want)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
	}
}

type zero struct{}

func (zero) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// FuzzReadNPZ: no file makes it panic; what it reads is a set.
func FuzzReadNPZ(f *testing.F) {
	f.Add(zipOf(f, good()))
	only := good()
	delete(only, "x_test")
	delete(only, "y_test")
	only["x_train"] = npyOf("<f4", "(3, 1, 2)", make([]byte, 24))
	f.Add(zipOf(f, only))
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, raw []byte) { checkNPZ(t, raw) })
}

// FuzzArray: the same for an array within a file that is whole.
func FuzzArray(f *testing.F) {
	for _, b := range good() {
		f.Add(b, true)
		f.Add(b, false)
	}
	f.Add(npyOf("<f8", "(3, 2)", make([]byte, 48)), true)
	f.Add(npyOf(">i8", "(3, 1)", make([]byte, 24)), false)
	f.Fuzz(func(t *testing.T, raw []byte, images bool) {
		arrays := good()
		if arrays["y_train"] = raw; images {
			arrays["x_train"], arrays["y_train"] = raw, good()["y_train"]
		}
		checkNPZ(t, zipOf(t, arrays))
	})
}

func checkNPZ(t *testing.T, raw []byte) {
	found, err := data.ReadNPZ(raw)
	if err != nil {
		require.ErrorContains(t, err, "data: f.npz: ")
		return
	}
	for _, s := range []data.Set{found.Train, found.Test} {
		require.Len(t, s.Images, s.N*s.Size())
		require.Len(t, s.Labels, s.N)
		for _, c := range s.Labels {
			require.Less(t, int(c), s.Classes)
		}
	}
}
