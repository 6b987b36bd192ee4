package sample

import (
	"slices"

	"bdfasim/firmware/compile"
	"bdfasim/golden/qmodel"
	"bdfasim/testbench/models"
)

// learned copies what layers 1..n-1 of a model have learned.
func learned(m *qmodel.Model, n int) []compile.Learned {
	out := make([]compile.Learned, n)
	for i := 1; i < n; i++ {
		l := models.Learned(m, i)
		l.W, l.V = slices.Clone(l.W), slices.Clone(l.V)
		l.B, l.VB = slices.Clone(l.B), slices.Clone(l.VB)
		out[i] = l
	}
	return out
}
