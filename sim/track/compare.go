package track

import (
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Difference is a mean of paired differences with its 95 % interval (Student's t).
type Difference struct {
	Mean, Low, High float64
	N               int // pairs; with one there is no interval
}

// Compare takes the differences of pairs, such as the scores of two trackers in the same sequences.
func Compare(a, b []float64) Difference {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	out := Difference{N: len(d)}
	if out.N < 2 {
		out.Mean = stat.Mean(d, nil)
		return out
	}
	mean, sd := stat.MeanStdDev(d, nil)
	t := distuv.StudentsT{Sigma: 1, Nu: float64(len(d) - 1)}.Quantile(0.975)
	half := float64(t*sd) / math.Sqrt(float64(len(d)))
	out.Mean, out.Low, out.High = mean, mean-half, mean+half
	return out
}
