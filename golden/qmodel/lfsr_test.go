package qmodel

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLFSRVectors(t *testing.T) {
	want := vector[uint8](t, "lfsr", "n32_taps_32_22_2_1_seedDEADBEEF")
	l := lfsr(0xDEADBEEF)
	for i, bit := range want {
		require.Equal(t, uint32(bit), l.next(), "bit %d", i)
	}
}

func TestLeapIsSixteenSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.Uint32Min(1).Draw(t, "state")
		l := lfsr(s)
		var word uint32
		for bit := range 16 {
			word |= l.next() << bit
		}
		require.Equal(t, s&0xffff, word)
		require.Equal(t, uint32(l), leap16(s))
	})
}
