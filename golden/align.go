package golden

import (
	"math"

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

// CosineRows returns the cosine of each pair of rows, one a sample.
func CosineRows(a, b Mat) []float64 {
	c := make([]float64, a.Rows)
	for r := range c {
		c[r] = Cosine(a.Row(r), b.Row(r))
	}
	return c
}

// Angle turns a cosine into degrees, 0..180.
func Angle(cosine float64) float64 {
	return math.Acos(max(-1, min(1, cosine))) * (180 / math.Pi)
}

// NormRatio returns |b| / |a|, infinite or NaN if a is zero.
func NormRatio(a, b []float64) float64 {
	return floats.Norm(b, 2) / floats.Norm(a, 2)
}

// Alignment compares what the rule tells one layer with what BP would, for
// the same weights and batch.
type Alignment struct {
	ErrorCos   float64 // mean over the samples of the cosine of e_i
	ErrorSD    float64 // its standard deviation (n-1; 0 for one sample)
	GradCos    float64 // cosine of the weight gradients
	NormRatio  float64 // |G_i| of the rule / |G_i| of BP
	ErrorAngle float64 // Angle(ErrorCos), degrees
}

// Alignment measures every layer on a probe batch and returns them by layer,
// index 0 unused. Parameters stay as they are; the pass left in A..GB is the
// rule's own.
func (m *MLP) Alignment(x []float64, y []int) ([]Alignment, error) {
	own := m.rule
	m.rule = bp{}
	_, err := m.Gradients(x, y)
	m.rule = own
	if err != nil {
		return nil, err
	}
	e, g := make([]Mat, m.L+1), make([]Mat, m.L+1)
	for i := 1; i <= m.L; i++ {
		e[i], g[i] = m.E[i].Clone(), m.G[i].Clone()
	}
	m.backward()
	m.gradients()
	out := make([]Alignment, m.L+1)
	for i := 1; i <= m.L; i++ {
		cos := CosineRows(e[i], m.E[i])
		mean, sd := stat.MeanStdDev(cos, nil)
		if len(cos) == 1 {
			sd = 0
		}
		out[i] = Alignment{
			ErrorCos: mean, ErrorSD: sd, ErrorAngle: Angle(mean),
			GradCos:   Cosine(g[i].Data, m.G[i].Data),
			NormRatio: NormRatio(g[i].Data, m.G[i].Data),
		}
	}
	return out, nil
}
