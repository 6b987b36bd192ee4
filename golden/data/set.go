package data

import (
	"embed"
	"math/rand/v2"
)

// Set is one set of labelled images, grey or colour.
type Set struct {
	Name   string
	Images []byte  // N images of the shape, 0 (black) to 255
	Labels []uint8 // N classes, 0..Classes-1
	N      int
	Shape
	Classes int
}

// Image returns image k as a view, Channels x Rows x Cols.
func (s Set) Image(k int) []byte { return s.Images[k*s.Size() : (k+1)*s.Size()] }

//go:embed *-ubyte.gz
var embedded embed.FS

// Embedded returns the subset of Fashion-MNIST that the binary carries:
// 2,000 images of 28 x 28 to train on and 2,000 to test on.
func Embedded() (train, test Set, err error) {
	files, err := findIDX(embedded, "embedded")
	if err != nil {
		return Set{}, Set{}, err
	}
	f, err := files.load(embedded, "embedded", "fashion-mnist-2000")
	return f.Train, f.Test, err
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
