package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"bdfasim/sim/output"
	"bdfasim/sim/track"
	"bdfasim/sim/track/feature"
	"bdfasim/sim/track/sequence"
)

// trackCmd follows objects through sequences and scores the learning rules by it.
type trackCmd struct {
	Dirs      []string `arg:"" optional:"" placeholder:"DIR" help:"${track_dirs}"`
	Synthetic bool     `help:"${track_synthetic}"`
	Rule      []string `enum:"${track_rules}" default:"bp,bp-hidden-x10,bdfa,none" help:"${track_rule}"`
	Batch     []int    `placeholder:"N" help:"${track_batch}"`
	Seed      uint64   `default:"1" help:"First seed, of samples, batches and initial weights."`
	Seeds     int      `default:"1" want:"[1,100]" help:"Track with so many seeds, from --seed on."`
	Protocol  string   `enum:",mdnet,reduced" default:"" help:"${track_protocol}"`
	Frames    int      `want:"[0,]" placeholder:"N" help:"${track_frames}"`
	Features  string   `placeholder:"FILE" help:"${track_features}"`
	Plot      picture  `placeholder:"FILE" help:"${track_plot}"`
	Overlay   animated `placeholder:"FILE" help:"${track_overlay}"`
	Boxes     folder   `placeholder:"DIR" help:"${track_boxes}"`

	WriteSequences folder `placeholder:"DIR" help:"${track_write}"`
	tableFlags
}

// quickFrames are tracked of drawn sequences unless more are asked for: it has to be quick.
const quickFrames = 20

// animated is a target that moves.
type animated string

// UnmarshalText refuses names of other pictures.
func (a *animated) UnmarshalText(text []byte) error {
	*a = animated(text)
	if filepath.Ext(string(text)) != ".gif" {
		return fmt.Errorf("got %s, want a file that ends in .gif", text)
	}
	return nil
}

func (a animated) files() []string { return target(a).files() }

// Run is called by kong.
func (c *trackCmd) Run(e *env) error {
	sequences, err := c.sequences()
	if err != nil {
		return err
	}
	if c.WriteSequences != "" {
		for _, s := range sequences {
			if err := errors.Join(e.ctx.Err(), s.Write(string(c.WriteSequences))); err != nil {
				return err
			}
		}
		return nil
	}
	t, err := c.trial(e, sequences)
	if err != nil {
		return err
	}
	failed := t.run(e)
	if len(t.finished()) == 0 {
		return failed
	}
	if c.Plot != "" {
		failed = errors.Join(failed, t.plot(string(c.Plot)))
	}
	if c.Overlay != "" {
		failed = errors.Join(failed, t.overlay(string(c.Overlay)))
	}
	c.shorten = shortened
	return errors.Join(failed, c.write(e, t.tables()...))
}

// sequences are those that are named, or drawn.
func (c *trackCmd) sequences() (all []*sequence.Sequence, err error) {
	switch {
	case c.Synthetic && len(c.Dirs) > 0:
		return nil, usagef("synthetic: got it and %s, want one of both", c.Dirs[0])
	case !c.Synthetic && len(c.Dirs) == 0:
		return nil, usagef("track: got no sequence, want folders of some, or --synthetic")
	case c.Synthetic:
		for _, seed := range sequence.ReferenceSeeds() {
			all = append(all, sequence.Generate(sequence.Reference(), seed))
		}
	}
	for _, dir := range c.Dirs {
		s, err := sequence.Open(dir)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(o *sequence.Sequence) bool { return o.Name == s.Name }) {
			return nil, usagef("track: got %s twice, want sequences with names of their own", s.Name)
		}
		all = append(all, s)
	}
	frames := c.Frames
	if c.Synthetic && frames == 0 && c.WriteSequences == "" {
		frames = quickFrames
	}
	for i := range all {
		if frames > 0 {
			all[i] = all[i].Cut(frames)
		}
	}
	return all, nil
}

// trial is what the flags ask for.
func (c *trackCmd) trial(e *env, sequences []*sequence.Sequence) (*tracking, error) {
	t := &tracking{sequences: sequences, first: c.Seed, seeds: c.Seeds, boxes: c.Boxes}
	t.settings, t.protocol = track.MDNet(), "MDNet's protocol"
	batches := []int{128, 32, 8}
	if c.Protocol == "reduced" || c.Protocol == "" && c.Synthetic {
		t.settings, t.protocol = track.Reduced(), "a reduced protocol, not MDNet's (docs/tracking.md)"
	}
	if c.Synthetic {
		batches = []int{32}
	}
	if len(c.Batch) > 0 {
		batches = c.Batch
	}
	for _, b := range batches {
		if most := 4 * (t.settings.Mined / 3); b < 4 || b%4 != 0 || b > most {
			return nil, usagef("batch: got %d, want a multiple of 4 from 4 to %d: a quarter are positives",
				b, most)
		}
	}
	for i, name := range c.Rule {
		rule, err := track.RuleOf(name)
		if err != nil || slices.Contains(c.Rule[:i], name) {
			return nil, usagef("rule: got %s, want rules, each once", strings.Join(c.Rule, ","))
		}
		of := batches
		if !rule.Learns() {
			of = batches[:1]
		}
		for k, b := range of {
			if slices.Contains(of[:k], b) {
				return nil, usagef("batch: got %d twice, want each once", b)
			}
			t.ways = append(t.ways, way{rule, b})
		}
	}
	var err error
	if t.model, err = feature.Default(); c.Features != "" {
		t.model, err = feature.Open(c.Features)
	}
	return t, err
}

// way is a rule with a batch.
type way struct {
	rule  track.Rule
	batch int
}

// String names lines of plots.
func (w way) String() string {
	if !w.rule.Learns() {
		return w.rule.Name
	}
	return fmt.Sprintf("%s, %d", w.rule.Name, w.batch)
}

// file is a name for boxes.
func (w way) file(name string, seed uint64) string {
	return fmt.Sprintf("%s_%s_batch%d_seed%d.txt", name, w.rule.Name, w.batch, seed)
}

// writeBoxes writes boxes as the benchmark's results: x,y,w,h, counted from 1.
func writeBoxes(dir folder, name string, boxes []sequence.Box) error {
	var lines strings.Builder
	for _, b := range boxes {
		fmt.Fprintln(&lines, b.Line())
	}
	return output.Bytes(filepath.Join(string(dir), name), []byte(lines.String()))
}
