package testbench

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// A compiled program does not notice whether units sleep, nor in which order they tick: all wires agree at the end, and so
// do memory, counts and cycles.
func TestSchedules(t *testing.T) {
	ran := 0
	for seed := uint64(1); seed <= uint64(len(arms)); seed++ { // all arms
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			img, cfg := scheduled(t, seed)
			if img == nil {
				t.Skip("does not fit")
			}
			ran++
			plain := finish(t, img, cfg, (*rtl.Chip).Step)
			awake := finish(t, img, cfg, func(c *rtl.Chip) {
				if c.Cycle() == 0 {
					c.KeepAwake()
				}
				c.Step()
			})
			rng := rand.New(rand.NewPCG(seed, 5))
			order := rng.Perm(int(activity.NumUnits))
			shuffled := finish(t, img, cfg, func(c *rtl.Chip) {
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
	require.GreaterOrEqual(t, ran, 8)
}

// scheduled is the random case of a seed, cut down to one batch; nil when the compiler refuses it.
func scheduled(t *testing.T, seed uint64) (*image.Image, rtl.Config) {
	t.Helper()
	j, rng := draw(seed)
	j.samples, j.test = min(j.samples, j.batch), min(j.test, 2)
	s, err := j.spec(seed)
	require.NoError(t, err)
	vary(rng, &s)
	s.Machine, s.Epochs, s.Orders = j.caps, 1, nil
	img, _, err := compile.Build(s)
	if err != nil {
		require.Regexp(t, refusal, err.Error())
		return nil, rtl.Config{}
	}
	return img, rtl.For(j.config(), img.Code)
}

// finish runs a program to its end.
func finish(t *testing.T, img *image.Image, cfg rtl.Config, step func(*rtl.Chip)) *rtl.Chip {
	t.Helper()
	chip, err := rtl.New(cfg)
	require.NoError(t, err)
	require.NoError(t, sim.New(chip).LoadImage(img))
	for !chip.Wires().Seq.Finished {
		step(chip)
		require.False(t, chip.Faulted())
		require.Less(t, chip.Cycle(), uint64(50_000_000))
	}
	return chip
}

// FuzzSchedules: random programs, good and bad ones, do not notice either: wires agree after every cycle, and memories, counts
// and faults at the end.
func FuzzSchedules(f *testing.F) {
	for seed := range byte(20) {
		f.Add(bytes.Repeat([]byte{seed, 3 * seed, 7 * seed}, 100))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := choose(data)
		img := drawCommands(c)
		c.mutate(img)
		plain, awake, shuffled := withImage(t, img, drawnMachine()), withImage(t, img, drawnMachine()), withImage(t, img, drawnMachine())
		awake.KeepAwake()
		conclude(plain, func() {
			plain.Step()
			awake.Step()
			shuffled.StepOrder(c.rng.Perm(int(activity.NumUnits)))
			for name, o := range map[string]*rtl.Chip{"no unit sleeps": awake, "random order of ticks": shuffled} {
				if d := differ(plain.Wires(), o.Wires()); d != nil {
					require.Empty(t, d, "%s, cycle %d:\n%s", name, plain.Cycle(), listing(img))
				}
			}
		})
		for name, o := range map[string]*rtl.Chip{"no unit sleeps": awake, "random order of ticks": shuffled} {
			require.Empty(t, differing(plain, o), name)
			require.Equal(t, *plain.Activity(), *o.Activity(), name)
			require.Equal(t, plain.Cycle(), o.Cycle(), name)
		}
	})
}
