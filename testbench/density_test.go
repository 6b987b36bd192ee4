package testbench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
	"bdfasim/rtl/port"
	"bdfasim/testbench/lockstep"
)

// dense builds a job whose plan expects sparse maps, with images that have no zero, or as sparse as promised.
func dense(t *testing.T, layers string, density float64, full bool) (*lockstep.Lockstep, error) {
	t.Helper()
	n, err := net.Parse([]byte("name: dense\n"+layers), "dense")
	require.NoError(t, err)
	j := job{net: n, rule: compile.BP, batch: 8, samples: 16, epochs: 1, caps: machine.Reference()}
	j.caps.OMEM.Words = 2048
	s, err := j.spec(2)
	require.NoError(t, err)
	s.Density, s.Machine = density, j.caps
	for k := range s.Train.Images {
		s.Train.Images[k] = byte(1 + k%255)
		if !full && k%40 != 0 {
			s.Train.Images[k] = 0
		}
	}
	c, _, err := start(s, j.config())
	require.NoError(t, err)
	return c, c.Run(context.Background(), 10_000_000)
}

// A plan for a density packs maps tighter than their raw size. Maps that are as sparse as promised train as always; denser
// ones stop the chip with a fault where they meet the end of their region, before they write over anything.
func TestDensityFaults(t *testing.T) {
	for _, layers := range []string{
		"input: {size: 700}\nclasses: 5\nlayers: [fc: {out: 20}, relu, fc: {out: 5}]",
		"input: {channels: 16, height: 12, width: 10}\nclasses: 5\nlayers: [conv: {out: 8, kernel: 3}, relu, maxpool: {kernel: 3}, flatten, fc: {out: 5}]",
	} {
		_, err := dense(t, layers, 0.5, false)
		require.NoError(t, err, layers)
		c, err := dense(t, layers, 0.1, true)
		require.Error(t, err, layers)
		require.True(t, c.Chip.Faulted())
		_, f := c.Chip.Fault()
		require.Equal(t, port.FaultOMEMFull, f.Code, "%v", err)
		require.Zero(t, c.Compared, "nothing was computed from maps that do not fit")
	}
}
