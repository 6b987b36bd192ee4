package data_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/golden/data"
)

func TestEmbeddedIsBalanced(t *testing.T) {
	train, test, err := data.Embedded()
	require.NoError(t, err)
	for _, s := range []data.Set{train, test} {
		require.Equal(t, []int{2000, 28, 28, 10}, []int{s.N, s.Rows, s.Cols, s.Classes}, s.Name)
		require.Len(t, s.Images, 2000*28*28)
		count := make([]int, 10)
		for _, c := range s.Labels {
			count[c]++
		}
		require.Equal(t, slices.Repeat([]int{200}, 10), count)
	}
	require.Equal(t, "fashion-mnist-2000/train", train.Name)
	require.Equal(t, "fashion-mnist-2000/test", test.Name)
	require.NotEqual(t, train.Images[:784], test.Images[:784])
	// The official files begin with an ankle boot, in training and in test.
	require.Equal(t, []uint8{9, 0, 0, 3}, train.Labels[:4])
	require.Equal(t, []uint8{9, 2, 1, 1}, test.Labels[:4])
}

func TestEmbeddedIsWhatTheOfficialFilesGive(t *testing.T) {
	const dir = "/usr/share/datasets/fashion-mnist"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("package dataset-fashion-mnist is not installed")
	}
	full, err := data.Open(dir, data.Shape{})
	require.NoError(t, err)
	fullTrain, fullTest := full.Train, full.Test
	require.Equal(t, []int{60000, 10000}, []int{fullTrain.N, fullTest.N})
	train, test, err := data.Embedded()
	require.NoError(t, err)
	for _, pair := range [][2]data.Set{{fullTrain, train}, {fullTest, test}} {
		var first []int // of each class
		count := make([]int, 10)
		for k, c := range pair[0].Labels {
			if count[c]++; count[c] <= 200 {
				first = append(first, k)
			}
		}
		got := pair[0].Pick(first)
		require.True(t, bytes.Equal(pair[1].Images, got.Images))
		require.Equal(t, pair[1].Labels, got.Labels)
	}
}

// folder writes a set of 2 training and 1 test image of 1 x 2, all plain.
func folder(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "two")
	require.NoError(t, os.Mkdir(dir, 0o777))
	put(t, dir, "train-images-idx3-ubyte", idx([]uint32{0x803, 2, 1, 2}, []byte{1, 2, 3, 4}))
	put(t, dir, "train-labels-idx1-ubyte", idx([]uint32{0x801, 2}, []byte{0, 2}))
	put(t, dir, "t10k-images-idx3-ubyte", idx([]uint32{0x803, 1, 1, 2}, []byte{5, 6}))
	put(t, dir, "t10k-labels-idx1-ubyte", idx([]uint32{0x801, 1}, []byte{1}))
	return dir
}

func put(t *testing.T, dir, name string, b []byte) {
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
}

func TestOpenIDX(t *testing.T) {
	dir := folder(t)
	f, err := data.Open(dir, data.Shape{})
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3, 4}, f.Train.Images)
	require.Equal(t, []uint8{1}, f.Test.Labels)
	require.Equal(t, "two/train", f.Train.Name)
	require.Equal(t, []string{"no training image of class 1"}, f.Notes)

	put(t, dir, "t10k-labels-idx1-ubyte.gz", zipped(t, idx([]uint32{0x801, 1}, []byte{2})))
	f, err = data.Open(dir, data.Shape{})
	require.NoError(t, err)
	require.Equal(t, []uint8{2}, f.Test.Labels, "the packed file goes first")

	require.NoError(t, os.Remove(filepath.Join(dir, "t10k-labels-idx1-ubyte.gz")))
	require.NoError(t, os.Remove(filepath.Join(dir, "t10k-labels-idx1-ubyte")))
	require.NoError(t, os.Remove(filepath.Join(dir, "t10k-images-idx3-ubyte")))
	f, err = data.Open(dir, data.Shape{})
	require.NoError(t, err)
	require.Zero(t, f.Test.N)
	require.Equal(t, 3, f.Test.Classes)
}

// TestOpenEMNIST: letters count from 1, and one folder has several sets.
func TestOpenEMNIST(t *testing.T) {
	dir := t.TempDir()
	for set, first := range map[string]byte{"emnist-letters": 1, "emnist-digits": 0} {
		put(t, dir, set+"-train-images-idx3-ubyte", idx([]uint32{0x803, 3, 1, 1}, []byte{10, 20, 30}))
		put(t, dir, set+"-train-labels-idx1-ubyte", idx([]uint32{0x801, 3}, []byte{first, first + 1, first + 3}))
		put(t, dir, set+"-test-images-idx3-ubyte", idx([]uint32{0x803, 1, 1, 1}, []byte{5}))
		put(t, dir, set+"-test-labels-idx1-ubyte", idx([]uint32{0x801, 1}, []byte{first + 2}))
	}
	_, err := data.Open(dir, data.Shape{})
	require.ErrorContains(t, err, "got files of 2 sets (emnist-digits, emnist-letters), want those of one")
	names, err := filepath.Glob(filepath.Join(dir, "emnist-digits*"))
	require.NoError(t, err)
	for _, name := range names {
		require.NoError(t, os.Remove(name))
	}
	letters, err := data.Open(dir, data.Shape{})
	require.NoError(t, err)
	require.Equal(t, []uint8{0, 1, 3}, letters.Train.Labels)
	require.Equal(t, []uint8{2}, letters.Test.Labels)
	require.Equal(t, 4, letters.Train.Classes)
	require.Equal(t, []string{"labels 1..4 are classes 0..3", "no training image of class 2"}, letters.Notes)
}

func TestOpenIDXErrors(t *testing.T) {
	for _, c := range []struct {
		file string
		raw  []byte
		want string
	}{
		{"train-labels-idx1-ubyte", idx([]uint32{0x801, 1}, []byte{1}), "train-labels-idx1-ubyte: labels: got 1, want 2"},
		{"t10k-images-idx3-ubyte", idx([]uint32{0x803, 1, 2, 2}, make([]byte, 4)), "got 1 x 2 x 2, want 1 x 1 x 2"},
		{"t10k-images-idx3-ubyte", []byte{0}, "t10k-images-idx3-ubyte: magic"},
	} {
		dir := folder(t)
		put(t, dir, c.file, c.raw)
		_, err := data.Open(dir, data.Shape{})
		require.ErrorContains(t, err, c.want)
	}
	dir := folder(t)
	require.NoError(t, os.Remove(filepath.Join(dir, "t10k-labels-idx1-ubyte")))
	_, err := data.Open(dir, data.Shape{})
	require.ErrorContains(t, err, "got no file of the test labels, want test-labels-idx1-ubyte, plain or .gz")
}

func TestBatch(t *testing.T) {
	f, err := data.Open(folder(t), data.Shape{})
	require.NoError(t, err)
	train := f.Train
	x, y := make([]float64, 4), make([]int, 2)
	require.NoError(t, train.Batch([]int{1, 0}, x, y))
	require.Equal(t, []float64{3. / 256, 4. / 256, 1. / 256, 2. / 256}, x)
	require.Equal(t, []int{2, 0}, y)
	require.ErrorContains(t, train.Batch([]int{0, 2}, x, y), "got image 2, want 0..1")
	require.ErrorContains(t, train.Batch([]int{0}, x, y), "got room for 4 pixels and 2 labels, want 2 and 1")
}

func TestOrderIsAPermutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, epoch := rapid.Uint64().Draw(t, "seed"), rapid.Uint64().Draw(t, "epoch")
		n := rapid.IntRange(0, 200).Draw(t, "n")
		order := data.Order(seed, epoch, n)
		require.Equal(t, order, data.Order(seed, epoch, n))
		slices.Sort(order)
		for i, v := range order {
			require.Equal(t, i, v)
		}
	})
}

// The order is part of every result, so this recorded one may not change
// with the Go version.
func TestOrderStays(t *testing.T) {
	require.Equal(t, []int{}, data.Order(1, 0, 0))
	require.Equal(t, []int{6, 3, 1, 9, 7, 4, 8, 2, 0, 5}, data.Order(1, 0, 10))
	require.NotEqual(t, data.Order(1, 0, 10), data.Order(1, 1, 10))
	require.NotEqual(t, data.Order(1, 0, 10), data.Order(2, 0, 10))
}
