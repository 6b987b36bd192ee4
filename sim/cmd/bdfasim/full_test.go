package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFullDisk: an output that cannot be written costs neither the run nor the other outputs.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	img := layer(t)
	for _, args := range [][]string{
		{"run", img, "--vcd", "/dev/full"}, {"run", img, "--record", "DNNC=/dev/full"},
		{"run", img, "--trace=/dev/full"}, {"run", img, "-o", "/dev/full"},
		{"power", "run", img, "--csv", "/dev/full"}, {"power", "run", img, "--vcd", "/dev/full"},
		append([]string{"train", "--save", "/dev/full"}, small(t)...),
		append([]string{"train", "--curve", "/dev/full"}, small(t)...),
		append([]string{"train", "--checkpoint", "/dev/full"}, small(t)...),
	} {
		r := bdfasim(t, "", args...)
		require.Equal(t, exitFailure, r.code, "%q", args)
		require.Contains(t, r.out, "Energy by unit", "%q", args)
		require.Contains(t, r.stderr, "no space left on device", "%q", args)
	}
}
