package golden

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"bdfasim/firmware/net"
)

// Feedback says where the fixed feedback matrices come from.
type Feedback string

const (
	// Random draws them from the seed: layer-wise feedback like the weights
	// (He), direct feedback N(0, 1), binary feedback -1 or +1 with equal chance.
	Random Feedback = "random"
	// Eq7 takes the product of the initial FC weights (direct, not binary).
	Eq7 Feedback = "eq7"
	// Eq9 takes the signs of that product (binary).
	Eq9 Feedback = "eq9"
	// LFSR takes the bits of a shift register (binary); see ShiftRegister.
	LFSR Feedback = "lfsr"
	// Given takes the configuration's Given.
	Given Feedback = "given"
)

// Words are the values that a file may say.
func (Feedback) Words() []string {
	return []string{string(Random), string(Eq7), string(Eq9), string(LFSR)}
}

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

// Words are the values that a file may say.
func (Scale) Words() []string { return []string{string(One), string(Pow2), string(RMS)} }

// Init says how the weights are drawn; biases start at 0.
type Init string

const (
	// He draws W_i from N(0, 2/fan-in) (He et al. 2015, arXiv 1502.01852).
	He Init = "he"
	// ConcordantInit starts from He and makes the signs of Eq. 7's product
	// equal the feedback bits (binary rules with Random, LFSR or Given); see
	// Concordant.
	ConcordantInit Init = "concordant"
)

// Words are the values that a file may say.
func (Init) Words() []string { return []string{string(He), string(ConcordantInit)} }

// Boundary says what the last convolution learns from where the FC layers
// have direct feedback.
type Boundary string

const (
	// Direct is D^T e_L at the flattened output of the convolutions, no f'.
	Direct Boundary = "direct"
	// ViaW1 is W^T e of the first FC layer, as BP would have it from there.
	ViaW1 Boundary = "via-w1"
)

// Words are the values that a file may say.
func (Boundary) Words() []string { return []string{string(Direct), string(ViaW1)} }

// NetConfig says how a Network learns.
type NetConfig struct {
	Rule     string   // one of Rules()
	Feedback Feedback // of rules with fixed feedback; empty means Random
	Scale    Scale    // of random or binary feedback, and of sign symmetry; empty means One
	Init     Init     // empty means He
	Boundary Boundary // of cdfa, cbdfa, error-sign-dfa and drtp on convolutions; empty means Direct
	Momentum float64  // mu, 0 <= mu < 1
	Decay    float64  // lambda >= 0, on weights; never on biases or batch norm
	MeanOver int      // divisor of the gradient sums, doubled while a batch is larger; 0 is the batch given, 32 what the chip does
	Seed     uint64   // weights, feedback and dropout draw from separate PCG streams of it
	Workers  int      // goroutines; 0 is one a core. The result does not depend on it

	// Given holds the feedback matrices of Feedback Given: for direct rules
	// Given[i] = D_i, N_L x N_i, i = 0..L-1 (binary: elements -1 or +1), for fa
	// Given[i] = R_i of W_i's shape, i = 1..L. What teaches no layer may be
	// empty: R_1, D_0 and, but for dfa-all, D_i below the last convolution (with
	// ViaW1 at it, too).
	Given []Mat
}

func (c NetConfig) withDefaults() NetConfig {
	c.Feedback, c.Scale, c.Init = cmp.Or(c.Feedback, Random), cmp.Or(c.Scale, One), cmp.Or(c.Init, He)
	c.Boundary, c.Workers = cmp.Or(c.Boundary, Direct), cmp.Or(c.Workers, runtime.GOMAXPROCS(0))
	return c
}

func (c NetConfig) check(d *net.Net) error {
	if !(c.Momentum >= 0 && c.Momentum < 1) {
		return fmt.Errorf("golden: momentum: got %g, want 0 <= momentum < 1", c.Momentum)
	}
	if !(c.Decay >= 0) {
		return fmt.Errorf("golden: decay: got %g, want 0 or more", c.Decay)
	}
	if c.MeanOver < 0 {
		return fmt.Errorf("golden: mean over: got %d, want 0 (the batch) or a positive divisor", c.MeanOver)
	}
	if c.Workers < 0 {
		return fmt.Errorf("golden: workers: got %d, want 0 (one a core) or more", c.Workers)
	}
	r, ok := rules[c.Rule]
	if !ok {
		return fmt.Errorf("golden: rule: got %q, want %s", c.Rule, strings.Join(Rules(), ", "))
	}
	return c.checkRule(r, d.Convs())
}

// checkRule refuses combinations that a rule would have to ignore.
func (c NetConfig) checkRule(r rule, convs int) error {
	if r.fcOnly && convs > 0 {
		return fmt.Errorf("golden: rule %s: got %d convolutions, want none (c%s has BP in them, dfa-all direct feedback)", c.Rule, convs, c.Rule)
	}
	if !slices.Contains(r.feedbacks, c.Feedback) {
		return fmt.Errorf("golden: rule %s: got feedback %q, want one of %q", c.Rule, c.Feedback, r.feedbacks)
	}
	switch c.Scale {
	case One:
	case Pow2, RMS:
		if !r.scales || c.Feedback == Eq7 {
			return fmt.Errorf("golden: rule %s with feedback %s: got scale %q, want %q (its size is its own)", c.Rule, c.Feedback, c.Scale, One)
		}
	default:
		return fmt.Errorf("golden: scale: got %q, want one, pow2 or rms", c.Scale)
	}
	switch c.Init {
	case He:
	case ConcordantInit:
		if !r.binary || c.Feedback == Eq9 {
			return fmt.Errorf("golden: concordant init: got rule %s with feedback %s, want bdfa or cbdfa with random, lfsr or given", c.Rule, c.Feedback)
		}
	default:
		return fmt.Errorf("golden: init: got %q, want he or concordant", c.Init)
	}
	switch c.Boundary {
	case Direct:
	case ViaW1:
		if !r.boundary || convs == 0 {
			return fmt.Errorf("golden: boundary: got %q for rule %s and %d convolutions, want %q", ViaW1, c.Rule, convs, Direct)
		}
	default:
		return fmt.Errorf("golden: boundary: got %q, want direct or via-w1", c.Boundary)
	}
	return nil
}
