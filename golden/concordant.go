package golden

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Concordant changes the weights w (indexed by layer, w[0] unused) so that
// sign(W_L ... W_{i+1}) = bits[i] for every i whose bits are not empty. A chip
// whose generator emits the bits then has Eq. 9's feedback without storing it.
//
// The top layer takes the signs outright. Below, with A = W_L ... W_{i+2} and
// T = A W_{i+1}, the smallest change of W_{i+1} that turns T into bits .* |T|
// is A^+ (bits .* |T| - T), A^+ the pseudo-inverse; relative to W it is about
// sqrt(2 N_L / N_{i+1}). A must have more columns than rows: N_L < N_{i+1}.
func Concordant(w, bits []Mat) error {
	l := len(w) - 1
	if len(bits) != l {
		return fmt.Errorf("golden: concordant: got %d matrices of bits, want %d (D_0 to D_%d)", len(bits), l, l-1)
	}
	for i, b := range bits {
		if !b.Empty() && !b.is(w[l].Rows, w[i+1].Cols) {
			return fmt.Errorf("golden: concordant: bits of D_%d: got %d x %d, want %d x %d", i, b.Rows, b.Cols, w[l].Rows, w[i+1].Cols)
		}
	}
	if !bits[l-1].Empty() {
		for k, b := range bits[l-1].Data {
			w[l].Data[k] = math.Copysign(w[l].Data[k], b)
		}
	}
	for i := l - 2; i >= 0; i-- {
		if bits[i].Empty() {
			continue
		}
		a := Product(w)[i+1]
		if a.Rows >= a.Cols {
			return fmt.Errorf("golden: concordant: layer %d: got N_L = %d outputs and %d neurons, want N_L below the neurons", i+1, a.Rows, a.Cols)
		}
		if err := agree(w[i+1], a, bits[i]); err != nil {
			return fmt.Errorf("golden: concordant: layer %d: %w", i+1, err)
		}
	}
	return nil
}

// agree adds to w the smallest matrix that makes a w have the signs b.
func agree(w, a, b Mat) error {
	miss := NewMat(a.Rows, w.Cols)
	mul(a, w, miss)
	for k, t := range miss.Data {
		miss.Data[k] = float64(b.Data[k]*math.Abs(t)) - t
	}
	var svd mat.SVD
	if !svd.Factorize(a.dense(), mat.SVDThin) {
		return fmt.Errorf("singular values of the %d x %d product do not converge", a.Rows, a.Cols)
	}
	const relative = 1e-12 // singular values below this part of the largest are noise
	if rank := svd.Rank(relative); rank != a.Rows {
		return fmt.Errorf("got a product of rank %d, want %d", rank, a.Rows)
	}
	var change mat.Dense
	svd.SolveTo(&change, miss.dense(), a.Rows)
	for r := range w.Rows {
		for c := range w.Cols {
			w.Data[r*w.Cols+c] += change.At(r, c)
		}
	}
	return nil
}

// makeConcordant fits the drawn FC weights to the rule's bits. D_0 teaches no
// layer, so a network without convolutions keeps the draw of W_1.
func (n *Network) makeConcordant() error {
	bits, err := n.bits(rand.New(rand.NewPCG(n.cfg.Seed, streamFeedback)))
	if err != nil {
		return err
	}
	bits[0] = Mat{}
	return Concordant(n.fcWeights(), bits[n.convs:])
}
