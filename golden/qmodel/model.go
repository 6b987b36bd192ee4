package qmodel

import "fmt"

// Model is a network in training: its parameters, and every tensor of the last step. Slices over layers have the
// indices given here; the caller may read and, between steps, write the parameters (the initial values, say), the
// running statistics and StepNo. K is the number of convolutional layers, 0 in a fully connected network; then tensors
// "1..K" have none. Maps lie sample by sample, pixel by pixel, the channels of a pixel one after the other. C_i channels
// make a pixel, but P in O[K] and D[K], C_K rounded up to a multiple of 16 (section 7).
type Model struct {
	W  [][]int16 // 1..L: weights, N_i x N_{i-1}; convolutions k x k x C_i x C_{i-1}
	V  [][]int32 // 1..L: their velocity, 24 bits
	B  [][]int32 // 1..L: biases, N_i or C_i; zero in a layer that has none
	VB [][]int32 // 1..L: their velocity, 24 bits

	Gamma, Beta   [][]int32 // 1..K, with batch normalisation: scale (20 fraction bits) and shift (26), C_i (section 8)
	VGamma, VBeta [][]int32 // their velocities, 24 bits
	RM            [][]int32 // running mean, Fz+8 fraction bits
	RV            [][]int64 // running variance, 2*Fz+16 fraction bits

	Batch int        // nb, samples in the step
	O     [][]int16  // 0..L-1: input and hidden activations, nb x N_i; the channels of O[K] from C_K on are zero
	A     []int16    // logits a_L, nb x N_L
	Mask  [][]bool   // K+1..L-1: derivative of the ReLU, nb x N_i
	Z     [][]int16  // 1..K: convolutions before normalisation and ReLU, nb x X_i x Y_i x C_i
	Pos   [][]uint8  // 1..K: place of the maximum in its window or 15, nb x H_i x W_i x C_i
	M     [][]int32  // 1..K, with batch normalisation: mean of the batch, C_i
	R     [][]uint32 // and reciprocal deviation R * 2^(Sh/2-32)
	Sh    [][]int32
	E     [][]int16 // 1..L: errors, nb x N_i; convolutions as Z (without batch normalisation the same memory as H)
	D     [][]int16 // 1..K: dLoss/do_i, as O; in D[K] padded channels hold what the rule gives, and nothing reads them
	H     [][]int16 // 1..K: errors behind the normalisation, as Z
	G     [][]int64 // 1..L: sums of the weight gradient over the batch, as W; zero where the rule trains nothing
	GB    [][]int64 // 1..L: sums of the bias gradient, as B; zero in a layer that has none

	GGamma, GBeta [][]int64 // 1..K, with batch normalisation: T2 and T1 of section 8, C_i

	StepNo   uint32 // training steps done
	Stats    Stats  // saturations and maxima of training (sections 6 and 9)
	AccWraps uint64 // sums of training that did not fit AccBits: times that wrap_A changed a value

	cfg      Config
	top      int
	base     []uint32  // 1..L+1: counters of the random words
	dropBase []uint32  // 0..L+1: counters of the dropout words
	feedback [][]int8  // lowest..L-1: B_i, flat N_i x N_L (BFA: x N_{i+1})
	matrix   [][]int16 // lowest..L-1: D_i transposed, flat N_i x N_L

	train, test pass
	evalStats   Stats     // what Eval would have counted
	evalWraps   uint64    //
	errs        [][]int16 // 1..L: room for e_i
	normErrs    [][]int16 // 1..K: room for h_i
	outErrs     [][]int16 // 1..K: room for d_i
	masks       [][]bool  // K+1..L-1: room for mask_i
	chans       []channel // of the layer in work
	noBias      []int32   // zeros
	words       []uint16  // the random words of a layer
	rows        []uint16  // those of a convolution, by rows of section 7

	engine
}

// pass is where a run of a batch through the network puts its tensors.
type pass struct {
	training bool       // statistics of the batch, which move the running ones, and dropout
	acts     [][]int16  // 0..L: room for o_i and a_L
	z        [][]int16  // 1..K: for z_i
	pos      [][]uint8  // 1..K: for pos_i; nil in tests
	m        [][]int32  // 1..K
	r        [][]uint32 // 1..K
	sh       [][]int32  // 1..K
	st       *Stats
	wraps    *uint64
}

// New returns a model with all parameters zero, but scales and running variances one, and StepNo 0. It keeps a copy of
// cfg and fails when sizes, formats, rates or feedback are out of range, or a shift that follows from them is outside
// -15..47 (0..47 for the softmax and for the step of W, which are floors).
func New(cfg Config) (*Model, error) {
	cfg = cfg.clone()
	if cfg.AccBits == 0 {
		cfg.AccBits = defaultAccBits
	}
	if cfg.Batch == 0 {
		cfg.Batch = SubBatch
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	m := &Model{cfg: cfg, top: cfg.top(), base: cfg.counterBases(), dropBase: cfg.dropBases()}
	m.Stats, m.evalStats = newStats(m.top), newStats(m.top)
	m.train = newPass(true, m.top, cfg.convs(), &m.Stats, &m.AccWraps)
	m.test = newPass(false, m.top, cfg.convs(), &m.evalStats, &m.evalWraps)
	m.newEngine()
	m.allocate()
	m.allocateConvs()
	m.setFeedback()
	return m, nil
}

// State points to all that later steps depend on, and what is counted over steps.
func (m *Model) State() []any {
	return []any{
		&m.W, &m.V, &m.B, &m.VB, &m.Gamma, &m.Beta, &m.VGamma, &m.VBeta, &m.RM, &m.RV,
		&m.StepNo, &m.Stats, &m.AccWraps,
	}
}

func newPass(training bool, top, convs int, st *Stats, wraps *uint64) pass {
	p := pass{training: training, st: st, wraps: wraps, acts: make([][]int16, top+1)}
	perLayer(convs+1, &p.z)
	perLayer(convs+1, &p.pos)
	perLayer(convs+1, &p.m, &p.sh)
	perLayer(convs+1, &p.r)
	return p
}

// allocate makes the tensors and scratch that all layers have, so that a step allocates nothing.
func (m *Model) allocate() {
	layers := m.top + 1
	perLayer(layers, &m.W, &m.E, &m.errs)
	perLayer(layers, &m.V, &m.B, &m.VB)
	perLayer(layers, &m.G, &m.GB)
	perLayer(m.top, &m.O, &m.matrix)
	perLayer(m.top, &m.Mask, &m.masks)
	perLayer(m.top, &m.feedback)
	weights, widest, most := 0, 0, m.cfg.held()
	for i := range layers {
		n := m.size(i)
		room(i, most*n, m.train.acts)
		room(i, SubBatch*n, m.test.acts)
		if i >= m.cfg.convs() {
			widest = max(widest, n)
		}
		if i == 0 {
			continue
		}
		w, b := m.cfg.weights(i), m.cfg.outputs(i)
		weights = max(weights, w)
		room(i, w, m.W)
		room(i, w, m.V)
		room(i, w, m.G)
		room(i, b, m.B, m.VB)
		room(i, b, m.GB)
		if conv := m.cfg.conv(i); conv == nil || conv.BN {
			m.errs[i] = make([]int16, most*m.cfg.errors(i))
		}
		if i > m.cfg.convs() && i < m.top {
			m.masks[i] = make([]bool, most*n)
		}
	}
	m.acc = make([]int64, widest)
	m.words = make([]uint16, weights)
}

// size returns N_i.
func (m *Model) size(i int) int { return m.cfg.Sizes[i] }

// Step trains on one batch: pixels x (nb x N_0, 1 <= nb <= Batch; images pixel by pixel, not plane by plane), labels y (nb,
// each 0..N_L-1), learning rate eta (Q0.16, 16 bits). It returns how many samples the network classified correctly
// before the update.
func (m *Model) Step(x []uint8, y []int, eta uint32) (correct int) {
	m.Forward(x)
	correct = m.Loss(y)
	m.Errors()
	m.Gradients()
	m.Update(eta)
	return correct
}

// Eval returns how many of the samples (pixels x, n x N_0, any n; labels y) the network classifies correctly, with the
// running statistics and without dropout. It leaves the model as it was, the tensors of the last step and the
// statistics included.
func (m *Model) Eval(x []uint8, y []int) (correct int) {
	if len(x) != len(y)*m.size(0) {
		panic(fmt.Sprintf("qmodel: eval: %d pixels for %d samples, want %d", len(x), len(y), len(y)*m.size(0)))
	}
	n, classes := m.size(0), m.size(m.top)
	for len(y) > 0 {
		nb := min(SubBatch, len(y))
		m.forward(x[:nb*n], &m.test)
		for b, label := range y[:nb] {
			if argmax(m.test.acts[m.top][b*classes:(b+1)*classes]) == label {
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
