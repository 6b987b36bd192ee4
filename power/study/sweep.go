package study

import (
	"math"
	"math/rand/v2"
	"strconv"

	"bdfasim/firmware/compile"
)

// densities of the sweep: parts of activations that are not zero, as Key.Trace has them.
var densities = []string{"0.1", "0.25", "0.5", "0.75", "1"}

// sweepNet is small enough for many runs and wide enough to fill the lanes.
var sweepNet = Net{Name: "sweep", Sizes: []int{512, 512, 512, 10}, Batch: 32, Input: true}

// synthetic is a trace in which a part of all activations is not zero: random images, and biases
// that shift the ReLUs. Logits have a deviation of one whatever the part is, so that no output
// error vanishes.
func (n *Net) synthetic(d float64) (*Trace, sets) {
	rng := rand.New(rand.NewPCG(5, uint64(1000*d)))
	top := len(n.Sizes) - 1
	t := &Trace{Rule: "synthetic", W: make([][]float64, top+1), B: make([][]float64, top+1)}
	var s sets
	s.train.Images, s.train.Labels = make([]byte, n.Batch*n.Sizes[0]), make([]uint16, n.Batch)
	for k := range s.train.Images {
		if rng.Float64() < d {
			s.train.Images[k] = byte(1 + rng.IntN(255))
		}
	}
	for k := range s.train.Labels {
		s.train.Labels[k] = uint16(rng.IntN(n.Sizes[top]))
	}
	// An activation is normal with the deviation of the sum below; a bias of q deviations leaves
	// the part d above zero.
	q := quantile(min(d, 0.9999))
	second := d / 3 // mean square of an image's pixel
	for i := 1; i <= top; i++ {
		sd, bias := math.Sqrt(2/float64(n.Sizes[i-1])), q*math.Sqrt(2*second)
		if i == top {
			sd, bias = 1/math.Sqrt(second*float64(n.Sizes[i-1])), 0
		}
		t.W[i], t.B[i] = make([]float64, n.Sizes[i]*n.Sizes[i-1]), make([]float64, n.Sizes[i])
		for k := range t.W[i] {
			t.W[i][k] = sd * rng.NormFloat64()
		}
		for k := range t.B[i] {
			t.B[i][k] = bias
		}
		second *= 2 * (float64((1+float64(q*q))*d) + q*math.Exp(-q*q/2)/math.Sqrt(2*math.Pi)) // E[max(x,0)^2] of a normal x
	}
	return t, s
}

// quantile is the standard normal's.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// sparse is a synthetic trace, measured.
func (n *Net) sparse(density string) (*Trace, sets, error) {
	d, err := strconv.ParseFloat(density, 64)
	if err != nil {
		return nil, sets{}, err
	}
	t, s := n.synthetic(d)
	return t, s, n.probe(t, s)
}

// probe measures the densities of a trace in the fixed-point model, with the errors of
// back-propagation.
func (n *Net) probe(t *Trace, s sets) error {
	spec, err := n.spec(compile.BP, "", s, true)
	if err != nil {
		return err
	}
	spec.W, spec.B = t.W, t.B
	m, _, err := n.model(spec)
	if err == nil {
		t.measure(n, m, s)
	}
	return err
}
