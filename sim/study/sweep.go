package study

import (
	"context"
	"math"
	"math/rand/v2"
)

// densities of the sweep: parts of activations that are not zero.
var densities = []float64{0.1, 0.25, 0.5, 0.75, 1}

// sweepNet is small enough for many runs and wide enough to fill the lanes.
var sweepNet = Net{Name: "sweep", Sizes: []int{512, 512, 512, 10}, Images: 32}

// synthetic is a trace in which a part of all activations is not zero: random images, and biases that shift the ReLUs.
func synthetic(d float64) (*Trace, sets) {
	n := &sweepNet
	rng := rand.New(rand.NewPCG(5, uint64(1000*d)))
	t := &Trace{Net: n.Name, Rule: "synthetic", W: make([][]float64, len(n.Sizes)), B: make([][]float64, len(n.Sizes))}
	var s sets
	s.train.Images, s.train.Labels = make([]byte, 32*n.Sizes[0]), make([]uint16, 32)
	for k := range s.train.Images {
		if rng.Float64() < d {
			s.train.Images[k] = byte(1 + rng.IntN(255))
		}
	}
	// An activation is normal with the deviation of the sum below; a bias of q deviations leaves the part d above zero.
	q := quantile(min(d, 0.9999))
	second := d / 3 // mean square of an image's pixel
	for i := 1; i < len(n.Sizes); i++ {
		sd := math.Sqrt(2 / float64(n.Sizes[i-1]))
		t.W[i], t.B[i] = make([]float64, n.Sizes[i]*n.Sizes[i-1]), make([]float64, n.Sizes[i])
		for k := range t.W[i] {
			t.W[i][k] = sd * rng.NormFloat64()
		}
		dev := math.Sqrt(2 * second)
		for k := range t.B[i] {
			t.B[i][k] = q * dev
		}
		second = dev * dev * ((1+q*q)*d + q*math.Exp(-q*q/2)/math.Sqrt(2*math.Pi)) // E[max(x,0)^2] of a normal x
	}
	return t, s
}

// quantile is the standard normal's.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// sweepArms are the arms of the sweep.
func sweepArms() (out []Arm) {
	for _, a := range Arms() {
		switch a.Name {
		case "dnnc", "epc/tree", "epc/tree+gate", "epc/lane+mask", Headline:
			out = append(out, a)
		}
	}
	return out
}

// sweepPoint simulates all arms of the sweep at a density.
func sweepPoint(ctx context.Context, d float64) ([]*Case, error) {
	t, s := synthetic(d)
	var out []*Case
	for _, a := range sweepArms() {
		c, err := sweepNet.iterate(ctx, a, t, s, false)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}
