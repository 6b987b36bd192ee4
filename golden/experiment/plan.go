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
}

// Name is unique in an experiment and fit for a file name.
func (s Settings) Name() string {
	return fmt.Sprintf("%s_%s_n%s_%s_lr%s_seed%d", s.Data.Set, slug(s.Network.Name), s.Samples, slug(s.Rule.Name),
		strconv.FormatFloat(s.Rate, 'g', -1, 64), s.Seed)
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

// plan lists all runs, in the order of the file; seeds vary fastest. images
// holds the fingerprint of each data set.
func (e *Experiment) plan(images map[string]string) []Settings {
	var out []Settings
	for _, d := range e.Data {
		for _, n := range e.Networks {
			for _, count := range e.Samples {
				for _, r := range e.Rules {
					for _, rate := range r.Rates {
						for _, seed := range e.Seeds {
							out = append(out, Settings{
								Format: format, Data: d, Images: images[d.Set], Network: n, Rule: r, Samples: count,
								Rate: rate, Seed: seed, Epochs: e.Epochs, Batch: e.Batch, Momentum: e.Momentum, Decay: e.Decay,
								Schedule: e.Schedule, Augment: *r.Augment, Metrics: e.Metrics,
							})
						}
					}
				}
			}
		}
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
