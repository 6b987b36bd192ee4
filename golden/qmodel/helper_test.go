package qmodel

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// testConfig returns a configuration with the same formats in all layers: mu = 0.9, a little decay, LFSR feedback.
func testConfig(rule string, sizes ...int) Config {
	top := len(sizes) - 1
	c := Config{Sizes: sizes, Rule: rule, Mu: 58982, Lambda: 33, Seed: 7}
	for i := range sizes {
		c.F.Fo, c.F.Fw = append(c.F.Fo, 8), append(c.F.Fw, 12)
		c.F.Fe, c.F.Fv = append(c.F.Fe, 14), append(c.F.Fv, 18)
		if i < top {
			c.FB = append(c.FB, Feedback{Seed: uint32(i + 1), Shift: 2})
		}
	}
	return c
}

// testModel returns a model of testConfig.
func testModel(t testing.TB, rule string, sizes ...int) *Model {
	t.Helper()
	m, err := New(testConfig(rule, sizes...))
	require.NoError(t, err)
	return m
}

// randomWeights draws every weight from a range that keeps most activations off the clips.
func randomWeights(m *Model, rng *rand.Rand) {
	for i := 1; i <= m.top; i++ {
		for n := range m.W[i] {
			m.W[i][n] = int16(rng.IntN(1200) - 600)
		}
	}
}
