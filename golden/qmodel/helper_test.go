package qmodel

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/sbinet/npyio/npy"
	"github.com/sbinet/npyio/npz"
	"github.com/stretchr/testify/require"
)

// vector returns an array of a file of golden/vectors, row-major. It is unpacked whole before npy sees it, which takes
// what a single Read returns.
func vector[T any](t *testing.T, file, array string) (v []T) {
	t.Helper()
	raw, err := os.ReadFile("../vectors/" + file + ".npz")
	require.NoError(t, err)
	z, err := npz.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	r, err := z.Open(array + ".npy")
	require.NoError(t, err)
	raw, err = io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, npy.Read(bytes.NewReader(raw), &v), array)
	return v
}

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

// randomWords fills words (rows x cols, row-major) with the random word of each weight.
func randomWords(words []uint16, rows, cols int, seed, count uint32) {
	for half := range halves(rows, cols) {
		halfWords(words, rows, cols, half, seed, count)
	}
}
