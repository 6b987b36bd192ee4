package golden

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// Cosine returns a.b / (|a| |b|), and 0 if either vector is zero: a dead
// layer is aligned with nothing.
func Cosine(a, b []float64) float64 {
	na, nb := floats.Norm(a, 2), floats.Norm(b, 2)
	if na == 0 || nb == 0 {
		return 0
	}
	return floats.Dot(a, b) / na / nb
}

// cosines are those of each pair of rows, one a sample.
func cosines(a, b Mat) []float64 {
	c := make([]float64, a.Rows)
	for r := range c {
		c[r] = Cosine(a.Row(r), b.Row(r))
	}
	return c
}

// normRatio returns |b| / |a|, infinite or NaN if a is zero.
func normRatio(a, b []float64) float64 {
	return floats.Norm(b, 2) / floats.Norm(a, 2)
}

// Alignment compares what the rule tells one layer with what BP would, for
// the same weights and batch.
type Alignment struct {
	ErrorCos  float64 // mean over the samples of the cosine of e_i
	ErrorSD   float64 // its standard deviation (n-1; 0 for one sample)
	GradCos   float64 // cosine of the weight gradients
	NormRatio float64 // |G_i| of the rule / |G_i| of BP
}

// Alignment measures every layer on a probe batch and returns them by layer,
// index 0 unused. The pass has the batch's statistics and no dropout, and
// leaves parameters and running statistics as they are; errors and gradients
// shown afterwards are the rule's own.
func (n *Network) Alignment(x []float64, y []int) ([]Alignment, error) {
	if _, err := n.evaluate(x, y, probing); err != nil {
		return nil, err
	}
	e, g := make([]Mat, n.L+1), make([]Mat, n.L+1)
	n.backward(rules["bp"])
	n.gradients()
	for i := 1; i <= n.L; i++ {
		e[i], g[i] = n.errors(i), n.Layers[i].G.Clone()
	}
	n.backward(n.rule)
	n.gradients()
	out := make([]Alignment, n.L+1)
	for i := 1; i <= n.L; i++ {
		own := n.Layers[i].G.Data
		cos := cosines(e[i], n.errors(i))
		mean, sd := stat.MeanStdDev(cos, nil)
		if len(cos) == 1 {
			sd = 0
		}
		out[i] = Alignment{
			ErrorCos: mean, ErrorSD: sd,
			GradCos:   Cosine(g[i].Data, own),
			NormRatio: normRatio(g[i].Data, own),
		}
	}
	return out, nil
}
