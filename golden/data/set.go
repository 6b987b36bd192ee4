package data

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Set is one set of labelled images, grey or colour.
type Set struct {
	Name     string
	Images   []byte  // N x Channels x Rows x Cols, 0 (black) to 255
	Labels   []uint8 // N classes, 0..Classes-1
	N        int
	Channels int // 1 (grey) or 3 (red, green and blue planes)
	Rows     int
	Cols     int
	Classes  int
}

// Size returns the number of values of an image: Channels x Rows x Cols.
func (s Set) Size() int { return s.Channels * s.Rows * s.Cols }

// Image returns image k as a view, Channels x Rows x Cols.
func (s Set) Image(k int) []byte { return s.Images[k*s.Size() : (k+1)*s.Size()] }

// classes is the number of both MNIST's and Fashion-MNIST's.
const classes = 10

// The official names; ".gz" is tried first, then the plain file.
const (
	trainImages = "train-images-idx3-ubyte"
	trainLabels = "train-labels-idx1-ubyte"
	testImages  = "t10k-images-idx3-ubyte"
	testLabels  = "t10k-labels-idx1-ubyte"

	official = trainImages + ", " + trainLabels + ", " + testImages + " and " + testLabels + ", each plain or .gz"
)

//go:embed *-ubyte.gz
var embedded embed.FS

// Embedded returns the subset of Fashion-MNIST that the binary carries:
// 2,000 images of 28 x 28 to train on and 2,000 to test on.
func Embedded() (train, test Set, err error) {
	return load(embedded, "embedded", "fashion-mnist-2000")
}

// LoadDir reads MNIST or Fashion-MNIST from the four official files in dir,
// each plain or with .gz. The sets are named after the folder.
func LoadDir(dir string) (train, test Set, err error) {
	return load(os.DirFS(dir), dir, filepath.Base(dir))
}

// load reads both sets; dir appears in errors, name in the sets.
func load(files fs.FS, dir, name string) (train, test Set, err error) {
	if train, err = loadSet(files, dir, trainImages, trainLabels); err != nil {
		return Set{}, Set{}, err
	}
	if test, err = loadSet(files, dir, testImages, testLabels); err != nil {
		return Set{}, Set{}, err
	}
	if train.Rows != test.Rows || train.Cols != test.Cols {
		return Set{}, Set{}, fmt.Errorf("data: %s: test images: got %d x %d pixels, want %d x %d as in training", dir, test.Rows, test.Cols, train.Rows, train.Cols)
	}
	train.Name, test.Name = name+"/train", name+"/test"
	return train, test, nil
}

func loadSet(files fs.FS, dir, images, labels string) (Set, error) {
	s := Set{Classes: classes, Channels: 1}
	raw, name, err := open(files, dir, images, official)
	if err != nil {
		return Set{}, err
	}
	if s.Images, s.N, s.Rows, s.Cols, err = ReadImages(name, bytes.NewReader(raw)); err != nil {
		return Set{}, err
	}
	if raw, name, err = open(files, dir, labels, official); err != nil {
		return Set{}, err
	}
	if s.Labels, err = ReadLabels(name, bytes.NewReader(raw)); err != nil {
		return Set{}, err
	}
	if len(s.Labels) != s.N {
		return Set{}, fmt.Errorf("data: %s: labels: got %d, want %d as there are images", name, len(s.Labels), s.N)
	}
	for k, c := range s.Labels {
		if int(c) >= s.Classes {
			return Set{}, fmt.Errorf("data: %s: label %d: got class %d, want 0..%d", name, k, c, s.Classes-1)
		}
	}
	return s, nil
}

// open returns the bytes and the full name of base.gz or base.
func open(files fs.FS, dir, base, want string) ([]byte, string, error) {
	for _, name := range []string{base + ".gz", base} {
		b, err := fs.ReadFile(files, name)
		if err == nil {
			return b, filepath.Join(dir, name), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, "", fmt.Errorf("data: %w", err)
		}
	}
	return nil, "", fmt.Errorf("data: %s: got no file %s, want %s", dir, base, want)
}

// Pick returns a copy of the images with these indices, in this order.
func (s Set) Pick(keep []int) Set {
	out := s
	out.N, out.Images, out.Labels = len(keep), make([]byte, 0, len(keep)*s.Size()), make([]uint8, 0, len(keep))
	for _, k := range keep {
		out.Images = append(out.Images, s.Image(k)...)
		out.Labels = append(out.Labels, s.Labels[k])
	}
	return out
}

// Batch writes the chosen images as rows of x and their classes into y. A
// pixel becomes pixel/256: 0 to 255/256, exact in binary, below one in fixed
// point. x needs len(order) * Size() elements and y len(order).
func (s Set) Batch(order []int, x []float64, y []int) error {
	f := Feed{Set: s}
	return f.Batch(0, order, x, y)
}

// Order returns the order of n images in one epoch: a Fisher-Yates shuffle of
// 0..n-1 from the last place down, place i taking IntN(i+1) of
// rand.NewPCG(seed, epoch). Each epoch can be had without those before it.
func Order(seed, epoch uint64, n int) []int {
	return shuffle(rand.New(rand.NewPCG(seed, epoch)), n)
}

func shuffle(rng *rand.Rand, n int) []int {
	order := places(n)
	for i := n - 1; i > 0; i-- {
		j := rng.IntN(i + 1)
		order[i], order[j] = order[j], order[i]
	}
	return order
}

// places are 0..n-1.
func places(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}
