package experiment

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/sourcegraph/conc/panics"
)

// Options says where and how to run an experiment.
type Options struct {
	Out      string            // folder of the finished runs and results; made if need be
	Workers  int               // runs at a time; 0 means one a core
	Folders  map[string]string // data set -> path of its images
	Build    Factory           // nil means NewNetwork
	Program  string            // what tells builds of the program apart; it is stored with every run
	Stored   bool              // make no run: the results are those of the runs that are there
	Note     func(text string) // told of stored runs that are not what was asked for; may be nil
	Progress func(Progress)    // called after every epoch of any run, one call at a time; may be nil
}

// Progress is how far an experiment is.
type Progress struct {
	Done, Total int           // runs; Done includes those found finished
	Found       int           // runs that were finished before
	Run         string        // name of the run that went on
	Epochs      int           // of all runs
	FoundEpochs int           // of the runs that were finished before
	Diverged    bool          // the run ended early
	Left        time.Duration // estimated time until all is done, from the images seen so far
}

// Results are an experiment's runs in the order of its file; of each rule first
// those that its learning rate was chosen from. With Options.Stored some may
// not be there.
type Results struct {
	Experiment *Experiment
	Runs       []Run
	Notes      []string // how images were understood
}

// Execute makes all runs that Out does not have finished yet. If ctx ends it
// returns its error; runs finished by then are kept, and the next call goes on
// from there. The first error of a run ends all others.
func Execute(ctx context.Context, e *Experiment, o Options) (*Results, error) {
	x, err := prepare(e, o)
	if err != nil {
		return nil, err
	}
	if o.Stored {
		return x.results(), nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wait sync.WaitGroup
	for range max(1, min(x.Workers, x.total-x.found)) {
		wait.Go(func() {
			for s := x.take(ctx); s != nil; s = x.take(ctx) {
				var err error
				if caught := panics.Try(func() { err = x.run(ctx, s) }); caught != nil {
					err = caught.AsError()
				}
				if err = x.end(s, err); err != nil {
					cancel(err)
				}
			}
		})
	}
	wait.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("experiment %s: %w", e.Name, err)
	}
	return x.results(), nil
}

// execution is the state of one Execute.
type execution struct {
	Options
	experiment *Experiment
	parts      map[partKey]parts
	notes      []string
	others     int // stored runs of another build
	start      time.Time

	mutex       sync.Mutex // of what follows
	ended       *sync.Cond // a run has ended
	trials      []*progress
	total       int // runs
	epochs      int // of them
	found       int // runs that were there
	foundEpochs int
	done        int // runs
	work        int // still to do, of all runs, in cost's unit
	worked      int // done by this call
}

type partKey struct {
	set     string
	samples Count
}

// prepare loads the data, builds every network once to see that it can be, and
// finds the runs that are already there.
func prepare(e *Experiment, o Options) (*execution, error) {
	if o.Workers == 0 {
		o.Workers = runtime.NumCPU()
	}
	if o.Build == nil {
		o.Build = NewNetwork
	}
	for _, set := range slices.Sorted(maps.Keys(o.Folders)) {
		if !slices.ContainsFunc(e.Data, func(d Data) bool { return d.Set == set }) {
			return nil, fmt.Errorf("experiment %s: got images of %s, want those of a set among its data",
				e.Name, set)
		}
	}
	x := &execution{Options: o, experiment: e, parts: map[partKey]parts{}, start: time.Now()}
	x.ended = sync.NewCond(&x.mutex)
	read := x.load
	if o.Stored {
		read = x.foundImages
	}
	images, err := read()
	if err != nil {
		return nil, fmt.Errorf("experiment %s: %w", e.Name, err)
	}
	for _, t := range e.plan(images) {
		if err := x.add(t); err != nil {
			return nil, fmt.Errorf("experiment %s: %w", e.Name, err)
		}
	}
	if x.others > 0 {
		x.note("%d of the runs in %s are those of another build of the program; without their files "+
			"they are made again", x.others, filepath.Join(x.Out, "runs"))
	}
	return x, nil
}

// load reads all data sets and returns their fingerprints.
func (x *execution) load() (map[string]string, error) {
	images := map[string]string{}
	for i, d := range x.experiment.Data {
		l, err := load(d, x.experiment.Metrics.Probe, x.Folders[d.Set])
		if err != nil {
			return nil, fmt.Errorf("data[%d]: %w", i, err)
		}
		images[d.Set] = l.images
		for _, note := range l.notes {
			x.notes = append(x.notes, d.Set+": "+note)
		}
		for _, n := range x.experiment.Samples {
			if x.parts[partKey{d.Set, n}], err = l.part(n, d); err != nil {
				return nil, fmt.Errorf("data[%d]: %w", i, err)
			}
		}
	}
	return images, nil
}

// foundImages returns the fingerprints of the images that stored runs are of, so that these can be
// shown where the images are not.
func (x *execution) foundImages() (map[string]string, error) {
	images := map[string]string{}
	for _, t := range x.experiment.plan(nil) {
		for _, s := range t.tried {
			raw, err := os.ReadFile(runFile(x.Out, s))
			var file struct {
				Run struct{ Settings struct{ Images string } }
			}
			if images[s.Data.Set] == "" && err == nil && json.Unmarshal(raw, &file) == nil {
				images[s.Data.Set] = file.Run.Settings.Images
			}
		}
	}
	return images, nil
}

// build sees that the network of a trial can be built.
func (x *execution) build(s Settings) error {
	shape := x.parts[partKey{s.Data.Set, s.Samples}].shape()
	if err := s.fits(shape); err != nil {
		return err
	}
	if _, err := x.Build(s, shape); err != nil {
		return fmt.Errorf("network %s, rule %s on %s: %w", s.Network.Name, s.Rule.Name, s.Data.Set, err)
	}
	return nil
}

// run makes and stores a run.
func (x *execution) run(ctx context.Context, at *slot) error {
	s := at.Settings
	p := x.parts[partKey{s.Data.Set, s.Samples}]
	run, err := train(ctx, s, p, x.Build, func(epoch int) {
		if epoch < s.Epochs {
			x.report(s, epoch, p.cost(s), false)
		}
	})
	if err == nil {
		err = x.store(run)
	}
	if err != nil {
		return fmt.Errorf("run %s: %w", s.Name(), err)
	}
	at.run = run
	last := run.last().Epoch
	reported := min(last, s.Epochs-1) // by the callback above
	x.report(s, last, (s.Epochs-reported)*p.cost(s), true)
	return nil
}

// cost is an epoch's work in forward passes of an image; training on one costs
// about three (forward, errors, gradients), and that is all Left needs.
func (p parts) cost(s Settings) int {
	n := 3*p.train.N + p.held.N
	if !s.Search {
		n += p.test.N
	}
	if s.Metrics.Train == "full" {
		n += p.train.N
	}
	return n
}

// report counts work as done, and a run as well if it ended.
func (x *execution) report(s Settings, epoch, work int, ended bool) {
	x.mutex.Lock()
	defer x.mutex.Unlock()
	x.worked += work
	x.work -= work
	if ended {
		x.done++
	}
	if x.Progress == nil {
		return
	}
	left := time.Duration(float64(time.Since(x.start)) * float64(x.work) / float64(x.worked))
	x.Progress(Progress{
		Done: x.done, Total: x.total, Found: x.found, Run: s.Name(), Epochs: x.epochs,
		FoundEpochs: x.foundEpochs, Diverged: ended && epoch < s.Epochs, Left: left,
	})
}
