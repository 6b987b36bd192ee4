package qmodel

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// bigModel is a model for batches of up to 100 samples whose second layer drops.
func bigModel(t *testing.T, batch int) *Model {
	t.Helper()
	c := testConfig(BP, 20, 17, 30, 4)
	c.Batch, c.Drop = batch, []bool{false, false, true, false}
	m, err := New(c)
	require.NoError(t, err)
	randomWeights(m, rand.New(rand.NewPCG(1, 2)))
	return m
}

// TestBatchIsASum: a batch of 100 has the gradients that its parts have together, unrounded,
// and each sample its own errors.
func TestBatchIsASum(t *testing.T) {
	whole, part := bigModel(t, 100), bigModel(t, 100)
	whole.cfg.Drop, part.cfg.Drop = nil, nil // bits belong to places in a batch
	x, y := batch(whole, rand.New(rand.NewPCG(3, 4)), 100)
	forward := func(m *Model, from, to int) {
		m.Forward(x[from*20 : to*20])
		m.Loss(y[from:to])
		m.Errors()
		m.Gradients()
	}
	forward(whole, 0, 100)
	sums := make([][]int64, 4)
	for i := 1; i <= 3; i++ {
		sums[i] = make([]int64, len(whole.G[i]))
	}
	for at := 0; at < 100; at += SubBatch {
		to := min(100, at+SubBatch)
		forward(part, at, to)
		for i := 1; i <= 3; i++ {
			n := part.size(i)
			require.Equal(t, whole.E[i][at*n:to*n], part.E[i])
			for k, g := range part.G[i] {
				sums[i][k] += g
			}
		}
	}
	require.Equal(t, whole.G[1:], sums[1:])
}

// TestMeanShift: a sum over the batch is divided by the power of two that is not below it, and
// by 32 at the least.
func TestMeanShift(t *testing.T) {
	for nb, want := range map[int]int{0: 5, 1: 5, 31: 5, 32: 5, 33: 6, 64: 6, 65: 7, 100: 7, 128: 7, 129: 8, 1000: 10, 4096: 12} {
		require.Equal(t, want, meanShift(nb), nb)
	}
	for nb, shift := range map[int]int{32: 5, 33: 6, 100: 7} {
		m := bigModel(t, 100)
		m.cfg.Mu, m.cfg.Lambda = 0, 0
		x, y := batch(m, rand.New(rand.NewPCG(3, 4)), nb)
		m.Step(x, y, 100)
		for k, g := range m.G[1] {
			require.EqualValues(t, Away(g, 8+14+shift-18), m.V[1][k])
		}
	}
}

// TestDropoutCountsSamples: no two samples of two steps share a count, and up to 32 samples all
// is as section 11 had it for 32.
func TestDropoutCountsSamples(t *testing.T) {
	m := bigModel(t, 100)
	require.EqualValues(t, 4*SubBatch*2, m.dropBase[4])
	small := bigModel(t, 7)
	require.EqualValues(t, SubBatch*2, small.dropBase[4])
	var bits []uint32
	for m.StepNo = range 2 {
		for b := range 100 {
			bits = append(bits, m.keepBits(2, b, 0), m.keepBits(2, b, 1))
		}
	}
	slices.Sort(bits)
	require.Greater(t, len(slices.Compact(bits)), 390, "of 400 words of 16 bits a few are equal")
}

// TestRateOfALayer: a scale of ten moves a layer as ten times the rate does, and leaves the
// others.
func TestRateOfALayer(t *testing.T) {
	run := func(eta uint32, scale []uint32) *Model {
		m := bigModel(t, 32)
		m.cfg.Scale = scale
		x, y := batch(m, rand.New(rand.NewPCG(3, 4)), 32)
		m.Step(x, y, eta)
		return m
	}
	plain, ten := run(100, nil), run(1000, nil)
	scaled := run(100, []uint32{0, 256, 2560, 256})
	require.Equal(t, plain.W[1], scaled.W[1])
	require.Equal(t, ten.W[2], scaled.W[2])
	require.Equal(t, ten.B[2], scaled.B[2])
	require.Equal(t, plain.W[3], scaled.W[3])
	require.NotEqual(t, plain.W[2], ten.W[2])
	require.EqualValues(t, 30, (&Config{Scale: []uint32{77}}).rate(0, 100)) // 30.08
	require.Panics(t, func() { run(7000, []uint32{0, 256, 2560, 256}) })
}

func TestNewRefusesBatches(t *testing.T) {
	for _, nb := range []int{-1, MaxBatch + 1} {
		c := testConfig(BP, 4, 3)
		c.Batch = nb
		_, err := New(c)
		require.ErrorContains(t, err, "want 1..4096")
	}
	c := testConfig(BP, 4, 3)
	c.Scale = []uint32{1}
	_, err := New(c)
	require.EqualError(t, err, "qmodel: 1 scales of the rate, want 2 or none")
}
