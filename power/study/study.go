package study

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/sourcegraph/conc/panics"

	"bdfasim/firmware/compile"
	"bdfasim/firmware/yamlfile"
	"bdfasim/isa/machine"
	"bdfasim/power"
)

// Study is everything that was simulated.
type Study struct {
	Tech   *power.Tech
	Nets   []Net
	Traces map[string]map[string]*Trace // by network, by rule: compile.BP, compile.BDFA
	Cases  []*Case
	Cores  []*Core // of the reference machine
	Wide   []*Core // with trees of other widths
	Sweep  []*Point
	scope  *scope
}

//go:embed study.yaml
var studyYAML []byte

// step goes from one kind of hardware to another.
type step struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
	What string `yaml:"what"` // changes
}

// givens are what was fixed before anything was measured.
type givens struct {
	Nets      []Net             `yaml:"nets"`
	Steps     []step            `yaml:"steps"`
	Published map[string]figure `yaml:"published"`
}

var given = sync.OnceValue(func() (g givens) {
	if _, err := yamlfile.Parse(studyYAML, "study.yaml", &g); err != nil {
		panic(err) // the file is part of the program
	}
	return g
})

// Machine is the clock and the external memory of what was simulated, in words.
func (st *Study) Machine() string {
	g := st.Cases[0].Geometry
	text := fmt.Sprintf("%.0f MHz, external memory %s", g.ClockMHz, g.DRAM)
	if st.Tech.DRAM == power.NoDRAM {
		text += ", left out"
	}
	return text
}

// Options of a study.
type Options struct {
	Tech *power.Tech       // nil: power.Default65
	Nets []string          // names; nil: all
	Step func(what string) // called when a run has ended, from any goroutine

	scope *scope // nil: full
}

// scope is what a study goes through. Tests go through less.
type scope struct {
	nets      []Net
	fanIns    []int     // of the core's product
	densities []float64 // of the sweep
	sweep     Net
	samples   int // draws of the constants
}

// full is the scope of the study.
func full() *scope {
	return &scope{nets: Nets(), fanIns: []int{2, 10, 16, 512}, densities: densities, sweep: sweepNet, samples: Samples}
}

// Plan is the number of runs of a study, for a progress bar.
func Plan(o Options) int {
	s := cmp.Or(o.scope, full())
	return len(o.chosen(s))*(2+len(jobs())) + len(s.coreRuns()) + len(s.densities)
}

func (o *Options) chosen(s *scope) (out []Net) {
	for _, n := range s.nets {
		if len(o.Nets) == 0 || slices.Contains(o.Nets, n.Name) {
			out = append(out, n)
		}
	}
	return out
}

// Run simulates everything, on all cores of the machine; what comes out does not depend on their number.
func Run(ctx context.Context, o Options) (*Study, error) {
	o.Tech = cmp.Or(o.Tech, power.Default65())
	if o.Step == nil {
		o.Step = func(string) {}
	}
	sc := cmp.Or(o.scope, full())
	st := &Study{Tech: o.Tech, Nets: o.chosen(sc), Traces: map[string]map[string]*Trace{}, scope: sc}
	if len(st.Nets) == 0 {
		return nil, fmt.Errorf("study: nets: got %v, want some of the networks", o.Nets)
	}
	w := &workers{tokens: make(chan struct{}, runtime.GOMAXPROCS(0)), step: o.Step}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	defer w.cancel(nil)
	cases := make([][]*Case, len(st.Nets))
	for i, n := range st.Nets {
		traces := map[string]*Trace{}
		st.Traces[n.Name], cases[i] = traces, make([]*Case, len(jobs()))
		w.start(func() error { return n.network(w, traces, cases[i]) }) // starts more
	}
	runs := sc.coreRuns()
	cores := make([]*Core, len(runs))
	for i, r := range runs {
		w.start(func() (err error) {
			cores[i], err = runCore(w.ctx, r, coreDensity(r.fanIn))
			w.step(fmt.Sprintf("core %s, fan-in %d, %d inputs", r.Name, r.fanIn, r.inputs))
			return err
		})
	}
	st.Sweep = make([]*Point, len(sc.densities))
	for i, d := range sc.densities {
		w.start(func() (err error) {
			st.Sweep[i], err = sc.sweep.sweepPoint(w.ctx, d)
			w.step(fmt.Sprintf("density %g", d))
			return err
		})
	}
	if w.Wait(); w.ctx.Err() != nil {
		return nil, context.Cause(w.ctx)
	}
	st.Cases = slices.Concat(cases...)
	own := func(c *Core) bool { return c.Inputs == ownInputs() }
	st.Wide = slices.DeleteFunc(slices.Clone(cores), own)
	st.Cores = slices.DeleteFunc(cores, func(c *Core) bool { return !own(c) })
	return st, nil
}

// coreDensity is the part of a core's incoming errors that is not zero: all of e_L, half of a hidden layer's.
func coreDensity(fanIn int) float64 {
	if fanIn <= 16 {
		return 1
	}
	return 0.5
}

// network trains a network with both rules and simulates it on all variants.
func (n *Net) network(w *workers, traces map[string]*Trace, out []*Case) error {
	s, err := n.load()
	if err != nil {
		return err
	}
	for _, rule := range []string{compile.BP, compile.BDFA} {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if traces[rule], err = n.train(rule, s); err != nil {
			return err
		}
		w.step(n.Name + " trained with " + rule)
	}
	for k, j := range jobs() {
		w.start(func() (err error) {
			out[k], err = n.iterate(w.ctx, j.variant, traces[j.trace], s, j.schedule)
			w.step(n.Name + " on " + j.variant.Name)
			return err
		})
	}
	return nil
}

// job is an iteration that is simulated for each network.
type job struct {
	variant Variant
	trace   string
	schedule
}

// otherMemories are the kinds of external memory that the reference machine does not have.
func otherMemories() []string {
	kind := machine.Reference().XMem.Kind
	return slices.DeleteFunc(kind.Words(), func(k string) bool { return k == string(kind) })
}

// jobs lists them: every variant on the trace of back-propagation, with errors to the input and without; the baselines and the chip with fused
// schedules; the chip on its own trace; the headline's two with other memories.
func jobs() (out []job) {
	for _, a := range variants {
		out = append(out, job{a, compile.BP, schedule{}}, job{a, compile.BP, schedule{Short: true}})
		if a.Name == Headline || slices.Contains(baselines, a.Name) {
			out = append(out, job{a, compile.BP, schedule{Fused: true}})
		}
		for _, kind := range otherMemories() {
			if a.Name == Headline || a.Name == baselines[0] {
				out = append(out, job{a, compile.BP, schedule{Memory: kind}})
			}
		}
		if a.Name == Headline {
			out = append(out, job{a, compile.BDFA, schedule{}}, job{a, compile.BDFA, schedule{Fused: true}})
		}
	}
	return out
}

// workers runs functions on as many goroutines as there are tokens; the first error ends all.
type workers struct {
	sync.WaitGroup
	ctx    context.Context
	cancel context.CancelCauseFunc
	tokens chan struct{}
	step   func(string)
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

// find returns a case.
func (st *Study) find(net, variant, trace string, v schedule) *Case {
	return first(st.Cases, func(c *Case) bool {
		return c.Net == net && c.Variant == variant && c.Trace == trace && c.schedule == v
	})
}

// plain returns a case with equal traces, a plain schedule and errors to the input.
func (st *Study) plain(net, variant string) *Case {
	return st.find(net, variant, compile.BP, schedule{})
}

// core returns a core's run on the reference machine.
func (st *Study) core(variant string, fanIn int) *Core {
	return st.wideCore(variant, fanIn, ownInputs())
}

// wideCore returns one with trees of so many inputs.
func (st *Study) wideCore(variant string, fanIn, inputs int) *Core {
	is := func(c *Core) bool { return c.Variant == variant && c.FanIn == fanIn && c.Inputs == inputs }
	return cmp.Or(first(st.Cores, is), first(st.Wide, is))
}

// first is the first that has what is wanted, nil if none has.
func first[T any](list []*T, wanted func(*T) bool) *T {
	if i := slices.IndexFunc(list, wanted); i >= 0 {
		return list[i]
	}
	return nil
}
