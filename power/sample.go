package power

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// Sample returns t with every constant drawn anew from its distribution over its range: those that share at the same
// quantile, the others each by itself. The ranges stay, so that samples of samples are as wide as the first. The same
// state of rng gives the same technology.
func (t *Tech) Sample(rng *rand.Rand) *Tech {
	s := *t
	shared := map[string]float64{}
	for b := range s.Base {
		c := &t.Base[b]
		u := rng.Float64() // also where it is not used: then no draw depends on who shares, or on a range
		if v, ok := shared[c.Shares]; ok && c.Shares != "" {
			u = v
		}
		shared[c.Shares] = u
		s.Base[b].Value = c.at(u)
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

// at returns the quantile u of what may be between c.Low and c.High.
func (c *Constant) at(u float64) float64 {
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
