package golden

import (
	"math"
	"math/rand/v2"
)

// PCG streams: rand.NewPCG(Config.Seed, stream). Weights and feedback differ
// in stream, so the same seed gives every rule the same initial weights.
const (
	streamWeights  = 1
	streamFeedback = 2
)

// MLP is a network in training. W, B, V and VB are the caller's to read or
// replace element by element; A, O, E, G and GB show the last pass and are
// overwritten by the next. Not for concurrent use.
type MLP struct {
	L int // number of layers

	W  []Mat       // W[i], i = 1..L: weights, N_i x N_{i-1}
	B  [][]float64 // B[i], i = 1..L: biases, N_i
	V  []Mat       // velocities of W
	VB [][]float64 // velocities of B

	D []Mat     // D[i], i = 0..L-1: direct feedback, N_L x N_i, scale included (dfa, bdfa)
	R []Mat     // R[i], i = 1..L: layer-wise feedback in W[i]'s shape (fa)
	S []float64 // S[i], i = 0..L-1: the scale s_i that D[i] includes (dfa, bdfa)

	A  []Mat       // A[i], i = 1..L: pre-activations, batch x N_i
	O  []Mat       // O[i], i = 0..L-1: outputs; O[0] is the caller's input itself
	E  []Mat       // E[i], i = 0..L: errors per sample, not divided by the batch
	G  []Mat       // G[i], i = 1..L: weight gradients, N_i x N_{i-1}
	GB [][]float64 // GB[i], i = 1..L: bias gradients

	cfg  Config
	act  activation
	rule rule
}

// New draws a network: weights by Config.Init, biases and velocities 0, and
// the feedback of the rule.
func New(cfg Config) (*MLP, error) {
	cfg = cfg.withDefaults()
	if err := cfg.check(); err != nil {
		return nil, err
	}
	l := len(cfg.Sizes) - 1
	m := &MLP{L: l, cfg: cfg, act: activations[cfg.Act], rule: rules[cfg.Rule]}
	m.W, m.V, m.G = make([]Mat, l+1), make([]Mat, l+1), make([]Mat, l+1)
	m.B, m.VB, m.GB = make([][]float64, l+1), make([][]float64, l+1), make([][]float64, l+1)
	m.A, m.O, m.E = make([]Mat, l+1), make([]Mat, l+1), make([]Mat, l+1)
	rng := rand.New(rand.NewPCG(cfg.Seed, streamWeights))
	for i := 1; i <= l; i++ {
		out, in := cfg.Sizes[i], cfg.Sizes[i-1]
		m.W[i], m.V[i], m.G[i] = normal(rng, out, in, he(in)), NewMat(out, in), NewMat(out, in)
		m.B[i], m.VB[i], m.GB[i] = make([]float64, out), make([]float64, out), make([]float64, out)
	}
	if cfg.Init == ConcordantInit {
		if err := m.makeConcordant(); err != nil {
			return nil, err
		}
	}
	if err := m.ResetFeedback(); err != nil {
		return nil, err
	}
	return m, nil
}

// ResetFeedback derives D, R and S again from the weights of this moment; New
// has done it once. Call it after replacing the initial weights, never during
// training: the rules want feedback that stays.
func (m *MLP) ResetFeedback() error {
	return m.rule.reset(m, rand.New(rand.NewPCG(m.cfg.Seed, streamFeedback)))
}

// Config returns the configuration with its defaults filled in.
func (m *MLP) Config() Config { return m.cfg }

// he is the standard deviation sqrt(2/fanIn).
func he(fanIn int) float64 { return math.Sqrt(2 / float64(fanIn)) }

// normal draws a matrix from N(0, sd^2), row by row.
func normal(rng *rand.Rand, rows, cols int, sd float64) Mat {
	w := NewMat(rows, cols)
	for k := range w.Data {
		w.Data[k] = sd * rng.NormFloat64()
	}
	return w
}
