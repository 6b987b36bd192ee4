package testbench

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// Every event happens in the kernel jobs: an event that nobody counts, or a unit that nobody uses, is dead.
func TestEveryEventHappens(t *testing.T) {
	var all activity.Counts
	for _, spec := range kernelJobs() {
		chip := loaded(t, spec)
		for !chip.Wires().Seq.Finished {
			chip.Step()
		}
		all.Add(chip.Activity())
	}
	for e := range activity.NumEvents {
		require.NotZero(t, all.Total(e), "event %v", e)
	}
}

// The chip's own geometry can be priced: every memory is in the list, every event has a price with a source.
func TestEveryEventIsPriced(t *testing.T) {
	chip, err := rtl.New(rtl.DefaultConfig())
	require.NoError(t, err)
	prices, err := power.Default65().Prices(chip.Geometry())
	require.NoError(t, err)
	for e := range activity.NumEvents {
		require.NotEmpty(t, prices.Event[e].Source, "event %v", e)
	}
}

// What a run costs does not depend on who looks: reading the counts in the middle changes nothing, and the energies of
// windows add up to the whole, exactly.
func TestWindowsAddUp(t *testing.T) {
	for _, spec := range kernelJobs() {
		a, b := loaded(t, spec), loaded(t, spec)
		prices, err := power.Default65().Prices(a.Geometry())
		require.NoError(t, err)
		var before activity.Counts
		var start, now power.Cycles
		sum := &power.Energy{}
		for !a.Wires().Seq.Finished {
			a.Step()
			b.Step()
			now[a.Wires().Seq.Tag.Phase()]++
			if b.Cycle()%777 == 0 || b.Wires().Seq.Finished {
				counts := *b.Activity()
				window, err := prices.Window(&before, &counts, start, now)
				require.NoError(t, err)
				sum, err = sum.Add(window)
				require.NoError(t, err)
				before, start = counts, now
			}
		}
		require.Equal(t, *a.Activity(), *b.Activity())
		whole, err := prices.Measure(a.Activity(), now)
		require.NoError(t, err)
		require.Equal(t, whole.Total(), sum.Total())
		require.Equal(t, whole.OnDie(), sum.OnDie())
	}
}
