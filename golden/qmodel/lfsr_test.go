package qmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/golden/vectors"
)

func TestLFSRVectors(t *testing.T) {
	f, err := vectors.Load("lfsr")
	require.NoError(t, err)
	for _, c := range []struct {
		array string
		width int
		taps  []int
		seed  uint32
	}{
		{"n16_taps_16_15_13_4_seedACE1", 16, []int{16, 15, 13, 4}, 0xACE1},
		{"n31_taps_31_28_seed1", 31, []int{31, 28}, 1},
		{"n32_taps_32_22_2_1_seedDEADBEEF", 32, []int{32, 22, 2, 1}, 0xDEADBEEF},
	} {
		want, err := f.Uint8(c.array)
		require.NoError(t, err)
		l, err := NewLFSR(c.width, c.taps, c.seed)
		require.NoError(t, err)
		for i, bit := range want {
			require.Equal(t, uint32(bit), l.Next(), "%s, bit %d", c.array, i)
		}
	}
	chip, err := NewLFSR(32, []int{32, 22, 2, 1}, 5)
	require.NoError(t, err)
	require.Equal(t, *chip, chipLFSR(5))
}

func TestLFSRPeriod(t *testing.T) {
	l, err := NewLFSR(16, []int{16, 15, 13, 4}, 1)
	require.NoError(t, err)
	steps := 0
	for ok := true; ok; ok = l.state != 1 {
		l.Next()
		require.NotZero(t, l.state)
		steps++
	}
	require.Equal(t, 1<<16-1, steps)
}

func TestLFSRErrors(t *testing.T) {
	for _, c := range []struct {
		width int
		taps  []int
		seed  uint32
		want  string
	}{
		{1, nil, 1, "width 1, want 2..32"},
		{33, nil, 1, "width 33"},
		{32, nil, 0, "seed 0x0"},
		{16, nil, 1 << 16, "seed 0x10000, want a non-zero number of 16 bits"},
		{16, []int{17}, 1, "tap 17, want 1..16"},
		{16, []int{0}, 1, "tap 0"},
	} {
		_, err := NewLFSR(c.width, c.taps, c.seed)
		require.ErrorContains(t, err, c.want)
	}
}

func TestLeapIsSixteenSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.Uint32Min(1).Draw(t, "state")
		l := chipLFSR(s)
		var word uint32
		for bit := range 16 {
			word |= l.Next() << bit
		}
		require.Equal(t, s&0xffff, word)
		require.Equal(t, l.state, leap16(s))
	})
}
