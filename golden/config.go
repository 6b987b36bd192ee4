package golden

import (
	"fmt"
	"slices"
	"strings"
)

// Activation names the function f of the hidden layers.
type Activation string

// Identity exists for proofs: with it Eq. 7's feedback equals BP.
const (
	ReLU     Activation = "relu"
	Tanh     Activation = "tanh"
	Sigmoid  Activation = "sigmoid"
	Identity Activation = "identity"
)

// Feedback says where the fixed feedback matrices come from.
type Feedback string

const (
	// Random draws them from Config.Seed: fa like the weights (He), dfa
	// N(0, 1), bdfa -1 or +1 with equal chance.
	Random Feedback = "random"
	// Eq7 takes the product of the initial weights (dfa only).
	Eq7 Feedback = "eq7"
	// Eq9 takes the signs of that product (bdfa only).
	Eq9 Feedback = "eq9"
	// Given takes Config.Given, such as the bits of a shift register.
	Given Feedback = "given"
)

// Scale says how large binary or random feedback is; s_i below multiplies D_i.
type Scale string

const (
	// One leaves the matrices as they are.
	One Scale = "one"
	// Pow2 is s_i = 2^round(log2 RMS(D_i)) of Eq. 7's D_i, a shift in hardware.
	Pow2 Scale = "pow2"
	// RMS is s_i = RMS(D_i) of Eq. 7's D_i.
	RMS Scale = "rms"
)

// Init says how the weights are drawn; biases start at 0.
type Init string

const (
	// He draws W_i from N(0, 2/N_{i-1}) (He et al. 2015, arXiv 1502.01852).
	He Init = "he"
	// ConcordantInit starts from He and makes the signs of Eq. 7's product
	// equal the feedback bits (bdfa with Random or Given); see Concordant.
	ConcordantInit Init = "concordant"
)

// Config describes a network and how it learns.
type Config struct {
	Sizes    []int      // N_0, N_1, ..., N_L: at least two, all positive
	Act      Activation // of hidden layers; empty means ReLU
	Rule     string     // "bp", "fa", "dfa", "bdfa" or "frozen"
	Feedback Feedback   // of fa, dfa and bdfa; empty means Random
	Scale    Scale      // of dfa and bdfa, not with Eq7; empty means One
	Init     Init       // empty means He
	Momentum float64    // mu, 0 <= mu < 1
	Decay    float64    // lambda >= 0, on weights and never on biases
	MeanOver int        // divisor of the gradient sums; 0 is the batch given, 32 what the chip always does
	Seed     uint64     // weights and random feedback draw from separate PCG streams of it

	// Given holds the feedback matrices of Feedback Given: for dfa and bdfa
	// Given[i] = D_i, N_L x N_i, i = 0..L-1 (bdfa: elements -1 or +1); for fa
	// Given[i] = R_i of W_i's shape, i = 1..L. Only the error at the input
	// needs D_0 or R_1, so these may be empty.
	Given []Mat
}

func (c Config) withDefaults() Config {
	if c.Act == "" {
		c.Act = ReLU
	}
	if c.Feedback == "" {
		c.Feedback = Random
	}
	if c.Scale == "" {
		c.Scale = One
	}
	if c.Init == "" {
		c.Init = He
	}
	return c
}

func (c Config) check() error {
	if len(c.Sizes) < 2 {
		return fmt.Errorf("golden: sizes: got %d layers of neurons, want at least 2 (input and output)", len(c.Sizes))
	}
	for i, n := range c.Sizes {
		if n <= 0 {
			return fmt.Errorf("golden: sizes[%d]: got %d, want a positive number of neurons", i, n)
		}
	}
	if _, ok := activations[c.Act]; !ok {
		return fmt.Errorf("golden: activation: got %q, want relu, tanh, sigmoid or identity", c.Act)
	}
	if !(c.Momentum >= 0 && c.Momentum < 1) {
		return fmt.Errorf("golden: momentum: got %g, want 0 <= momentum < 1", c.Momentum)
	}
	if !(c.Decay >= 0) {
		return fmt.Errorf("golden: decay: got %g, want 0 or more", c.Decay)
	}
	if c.MeanOver < 0 {
		return fmt.Errorf("golden: mean over: got %d, want 0 (the batch) or a positive divisor", c.MeanOver)
	}
	return c.checkRule()
}

// checkRule refuses combinations that a rule would have to ignore.
func (c Config) checkRule() error {
	r, ok := rules[c.Rule]
	if !ok {
		return fmt.Errorf("golden: rule: got %q, want %s", c.Rule, strings.Join(Rules(), ", "))
	}
	if !slices.Contains(r.feedbacks(), c.Feedback) {
		return fmt.Errorf("golden: rule %s: got feedback %q, want one of %q", c.Rule, c.Feedback, r.feedbacks())
	}
	switch c.Scale {
	case One:
	case Pow2, RMS:
		if !r.scales() || c.Feedback == Eq7 {
			return fmt.Errorf("golden: rule %s with feedback %s: got scale %q, want %q (its size is its own)", c.Rule, c.Feedback, c.Scale, One)
		}
	default:
		return fmt.Errorf("golden: scale: got %q, want one, pow2 or rms", c.Scale)
	}
	switch c.Init {
	case He:
	case ConcordantInit:
		if c.Rule != "bdfa" || c.Feedback == Eq9 {
			return fmt.Errorf("golden: concordant init: got rule %s with feedback %s, want bdfa with random or given", c.Rule, c.Feedback)
		}
	default:
		return fmt.Errorf("golden: init: got %q, want he or concordant", c.Init)
	}
	return nil
}
