package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"bdfasim/firmware"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
	"bdfasim/sim/sample"
	"bdfasim/testbench/models"
)

// sampleFlags say how much of a training a chip simulates.
type sampleFlags struct {
	Sample     int     `want:"[0,1000000]" placeholder:"N" help:"${sample}"`
	Error      percent `placeholder:"E%" help:"${sample_error}"`
	SampleSeed uint64  `default:"1" help:"${sample_seed}"`
}

// defaultSamples are drawn first if only an error is asked for.
const defaultSamples = 10

// percent is a part of something, given as 1%.
type percent float64

// UnmarshalText is called by kong.
func (p *percent) UnmarshalText(text []byte) error {
	digits, ok := strings.CutSuffix(string(text), "%")
	v, err := strconv.ParseFloat(digits, 64)
	if !ok || err != nil || !(v >= 0.001 && v <= 50) {
		return fmt.Errorf("got %s, want 0.001%% to 50%%", text)
	}
	*p = percent(v / 100)
	return nil
}

// sampled tells whether a training is not simulated whole.
func (f *sampleFlags) sampled() bool { return f.Sample > 0 || f.Error > 0 }

// alone refuses what a sampled training does not go with.
func (c *trainCmd) alone() error {
	if n := len(c.Rule) * c.Seeds; n != 1 {
		return usagef("--sample and --error: got %d rules and seeds, want one", n)
	}
	flag := ""
	switch {
	case !c.Compare:
		flag = "--no-compare"
	case c.Power:
		flag = "--power"
	case c.Limit > 0:
		flag = "--limit"
	case c.Checkpoint != "":
		flag = "--checkpoint"
	case c.Resume != "":
		flag = "--resume"
	default:
		return nil
	}
	return usagef("%s: got --sample or --error as well, want a training that is simulated whole", flag)
}

// runSamples trains the fixed-point model, and simulates samples of its training.
func (c *trainCmd) runSamples(e *env, tr *trial) ([]*outcome, error) {
	engine, err := newEngine(tr.img, tr.chip)
	if err != nil {
		return nil, err
	}
	prices, err := pricesOf(engine.Chip())
	if err != nil {
		return nil, err
	}
	progress := newProgress(e, int64(stepsOf(tr.header)), "steps")
	t := &sample.Training{Image: tr.img, Plan: tr.plan, Machine: tr.chip, Prices: prices}
	r, err := sample.Run(e.ctx, t, sample.Options{
		Samples: cmp.Or(c.Sample, defaultSamples), Error: float64(c.Error), Seed: c.SampleSeed,
		Progress: func(n int) { progress.Add(n) },
		Round: func(samples int, reached float64) {
			fmt.Fprintf(e.stderr, "%d samples: within %.3g %%\n", samples, 100*reached)
		},
	})
	progress.Finish()
	if r == nil {
		return nil, fmt.Errorf("--sample: %w", err)
	}
	o := &outcome{trial: tr, epochs: r.Epochs, samples: r, unfinished: err}
	if c.Save != "" {
		mem := firmware.Memory(tr.img)
		for i := 1; i < len(r.Learned); i++ {
			tr.plan.SetLearned(mem, i, &r.Learned[i])
		}
		o.net = models.Trained(tr.plan, mem)
	}
	return []*outcome{o}, nil
}

// sampleTables are what a training takes.
func sampleTables(tr *trial, r *sample.Result) []*table.Table {
	pieces := table.New("Pieces of the training", "piece", "number", "simulated", "cycles each", "cycles", halfWidth)
	for k := range sample.NumKinds {
		if i, n, simulated := r.Of(k, sample.Cycles); n > 0 {
			pieces.Row(sample.KindNames[k], n, simulated, i.Value/float64(n), i.Value, i.Half)
		}
	}
	phases := table.New("Cycles and energy by phase", "phase", "cycles", halfWidth,
		"on-die uJ", "+-|on_die_half_width", "external uJ", "+-|external_half_width")
	for p, name := range power.PhaseNames {
		onDie, external := sample.PhaseEnergy(p)
		if c := r.Total(sample.PhaseCycles(p)); c.Value > 0 {
			a, b := r.Total(onDie), r.Total(external)
			phases.Row(name, c.Value, c.Half, a.Value, a.Half, b.Value, b.Half)
		}
	}
	energy := table.New("Energy by unit (uJ)", "unit", "total|total_uj", halfWidth)
	stalls := table.New("Units (% of cycles)", "unit", "does|status", "share|percent", halfWidth)
	for u := range activity.NumUnits {
		i := r.Total(sample.Energy(u))
		energy.Row(u.String(), i.Value, i.Half)
		for s := activity.Busy; s < activity.NumStatus; s++ {
			if i := r.Share(sample.Status(u, s), sample.Cycles); i.Value > 0 {
				stalls.Row(u.String(), s.String(), table.Fixed(100*i.Value, 2), table.Fixed(100*i.Half, 2))
			}
		}
	}
	energy.Note("leakage is part of it; XMEM is external memory")
	stalls.Note("busy, or waiting for: operands or other units, weight buffers, external memory, banks or room to write")
	traffic := table.New("External memory", "cause", "32-bit words|words", halfWidth)
	for k, cause := range sim.Causes {
		i := r.Total(sample.Words(k))
		traffic.Row(cause.Name, i.Value, i.Half)
	}
	return []*table.Table{totalTable(tr, r), pieces, phases, energy, stalls, traffic}
}

// halfWidth heads the columns of half-widths.
const halfWidth = "+-|half_width"

func totalTable(tr *trial, r *sample.Result) *table.Table {
	t := table.New("Estimated totals", "what", "value", halfWidth, "+- %|half_width_percent", "unit")
	row := func(what string, i sample.Interval, scale float64, unit string) {
		t.Row(what, i.Value*scale, i.Half*scale, 100*i.Relative(), unit)
	}
	cycles, mhz, lanes := r.Total(sample.Cycles), tr.chip.ClockMHz, tr.chip.DNNC.Lanes
	row("cycles", cycles, 1, "")
	row("simulated time", cycles, 1/mhz/1000, "ms")
	row("energy on-die", r.Total(sample.OnDie), 1, "uJ")
	row("energy of external memory", r.Total(sample.External), 1, "uJ")
	row("energy", r.Total(sample.OnDie, sample.External), 1, "uJ")
	row("MAC utilisation", r.Utilisation(lanes), 100, "%")
	done, dense := float64(r.Products.Done), float64(max(1, r.Products.Dense))
	for _, known := range []struct {
		what  string
		value float64
		unit  string
	}{
		{"MACs", done, ""}, {"zero-skip rate", 100 * (1 - done/dense), "%"},
		{"external words", r.Words, "32 bit"}, {"updates of weights", float64(r.Updates), ""},
	} {
		row(known.what, sample.Interval{Value: known.value}, 1, known.unit)
	}
	t.Note("the fixed-point model trained; %d samples on the chip were compared with it, bit for bit", r.Samples())
	t.Note("all phases, tests as well; +-: half of a 95 %% interval; 0: known exactly, without a chip")
	t.Note("at %v MHz, %d lanes; docs/sampling.md", mhz, lanes)
	return t
}
