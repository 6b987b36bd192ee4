package golden

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// Mat is a dense row-major matrix; the zero Mat is empty.
type Mat struct {
	Rows, Cols int
	Data       []float64 // Rows*Cols elements
}

// NewMat returns a matrix of zeros.
func NewMat(rows, cols int) Mat {
	return Mat{Rows: rows, Cols: cols, Data: make([]float64, rows*cols)}
}

// At returns the element in row r, column c, both from 0.
func (m Mat) At(r, c int) float64 { return m.Data[r*m.Cols+c] }

// Row returns row r as a view.
func (m Mat) Row(r int) []float64 { return m.Data[r*m.Cols : (r+1)*m.Cols] }

// Empty tells whether the matrix has no elements.
func (m Mat) Empty() bool { return len(m.Data) == 0 }

// Clone returns a copy that shares nothing.
func (m Mat) Clone() Mat {
	return Mat{Rows: m.Rows, Cols: m.Cols, Data: append([]float64(nil), m.Data...)}
}

func (m Mat) is(rows, cols int) bool {
	return m.Rows == rows && m.Cols == cols && len(m.Data) == rows*cols
}

func (m Mat) dense() *mat.Dense { return mat.NewDense(m.Rows, m.Cols, m.Data) }

// Tile sizes of mul. gonum starts goroutines (and allocates) from four 64x64
// blocks of the result on; a tile is two, so it never does.
const (
	tileRows  = 64
	tileCols  = 128
	tileInner = 256
)

// mul computes c = op(a) op(b), op being transposition where tA or tB say so.
// The order of additions depends on the shapes alone. c must not overlap.
func mul(tA, tB blas.Transpose, a, b, c Mat) {
	inner := a.Cols
	if tA == blas.Trans {
		inner = a.Rows
	}
	for r := 0; r < c.Rows; r += tileRows {
		rows := min(tileRows, c.Rows-r)
		for q := 0; q < c.Cols; q += tileCols {
			cols := min(tileCols, c.Cols-q)
			beta := 0.0
			for k := 0; k < inner; k += tileInner {
				n := min(tileInner, inner-k)
				blas64.Gemm(tA, tB, 1, a.tile(tA, r, k, rows, n), b.tile(tB, k, q, n, cols),
					beta, c.tile(blas.NoTrans, r, q, rows, cols))
				beta = 1
			}
		}
	}
}

// tile is the part of op(m) from row r, column c; blas64 wants the part as it
// lies in memory, before transposition.
func (m Mat) tile(t blas.Transpose, r, c, rows, cols int) blas64.General {
	if t == blas.Trans {
		r, c, rows, cols = c, r, cols, rows
	}
	from := r*m.Cols + c
	to := from + (rows-1)*m.Cols + cols
	return blas64.General{Rows: rows, Cols: cols, Stride: m.Cols, Data: m.Data[from:to]}
}
