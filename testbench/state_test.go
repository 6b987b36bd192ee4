package testbench

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl"
)

// All that a later cycle reads is in State, wires, inputs, counts and memories: at random cycles of
// real programs these are copied into a new chip, which goes on to the end and equals the first one
// in everything.
func TestStateIsComplete(t *testing.T) {
	jobs := kernelJobs(t)
	copies := 1000 / len(jobs)
	if testing.Short() {
		copies = 2
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for _, job := range jobs {
		first := job.load()
		for !first.Wires().Seq.Finished {
			first.Step()
		}
		want, end := first.Activity(), first.Cycle()
		at := make([]uint64, copies)
		for i := range at {
			at[i] = rng.Uint64N(end)
		}
		slices.Sort(at)
		donor := job.load()
		for _, cycle := range at {
			for donor.Cycle() < cycle {
				donor.Step()
			}
			c, err := rtl.New(donor.Config())
			require.NoError(t, err)
			require.NoError(t, c.CopyFrom(donor))
			for c.Cycle() < end {
				c.Step()
			}
			require.Equal(t, *want, *c.Activity(), "%s, copied at cycle %d", job.name, cycle)
			require.Equal(t, *first.Wires(), *c.Wires(), "%s, copied at cycle %d", job.name, cycle)
			require.Equal(t, first.XMemory(), c.XMemory(), "%s, copied at cycle %d", job.name, cycle)
			require.Equal(t, first.OMEM.Mem, c.OMEM.Mem, "%s, copied at cycle %d", job.name, cycle)
			require.Equal(t, first.MaskMemory(), c.MaskMemory(), "%s, copied at cycle %d", job.name, cycle)
		}
	}
}
