package qmodel

import (
	"fmt"
	"slices"
)

// Model is a network in training: its parameters, and every tensor of the last step. Slices over layers have the
// indices given here; the caller may read and, between steps, write W, V, B, VB and StepNo (the initial values, say).
type Model struct {
	W  [][]int16 // 1..L: weights, N_i x N_{i-1}
	V  [][]int32 // 1..L: their velocity, 24 bits
	B  [][]int32 // 1..L: biases, N_i
	VB [][]int32 // 1..L: their velocity, 24 bits

	Batch int       // nb, samples in the step
	O     [][]int16 // 0..L-1: input and hidden activations, nb x N_i
	A     []int16   // logits a_L, nb x N_L
	Mask  [][]bool  // 1..L-1: derivative of the ReLU, nb x N_i
	E     [][]int16 // 1..L: errors, nb x N_i
	G     [][]int64 // 1..L: sums of the weight gradient over the batch, as W
	GB    [][]int64 // 1..L: sums of the bias gradient, N_i

	StepNo   uint32 // training steps done
	Stats    Stats  // saturations and maxima of training (section 6)
	AccWraps uint64 // sums of training that did not fit AccBits: times that wrap_A changed a value

	cfg      Config
	top      int
	base     []uint32 // 1..L+1: counters of the random words
	feedback [][]int8 // 1..L-1: B_i, flat N_i x N_L

	acts, evalActs [][]int16 // 0..L: room for o_i and a_L of 32 samples, in training and in Eval
	evalStats      Stats     // what Eval would have counted
	errs           [][]int16 // 1..L: room for e_i
	masks          [][]bool  // 1..L-1: room for mask_i
	vec            sparse
	acc            []int64  // one sample's sums
	left, right    []int16  // transposed operands
	words          []uint16 // the random words of a layer
}

// New returns a model with all parameters zero and StepNo 0. It keeps a copy of cfg and fails when sizes, formats,
// rates or feedback are out of range, or a shift that follows from them is outside -15..47 (0..47 for the softmax and
// for the step of W, which are floors).
func New(cfg Config) (*Model, error) {
	cfg = cfg.clone()
	if cfg.AccBits == 0 {
		cfg.AccBits = defaultAccBits
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, top: cfg.top(), base: counterBases(cfg.Sizes)}
	m.Stats, m.evalStats = newStats(m.top), newStats(m.top)
	m.allocate()
	if cfg.Rule == BDFA {
		for i := 1; i < m.top; i++ {
			bits := cfg.FB[i].Bits
			if bits == nil {
				bits = drawBits(cfg.FB[i].Seed, m.size(i), m.size(m.top))
			}
			m.feedback[i] = signsOf(bits, m.size(i), m.size(m.top))
		}
	}
	return m, nil
}

// clone returns a copy that shares nothing the model will read later.
func (c Config) clone() Config {
	c.Sizes = slices.Clone(c.Sizes)
	c.F.Fo, c.F.Fw = slices.Clone(c.F.Fo), slices.Clone(c.F.Fw)
	c.F.Fe, c.F.Fv = slices.Clone(c.F.Fe), slices.Clone(c.F.Fv)
	c.FB = slices.Clone(c.FB)
	return c
}

// allocate makes every tensor and all scratch, so that a step allocates nothing.
func (m *Model) allocate() {
	m.W, m.V = make([][]int16, m.top+1), make([][]int32, m.top+1)
	m.B, m.VB = make([][]int32, m.top+1), make([][]int32, m.top+1)
	m.G, m.GB = make([][]int64, m.top+1), make([][]int64, m.top+1)
	m.E, m.errs = make([][]int16, m.top+1), make([][]int16, m.top+1)
	m.O, m.acts, m.evalActs = make([][]int16, m.top), make([][]int16, m.top+1), make([][]int16, m.top+1)
	m.Mask, m.masks, m.feedback = make([][]bool, m.top), make([][]bool, m.top), make([][]int8, m.top)
	weights, widest := 0, MaxBatch
	for i := range m.top + 1 {
		n := m.size(i)
		widest = max(widest, n)
		m.acts[i], m.evalActs[i] = make([]int16, MaxBatch*n), make([]int16, MaxBatch*n)
		if i == 0 {
			continue
		}
		if i < m.top {
			m.masks[i] = make([]bool, MaxBatch*n)
		}
		w := n * m.size(i-1)
		weights = max(weights, w)
		m.W[i], m.V[i], m.G[i] = make([]int16, w), make([]int32, w), make([]int64, w)
		m.B[i], m.VB[i], m.GB[i] = make([]int32, n), make([]int32, n), make([]int64, n)
		m.errs[i] = make([]int16, MaxBatch*n)
	}
	m.vec, m.acc = newSparse(widest), make([]int64, widest)
	m.left, m.right = make([]int16, MaxBatch*widest), make([]int16, max(weights, MaxBatch*widest))
	m.words = make([]uint16, weights)
}

// size returns N_i.
func (m *Model) size(i int) int { return m.cfg.Sizes[i] }

// Step trains on one batch: pixels x (nb x N_0, 1 <= nb <= 32), labels y (nb, each 0..N_L-1), learning rate eta (Q0.16,
// 16 bits). It returns how many samples the network classified correctly before the update.
func (m *Model) Step(x []uint8, y []int, eta uint32) (correct int) {
	m.Forward(x)
	correct = m.Loss(y)
	m.Errors()
	m.Gradients()
	m.Update(eta)
	return correct
}

// Eval returns how many of the samples (pixels x, n x N_0, any n; labels y) the network classifies correctly. It leaves
// the model as it was, the tensors of the last step and the statistics included.
func (m *Model) Eval(x []uint8, y []int) (correct int) {
	if len(x) != len(y)*m.size(0) {
		panic(fmt.Sprintf("qmodel: eval: %d pixels for %d samples, want %d", len(x), len(y), len(y)*m.size(0)))
	}
	n, classes := m.size(0), m.size(m.top)
	var wraps uint64
	for len(y) > 0 {
		nb := min(MaxBatch, len(y))
		m.forward(x[:nb*n], m.evalActs, &m.evalStats, &wraps)
		for b, label := range y[:nb] {
			if argmax(m.evalActs[m.top][b*classes:(b+1)*classes]) == label {
				correct++
			}
		}
		x, y = x[nb*n:], y[nb:]
	}
	return correct
}

// argmax returns the first position of the largest logit: the predicted class (section 3).
func argmax(a []int16) int {
	best := 0
	for c, v := range a {
		if v > a[best] {
			best = c
		}
	}
	return best
}
