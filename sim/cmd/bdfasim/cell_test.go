package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRateText(t *testing.T) {
	for x, want := range map[float64]string{1: "2^0", 0.5: "2^-1", 1. / 64: "2^-6", 0.01: "0.01000", 3. / 65536: "4.578e-05", 0: "0"} {
		require.Equal(t, want, rateText(x))
	}
	rapid.Check(t, func(t *rapid.T) { // powers of two come back as they were
		x := math.Ldexp(1, rapid.IntRange(-17, -1).Draw(t, "exponent"))
		got, err := parseRate(rateText(x))
		require.NoError(t, err)
		require.Equal(t, x, got)
	})
}
