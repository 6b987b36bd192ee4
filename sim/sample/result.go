package sample

import (
	"cmp"
	"math"
	"slices"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/predict"
	"bdfasim/rtl/activity"
)

// Samples is the number of runs of a chip.
func (r *Result) Samples() (n int) {
	for _, s := range r.strata {
		n += len(s.drawn)
	}
	return n
}

// sum is what of says of all pieces of a sample.
func (s *Sample) sum(of func(count) float64) (sum float64) {
	for _, c := range s.pieces {
		if c != nil {
			sum += of(c)
		}
	}
	return sum
}

// Total estimates quantities of the whole training, added up: what the products take by themselves
// is known before, and the rest is estimated (Cochran, section 7.3, preassigned b).
func (r *Result) Total(qs ...Quantity) Interval {
	i := estimate(r.strata, func(s *Sample) float64 { return r.rest(s, qs) })
	for _, s := range r.strata {
		i.Value += float64(r.perProduct.total(qs) * s.products)
	}
	return i
}

// rest is what a sample takes beside its products.
func (r *Result) rest(s *Sample, qs []Quantity) float64 {
	return s.sum(func(c count) float64 { return c.total(qs) }) - float64(r.perProduct.total(qs)*s.products)
}

// preassigned is what a product is expected to take, from what is no sample: energy of the array and
// of the memory that feeds it, as in the training's first step; and cycles, half of what the predictor
// says of all operands becoming denser, since batches differ in some of them.
func (r *Result) preassigned(plan *compile.Plan) (b count, err error) {
	b = make(count, numQuantities)
	step := r.strata[0].drawn[0].pieces[First]
	for _, u := range []activity.Unit{activity.DNNC, activity.OMEM} {
		b[Energy(u)] = step[Energy(u)] / step[products]
		b[OnDie] += b[Energy(u)]
	}
	var cycles, done [2]float64
	for k, dense := range []float64{0.5, 0.6} {
		d := predict.Density{}
		for range plan.Layers {
			d.Maps, d.Errors = append(d.Maps, dense), append(d.Errors, dense)
		}
		rows, err := predict.Step(plan, d)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			cycles[k] += row.Cycles
			done[k] += row.MACs
		}
	}
	b[Cycles] = (cycles[1] - cycles[0]) / (done[1] - done[0]) / 2
	return b, nil
}

func (c count) total(qs []Quantity) (sum float64) {
	for _, q := range qs {
		sum += c[q]
	}
	return sum
}

// Share estimates one quantity as a part of another: the ratio of both totals, its variance that of
// what the samples' numbers are off it (Cochran, section 6.3).
func (r *Result) Share(q, of Quantity) Interval {
	whole := r.Total(of)
	if whole.Value == 0 {
		return Interval{}
	}
	ratio := r.Total(q).Value / whole.Value
	off := estimate(r.strata, func(s *Sample) float64 {
		return s.sum(func(c count) float64 { return c[q] - float64(ratio*c[of]) })
	})
	return Interval{ratio, off.Half / whole.Value}
}

// Utilisation is the part of the array's lane-cycles in which a lane multiplies: the products are
// known, the cycles estimated.
func (r *Result) Utilisation(lanes int) Interval {
	c := r.Total(Cycles)
	used := float64(r.Products.Done) / (float64(lanes) * c.Value)
	return Interval{used, used * c.Relative()}
}

// Of estimates a quantity of all pieces of one kind; pieces is how many the training has, and
// simulated how many of them were counted.
func (r *Result) Of(k Kind, q Quantity) (i Interval, pieces, simulated int) {
	i = estimate(r.strata, func(s *Sample) float64 {
		if s.pieces[k] == nil {
			return 0
		}
		simulated++
		return s.pieces[k][q]
	})
	return i, r.pieces()[k], simulated
}

// known are the totals that an error is asked of: cycles, and energy on-die and with external memory.
var known = [][]Quantity{{Cycles}, {OnDie}, {OnDie, External}}

// Error is the largest half-width of them, as a part of its value.
func (r *Result) Error() (worst float64) {
	for _, qs := range known {
		worst = max(worst, r.Total(qs...).Relative())
	}
	return worst
}

// more draws more samples where most of the variance is, as many as an error probably takes; false:
// there are no more.
func (r *Result) more(want float64) (drew bool) {
	worst := slices.MaxFunc(known, func(a, b []Quantity) int {
		return cmp.Compare(r.Total(a...).Relative(), r.Total(b...).Relative())
	})
	var variance [numFamilies]float64
	for f := range numFamilies {
		variance[f] = familyShare(r.strata, f, func(s *Sample) float64 { return r.rest(s, worst) }).variance
	}
	grow := min(3, max(1.25, 1.2*math.Pow(r.Total(worst...).Relative()/want, 2)))
	for _, s := range r.strata {
		if variance[s.family]*4 < slices.Max(variance[:]) {
			continue
		}
		for n := int(math.Ceil(grow * float64(len(s.drawn)))); len(s.drawn) < min(n, s.size); drew = true {
			s.next()
		}
	}
	return drew
}
