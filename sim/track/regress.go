package track

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"bdfasim/golden/gemm"
	"bdfasim/sim/track/feature"
	"bdfasim/sim/track/sequence"
)

// regression moves and resizes boxes by their features: ridge regression with a constant, from
// features to (dx/w, dy/h, ln w'/w, ln h'/h). There are fewer samples than features, so that the
// system that is solved has one equation a sample.
type regression struct {
	mean   []float64    // of the features
	weight [4][]float64 // a feature each
	bias   [4]float64
}

// fit learns from the boxes of a picture what leads to the truth. With fewer than ten useful boxes
// it stays nil: nothing is then regressed.
func fit(features []byte, boxes []sequence.Box, truth sequence.Box,
	ridge float64) (*regression, error) {
	var rows []int
	for i, b := range boxes {
		size := b.W * b.H / (truth.W * truth.H)
		if b.Overlap(truth) >= regressOverlap && size >= 1 && size <= 2 {
			rows = append(rows, i)
		}
	}
	n := len(rows)
	if n < 10 {
		return nil, nil
	}
	r := &regression{mean: make([]float64, feature.Size)}
	x := make([]float64, n*feature.Size)
	for k, i := range rows {
		row := numbers(features[i*feature.Size:][:feature.Size])
		copy(x[k*feature.Size:], row)
		for j, v := range row {
			r.mean[j] += v / float64(n)
		}
	}
	for k := range x {
		x[k] -= r.mean[k%feature.Size]
	}
	y := mat.NewDense(n, 4, nil)
	for k, i := range rows {
		for c, v := range offsets(boxes[i], truth) {
			y.Set(k, c, v)
			r.bias[c] += v / float64(n)
		}
	}
	for k := range n {
		for c := range 4 {
			y.Set(k, c, y.At(k, c)-r.bias[c])
		}
	}
	return r, r.solve(x, y, n, ridge)
}

// solve sets the weights: x^T (x x^T + ridge)^-1 y.
func (r *regression) solve(x []float64, y *mat.Dense, n int, ridge float64) error {
	product := make([]float64, n*n)
	gemm.NewMul(gemm.NewPool(1)).Views(gemm.View{Data: product, Row: n, Col: 1},
		gemm.View{Data: x, Row: feature.Size, Col: 1}, gemm.View{Data: x, Row: 1, Col: feature.Size},
		n, n, feature.Size)
	for k := range n {
		product[k*n+k] += ridge
	}
	var root mat.Cholesky
	if !root.Factorize(mat.NewSymDense(n, product)) {
		return fmt.Errorf("regression: got a matrix of %d samples that is not positive, want one", n)
	}
	var dual mat.Dense
	if err := root.SolveTo(&dual, y); err != nil {
		return fmt.Errorf("regression: %w", err)
	}
	for c := range r.weight {
		r.weight[c] = make([]float64, feature.Size)
		for k := range n {
			a := dual.At(k, c)
			for j, v := range x[k*feature.Size:][:feature.Size] {
				r.weight[c][j] += float64(a * v)
			}
		}
	}
	return nil
}

// apply returns the box that a box should have been.
func (r *regression) apply(features []byte, b sequence.Box, q *sequence.Sequence) sequence.Box {
	v := r.bias
	for j, f := range numbers(features) {
		for c := range v {
			v[c] += float64(r.weight[c][j] * (f - r.mean[j]))
		}
	}
	x, y := b.Center()
	w, h := float64(math.Exp(v[2])*b.W), float64(math.Exp(v[3])*b.H)
	x += float64(v[0] * b.W)
	y += float64(v[1] * b.H)
	left, top := max(x-float64(w/2), 0), max(y-float64(h/2), 0)
	w, h = min(w, float64(q.Width)-left), min(h, float64(q.Height)-top)
	return rounded(sequence.Box{X: left, Y: top, W: w, H: h})
}

// offsets are what leads from a box to another.
func offsets(from, to sequence.Box) [4]float64 {
	x, y := from.Center()
	u, v := to.Center()
	return [4]float64{(u - x) / from.W, (v - y) / from.H,
		math.Log(to.W / from.W), math.Log(to.H / from.H)}
}

// numbers are what bytes stand for.
func numbers(b []byte) []float64 {
	out := make([]float64, len(b))
	for i, v := range b {
		out[i] = float64(v) * feature.Unit
	}
	return out
}
