package testbench

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
)

// loaded returns a chip with a training image in place.
func loaded(t testing.TB, spec firmware.Spec) *rtl.Chip {
	t.Helper()
	img, _, err := firmware.Build(spec)
	require.NoError(t, err)
	chip, err := rtl.New(rtl.DefaultConfig())
	require.NoError(t, err)
	require.NoError(t, chip.Load(img.Code, img.Entry, img.Scratch))
	for _, s := range img.Segments {
		copy(chip.XMemory()[s.Addr:], s.Data)
	}
	return chip
}

// kernelJobs are small jobs that use every unit.
func kernelJobs() []firmware.Spec {
	s := shape{sizes: []int{70, 40, 20, 18}, samples: 20, batch: 8, epochs: 1}
	var specs []firmware.Spec
	for _, r := range [][2]string{{firmware.BP, ""}, {firmware.BDFA, firmware.LFSR}, {firmware.BDFA, firmware.SRAM}} {
		s.rule, s.feedback = r[0], r[1]
		specs = append(specs, s.spec(5))
	}
	return specs
}

// differ names the units whose wires are not equal.
func differ(a, b *rtl.Wires) (units []string) {
	if *a == *b {
		return nil
	}
	va, vb := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for i := range va.NumField() {
		if !va.Field(i).Equal(vb.Field(i)) {
			units = append(units, va.Type().Field(i).Name)
		}
	}
	return units
}

// The order in which units tick cannot matter: with another random order in every cycle all wires are equal after
// every cycle, and so are the counts.
func TestTickOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, spec := range kernelJobs() {
		a, b := loaded(t, spec), loaded(t, spec)
		for !a.Wires().Seq.Finished {
			a.Step()
			b.StepOrder(rng.Perm(int(activity.NumUnits)))
			require.Empty(t, differ(a.Wires(), b.Wires()), "cycle %d", a.Cycle())
			require.False(t, a.Faulted())
		}
		require.Equal(t, *a.Activity(), *b.Activity())
		require.True(t, bytes.Equal(a.XMemory(), b.XMemory()))
	}
}

// A unit that sleeps would have done nothing: a chip that ticks every unit in every cycle has the same wires and counts.
func TestSleep(t *testing.T) {
	for _, spec := range kernelJobs() {
		a, b := loaded(t, spec), loaded(t, spec)
		b.KeepAwake()
		for !a.Wires().Seq.Finished {
			a.Step()
			b.Step()
			require.Empty(t, differ(a.Wires(), b.Wires()), "cycle %d", a.Cycle())
			require.False(t, a.Faulted())
		}
		require.Equal(t, *a.Activity(), *b.Activity())
	}
}

// Each cycle of each unit belongs to exactly one status.
func TestEveryCycleIsOwned(t *testing.T) {
	for _, spec := range kernelJobs() {
		chip := loaded(t, spec)
		for !chip.Wires().Seq.Finished {
			chip.Step()
		}
		for u, n := range chip.Activity().Cycles {
			sum := uint64(0)
			for _, c := range n {
				sum += c
			}
			require.Equal(t, chip.Cycle(), sum, "%v", activity.Unit(u))
		}
	}
}
