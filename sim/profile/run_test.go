package profile_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/sim/profile"
	"bdfasim/sim/profile/trial"
)

// TestProfileAddsUp holds a profile against what the chip itself counts.
func TestProfileAddsUp(t *testing.T) {
	n, err := trial.Net("cnn-small")
	require.NoError(t, err)
	s, err := trial.Spec(n, compile.BP, 8, trial.Random)
	require.NoError(t, err)
	plan, p, err := trial.Run(context.Background(), s, trial.Config(64))
	require.NoError(t, err)
	require.Equal(t, 1, plan.Steps())
	exclusive := p.Tail
	for k := range p.Tags {
		g := &p.Tags[k]
		exclusive += g.Exclusive
		require.LessOrEqual(t, g.MACs, g.Dense)
		words := g.ByCause()
		require.Equal(t, g.Words, words.Total())
		require.LessOrEqual(t, g.CodedWords(), g.RawWords())
		require.LessOrEqual(t, g.NonZero, g.Encoded())
		require.LessOrEqual(t, g.Busy, g.Elapsed)
	}
	require.Equal(t, p.Cycles, exclusive)
	// The images: 8 of 28 x 28 pixels, blocks of one element in a group of 16, half of them not zero.
	ff := p.Find(isa.PhaseFF, 1)
	require.Equal(t, uint64(8*28*28*16), ff.Encoded())
	require.InDelta(t, 0.5/16, ff.Density(), 0.002)
	require.Equal(t, ff.NonZero, ff.CodedWords(), "a word for each pixel that is not zero")
	for _, x := range pointsOf(p, 200) {
		require.LessOrEqual(t, x.Rate, 1.0001*x.Roof, "%v %d is above its roof", x.Phase, x.Layer)
	}
}

// TestGEMM takes the product of docs/timing.md apart: 32 x 4,608 x 512 on 256 lanes, with external memory as it is and with
// one that never makes it wait.
func TestGEMM(t *testing.T) {
	if testing.Short() {
		t.Skip("two million cycles")
	}
	const full, swaps, ends = 32 * 4608 * 512 / 256, 144 * 32, 144
	n, err := trial.Net("gemm")
	require.NoError(t, err)
	s, err := trial.Spec(n, compile.BP, 32, trial.Dense)
	require.NoError(t, err)
	_, lpddr, err := trial.Run(context.Background(), s, trial.Config(64))
	require.NoError(t, err)
	_, ideal, err := trial.Run(context.Background(), s, idealMemory(trial.Config(64)))
	require.NoError(t, err)
	for _, p := range []*profile.Profile{lpddr, ideal} {
		require.Equal(t, uint64(full+swaps+ends), p.Find(isa.PhaseFF, 1).Busy)
		require.Equal(t, uint64(full*256), p.Find(isa.PhaseFF, 1).MACs)
	}
	require.InDelta(t, 2*1024, ideal.Find(isa.PhaseFF, 1).WaitWeight, 40, "the first tile of weights for each 256 outputs, and no other, is waited for")
	require.Less(t, float64(lpddr.Find(isa.PhaseFF, 1).Elapsed), 1.03*full, "as close to the lanes' limit as public simulators of systolic arrays are")
}
