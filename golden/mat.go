package golden

import "gonum.org/v1/gonum/mat"

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

// mul computes c = a b. The order of additions depends on the shapes alone. c must not overlap.
func mul(a, b, c Mat) { c.dense().Mul(a.dense(), b.dense()) }
