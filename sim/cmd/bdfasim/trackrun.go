package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"gonum.org/v1/gonum/stat"

	"bdfasim/power/table"
	"bdfasim/sim/track"
	"bdfasim/sim/track/feature"
	"bdfasim/sim/track/sequence"
)

// tracking is all runs: sequences x seeds x ways to learn.
type tracking struct {
	sequences []*sequence.Sequence
	ways      []way
	first     uint64 // seed
	seeds     int
	settings  track.Settings
	protocol  string
	model     *feature.Model
	boxes     folder

	runs []*tracked
}

// tracked is a run.
type tracked struct {
	way
	at     int // of the sequence
	seed   uint64
	result *track.Result // nil: not finished
	curves track.Curves
}

// run makes all runs over the cores. After an interrupt the finished ones stay.
func (t *tracking) run(e *env) error {
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	var parts []func() error
	frames := 0
	begin := time.Now()
	var bar *progress
	step := func() { bar.Add(1) }
	for at, q := range t.sequences {
		for s := range t.seeds {
			seed := t.first + uint64(s)
			start := &shared{left: len(t.ways)}
			for _, w := range t.ways {
				r := &tracked{way: w, at: at, seed: seed}
				t.runs, frames = append(t.runs, r), frames+q.Len()
				parts = append(parts, func() error { return t.one(ctx, r, start, step) })
			}
		}
	}
	bar = newProgress(e, int64(frames), "pictures")
	err := parallel(parts, cancel)
	bar.Finish()
	done := 0
	for _, r := range t.finished() {
		done += len(r.result.Boxes)
	}
	wall := time.Since(begin).Seconds()
	fmt.Fprintf(e.stderr, "%d pictures tracked in %.1f s, %.2f a second of this machine, "+
		"features included\n", done, wall, float64(done)/wall)
	return err
}

// shared is the work of a first picture, made by the run that needs it first and dropped by the
// last one: it takes tens of megabytes.
type shared struct {
	sync.Mutex
	start *track.Start
	left  int // runs
}

// take returns it for one run.
func (s *shared) take(begin func() (*track.Start, error)) (start *track.Start, err error) {
	s.Lock()
	defer s.Unlock()
	if s.start == nil {
		s.start, err = begin()
	}
	start = s.start
	if s.left--; s.left == 0 {
		s.start = nil
	}
	return start, err
}

// one makes a run and writes its boxes.
func (t *tracking) one(ctx context.Context, r *tracked, first *shared, step func()) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	x, err := t.model.Extractor()
	if err != nil {
		return err
	}
	q := t.sequences[r.at]
	s, err := first.take(func() (*track.Start, error) {
		return track.NewStart(q, t.settings, x, r.seed)
	})
	if err != nil {
		return err
	}
	l := track.NewFloat(r.rule, t.settings, t.model.Hidden)
	result, err := s.Run(ctx, x, l, r.batch, step)
	if err != nil {
		return fmt.Errorf("sequence %s, %s, seed %d: %w", q.Name, r.way, r.seed, err)
	}
	r.curves = track.Evaluate(result.Boxes, q.Truth)
	r.result = result
	if t.boxes == "" {
		return nil
	}
	return writeBoxes(t.boxes, r.file(q.Name, r.seed), result.Boxes)
}

// finished are the runs that came to their end.
func (t *tracking) finished() (all []*tracked) {
	for _, r := range t.runs {
		if r.result != nil {
			all = append(all, r)
		}
	}
	return all
}

// of are the finished runs of a way, by sequence and seed.
func (t *tracking) of(w way) (all []*tracked) {
	for _, r := range t.finished() {
		if r.way == w {
			all = append(all, r)
		}
	}
	return all
}

// scores are what ranks trackers, in percent.
var scores = []struct {
	name string
	of   func(*track.Curves) float64
}{
	{"precision", func(c *track.Curves) float64 { return 100 * c.At20() }},
	{"AUC", func(c *track.Curves) float64 { return 100 * c.AUC() }},
}

// tables are the report.
func (t *tracking) tables() []*table.Table {
	out := []*table.Table{t.scoreTable()}
	for _, s := range scores {
		if d := t.differences(s.name, s.of); len(d.Rows) > 0 {
			out = append(out, d)
		}
	}
	return append(out, t.runTable())
}

// shortened leaves a long list of runs to --out and other forms.
func shortened(all []*table.Table) []*table.Table {
	last := len(all) - 1
	if n := len(all[last].Rows); n > 12 {
		all[0].Note("%d runs: --out DIR or --format csv shows each", n)
		return all[:last]
	}
	return all
}

// scoreTable has a line a way to learn.
func (t *tracking) scoreTable() *table.Table {
	out := table.New("Precision at 20 pixels and success (area under the curve)", "rule", "batch",
		"precision %|precision_percent", "AUC %|auc_percent", "steps", "lost %|lost_percent", "runs")
	for _, w := range t.ways {
		runs := t.of(w)
		if len(runs) == 0 {
			continue
		}
		cells := []any{w.rule.Name, w.size()}
		for _, score := range scores {
			cells = append(cells, t.overSeeds(runs, score.of))
		}
		steps, lost, pictures := 0, 0, 0
		for _, r := range runs {
			steps += r.result.Steps
			for _, s := range r.result.Scores[1:] {
				pictures++
				if !(s > 0) {
					lost++
				}
			}
		}
		cells = append(cells, table.Fixed(float64(steps)/float64(len(runs)), 0),
			table.Fixed(100*float64(lost)/float64(max(pictures, 1)), 1), len(runs))
		out.Row(cells...)
	}
	t.notes(out)
	return out
}

// size is a batch to print.
func (w way) size() any {
	if !w.rule.Learns() {
		return "-"
	}
	return w.batch
}

// overSeeds is the mean over sequences, with the deviation over seeds if there are some.
func (t *tracking) overSeeds(runs []*tracked, score func(*track.Curves) float64) any {
	bySeed := map[uint64][]float64{}
	for _, r := range runs {
		bySeed[r.seed] = append(bySeed[r.seed], score(&r.curves))
	}
	var means []float64
	for s := range t.seeds {
		if v := bySeed[t.first+uint64(s)]; len(v) > 0 {
			means = append(means, stat.Mean(v, nil))
		}
	}
	if len(means) < 2 {
		return table.Fixed(means[0], 1)
	}
	mean, sd := stat.MeanStdDev(means, nil)
	return table.Spread{Mean: mean, Deviation: sd}
}

// notes say what the numbers are of.
func (t *tracking) notes(out *table.Table) {
	var names []string
	pictures := 0
	for _, q := range t.sequences {
		names, pictures = append(names, q.Name), pictures+q.Len()
	}
	if len(names) > 4 {
		names = append(names[:3], "...", names[len(names)-1])
	}
	out.Note("%d sequences (%s), %d pictures, %d seeds from %d on; means, +- standard deviation "+
		"(n-1) over seeds",
		len(t.sequences), strings.Join(names, ", "), pictures, t.seeds, t.first)
	out.Note("protocol: %s", t.protocol)
	out.Note("features: %s (SHA-256 %s...), %.2f million multiplications a crop", t.model.Name,
		t.model.SHA256[:12], float64(t.model.MACs())/1e6)
	from := "drawn from the seed, the same for every rule (bdfa-concordant changes them)"
	if len(t.model.Hidden) > 0 {
		from = "from " + t.model.Name + ", those of the last layer drawn from the seed"
	}
	out.Note("initial weights of the head: %s; float model", from)
	out.Note("steps: of learning, a run; lost: part of the pictures in which the tracker was not sure")
	if n := len(t.finished()); n < len(t.runs) {
		out.Note("INTERRUPTED: %d of %d runs", n, len(t.runs))
	}
}

// differences sets each way against those that it should beat, in the same sequences.
func (t *tracking) differences(name string, score func(*track.Curves) float64) *table.Table {
	out := table.New("Differences in "+name+" (points) with 95 % intervals", "rule", "batch", "minus",
		"difference", "from", "to", "pairs")
	for _, w := range t.ways {
		for _, base := range t.ways {
			plain := strings.HasPrefix(base.rule.Name, "bp") && base.batch == w.batch && w.rule.Name != "bp"
			if w.rule.Name == base.rule.Name || !w.rule.Learns() || base.rule.Learns() && !plain {
				continue
			}
			if d := t.compare(w, base, score); d.N >= 2 {
				out.Row(w.rule.Name, w.batch, base.rule.Name,
					table.Fixed(d.Mean, 1), table.Fixed(d.Low, 1), table.Fixed(d.High, 1), d.N)
			}
		}
	}
	over := "sequences, the mean over seeds of each"
	if len(t.sequences) == 1 {
		over = "seeds in one sequence: they say nothing of other sequences"
	}
	out.Note("intervals: Student's t over %s", over)
	return out
}

// compare pairs two ways by sequence, or by seed if there is one sequence.
func (t *tracking) compare(a, b way, score func(*track.Curves) float64) track.Difference {
	means := func(w way) (out [][]float64) {
		out = make([][]float64, max(len(t.sequences), t.seeds))
		for _, r := range t.of(w) {
			pair := r.at
			if len(t.sequences) == 1 {
				pair = int(r.seed - t.first)
			}
			out[pair] = append(out[pair], score(&r.curves))
		}
		return out
	}
	x, y := means(a), means(b)
	var p, q []float64
	for k := range x {
		if len(x[k]) > 0 && len(y[k]) > 0 {
			p, q = append(p, stat.Mean(x[k], nil)), append(q, stat.Mean(y[k], nil))
		}
	}
	return track.Compare(p, q)
}

// runTable has a line a run.
func (t *tracking) runTable() *table.Table {
	out := table.New("Tracking runs", "sequence", "seed", "rule", "batch",
		"precision %|precision_percent", "AUC %|auc_percent", "steps", "of|counted")
	for _, r := range t.finished() {
		out.Row(t.sequences[r.at].Name, int(r.seed), r.rule.Name, r.size(),
			table.Fixed(scores[0].of(&r.curves), 1), table.Fixed(scores[1].of(&r.curves), 1),
			r.result.Steps, r.curves.Counted)
	}
	out.Note("of: pictures whose truth is known")
	return out
}

// line is the mean of a way over all runs.
func (t *tracking) line(w way) track.Line {
	var all []track.Curves
	for _, r := range t.of(w) {
		all = append(all, r.curves)
	}
	return track.Line{Name: w.String(), Curves: track.MeanCurves(all)}
}

// lines are those of the plots.
func (t *tracking) lines() (all []track.Line) {
	for _, w := range t.ways {
		if len(t.of(w)) > 0 {
			all = append(all, t.line(w))
		}
	}
	return all
}

// plot draws both plots.
func (t *tracking) plot(name string) error {
	title := fmt.Sprintf("%d sequences", len(t.sequences))
	if len(t.sequences) == 1 {
		title = t.sequences[0].Name
	}
	if err := track.Plot(name, title, t.lines()); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}

// overlay shows the first sequence and seed, with a colour a way.
func (t *tracking) overlay(name string) error {
	var trails []track.Trail
	for i, w := range t.ways {
		for _, r := range t.of(w) {
			if r.at == 0 && r.seed == t.first {
				trails = append(trails, track.Trail{Boxes: r.result.Boxes, Color: track.TrailColor(i)})
			}
		}
	}
	return track.Overlay(name, t.sequences[0], trails)
}
