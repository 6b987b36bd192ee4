package study

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/sourcegraph/conc/panics"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/yamlfile"
	"bdfasim/power"
	"bdfasim/power/table"
)

// Published is the saving that the paper states.
const Published = 35.3

//go:embed study.yaml
var studyYAML []byte

// step goes from one kind of hardware to another.
type step struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
	What string `yaml:"what"` // changes
}

// givens are what was fixed before anything was run.
type givens struct {
	Cheapest string `yaml:"cheapest"` // a name of baselines
	Choice   Net    `yaml:"choice"`   // the network that it was chosen on
	Nets     []Net  `yaml:"nets"`
	Steps    []step `yaml:"steps"`
}

var given = sync.OnceValue(func() (g givens) {
	if _, err := yamlfile.Parse(studyYAML, "study.yaml", &g); err != nil {
		panic(err) // the file is part of the program
	}
	return g
})

//go:embed stored.json
var storedJSON []byte

// stored are the runs that take too long for every report; study.yaml has the command that
// makes them.
var stored = sync.OnceValue(func() map[Key]*Case {
	var cases []*Case
	if err := json.Unmarshal(storedJSON, &cases); err != nil {
		panic(err) // the file is part of the program
	}
	out := map[Key]*Case{}
	for _, c := range cases {
		out[c.Key] = c
	}
	return out
})

// Options of a study.
type Options struct {
	Tech   *power.Tech       // nil: power.Default65
	Nets   []string          // names; nil: all
	Tables []string          // names of sections; nil: all. Only what they need is simulated
	Anew   bool              // stored runs, too
	Counts []byte            // counts.json of an earlier study: runs that need not be made again
	Step   func(what string) // called when a run has ended, from any goroutine

	nets          []Net // nil: Nets
	choice, sweep *Net  // nil: those of the study
	samples       int   // draws of the constants; 0: Samples
}

// Study is what was simulated, and what it is priced with.
type Study struct {
	Tech  *power.Tech
	Nets  []Net
	Cases map[Key]*Case

	o       Options
	missing map[Key]bool
	traces  *sync.Map // by network and rule: func() (*Trace, sets, error)
	drawn   []*Row    // with intervals, once they are there
}

// errMissing stands for a table whose runs are still to come.
var errMissing = errors.New("study: a run is missing")

// get returns the cases of keys. Those that are missing are noted, and simulated before the table
// is asked for again.
func (st *Study) get(keys ...Key) (out []*Case, err error) {
	for _, k := range keys {
		c := st.Cases[k]
		if c == nil && !st.o.Anew && stored()[k] != nil {
			c = stored()[k]
			st.Cases[k] = c
		}
		if c == nil {
			st.missing[k], err = true, errMissing
		}
		out = append(out, c)
	}
	return out, err
}

// New is a study without runs.
func New(o Options) (*Study, error) {
	o.Tech, o.samples = cmp.Or(o.Tech, power.Default65()), cmp.Or(o.samples, Samples)
	if o.Step == nil {
		o.Step = func(string) {}
	}
	if o.nets == nil {
		o.nets = Nets()
	}
	g := given()
	o.choice, o.sweep = cmp.Or(o.choice, &g.Choice), cmp.Or(o.sweep, &sweepNet)
	if o.Tables == nil {
		o.Tables = SectionNames()
	}
	st := &Study{Tech: o.Tech, Cases: map[Key]*Case{}, o: o, missing: map[Key]bool{},
		traces: &sync.Map{}}
	if err := st.take(o.Counts); err != nil {
		return nil, err
	}
	for _, n := range o.nets {
		if len(o.Nets) == 0 || slices.Contains(o.Nets, n.Name) {
			st.Nets = append(st.Nets, n)
		}
	}
	if len(st.Nets) == 0 {
		return nil, fmt.Errorf("study: nets: got %v, want some of the networks", o.Nets)
	}
	return st, nil
}

// take reads runs.
func (st *Study) take(counts []byte) error {
	if counts == nil {
		return nil
	}
	var cases []*Case
	if err := json.Unmarshal(counts, &cases); err != nil {
		return fmt.Errorf("study: counts: %w", err)
	}
	for _, c := range cases {
		st.Cases[c.Key] = c
	}
	return nil
}

// Missing is the number of runs that the tables still want.
func (st *Study) Missing() (int, error) {
	_, err := st.tables()
	if errors.Is(err, errMissing) {
		err = nil
	}
	return len(st.missing), err
}

// tables makes all that were asked for; errMissing if a run is missing.
func (st *Study) tables() (out []*table.Table, err error) {
	clear(st.missing)
	for _, s := range sections {
		if !slices.Contains(st.o.Tables, s.name) {
			continue
		}
		t, failed := s.make(st)
		switch {
		case errors.Is(failed, errMissing):
			err = failed
		case failed != nil:
			return nil, fmt.Errorf("study: table %s: %w", s.name, failed)
		default:
			t.Name = s.name
			out = append(out, t)
		}
	}
	return out, err
}

// Run simulates what the tables need, on all cores of the machine, and makes them; what comes out
// does not depend on their number.
func (st *Study) Run(ctx context.Context) (*Results, error) {
	for {
		tables, err := st.tables()
		if !errors.Is(err, errMissing) {
			return &Results{Study: st, Tables: tables}, err
		}
		if err := st.simulate(ctx, st.missing); err != nil {
			return nil, err
		}
	}
}

// simulate makes runs.
func (st *Study) simulate(ctx context.Context, keys map[Key]bool) error {
	w := &workers{tokens: make(chan struct{}, runtime.GOMAXPROCS(0))}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	defer w.cancel(nil)
	var lock sync.Mutex
	for k := range keys {
		w.start(func() error {
			c, err := st.run(w.ctx, k)
			if err == nil {
				lock.Lock()
				defer lock.Unlock()
				st.Cases[k] = c
				st.o.Step(k.String())
			}
			return err
		})
	}
	w.Wait()
	return context.Cause(w.ctx)
}

// run makes one.
func (st *Study) run(ctx context.Context, k Key) (*Case, error) {
	if k.Net == "" {
		return runCore(ctx, k)
	}
	n := st.net(k.Net)
	t, s, err := st.trace(n, k.Trace)
	if err != nil {
		return nil, err
	}
	return n.iterate(ctx, k, t, s)
}

// net returns a network by its name.
func (st *Study) net(name string) *Net {
	for _, n := range append([]Net{*st.o.choice, *st.o.sweep}, st.o.nets...) {
		if n.Name == name {
			return &n
		}
	}
	panic("study: no network " + name)
}

// trace returns a trace of a network, made once, and the samples that belong to it.
func (st *Study) trace(n *Net, of string) (*Trace, sets, error) {
	type made struct {
		t *Trace
		s sets
	}
	f, _ := st.traces.LoadOrStore(n.Name+" "+of, sync.OnceValues(func() (m made, err error) {
		switch of {
		case compile.BP, compile.BDFA:
			if m.s, err = n.load(); err == nil {
				m.t, err = n.train(of, m.s)
			}
		case random:
			m.t, m.s = &Trace{}, n.random()
		default:
			m.t, m.s, err = n.sparse(of)
		}
		return m, err
	}))
	m, err := f.(func() (made, error))()
	return m.t, m.s, err
}

// random is the trace of a network that starts from random weights and images.
const random = "random"

// cost prices work.
func (st *Study) cost(m power.Activity, w *Work) (Cost, error) {
	l, err := st.Tech.PricesAs(m, w.Geometry)
	if err != nil {
		return Cost{}, err
	}
	return w.price(l), nil
}

// workers runs functions on as many goroutines as there are tokens; the first error ends all.
type workers struct {
	sync.WaitGroup
	ctx    context.Context
	cancel context.CancelCauseFunc
	tokens chan struct{}
}

func (w *workers) start(f func() error) {
	w.Go(func() {
		w.tokens <- struct{}{}
		defer func() { <-w.tokens }()
		if w.ctx.Err() != nil {
			return
		}
		var err error
		if caught := panics.Try(func() { err = f() }); caught != nil {
			err = caught.AsError()
		}
		if err != nil {
			w.cancel(err)
		}
	})
}
