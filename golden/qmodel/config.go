package qmodel

import "slices"

// The learning rules of sections 4 and 10: how errors reach the hidden fully connected layers and the last
// convolutional one. Convolutional layers learn by section 7 whatever the rule.
const (
	BP       = "bp"        // back-propagation
	BDFA     = "bdfa"      // binary direct feedback alignment: signs times e_L
	DFA      = "dfa"       // direct feedback alignment: a matrix of int16 times e_L
	BFA      = "bfa"       // binary feedback alignment: signs times the error of the layer above
	ConvOnly = "conv-only" // back-propagation that leaves the fully connected layers as they are
)

// Limits of the arithmetic.
const (
	MaxBatch = 4096 // samples in a batch
	SubBatch = 32   // of them the chip holds at a time

	inputBits  = 8  // fraction bits of a pixel, Fo[0] (section 1)
	outBits    = 14 // fraction bits of the top error, Fe[L] (section 3)
	meanBits   = 5  // the mean over a batch divides by 32 at the least (section 5)
	rateBits   = 16 // mu, lambda and eta are Q0.16
	maxRate    = 1<<rateBits - 1
	scaleBits  = 8   // of Scale
	minShift   = -15 // what a command can carry
	maxShift   = 47
	maxClasses = 65535 // keeps the feedback sum within 32 bits

	defaultAccBits = 48
	minAccBits     = 16
)

// Formats holds the fraction bits of the tensors by layer 0..L (section 1). Fw[0], Fe[0] and Fv[0] are unused; Fo[0] is
// 8 and Fe[L] is 14. What only some layers have is with them: Fz and Fd in Conv, Fb in Feedback.
type Formats struct {
	Fo, Fw, Fe, Fv []int
}

// Feedback is the fixed feedback of one layer: signs B_i with their scale 2^-Shift (BDFA and BFA;
// exactly one of Seed and Signs is given), or a matrix D_i (DFA). The feedback of layer K, the last
// convolutional one, gives d_K and has N_K neurons, those of padded channels among them (section
// 10).
type Feedback struct {
	Seed  uint32 // start of the generator
	Signs []int8 // B_i, N_i x N_L (BFA: x N_{i+1}), each -1 or +1
	Shift int    // s_i of section 4

	D  []int16 // D_i, N_L x N_i
	Fb int     // fraction bits of D_i
}

// Config describes a network and its training.
type Config struct {
	Sizes   []int      // N_0..N_L, elements of o_i in a sample; those of layers 0..K must be what Convs imply (see SizesOf)
	F       Formats    // fraction bits
	AccBits int        // width A of the accumulators, 16..48; 0 means 48
	Rule    string     // BP, BDFA, DFA, BFA or ConvOnly
	Mu      uint32     // momentum, Q0.16
	Lambda  uint32     // weight decay, Q0.16
	Seed    uint32     // of the random words that round W, and of dropout
	Batch   int        // the most samples in a batch; 0 means 32
	Scale   []uint32   // by layer 0..L: its learning rate in parts of eta, 8 fraction bits; nil: all 1
	FB      []Feedback // by layer 0..L-1; read from max(K, 1) on, and not at all under BP and ConvOnly

	Convs  []Conv // convolutional layers 1..K: layer i is Convs[i-1]; none: K = 0
	NoBias []bool // by layer 0..L: fully connected layers without bias; nil: all have one. For layers 1..K see Conv.Bias
	Drop   []bool // by layer 0..L: hidden fully connected layers that drop one half (section 11); nil: none
}

// SizesOf returns N_0..N_K of a network that begins with the given convolutional layers: N_0 is H_0*W_0*C_0, N_i is
// H_i*W_i*C_i, and N_K is H_K*W_K*P with P = C_K rounded up to a multiple of 16, as layer K+1 sees it (section 7).
func SizesOf(convs []Conv) []int {
	if len(convs) == 0 {
		return nil
	}
	sizes := []int{convs[0].InH * convs[0].InW * convs[0].InC}
	for i, c := range convs {
		h, w := c.OutSize()
		chans := c.OutC
		if i == len(convs)-1 {
			chans = ceilDiv(chans, padChannels) * padChannels
		}
		sizes = append(sizes, h*w*chans)
	}
	return sizes
}

// held returns how many samples there is room for: those of a batch, or those that Eval takes at a time.
func (c *Config) held() int { return max(c.Batch, SubBatch) }

// top returns L, the number of layers.
func (c *Config) top() int { return len(c.Sizes) - 1 }

// convs returns K, the number of convolutional layers.
func (c *Config) convs() int { return len(c.Convs) }

// conv returns convolutional layer i, nil when layer i is another.
func (c *Config) conv(i int) *Conv {
	if i < 1 || i > len(c.Convs) {
		return nil
	}
	return &c.Convs[i-1]
}

// lowest returns the lowest layer whose error comes from above by the rule: 1, or K for d_K.
func (c *Config) lowest() int { return max(1, c.convs()) }

// bias says whether layer i has one.
func (c *Config) bias(i int) bool {
	if conv := c.conv(i); conv != nil {
		return conv.Bias
	}
	return c.NoBias == nil || !c.NoBias[i]
}

// drops says whether layer i drops one half of its outputs in training.
func (c *Config) drops(i int) bool { return c.Drop != nil && c.Drop[i] }

// trains says whether layer i is updated.
func (c *Config) trains(i int) bool { return i <= c.convs() || c.Rule != ConvOnly }

// classes returns how many errors the feedback of layer i takes in: those of the top, or of the layer above (section 10).
func (c *Config) classes(i int) int {
	if c.Rule == BFA {
		return c.Sizes[i+1]
	}
	return c.Sizes[c.top()]
}

// weights returns the number of elements of W_i.
func (c *Config) weights(i int) int {
	if conv := c.conv(i); conv != nil {
		return conv.taps() * conv.OutC * conv.InC
	}
	return c.Sizes[i] * c.Sizes[i-1]
}

// outputs returns the number of elements of b_i.
func (c *Config) outputs(i int) int {
	if conv := c.conv(i); conv != nil {
		return conv.OutC
	}
	return c.Sizes[i]
}

// errors returns the number of elements of e_i in a sample.
func (c *Config) errors(i int) int {
	if conv := c.conv(i); conv != nil {
		h, w := conv.ZSize()
		return h * w * conv.OutC
	}
	return c.Sizes[i]
}

// clone returns a copy that shares nothing the model will read later.
func (c Config) clone() Config {
	c.Sizes = slices.Clone(c.Sizes)
	c.F.Fo, c.F.Fw = slices.Clone(c.F.Fo), slices.Clone(c.F.Fw)
	c.F.Fe, c.F.Fv = slices.Clone(c.F.Fe), slices.Clone(c.F.Fv)
	c.FB, c.Convs = slices.Clone(c.FB), slices.Clone(c.Convs)
	c.NoBias, c.Drop = slices.Clone(c.NoBias), slices.Clone(c.Drop)
	c.Scale = slices.Clone(c.Scale)
	return c
}
