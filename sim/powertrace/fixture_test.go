package powertrace

import (
	"context"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa"
	"bdfasim/isa/asm"
	"bdfasim/isa/image"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/sim"
	"bdfasim/sim/profile/trial"
)

// layer is one layer by hand: the program of package sim's tests.
func layer(t testing.TB) *image.Image {
	t.Helper()
	text, err := os.ReadFile("../testdata/layer.s")
	require.NoError(t, err)
	return assemble(t, string(text))
}

func assemble(t testing.TB, text string) *image.Image {
	t.Helper()
	img, err := asm.Assemble(fstest.MapFS{"prog.s": {Data: []byte(text)}}, "prog.s", asm.Options{})
	require.NoError(t, err)
	return img
}

// training is one training step of a small network: every phase of a step, three layers.
func training(t testing.TB) *image.Image {
	t.Helper()
	n, err := net.MLP(net.ReLU, 64, 48, 32, 10)
	require.NoError(t, err)
	spec, err := trial.Spec(n, compile.BDFA, 4, trial.Random)
	require.NoError(t, err)
	img, _, err := compile.Build(spec)
	require.NoError(t, err)
	return img
}

// load builds a chip with a loaded program, and its prices.
func load(t testing.TB, img *image.Image) (*sim.Engine, *power.PriceList) {
	return loadAs(t, img, power.ByEvents, false)
}

// loadAs is load with an activity model, for a chip that counts toggles or not.
func loadAs(t testing.TB, img *image.Image, model power.Activity, toggles bool) (*sim.Engine, *power.PriceList) {
	t.Helper()
	cfg := rtl.DefaultConfig()
	cfg.Toggles = toggles
	cfg.XMem.Bytes = max(int(img.XMemBytes), 1<<16)
	chip, err := rtl.New(rtl.For(cfg, img.Code))
	require.NoError(t, err)
	prices, err := power.Default65().PricesAs(model, chip.Geometry())
	require.NoError(t, err)
	e := sim.New(chip)
	require.NoError(t, e.LoadImage(img))
	return e, prices
}

// sampler is New that must not fail.
func sampler(t testing.TB, e *sim.Engine, prices *power.PriceList, cfg Config, sinks ...Sink) *Sampler {
	t.Helper()
	s, err := New(e.Chip(), prices, cfg, sinks...)
	require.NoError(t, err)
	return s
}

// plain runs without observers.
func plain(t testing.TB, img *image.Image) (sim.Result, *power.Energy) {
	t.Helper()
	e, prices := load(t, img)
	res, err := e.Run(context.Background(), 0, sim.Options{})
	require.NoError(t, err)
	return res, measured(t, prices, &res)
}

// measured is the meter's energy of a run.
func measured(t testing.TB, prices *power.PriceList, res *sim.Result) *power.Energy {
	t.Helper()
	var cycles power.Cycles
	for p := range isa.NumPhases {
		cycles[p] = res.Phases[p].Cycles
	}
	energy, err := prices.Measure(&res.Counts, cycles)
	require.NoError(t, err)
	return energy
}

// traced runs with a sampler.
func traced(t testing.TB, img *image.Image, cfg Config) (sim.Result, []Record) {
	t.Helper()
	e, prices := load(t, img)
	var all []Record
	s := sampler(t, e, prices, cfg, keep(&all))
	res, err := e.Run(context.Background(), 0, sim.Options{OnCycle: s.OnCycle})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return res, all
}

// keep is a sink that copies records.
func keep(to *[]Record) Sink {
	return func(r *Record) error {
		*to = append(*to, *r)
		return nil
	}
}

// sum adds windows up. They must follow each other without a gap.
func sum(t testing.TB, all []Record) Record {
	t.Helper()
	total := Record{From: all[0].From, To: all[0].From, prices: all[0].prices}
	for i := range all {
		r := &all[i]
		require.Equal(t, total.To, r.From)
		require.Greater(t, r.To, r.From)
		require.Equal(t, r.OnDie+r.External, r.Total)
		total.To = r.To
		for u, aj := range r.Unit {
			total.Unit[u] += aj
		}
		total.OnDie += r.OnDie
		total.External += r.External
		total.Total += r.Total
	}
	return total
}
