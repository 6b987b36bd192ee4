package qmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct {
		want  string
		spoil func(*Config)
	}{
		{"sizes [5], want at least input and output", func(c *Config) { c.Sizes = []int{5} }},
		{"size 0 of layer 1", func(c *Config) { c.Sizes[1] = 0 }},
		{"70000 classes, want at most 65535", func(c *Config) { c.Sizes[2] = 70000 }},
		{"format Fe has 2 entries, want 3", func(c *Config) { c.F.Fe = c.F.Fe[:2] }},
		{"format Fo[0] is 7, want 8", func(c *Config) { c.F.Fo[0] = 7 }},
		{"format Fe[2] is 13, want 14", func(c *Config) { c.F.Fe[2] = 13 }},
		{"accumulator of 15 bits, want 16..48", func(c *Config) { c.AccBits = 15 }},
		{"accumulator of 49 bits", func(c *Config) { c.AccBits = 49 }},
		{"mu is 65536, want at most 65535", func(c *Config) { c.Mu = 1 << 16 }},
		{"lambda is 65536", func(c *Config) { c.Lambda = 1 << 16 }},
		{`rule "fa", want "bp", "bdfa", "dfa", "bfa" or "conv-only"`, func(c *Config) { c.Rule = "fa" }},
		{"1 feedback entries, want 2", func(c *Config) { c.FB = c.FB[:1] }},
		{"feedback of layer 1: seed 0x0 and 0 signs", func(c *Config) { c.FB[1] = Feedback{} }},
		{"seed 0x2 and 1 signs", func(c *Config) { c.FB[1].Signs = make([]int8, 1) }},
		{"2 signs, want 8 for 4 neurons and 2 classes", func(c *Config) { c.FB[1] = Feedback{Signs: make([]int8, 2)} }},
		{"sign 2 is 0, want 1 or -1", func(c *Config) { c.FB[1] = Feedback{Signs: []int8{1, -1, 0, 1, 1, 1, 1, 1}} }},
		{"layer 1: shift z is 48, want -15..47", func(c *Config) { c.F.Fw[1] = 48; c.F.Fv[1] = 32 }},
		{"layer 1: shift g is -16, want -15..47", func(c *Config) { c.F.Fv[1] = 43; c.F.Fw[1] = 20 }},
		{"layer 1: shift decay is -16", func(c *Config) { c.F.Fv[1] = 32; c.F.Fw[1] = 0 }},
		{"layer 1: shift W step is -1, want 0..47", func(c *Config) { c.F.Fv[1] = 0; c.F.Fw[1] = 17 }},
		{"layer 1: shift gbias is -16", func(c *Config) { c.F.Fv[1] = 35; c.F.Fw[1] = 20 }},
		{"layer 2: shift b step is -16", func(c *Config) { c.F.Fo[1] = 20; c.F.Fv[2] = 8; c.F.Fw[2] = 20 }},
		{"layer 1: shift e is -16", func(c *Config) { c.FB[1].Shift = -16 }},
		{"layer 2: shift softmax is -1, want 0..47", func(c *Config) { c.F.Fo[2] = -9 }},
	} {
		cfg := testConfig(BDFA, 3, 4, 2)
		c.spoil(&cfg)
		_, err := New(cfg)
		require.ErrorContains(t, err, c.want)
		require.ErrorContains(t, err, "qmodel: ")
	}
	cfg := testConfig(BP, 3, 4, 2)
	cfg.F.Fe[1] = 42
	_, err := New(cfg)
	require.ErrorContains(t, err, "layer 1: shift e is -16, want -15..47")
}

func TestConfigIsCopied(t *testing.T) {
	cfg := testConfig(BP, 3, 2)
	cfg.FB = nil // BP needs none
	m, err := New(cfg)
	require.NoError(t, err)
	cfg.Sizes[0], cfg.F.Fo[0] = 9, 99
	require.Equal(t, 3, m.size(0))
	require.Equal(t, 8, m.cfg.F.Fo[0])
}

func TestConvConfigErrors(t *testing.T) {
	for _, c := range []struct {
		want  string
		rule  string
		spoil func(*Config)
	}{
		{"4 convolutional layers of 4, want a fully connected one on top", BP, func(c *Config) { c.Convs = append(c.Convs, c.Convs...) }},
		{"layer 1: input channels is 0, want 1..", BP, func(c *Config) { c.Convs[0].InC = 0 }},
		{"layer 1: pad is 3, want 0..2", BP, func(c *Config) { c.Convs[0].Pad = 3 }},
		{"layer 1: pool is 4, want 1..3", BP, func(c *Config) { c.Convs[0].Pool = 4 }},
		{"layer 2: pool is 0, want 1..3", BP, func(c *Config) { c.Convs[1].Pool = 0 }},
		{"layer 2: stride is 3, want 1, 2 or 4", BP, func(c *Config) { c.Convs[1].Stride = 3 }},
		{"layer 1: kernel is 15, want at most 14", BP, func(c *Config) { c.Convs[0].Kernel = 15 }},
		{"layer 1: pool is 3, want at most 2, the smaller edge", BP, func(c *Config) { c.Convs[0].Kernel, c.Convs[0].Pool = 13, 3 }},
		{"layer 1: sums of 9437184 products, want at most 4194304", BP, func(c *Config) { c.Convs[0].OutC = 1 << 20 }},
		{"layer 1: format Fz is 18, want -8..17 with batch normalisation", BP, func(c *Config) { c.Convs[0].Fz = 18 }},
		{"layer 2: format Fz is 9, want Fo, 8, without", BP, func(c *Config) { c.Convs[1].Fz = 9 }},
		{"layer 2: format Fd is 13, want Fe, 14, without", BP, func(c *Config) { c.Convs[1].Fd = 13 }},
		{"layer 2: input of 6 x 6 x 9, want 6 x 6 x 8 from layer 1", BP, func(c *Config) { c.Convs[1].InC = 9 }},
		{"size 108 of layer 2, want 144 from the convolutions", BP, func(c *Config) { c.Sizes[2] = 3 * 3 * 12 }},
		{"4 drop entries, want 5 or none", BP, func(c *Config) { c.Drop = c.Drop[:4] }},
		{"drop is set for layer 4, want layers 3..3", BP, func(c *Config) { c.Drop[4] = true }},
		{"no-bias is set for layer 2, want layers 3..4", BP, func(c *Config) { c.NoBias = []bool{2: true, 4: true} }},
		{"3 feedback entries, want 4", BDFA, func(c *Config) { c.FB = c.FB[:3] }},
		{"feedback of layer 2: seed 0x0 and 0 signs", BDFA, func(c *Config) { c.FB[2] = Feedback{} }},
		{"feedback of layer 2: matrix of 1 elements, want signs", BFA, func(c *Config) { c.FB[2].D = []int16{1} }},
		{"layer 2: matrix of 575 elements, want 576 for 144 neurons and 4 classes", DFA, func(c *Config) { c.FB[2].D = c.FB[2].D[1:] }},
		{"feedback of layer 3: seed 0x1 and 0 signs, want neither", DFA, func(c *Config) { c.FB[3].Seed = 1 }},
		{"layer 2: shift d is 48", DFA, func(c *Config) { c.FB[2].Fb = 48 }},
		{"layer 1: shift e is 48", BP, func(c *Config) { c.Convs[0].Fz, c.Convs[0].Fd = -8, 24 }},
		{"layer 1: shift gamma's gradient is 48", BP, func(c *Config) { c.Convs[0].Fd, c.F.Fv[1] = 37, 6 }},
		{"layer 1: shift u is -16", BP, func(c *Config) { c.F.Fo[1] = 42 }},
		{"layer 3: shift z, dropping is -16", BP, func(c *Config) { c.F.Fo[3] = 35 }},
	} {
		cfg := convConfig(c.rule)
		c.spoil(&cfg)
		_, err := New(cfg)
		require.ErrorContains(t, err, c.want)
	}
	cfg := testConfig(ConvOnly, 3, 2)
	_, err := New(cfg)
	require.ErrorContains(t, err, "without convolutional layers")
	cfg = convConfig(BFA)
	cfg.FB[0], cfg.FB[1] = Feedback{}, Feedback{} // below K nothing is read
	_, err = New(cfg)
	require.NoError(t, err)
}
