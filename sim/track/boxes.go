package track

import (
	"math"
	"math/rand/v2"

	"bdfasim/sim/track/sequence"
)

// spread draws boxes around one in a picture.
type spread struct {
	width, height float64 // of the picture
	uniform       bool    // else Gaussian, cut at two standard deviations
	whole         bool    // anywhere on the picture
	move          float64 // in mean edges of the box
	grow, shape   float64 // most factor of the size, and of either edge alone (0: none)
}

// one draws a box.
func (s *spread) one(rng *rand.Rand, b sequence.Box) sequence.Box {
	draw := func() float64 {
		if s.uniform || s.whole {
			return float64(2*float64(rng.Float64())) - 1
		}
		return min(max(0.5*rng.NormFloat64(), -1), 1)
	}
	x, y := b.Center()
	w, h := b.W, b.H
	if s.shape > 0 {
		w *= math.Pow(s.shape, float64(2*float64(rng.Float64()))-1)
		h *= math.Pow(s.shape, float64(2*float64(rng.Float64()))-1)
	}
	if s.whole {
		x = float64(b.W/2) + float64(rng.Float64()*(s.width-b.W))
		y = float64(b.H/2) + float64(rng.Float64()*(s.height-b.H))
	} else {
		edge := float64(s.move * (b.W + b.H) / 2)
		x += float64(edge * draw())
		y += float64(edge * draw())
	}
	factor := math.Pow(s.grow, draw())
	return s.fit(x, y, float64(w*factor), float64(h*factor))
}

// fit keeps the center on the picture and the edges between 10 pixels and the picture's less 10.
func (s *spread) fit(x, y, w, h float64) sequence.Box {
	w = min(max(w, leastEdge), max(s.width-leastEdge, leastEdge))
	h = min(max(h, leastEdge), max(s.height-leastEdge, leastEdge))
	x, y = min(max(x, 0), s.width), min(max(y, 0), s.height)
	return rounded(sequence.Box{X: x - float64(w/2), Y: y - float64(h/2), W: w, H: h})
}

// rounded is a box at 1024ths of a pixel.
func rounded(b sequence.Box) sequence.Box {
	for _, v := range []*float64{&b.X, &b.Y, &b.W, &b.H} {
		*v = math.Round(*v*1024) / 1024
	}
	return b
}

// draw draws n boxes whose overlap with b lies in a range. Where there are too few such boxes it
// gives up and returns those that it found.
func (s *spread) draw(rng *rand.Rand, b sequence.Box, n int, low, high float64) []sequence.Box {
	const tries = 30 // a box, as many as the public implementation makes
	out := make([]sequence.Box, 0, n)
	for range tries * n {
		if len(out) == n {
			break
		}
		c := s.one(rng, b)
		if o := c.Overlap(b); o >= low && o <= high {
			out = append(out, c)
		}
	}
	return out
}

// around is a spread on the pictures of a sequence.
func around(q *sequence.Sequence, move, grow float64) spread {
	return spread{width: float64(q.Width), height: float64(q.Height), move: move, grow: grow}
}

// positives draws boxes that show the target.
func positives(q *sequence.Sequence, rng *rand.Rand, b sequence.Box, r Round) []sequence.Box {
	s := around(q, positiveMove, positiveGrow)
	return s.draw(rng, b, r.Positives, r.Above, 1)
}

// negatives draws boxes that do not: in the first picture half of them anywhere on it.
func negatives(q *sequence.Sequence, rng *rand.Rand, b sequence.Box, r Round,
	first bool) []sequence.Box {
	n := r.Negatives
	s := around(q, r.Wide, r.Grow)
	s.uniform = true
	if !first {
		return s.draw(rng, b, n, 0, r.Below)
	}
	out := s.draw(rng, b, n/2, 0, r.Below)
	s.whole, s.grow = true, 1
	return append(out, s.draw(rng, b, n-n/2, 0, r.Below)...)
}
