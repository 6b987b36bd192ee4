package power

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// Sample returns t with every constant drawn anew, each by itself, from its distribution over its range. The ranges stay,
// so that samples of samples are as wide as the first. The same state of rng gives the same technology.
func (t *Tech) Sample(rng *rand.Rand) *Tech {
	s := *t
	for b := range s.Base {
		s.Base[b].Value = t.Base[b].draw(rng)
	}
	return &s
}

// Vary returns t with one constant at the high or the low end of its range.
func (t *Tech) Vary(b Base, high bool) *Tech {
	v := *t
	c := &v.Base[b]
	if c.Value = c.Low; high {
		c.Value = c.High
	}
	return &v
}

// draw returns a number between c.Low and c.High. A constant without a range draws too: then the others do not depend on
// whether it has one.
func (c *Constant) draw(rng *rand.Rand) float64 {
	u := rng.Float64()
	if c.Low == c.High {
		return c.Low
	}
	var v float64
	switch c.Distribution {
	case LogUniform:
		v = math.Exp(distuv.Uniform{Min: math.Log(c.Low), Max: math.Log(c.High)}.Quantile(u))
	case Triangular:
		v = distuv.NewTriangle(c.Low, c.High, c.Value, nil).Quantile(u)
	default:
		v = distuv.Uniform{Min: c.Low, Max: c.High}.Quantile(u)
	}
	return min(max(v, c.Low), c.High) // rounding may step over an end
}
