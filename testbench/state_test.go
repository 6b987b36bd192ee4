package testbench

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/golden/qmodel"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/sim/snapshot"
	"bdfasim/testbench/models"
)

// All that a later cycle reads is in State, wires, inputs, counts and memories: at random cycles of
// real programs these are written, and read into a new chip, and it goes on to the end and equals
// the first one in everything.
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
			state, err := snapshot.Encode(donor.State()...)
			require.NoError(t, err)
			require.NoError(t, snapshot.Decode(state, c.State()...))
			copy(c.XMemory(), donor.XMemory())
			for c.Cycle() < end {
				c.Step()
			}
			equalCounts(t, want, c.Activity(), job.name, cycle)
			require.True(t, *first.Wires() == *c.Wires(), "%s, copied at cycle %d: other wires", job.name, cycle)
			for name, same := range map[string]bool{
				"external memory": bytes.Equal(first.XMemory(), c.XMemory()),
				"OMEM":            slices.Equal(first.OMEM.Mem, c.OMEM.Mem),
				"f' masks":        slices.Equal(first.MaskMemory(), c.MaskMemory()),
			} {
				require.True(t, same, "%s, copied at cycle %d: another %s", job.name, cycle, name)
			}
		}
	}
}

// equalCounts compares all counts but those of toggled bits, which observers keep.
func equalCounts(t *testing.T, want, got *activity.Counts, job string, cycle uint64) {
	require.Equal(t, want.Cycles, got.Cycles, "%s, copied at cycle %d", job, cycle)
	for tag := range want.Rows {
		for e, n := range want.Rows[tag] {
			if event := activity.Event(e); n != got.Rows[tag][e] && !strings.Contains(event.String(), "toggle") {
				require.Fail(t, "counts differ", "%s, copied at cycle %d: %v under tag %d: got %d, want %d",
					job, cycle, event, tag, got.Rows[tag][e], n)
			}
		}
	}
}

// TestModelStateIsComplete: a fixed-point model that takes over another's state learns on as that
// one does, whatever is drawn.
func TestModelStateIsComplete(t *testing.T) {
	for seed := range uint64(20) {
		j, _ := draw(seed)
		spec, err := j.spec(seed)
		require.NoError(t, err)
		config := j.config()
		config.XMem.Bytes = 64 << 20
		l, img, err := start(spec, config)
		require.NoError(t, err)
		again, err := models.Fixed(l.Plan, img, j.config().DNNC.AccBits)
		require.NoError(t, err)
		step := func(batch int, ms ...*qmodel.Model) {
			for _, m := range ms {
				x, y := l.Plan.TrainBatch(l.Chip.XMemory(), 0, batch%l.Plan.Steps())
				m.Step(x, y, l.Plan.Header.EtaAt(0, len(y)))
			}
		}
		step(0, l.Model)
		state, err := snapshot.Encode(l.Model.State()...)
		require.NoError(t, err)
		require.NoError(t, snapshot.Decode(state, again.State()...))
		step(1, l.Model, again)
		require.Equal(t, l.Model.State(), again.State(), "%v", j)
	}
}
