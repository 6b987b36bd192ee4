package testbench

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// scheduled are seeds of random cases that together have convolutions, normalisation, streaming and all arms.
var scheduled = []uint64{3, 7, 12, 22, 33, 41, 52, 90}

// A compiled program does not notice whether units sleep, nor in which order they tick: all wires agree at the end, and so
// do memory, counts and cycles.
func TestCompiledSchedules(t *testing.T) {
	for _, seed := range scheduled {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			plain := finish(t, seed, (*rtl.Chip).Step)
			awake := finish(t, seed, func(c *rtl.Chip) {
				if c.Cycle() == 0 {
					c.KeepAwake()
				}
				c.Step()
			})
			rng := rand.New(rand.NewPCG(seed, 5))
			order := rng.Perm(int(activity.NumUnits))
			shuffled := finish(t, seed, func(c *rtl.Chip) {
				rng.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
				c.StepOrder(order)
			})
			for name, c := range map[string]*rtl.Chip{"no unit sleeps": awake, "random order of ticks": shuffled} {
				require.Equal(t, plain.Cycle(), c.Cycle(), name)
				require.Empty(t, differ(plain.Wires(), c.Wires()), name)
				require.True(t, bytes.Equal(plain.XMemory(), c.XMemory()), "%s: external memory differs", name)
				require.Equal(t, *plain.Activity(), *c.Activity(), name)
			}
		})
	}
}

// finish runs the case of a seed to its end.
func finish(t *testing.T, seed uint64, step func(*rtl.Chip)) *rtl.Chip {
	t.Helper()
	j, rng := draw(seed)
	s, err := j.spec(seed)
	require.NoError(t, err)
	vary(rng, &s)
	s.Capacities, s.Epochs, s.Orders = j.caps, 1, nil
	img, _, err := compile.Build(s)
	require.NoError(t, err)
	chip, err := rtl.New(j.config().For(img.Code))
	require.NoError(t, err)
	require.NoError(t, chip.Load(img.Code, img.Entry, img.Scratch))
	for _, seg := range img.Segments {
		copy(chip.XMemory()[seg.Addr:], seg.Data)
	}
	for !chip.Wires().Seq.Finished {
		step(chip)
		require.False(t, chip.Faulted())
		require.Less(t, chip.Cycle(), uint64(50_000_000))
	}
	return chip
}
