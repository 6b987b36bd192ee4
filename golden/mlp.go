package golden

import (
	"fmt"

	"bdfasim/firmware/net"
)

// Activation names the function f of an MLP's hidden layers.
type Activation string

// Identity exists for proofs: with it Eq. 7's feedback equals BP.
const (
	ReLU     Activation = "relu"
	Tanh     Activation = "tanh"
	Sigmoid  Activation = "sigmoid"
	Identity Activation = "identity"
)

// Config describes an MLP and how it learns; NetConfig tells what the fields
// from Rule on mean.
type Config struct {
	Sizes    []int      // N_0, N_1, ..., N_L: at least two, all positive
	Act      Activation // of hidden layers; empty means ReLU
	Rule     string
	Feedback Feedback
	Scale    Scale
	Init     Init
	Momentum float64
	Decay    float64
	MeanOver int
	Seed     uint64
	Workers  int
	Given    []Mat
}

// MLP is a Network of FC layers with its arrays laid open by layer, as the
// equations have them. W, B, V and VB are the caller's to read or replace; A,
// O, E, G and GB show the last pass and are overwritten by the next. Not for
// concurrent use.
type MLP struct {
	L int // number of layers

	W  []Mat       // W[i], i = 1..L: weights, N_i x N_{i-1}
	B  [][]float64 // B[i], i = 1..L: biases, N_i
	V  []Mat       // velocities of W
	VB [][]float64 // velocities of B

	D []Mat     // D[i], i = 0..L-1: direct feedback, N_L x N_i, scale included (direct rules)
	R []Mat     // R[i], i = 1..L: layer-wise feedback in W[i]'s shape (fa, sign symmetry)
	S []float64 // the scale s_i that D[i] or R[i] includes

	A  []Mat       // A[i], i = 1..L: pre-activations, batch x N_i
	O  []Mat       // O[i], i = 0..L-1: outputs; O[0] is the caller's input itself
	E  []Mat       // E[i], i = 0..L: errors per sample, not divided by the batch
	G  []Mat       // G[i], i = 1..L: weight gradients, N_i x N_{i-1}
	GB [][]float64 // GB[i], i = 1..L: bias gradients

	cfg Config
	n   *Network
}

// New draws a network: weights by Config.Init, biases and velocities 0, and
// the feedback of the rule.
func New(cfg Config) (*MLP, error) {
	for i, s := range cfg.Sizes {
		if s <= 0 {
			return nil, fmt.Errorf("golden: sizes[%d]: got %d, want a positive number of neurons", i, s)
		}
	}
	if cfg.Act == "" {
		cfg.Act = ReLU
	}
	kind := net.Kind(cfg.Act)
	if _, ok := activations[kind]; !ok && cfg.Act != Identity {
		return nil, fmt.Errorf("golden: activation: got %q, want relu, tanh, sigmoid or identity", cfg.Act)
	}
	if cfg.Act == Identity {
		kind = ""
	}
	d, err := net.MLP(kind, cfg.Sizes...)
	if err != nil {
		return nil, fmt.Errorf("golden: sizes: %w", err)
	}
	n, err := Build(d, NetConfig{
		Rule: cfg.Rule, Feedback: cfg.Feedback, Scale: cfg.Scale, Init: cfg.Init, Momentum: cfg.Momentum,
		Decay: cfg.Decay, MeanOver: cfg.MeanOver, Seed: cfg.Seed, Workers: cfg.Workers, Given: cfg.Given,
	})
	if err != nil {
		return nil, err
	}
	full := n.Config()
	cfg.Feedback, cfg.Scale, cfg.Init, cfg.Workers = full.Feedback, full.Scale, full.Init, full.Workers
	m := &MLP{L: n.L, cfg: cfg, n: n, D: n.D, R: n.R, S: n.S}
	m.W, m.V, m.G = make([]Mat, n.L+1), make([]Mat, n.L+1), make([]Mat, n.L+1)
	m.B, m.VB, m.GB = make([][]float64, n.L+1), make([][]float64, n.L+1), make([][]float64, n.L+1)
	m.A, m.O, m.E = make([]Mat, n.L+1), make([]Mat, n.L+1), make([]Mat, n.L+1)
	for i := 1; i <= n.L; i++ {
		l := n.Layers[i]
		m.W[i], m.V[i], m.G[i] = l.W, l.V, l.G
		m.B[i], m.VB[i], m.GB[i] = l.B, l.VB, l.GB
	}
	return m, nil
}

// Config returns the configuration with its defaults filled in.
func (m *MLP) Config() Config { return m.cfg }

// Network returns the network itself, which shares all arrays.
func (m *MLP) Network() *Network {
	m.take()
	return m.n
}

// ResetFeedback derives D, R and S again from the weights of this moment; New
// has done it once. Call it after replacing the initial weights, never during
// training: the rules want feedback that stays.
func (m *MLP) ResetFeedback() error {
	m.take()
	err := m.n.ResetFeedback()
	m.D, m.R, m.S = m.n.D, m.n.R, m.n.S
	return err
}

// take hands the caller's arrays, should they be other ones, to the network.
func (m *MLP) take() {
	m.n.D, m.n.R, m.n.S = m.D, m.R, m.S
	for i := 1; i <= m.L; i++ {
		l := m.n.Layers[i]
		l.W, l.V, l.B, l.VB = m.W[i], m.V[i], m.B[i], m.VB[i]
	}
}

// show lays the last pass open; errors only if it had any.
func (m *MLP) show(x []float64, errors bool) {
	rows := m.n.batch
	m.O[0] = Mat{Rows: rows, Cols: m.cfg.Sizes[0], Data: x}
	for i := 1; i <= m.L; i++ {
		l, cols := m.n.Layers[i], m.cfg.Sizes[i]
		m.A[i] = Mat{Rows: rows, Cols: cols, Data: l.a}
		if i < m.L {
			m.O[i] = Mat{Rows: rows, Cols: cols, Data: l.o}
		}
		if errors {
			m.E[i] = Mat{Rows: rows, Cols: cols, Data: l.e}
		}
	}
}

// Forward runs E1 on a batch x (batch x N_0, row-major) and returns the logits
// a_L, a view that the next pass overwrites. A and O hold the layers.
func (m *MLP) Forward(x []float64) (Mat, error) {
	m.take()
	logits, err := m.n.Forward(x)
	if err == nil {
		m.show(x, false)
	}
	return logits, err
}

// Errors runs Forward and then the rule: E[L] down to E[1] hold the errors of
// each sample. With input, E[0] holds the error at o_0 (no f'), which a
// network below would receive.
func (m *MLP) Errors(x []float64, y []int, input bool) (Stats, error) {
	s, err := m.Gradients(x, y)
	if err != nil || !input {
		return s, err
	}
	m.E[0], err = m.n.Signal(0)
	return s, err
}

// Gradients runs Errors and E3: G and GB are sums over the batch divided by
// its size or by Config.MeanOver. Weight decay is not in them.
func (m *MLP) Gradients(x []float64, y []int) (Stats, error) {
	m.take()
	s, err := m.n.Gradients(x, y)
	if err == nil {
		m.show(x, true)
	}
	return s, err
}

// Step trains on one batch; see Network.Step.
func (m *MLP) Step(x []float64, y []int, lr float64) (Stats, error) {
	m.take()
	s, err := m.n.Step(x, y, lr)
	if err == nil {
		m.show(x, m.cfg.Rule != "frozen")
	}
	return s, err
}

// Predict returns the class of each sample of x, the first of equal logits.
func (m *MLP) Predict(x []float64) ([]int, error) {
	m.take()
	return m.n.Predict(x)
}

// Accuracy returns the fraction (0..1) of samples of x classified as y, any
// number of them.
func (m *MLP) Accuracy(x []float64, y []int) (float64, error) {
	m.take()
	return m.n.Accuracy(x, y)
}

// Alignment measures every layer on a probe batch; see Network.Alignment.
func (m *MLP) Alignment(x []float64, y []int) ([]Alignment, error) {
	m.take()
	a, err := m.n.Alignment(x, y)
	if err == nil {
		m.show(x, true)
	}
	return a, err
}
