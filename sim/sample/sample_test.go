package sample

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/sim"
)

// training is a small one, ready to be sampled, and what it takes as a whole.
func (f few) training(t testing.TB) (*Training, count, *sim.Metrics) {
	t.Helper()
	img, plan, cfg := f.build(t)
	tr := &Training{img, plan, cfg, prices(t, cfg)}
	c, _, err := tr.boot(t.Context())
	require.NoError(t, err)
	_, _, err = c.to(t.Context())
	require.NoError(t, err)
	return tr, c.last, c.result.Metrics(sim.All)
}

// A training that is simulated whole, piece by piece from the model's states, takes what it takes in
// one go: nothing but the phase of refresh differs.
func TestCensus(t *testing.T) {
	for _, f := range []few{
		{net: "mlp-784-128-64-10", rule: compile.BP, images: 39, batch: 8, epochs: 3, test: 30, every: 2},
		{net: "mlp-784-128-64-10", rule: compile.BDFA, fused: true, images: 39, batch: 8, epochs: 2, test: 20, every: 1},
		{net: "cnn-small", rule: compile.BDFA, fused: true, images: 8, batch: 2, epochs: 2, test: 10, every: 1},
		{net: "cnn-small", rule: compile.BP, images: 8, batch: 2, epochs: 2, test: 2, every: 1},
	} {
		t.Run(f.String(), func(t *testing.T) {
			tr, whole, m := f.training(t)
			r, err := Run(t.Context(), tr, Options{Samples: 1000, Seed: 1})
			require.NoError(t, err)
			require.EqualValues(t, m.MACs(), r.Products.Done)
			require.EqualValues(t, m.Words(), r.Words)
			for q := range numQuantities {
				got := r.Total(Quantity(q))
				require.Zero(t, got.Half, "quantity %d: all is known", q)
				require.InDelta(t, whole[q], got.Value, 0.02*whole[q]+0.004*whole[Cycles], "quantity %d", q)
			}
			require.InEpsilon(t, whole[Cycles], r.Total(Cycles).Value, 0.004)
			require.InEpsilon(t, whole[OnDie], r.Total(OnDie).Value, 0.004)
			t.Log(whole[Cycles], r.Total(Cycles).Value, whole[OnDie], r.Total(OnDie).Value, r.Samples())
			sum := 0.0
			for k := range NumKinds {
				i, pieces, simulated := r.Of(k, Cycles)
				require.Equal(t, pieces, simulated, KindNames[k])
				sum += i.Value
			}
			require.InEpsilon(t, r.Total(Cycles).Value, sum, 1e-9)
		})
	}
}

// Samples do not depend on how many cores there are, but on the seed.
func TestCores(t *testing.T) {
	f := few{net: "mlp-784-128-64-10", rule: compile.BP, images: 71, batch: 8, epochs: 2, test: 40, every: 1}
	tr, _, _ := f.training(t)
	run := func(cores int, seed uint64) []Interval {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		r, err := Run(t.Context(), tr, Options{Samples: 9, Seed: seed})
		require.NoError(t, err)
		var out []Interval
		for q := range numQuantities {
			out = append(out, r.Total(Quantity(q)))
		}
		return out
	}
	want := run(1, 1)
	require.Equal(t, want, run(3, 1))
	require.NotEqual(t, want, run(3, 2))
}

// More samples are drawn until an error is reached; those that there are stay.
func TestError(t *testing.T) {
	f := few{net: "mlp-784-128-64-10", rule: compile.BP, images: 160, batch: 8, epochs: 3, test: 80, every: 1}
	tr, whole, _ := f.training(t)
	var samples []int
	var errors []float64
	o := Options{Samples: 9, Seed: 3, Error: 0.0015, Round: func(n int, e float64) {
		samples, errors = append(samples, n), append(errors, e)
	}}
	r, err := Run(t.Context(), tr, o)
	require.NoError(t, err)
	require.Greater(t, len(samples), 1, "%v", errors)
	require.Equal(t, 9, samples[0])
	require.Greater(t, errors[0], o.Error)
	require.LessOrEqual(t, r.Error(), o.Error)
	require.InEpsilon(t, whole[Cycles], r.Total(Cycles).Value, 2*o.Error)

	f.images, f.test, f.epochs = 40, 24, 2
	tr, _, _ = f.training(t)
	o.Error, o.Round = 1e-12, nil // until all are simulated
	r, err = Run(t.Context(), tr, o)
	require.NoError(t, err)
	require.Zero(t, r.Error())
}

// A chip that computes something else is an error that names step and tensor, in samples of each
// family and in a fused schedule.
func TestDifference(t *testing.T) {
	for _, fused := range []bool{false, true} {
		f := few{net: "mlp-784-128-64-10", rule: compile.BP, images: 40, batch: 8, epochs: 2, test: 30, every: 1, fused: fused}
		tr, _, _ := f.training(t)
		r, err := Run(t.Context(), tr, Options{Samples: 100, Seed: 1})
		require.NoError(t, err)
		tamper = func(c *chip) { c.Chip().XMemory()[tr.Plan.Layers[1].Velocities+4] ^= 0x40 }
		for _, s := range r.strata {
			s.drawn[0].simulated = false
			p := &pass{Training: tr, Result: r, opt: &Options{Seed: 1}, mem: firmware.Memory(tr.Image)}
			err := p.run(t.Context())
			s.drawn[0].simulated = true
			require.Error(t, err, familyNames[s.family])
			require.Regexp(t, `^sample of `+familyNames[s.family]+`, begun before (step|batch) \d+ .*: after step \d+ the chip differs from the model: [VW]_1, element \d+: chip -?\d+, model -?\d+$`, err.Error())
		}
		tamper = nil
	}
}
