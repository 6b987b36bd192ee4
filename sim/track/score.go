package track

import "bdfasim/sim/track/sequence"

// The benchmark's thresholds (Wu, Lim, Yang 2013 and 2015, and their public code): of the distance
// of centers 0 to 50 pixels, of the overlap 0 to 1 in steps of 0.05.
const (
	Distances = 51
	Overlaps  = 21
	// Near is the distance whose precision ranks trackers.
	Near = 20
)

// Curves are the two plots of one-pass evaluation.
type Curves struct {
	Precision [Distances]float64 // part of the pictures with a distance of at most i pixels
	Success   [Overlaps]float64  // part of the pictures with an overlap above i/20
	Counted   int                // pictures whose truth is known, the first one among them
}

// Evaluate compares boxes with the truth. Pictures without a known truth are left out. A box
// without an area counts as the one before, as in the benchmark.
func Evaluate(boxes, truth []sequence.Box) (c Curves) {
	var last sequence.Box
	for i, t := range truth {
		b := boxes[i]
		if !b.Known() {
			b = last
		}
		last = b
		if !t.Known() {
			continue
		}
		c.Counted++
		distance, overlap := b.Distance(t), b.Overlap(t)
		for k := range c.Precision {
			if distance <= float64(k) {
				c.Precision[k]++
			}
		}
		for k := range c.Success {
			if overlap > float64(k)/(Overlaps-1) {
				c.Success[k]++
			}
		}
	}
	for k := range c.Precision {
		c.Precision[k] /= float64(c.Counted)
	}
	for k := range c.Success {
		c.Success[k] /= float64(c.Counted)
	}
	return c
}

// At20 is the precision at 20 pixels.
func (c *Curves) At20() float64 { return c.Precision[Near] }

// AUC is the area under the success plot: the mean over its thresholds.
func (c *Curves) AUC() float64 {
	sum := 0.0
	for _, v := range c.Success {
		sum += v
	}
	return sum / Overlaps
}

// MeanCurves is the mean over runs, each with the same weight, as the benchmark takes it over
// sequences.
func MeanCurves(all []Curves) (m Curves) {
	n := float64(len(all))
	for i := range all {
		for k, v := range all[i].Precision {
			m.Precision[k] += v / n
		}
		for k, v := range all[i].Success {
			m.Success[k] += v / n
		}
		m.Counted += all[i].Counted
	}
	return m
}
