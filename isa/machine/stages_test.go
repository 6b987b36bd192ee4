package machine

import (
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A cut meets the clock, and no other one that does has fewer bits.
func TestCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := make([]step, rapid.IntRange(1, 9).Draw(t, "steps"))
		for i := range path {
			path[i] = step{rapid.IntRange(1, 20).Draw(t, "levels"), rapid.IntRange(1, 50).Draw(t, "bits")}
		}
		levels, n := rapid.IntRange(10, 60).Draw(t, "limit"), rapid.IntRange(0, 5).Draw(t, "n")
		least := -1
		for set := range 1 << (len(path) - 1) {
			if registers, longest := stagesOf(path, set); longest <= levels && (n == 0 || bits.OnesCount(uint(set)) == n) {
				if least < 0 || registers < least {
					least = registers
				}
			}
		}
		behind, ok := cut(path, levels, n)
		require.Equal(t, least >= 0, ok)
		if ok {
			set := 0
			for _, i := range behind {
				set |= 1 << i
			}
			registers, longest := stagesOf(path, set)
			require.Equal(t, least, registers)
			require.LessOrEqual(t, longest, levels)
			require.True(t, n == 0 || n == len(behind))
		}
	})
}

// stagesOf is the number of bits of registers behind the steps of a set, and the levels of the
// longest stage.
func stagesOf(path []step, set int) (registers, longest int) {
	levels := 0
	for i, s := range path {
		levels += s.levels
		longest = max(longest, levels)
		if set>>i&1 != 0 {
			registers += s.bits
			levels = 0
		}
	}
	return registers, longest
}

// The clock chooses how the momentum unit is cut, and refuses what is too slow.
func TestMomentumStages(t *testing.T) {
	for _, c := range []struct {
		mhz    float64
		cuts   int
		write  int
		status int
		err    string
	}{
		{50, 0, 0, 1, ""},
		{100, 0, 1, 1, ""},
		{200, 0, 2, 1, ""},
		{200, 12, 12, 1, ""},
		{200, 1, 0, 0, "momentum.cuts: got 1, want 2..12: a cycle has 100 gate levels of 50 ps"},
		{400, 0, 6, 2, ""},
		{400, 5, 0, 0, "momentum.cuts: got 5, want 6..12: a cycle has 50 gate levels of 50 ps"},
		{600, 0, 0, 0, "clock_mhz: got 600, want at most 400: a product takes 50 gate levels of 50 ps\nclock_mhz: got 600, want at most 526: a step of momentum takes 38 gate levels of 50 ps"},
		{200, 13, 0, 0, "momentum.cuts: got 13, want 0 to 12"},
	} {
		m := Reference()
		m.ClockMHz, m.Momentum.Cuts = c.mhz, c.cuts
		err := m.Validate()
		if c.err != "" {
			require.EqualError(t, err, c.err)
			continue
		}
		require.NoError(t, err)
		registers, write := m.MomentumStages()
		require.Equal(t, []int{c.write, c.status}, []int{write, len(registers) - write}, "%v MHz, %d cuts", c.mhz, c.cuts)
	}
}

// So it does for the normalisation unit, if that is built.
func TestNormStages(t *testing.T) {
	m := Reference()
	m.Norm.Cuts = 1
	require.NoError(t, m.Validate(), "not built")
	m.Norm.Channels = 16
	require.EqualError(t, m.Validate(), "norm.cuts: got 1, want 3..15: a cycle has 100 gate levels of 50 ps")
	for mhz, want := range map[float64]int{50: 0, 100: 1, 200: 3, 400: 9} {
		m.ClockMHz, m.Norm.Cuts = mhz, 0
		require.NoError(t, m.Validate())
		require.Len(t, m.NormStages(), want, "%v MHz", mhz)
	}
}
