package sample

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is an estimate of a total, or of a rate: with 95 % confidence it is Value +- Half.
type Interval struct{ Value, Half float64 }

// Relative is the half-width as a part of the value.
func (i Interval) Relative() float64 {
	if i.Half == 0 {
		return 0
	}
	return math.Abs(i.Half / i.Value)
}

// confidence is the part of intervals that contain what they estimate.
const confidence = 0.95

// share is what a family adds to a total: its estimate with variance and degrees of freedom.
type share struct{ total, variance, freedom float64 }

// estimate estimates the total over the training of what of says of a sample. Families have variances
// of their own, some from few samples, so their intervals are added as squares, which holds at least
// what each one does (Banerjee, Sankhya 22, 1960).
func estimate(strata []*stratum, of func(*Sample) float64) Interval {
	total, squares := 0.0, 0.0
	for f := range numFamilies {
		s := familyShare(strata, f, of)
		total += s.total
		if s.variance > 0 {
			t := distuv.StudentsT{Sigma: 1, Nu: s.freedom}.Quantile(0.5 + confidence/2)
			squares += float64(float64(t*t) * s.variance)
		}
	}
	return Interval{total, math.Sqrt(squares)}
}

// regressesFrom is the number of degrees of freedom from which on a slope is estimated.
const regressesFrom = 6

// familyShare estimates the strata of a family: mean times size, with the variance of the samples
// about their strata's means pooled. From many samples, means are brought from the samples' number of
// products to that of the stratum along a common slope: the combined regression estimator (Cochran,
// Sampling Techniques, 3rd ed., sections 7.7 and 7.10), for the products of every piece are known.
func familyShare(strata []*stratum, f family, of func(*Sample) float64) (out share) {
	var dx, dy []float64 // from the means, of strata that were not taken whole
	var parts []part
	for _, s := range strata {
		if s.family != f {
			continue
		}
		var x, y []float64
		for _, one := range s.drawn {
			x, y = append(x, one.products), append(y, of(one))
		}
		p := part{n: float64(len(y)), size: float64(s.size), x: stat.Mean(x, nil), y: stat.Mean(y, nil)}
		p.off = s.products/p.size - p.x
		out.total += float64(p.size * p.y)
		if p.n == p.size {
			continue
		}
		floats.AddConst(-p.x, x)
		floats.AddConst(-p.y, y)
		dx, dy, parts = append(dx, x...), append(dy, y...), append(parts, p)
	}
	if len(parts) == 0 {
		return out
	}
	out.freedom = float64(len(dy) - len(parts))
	slope, spread := 0.0, floats.Dot(dx, dx)
	regresses := out.freedom >= regressesFrom && spread > 0
	if regresses {
		slope = floats.Dot(dx, dy) / spread
		out.freedom--
	}
	floats.AddScaled(dy, -slope, dx)
	residual := floats.Dot(dy, dy) / out.freedom
	moved := 0.0
	for _, p := range parts {
		out.total += float64(float64(p.size*p.off) * slope)
		moved += float64(p.size * p.off)
		out.variance += float64(float64(p.size*p.size) * (1/p.n - 1/p.size) * residual)
	}
	if regresses { // the slope is an estimate, too
		out.variance += float64(float64(moved*moved) / spread * residual)
	}
	return out
}

// part is a stratum in figures: samples of so many, their means, and how far the stratum's mean of
// products is from theirs.
type part struct{ n, size, x, y, off float64 }
