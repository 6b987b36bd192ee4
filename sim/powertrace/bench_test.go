package powertrace

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/sim/profile/trial"
)

// large is one training step of 784-128-64-10 on a batch of 16.
func large(b *testing.B) *image.Image {
	n, err := net.MLP(net.ReLU, 784, 128, 64, 10)
	require.NoError(b, err)
	spec, err := trial.Spec(n, compile.BDFA, 16, trial.Random)
	require.NoError(b, err)
	img, _, err := compile.Build(spec)
	require.NoError(b, err)
	return img
}

// BenchmarkCycle is a simulated cycle alone and with a window of one cycle around it.
func BenchmarkCycle(b *testing.B) {
	img := large(b)
	none := func(*testing.B, *rtl.Chip) func(uint64) error { return func(uint64) error { return nil } }
	of := func(all bool, sinks ...Sink) func(*testing.B, *rtl.Chip) func(uint64) error {
		return func(b *testing.B, chip *rtl.Chip) func(uint64) error {
			_, prices := load(b, img)
			s, err := New(chip, prices, Config{Window: 1}, sinks...)
			require.NoError(b, err)
			for t := 0; all && t < 256; t++ {
				s.counts.know(uint8(t))
			}
			return s.OnCycle
		}
	}
	var signals Signals
	for _, c := range []struct {
		name    string
		observe func(*testing.B, *rtl.Chip) func(uint64) error
	}{
		{"alone", none},
		{"window", of(false)},
		{"window of 256 tags", of(true)},
		{"window, csv", of(false, NewCSV(discard{}).Write)},
		{"window, csv, plot, signals", of(false, NewCSV(discard{}).Write, NewPlot().Add, signals.Set)},
	} {
		b.Run(c.name, func(b *testing.B) {
			e, _ := load(b, img)
			on := c.observe(b, e.Chip())
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				chip := e.Chip()
				if chip.Wires().Seq.Finished {
					b.StopTimer()
					e, _ = load(b, img)
					chip = e.Chip()
					on = c.observe(b, chip)
					b.StartTimer()
				}
				chip.Step()
				if err := on(chip.Cycle()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "windows/s")
		})
	}
}
