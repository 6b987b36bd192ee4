package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// runFlags are common to what runs an image.
type runFlags struct {
	Limit uint64 `placeholder:"CYCLES" help:"${run_limit}"`
	chipFlags
}

// load reads an image and builds the chip that it needs.
func (f *runFlags) load(e *env, name string) (*image.Image, *sim.Engine, error) {
	img, err := image.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	m, err := f.forImage(img)
	if err != nil {
		return nil, nil, err
	}
	if made, ok := compile.MachineOf(img); ok && m.XMem.SplitBanks && m.XMem.Bytes > made.XMem.Bytes {
		fmt.Fprintf(e.stderr, "note: compiled for %d MiB of external memory, running with %d: velocities do not lie in the "+
			"upper half of the banks, which takes more cycles; --xmem-mb %d avoids it\n",
			made.XMem.Bytes>>20, m.XMem.Bytes>>20, made.XMem.Bytes>>20)
	}
	e.about.image(filepath.Base(name), img)
	e.about.machine(m)
	engine, err := newEngine(img, m)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return img, engine, nil
}

// runCmd runs an image.
type runCmd struct {
	Image string `arg:"" help:"Image to run."`
	runFlags
	lookFlags  `group:"Look inside:"`
	keepFlags  `group:"Stop and go on:"`
	SnapshotAt uint64 `placeholder:"CYCLE" group:"Stop and go on:" help:"${snapshot_at}"`
	tableFlags
}

// Validate is called by kong.
func (c *runCmd) Validate() error {
	if c.SnapshotAt > 0 && c.Checkpoint == "" {
		return errors.New("--snapshot-at: want --checkpoint FILE as well")
	}
	if c.Race && c.Resume != "" {
		return errors.New("--race: got --resume as well, but accesses before the snapshot are not known")
	}
	return c.lookFlags.Validate()
}

// Run is called by kong.
func (c *runCmd) Run(e *env) error {
	c.shorten = func(tables []*table.Table) []*table.Table { return brief(tables, true) }
	img, engine, err := c.load(e, c.Image)
	if err != nil {
		return err
	}
	seen, err := c.observe(e, img, engine.Chip())
	if err != nil {
		return err
	}
	header := headerOf(img)
	result, unfinished, err := c.run(e, img, engine, header, seen.opt)
	missed := seen.finish(e, unfinished != nil || err != nil)
	if err != nil {
		return errors.Join(err, missed, seen.showRaces(e, img, c.tableFlags))
	}
	m := result.Metrics(sim.All)
	chip := engine.Chip().Config()
	tables := m.Tables(chip.ClockMHz)
	prices, energy, err := price(engine, m)
	if err == nil && result.Phases[isa.PhaseEval].Cycles > 0 {
		tables[0], err = splitTable(&result, prices, chip.ClockMHz)
	}
	var layers *table.Table
	if err == nil {
		layers, err = layerTable(prices, m)
	}
	if err == nil {
		tables = append(append(tables, layers), energy.tables(prices, false, false)...)
	}
	if header != nil {
		tables = append(tables, resultTable(header.Read(engine.Chip().XMemory())))
	}
	tables = append(tables, seen.raceTables(img)...)
	tables = append(named(tables, layerNames(img)), chipTable(chip))
	// What was learned is shown even if its energy, or a dump, cannot be.
	return errors.Join(c.write(e, tables...), err, missed, unfinished, seen.raced())
}

// run runs the image, from where it was kept if that is asked for. One that was stopped, or came to
// its limit, still has a result.
func (c *runCmd) run(e *env, img *image.Image, engine *sim.Engine, header *firmware.Header, opt sim.Options,
) (result sim.Result, unfinished, err error) {
	config := engine.Chip().Config()
	k, err := c.open(belongs(img, config), stateBytes(config))
	if err != nil {
		return result, nil, err
	}
	losses := 0
	opt.OnTagDone = onLoss(func() { losses++ }, opt.OnTagDone)
	epoch := 1
	if header != nil {
		epoch = lossesOf(header)
	}
	if err := k.chip("run", engine, &opt, epoch, &losses); err != nil {
		return result, nil, err
	}
	if err := k.at(c.SnapshotAt, "run", engine, &opt, &losses); err != nil {
		return result, nil, err
	}
	result, err = runEngine(e, engine, img, c.Limit, opt)
	if end := result.Cycles; err == nil && c.SnapshotAt > end {
		return result, errors.Join(k.err, fmt.Errorf("--snapshot-at: the run ended at cycle %d, before %d", end, c.SnapshotAt)), nil
	}
	if !sim.Unfinished(err) {
		return result, k.err, err
	}
	kept := k.keep("run", append(engine.State(), &losses))
	return result, errors.Join(err, k.err), kept
}

// brief leaves out what says nothing to people: fields of the machine that are as in the reference
// machine and, if zeros say nothing either, rows without a number that is not 0 (but for idle
// time), tables without rows, and tables by phase of a program without marks.
func brief(tables []*table.Table, zeros bool) (out []*table.Table) {
	standard := chipTable(machine.Reference()).Rows
	for _, t := range tables {
		b := *t
		if t.Name == "machine" {
			b.Rows = slices.DeleteFunc(slices.Clone(t.Rows), func(row []any) bool {
				return slices.ContainsFunc(standard, func(r []any) bool { return slices.Equal(r, row) })
			})
			b.Note("what differs from the reference machine; bdfasim config prints all of it")
		} else if zeros {
			b.Rows = slices.DeleteFunc(slices.Clone(t.Rows), func(row []any) bool { return idle(t, row) })
		}
		unmarked := zeros && t.Header[0] == "phase" && !slices.ContainsFunc(b.Rows, func(row []any) bool {
			return row[0] != isa.PhaseNone.String() && row[0] != "total"
		})
		if (len(b.Rows) > 0 || t.Name == "races") && !unmarked {
			out = append(out, &b)
		}
	}
	return out
}

// idle tells whether a row has no number that is not 0, but for idle time.
func idle(t *table.Table, row []any) bool {
	for i, cell := range row {
		_, text := cell.(string)
		zero := cell == any(0) || cell == any(uint64(0)) || cell == any(0.0) ||
			cell == any(table.Fixed(0, 1))
		if !text && !zero && !strings.HasPrefix(t.Header[i], activity.Idle.String()+"|") {
			return false
		}
	}
	return true
}

// layerNames are the names of an image's layers by their numbers, as compile has them.
func layerNames(img *image.Image) map[string]string {
	names := map[string]string{}
	for _, t := range img.Tensors {
		if name, ok := strings.CutSuffix(t.Name, ".W"); ok {
			names[fmt.Sprint(t.Layer)], names["0"] = name, "-"
		}
	}
	return names
}

// named puts names of layers into the columns of that name.
func named(tables []*table.Table, names map[string]string) []*table.Table {
	for _, t := range tables {
		if at := slices.Index(t.Header, "layer"); at >= 0 {
			for _, row := range t.Rows {
				if name, ok := names[fmt.Sprint(row[at])]; ok {
					row[at] = name
				}
			}
		}
	}
	return tables
}

// runEngine runs a loaded engine, shows the progress, and tells on stderr how fast it was.
func runEngine(
	e *env, engine *sim.Engine, img *image.Image, limit uint64, opt sim.Options,
) (sim.Result, error) {
	total := int64(limit)
	if plan, err := compile.FromImage(img); err == nil && limit == 0 {
		total = int64(predicted(plan))
	}
	progress := newProgress(e, total, "cycles")
	opt.Progress = progress.at
	begin, from := time.Now(), engine.Chip().Cycle()
	result, err := engine.Run(e.ctx, limit, opt)
	progress.Finish()
	if err == nil || sim.Unfinished(err) {
		speed(e, result.Cycles-from, time.Since(begin))
	}
	return result, err
}

// splitTable is the summary of training, of tests, and of both, with their energies.
func splitTable(r *sim.Result, prices *power.PriceList, mhz float64) (*table.Table, error) {
	tests := func(p isa.Phase) bool { return p == isa.PhaseEval }
	var parts []*table.Table
	for _, include := range []func(isa.Phase) bool{sim.Training, tests, sim.All} {
		m := r.Metrics(include)
		e, err := measure(prices, m, 1000, "")
		if err != nil {
			return nil, err
		}
		t := m.SummaryTable(mhz)
		t.Row("energy, on-die", e.uj((*power.Energy).OnDie), "uJ")
		t.Row("energy, external memory", e.uj((*power.Energy).ExternalMemory), "uJ")
		parts = append(parts, t)
	}
	t := table.New(parts[0].Title, "what", "training", "tests", "all", "unit")
	for i, row := range parts[0].Rows {
		t.Row(row[0], row[1], parts[1].Rows[i][1], parts[2].Rows[i][1], row[2])
	}
	t.Notes = append(parts[0].Notes, testShare(r))
	return t, nil
}

// testShare says how much of a run is tests.
func testShare(r *sim.Result) string {
	return fmt.Sprintf("%.1f %% of all cycles are tests, which other tables count as well (phase %v)",
		100*float64(r.Phases[isa.PhaseEval].Cycles)/float64(max(1, r.Cycles)), isa.PhaseEval)
}

// price turns metrics into energy: of the run or, beyond 9.2 J, of a thousandth.
func price(engine *sim.Engine, m *sim.Metrics) (*power.PriceList, spent, error) {
	prices, err := pricesOf(engine.Chip())
	if err != nil {
		return nil, spent{}, err
	}
	energy, err := measure(prices, m, 1000, "thousandth")
	return prices, energy, err
}

// layerTable is the table by layer and phase with the energy of each: of the commands under the mark and of leakage in its
// cycles. All rows together are the energy of the run.
func layerTable(prices *power.PriceList, m *sim.Metrics) (*table.Table, error) {
	var onDie, external [sim.NumTags]float64 // uJ
	for tag := range m.Counts.Rows {
		one := &sim.Metrics{}
		one.Counts.Rows[tag] = m.Counts.Rows[tag]
		one.Phases[activity.Tag(tag).Phase()] = m.Tags[tag].Cycles
		e, err := measure(prices, one, 1000, "")
		if err != nil {
			return nil, err
		}
		onDie[tag], external[tag] = e.uj((*power.Energy).OnDie), e.uj((*power.Energy).ExternalMemory)
	}
	t := m.LayerTable(
		sim.Column{Name: "on-die uJ", Cell: func(tag activity.Tag) any { return onDie[tag] }},
		sim.Column{Name: "external uJ", Cell: func(tag activity.Tag) any { return external[tag] }})
	t.Note("energy: of the commands under the mark, and leakage in its cycles")
	return t, nil
}

// resultTable is what a training program wrote about its epochs.
func resultTable(results []firmware.EpochResult) *table.Table {
	t := table.New("Epochs", "epoch", "steps", "eta", "train %", "test %", "sat o", "sat e", "sat V", "sat W")
	for _, r := range results {
		t.Row(int(r.Epoch), int(r.Steps), rate(float64(r.Eta)/65536), accuracy(trained(r)), accuracy(tested(r)),
			int(r.SatFF), int(r.SatErr), int(r.SatV), int(r.SatW))
	}
	return t
}
