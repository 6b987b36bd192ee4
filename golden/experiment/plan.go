package experiment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"bdfasim/golden/data"
)

// format is part of every run's settings. It changes when the same settings
// would give another result.
const format = 1

// Settings is everything that the result of a run depends on.
type Settings struct {
	Format   int      `json:"format"`
	Data     Data     `json:"data"`
	Images   string   `json:"images"` // fingerprint of training and test set
	Network  Network  `json:"network"`
	Rule     Rule     `json:"rule"`
	Samples  Count    `json:"samples"`
	Rate     float64  `json:"rate"`
	Seed     uint64   `json:"seed"`
	Epochs   int      `json:"epochs"`
	Batch    int      `json:"batch"`
	Momentum float64  `json:"momentum"`
	Decay    float64  `json:"weight_decay"`
	Schedule Schedule `json:"schedule"`
	Augment  Augment  `json:"augment"`
	Metrics  Metrics  `json:"metrics"`
	Search   bool     `json:"search,omitempty"` // a run that only chooses the rate
}

// Name is unique in an experiment and fit for a file name.
func (s Settings) Name() string {
	name := fmt.Sprintf("%s_%s_n%s_%s_lr%s_seed%d", s.Data.Set, slug(s.Network.Name), s.Samples, slug(s.Rule.Name),
		strconv.FormatFloat(s.Rate, 'g', -1, 64), s.Seed)
	if s.Search {
		name += "_search"
	}
	return name
}

// Hash tells settings apart: SHA-256 of their JSON form, in hexadecimal.
func (s Settings) Hash() string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("experiment: settings have a JSON form: %v", err)) // Parse lets no infinite number in
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// trial is one rule on one data set, network and number of samples.
type trial struct {
	common Settings
	tried  []Settings // what the learning rate is chosen from; seeds vary fastest
	rest   []uint64   // seeds that are trained in full at the rate chosen
}

// plan lists all trials, in the order of the file. images holds the fingerprint
// of each data set.
func (e *Experiment) plan(images map[string]string) []trial {
	var out []trial
	for _, d := range e.Data {
		for _, n := range e.Networks {
			for _, count := range e.Samples {
				for _, r := range e.Rules {
					t := trial{common: Settings{
						Format: format, Data: d, Images: images[d.Set], Network: n, Rule: r, Samples: count,
						Epochs: e.Epochs, Batch: e.Batch, Momentum: e.Momentum, Decay: e.Decay,
						Schedule: e.Schedule, Augment: *r.Augment, Metrics: e.Metrics,
					}}
					first, seeds := t.common, e.Seeds
					if e.searches(r) {
						first.Search, first.Epochs, seeds = true, e.Search.Epochs, e.Search.Seeds
						t.rest = e.Seeds
					}
					for _, rate := range r.Rates {
						t.tried = append(t.tried, first.at(rate, seeds)...)
					}
					out = append(out, t)
				}
			}
		}
	}
	return out
}

// searches tells whether a rule's learning rate is chosen in runs of their own.
func (e *Experiment) searches(r Rule) bool { return e.Search != nil && len(r.Rates) > 1 }

// sameTrial tells whether two runs differ in learning rate, seed and length alone.
func (s Settings) sameTrial(t Settings) bool {
	return s.Data.Set == t.Data.Set && s.Network.Name == t.Network.Name && s.Samples == t.Samples &&
		s.Rule.Name == t.Rule.Name
}

// at returns the settings with a learning rate, once for each seed.
func (s Settings) at(rate float64, seeds []uint64) []Settings {
	out := make([]Settings, len(seeds))
	for i, seed := range seeds {
		out[i] = s
		out[i].Rate, out[i].Seed = rate, seed
	}
	return out
}

// loaded is a data set parted into training, validation and test.
type loaded struct {
	pool, held, test data.Set
	images           string
	probe            data.Set
	notes            []string // how the images were understood
}

// parts is what the runs of one data set and number of samples share.
type parts struct {
	loaded
	train   data.Set
	scaling data.Scaling
}

func load(d Data, probe int, folder string) (l loaded, err error) {
	if folder == "" {
		folder = d.Folder
	}
	found, err := data.Load(d.Set, folder)
	if err != nil {
		return l, err
	}
	train, test := found.Train, found.Test
	l.notes = found.Notes
	if test.N == 0 {
		if d.Test == 0 {
			return l, fmt.Errorf("test: got all of %s, which has no test part, want a number of images, "+
				"which are held out of training", d.Set)
		}
		if train, test, err = train.HoldOut(int(d.Test), d.Split); err != nil {
			return l, err
		}
		note := fmt.Sprintf("%d test images held out of training, chosen with seed %d", d.Test, d.Split)
		l.notes = append(l.notes, note)
	}
	l.images = train.Fingerprint() + "+" + test.Fingerprint()
	if l.pool, l.held, err = train.HoldOut(d.Validation, d.Split); err != nil {
		return l, err
	}
	if l.test, err = test.Balanced(int(d.Test), d.Split); err != nil {
		return l, err
	}
	if l.probe, err = l.pool.Balanced(probe, d.Split); err != nil {
		return l, fmt.Errorf("metrics.probe: %w", err)
	}
	return l, nil
}

func (l loaded) part(count Count, d Data) (p parts, err error) {
	p.loaded = l
	if p.train, err = l.pool.Balanced(int(count), d.Split); err != nil {
		return p, fmt.Errorf("%s, of which %d are held out: %w", d.Set, d.Validation, err)
	}
	if d.Normalise == "channel" {
		p.scaling = p.train.Statistics()
	}
	return p, nil
}

func (l loaded) shape() Shape {
	return Shape{Channels: l.pool.Channels, Rows: l.pool.Rows, Cols: l.pool.Cols, Classes: l.pool.Classes}
}
