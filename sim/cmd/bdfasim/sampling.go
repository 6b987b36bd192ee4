package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"bdfasim/firmware"
	"bdfasim/firmware/net/onnx"
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

// samples refuses what a sampled training cannot give.
func (c *trainCmd) samples() error {
	for _, no := range []struct {
		given bool
		flag  string
		why   string
	}{
		{len(c.Rule)*c.Seeds != 1, "--rule and --seeds", "several trainings; one is sampled"},
		{!c.Compare, "--no-compare", "it as well, but each sample is compared with the model"},
		{c.Power, "--power", "it as well, but energies by event are known of a training that is simulated whole only"},
		{c.Limit > 0, "--limit", "it as well, but no chip runs from begin to end"},
		{c.Checkpoint != "" || c.Resume != "", "--checkpoint and --resume", "one of them as well, but no chip runs from begin to end"},
	} {
		if no.given {
			return usagef("%s: with --sample or --error: got %s", no.flag, no.why)
		}
	}
	return nil
}

// runSampled trains the fixed-point model, and simulates samples of its training.
func (c *trainCmd) runSampled(e *env, n *network, tr *trial) error {
	engine, err := newEngine(tr.img, tr.chip)
	if err != nil {
		return err
	}
	prices, err := pricesOf(engine.Chip())
	if err != nil {
		return err
	}
	progress := newProgress(e, int64(stepsOf(tr.header)), "steps")
	result, err := sample.Run(e.ctx, &sample.Training{Image: tr.img, Plan: tr.plan, Machine: tr.chip, Prices: prices},
		sample.Options{
			Samples: max(c.Sample, c.least()), Error: float64(c.Error), Seed: c.SampleSeed,
			Progress: func(n int) { progress.Add(n) },
			Round: func(samples int, reached float64) {
				fmt.Fprintf(e.stderr, "%d samples: within %.3g %%\n", samples, 100*reached)
			},
		})
	progress.Finish()
	if result == nil {
		return fmt.Errorf("--sample: %w", err)
	}
	o := &outcome{trial: tr, prices: prices, epochs: result.Epochs}
	failed := []error{err}
	if c.Save != "" {
		mem := firmware.Memory(tr.img)
		for i := 1; i < len(result.Learned); i++ {
			tr.plan.SetLearned(mem, i, &result.Learned[i])
		}
		failed = append(failed, writeTo(e, c.Save, onnx.Encode(models.Trained(tr.plan, mem))))
	}
	outcomes := []*outcome{o}
	failed = append(failed, c.Curve.write(epochTable(outcomes).CSV))
	if c.Plot != "" {
		failed = append(failed, drawCurve(string(c.Plot), outcomes))
	}
	tables := append([]*table.Table{epochTable(outcomes)}, sampleTables(tr, result)...)
	for _, note := range n.notes {
		tables[0].Note("%s", note)
	}
	tables[0].Note("trained by the fixed-point model, whose bits are the chip's: %d samples of it were compared",
		result.Samples())
	return errors.Join(append(failed, c.write(e, tables...))...)
}

// least is how many samples are drawn at least.
func (f *sampleFlags) least() int {
	if f.Sample > 0 {
		return 0
	}
	return defaultSamples
}

// sampleTables are what a training takes.
func sampleTables(tr *trial, r *sample.Result) []*table.Table {
	return []*table.Table{
		totalTable(tr, r), pieceTable(r), sampledPhases(r), sampledUnits(r), sampledStalls(r), sampledTraffic(r),
	}
}

// halfWidth heads the columns of half-widths.
const halfWidth = "+-|half_width"

func totalTable(tr *trial, r *sample.Result) *table.Table {
	t := table.New("Estimated totals", "what", "value", halfWidth, "+- %|half_width_percent", "unit")
	row := func(what string, i sample.Interval, scale float64, unit string) {
		t.Row(what, i.Value*scale, i.Half*scale, 100*i.Relative(), unit)
	}
	cycles, mhz := r.Total(sample.Cycles), tr.chip.ClockMHz
	row("cycles", cycles, 1, "")
	row("simulated time", cycles, 1/mhz/1000, "ms")
	row("energy on-die", r.Total(sample.OnDie), 1, "uJ")
	row("energy of external memory", r.Total(sample.External), 1, "uJ")
	row("energy", r.Total(sample.OnDie, sample.External), 1, "uJ")
	row("MAC utilisation", r.Utilisation(tr.chip.DNNC.Lanes), 100, "%")
	exact := func(what string, value any, unit string) { t.Row(what, value, 0.0, 0.0, unit) }
	exact("MACs", r.Products.Done, "")
	exact("zero-skip rate", 100*(1-float64(r.Products.Done)/float64(max(1, r.Products.Dense))), "%")
	exact("external words", uint64(r.Words), "32 bit")
	exact("updates of weights", r.Updates, "")
	t.Note("all phases, tests as well; +-: half of a 95 %% interval; 0: known exactly, without a chip")
	t.Note("at %v MHz; %d lanes", mhz, tr.chip.DNNC.Lanes)
	return t
}

func pieceTable(r *sample.Result) *table.Table {
	t := table.New("Pieces of the training", "piece", "number", "simulated", "cycles each", "cycles", halfWidth)
	for k := range sample.NumKinds {
		if i, pieces, simulated := r.Of(k, sample.Cycles); pieces > 0 {
			t.Row(sample.KindNames[k], pieces, simulated, i.Value/float64(pieces), i.Value, i.Half)
		}
	}
	t.Note("from the entry of a step to that of the next one; docs/sampling.md")
	return t
}

func sampledPhases(r *sample.Result) *table.Table {
	t := table.New("Cycles and energy by phase", "phase", "cycles", halfWidth,
		"on-die uJ", "+-|on_die_half_width", "external uJ", "+-|external_half_width")
	for p, name := range power.PhaseNames {
		onDie, external := sample.PhaseEnergy(p)
		c, a, b := r.Total(sample.PhaseCycles(p)), r.Total(onDie), r.Total(external)
		if c.Value+a.Value+b.Value > 0 {
			t.Row(name, c.Value, c.Half, a.Value, a.Half, b.Value, b.Half)
		}
	}
	t.Note("an event belongs to the phase of the command that caused it")
	return t
}

func sampledUnits(r *sample.Result) *table.Table {
	t := table.New("Energy by unit (uJ)", "unit", "total|total_uj", halfWidth, "% of total")
	all := r.Total(sample.OnDie, sample.External).Value
	row := func(name string, qs ...sample.Quantity) {
		i := r.Total(qs...)
		t.Row(name, i.Value, i.Half, 100*i.Value/all)
	}
	for u := range activity.NumUnits {
		if !power.External(u) {
			row(u.String(), sample.Energy(u))
		}
	}
	row("on-die", sample.OnDie)
	row("external memory", sample.External)
	row("total", sample.OnDie, sample.External)
	t.Note("leakage is part of the total")
	return t
}

func sampledStalls(r *sample.Result) *table.Table {
	t := table.New("Units (% of cycles)", "unit", "what", "share|percent", halfWidth)
	for u := range activity.NumUnits {
		for s := range activity.NumStatus {
			if i := r.Share(sample.Status(u, s), sample.Cycles); s != activity.Idle && i.Value > 0 {
				t.Row(u.String(), s.String(), table.Fixed(100*i.Value, 2), table.Fixed(100*i.Half, 2))
			}
		}
	}
	t.Note("busy, or waiting for: operands or other units, weight buffers, external memory, banks or room to write; else idle")
	return t
}

func sampledTraffic(r *sample.Result) *table.Table {
	t := table.New("External memory", "cause", "32-bit words|words", halfWidth)
	for k, cause := range sim.Causes {
		i := r.Total(sample.Words(k))
		t.Row(cause.Name, i.Value, i.Half)
	}
	t.Note("what moves at a cut counts on one side of it or the other; all together are known exactly")
	return t
}
