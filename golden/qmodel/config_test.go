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
		{"feedback of layer 1: seed 0x0 and 0 stored entries", func(c *Config) { c.FB[1] = Feedback{} }},
		{"seed 0x2 and 1 stored entries", func(c *Config) { c.FB[1].Bits = make([][4]uint64, 1) }},
		{"2 stored entries, want 1 for 4 neurons and 2 classes", func(c *Config) { c.FB[1] = Feedback{Bits: make([][4]uint64, 2)} }},
		{"stored entry 0: bit 32 is 1, want 0 from bit 32 on", func(c *Config) { c.FB[1] = Feedback{Bits: [][4]uint64{{1 << 32}}} }},
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
