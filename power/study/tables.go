package study

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/power/table"
)

// Published is the saving that the paper states.
const Published = 35.3

// baselines are the hardware that a BP error path may have, the headline first.
var baselines = []string{"epc/tree", "epc/tree-gate", "epc/lane-mask", "dnnc"}

// shortTrace names equal traces in which no error goes to the input, as frozen convolutions below allow it.
const shortTrace = "equal, errors to the first hidden layer"

// sameProduct is what both cores work on when their traces are the same.
const sameProduct = "same product"

// onDie and all are the parts of a cost that are compared.
var onDie, all = (*Cost).OnDie, (*Cost).All

// Comparison is a row of the D-core or D-chip table.
type Comparison struct {
	Definition string // D-core or D-chip
	What       string // network, or shape of the product
	Trace      string // equal, native
	Baseline   string
	Scope      string // a name of chipScopes
	Interval   Interval
	pair       *Pair
}

// chipPair compares a variant with the headline variant over the same period: the slower one's.
func chipPair(a, b *Case, of func(*Cost) float64) *Pair {
	period := max(a.Cycles, b.Cycles)
	return &Pair{A: a.work(period), B: b.work(period), Of: of}
}

// chipScopes are the parts of a chip's cost that are compared; the work of some is derived from what was simulated.
var chipScopes = []struct {
	name   string
	of     func(*Cost) float64
	derive func(*Work) *Work
	fused  bool
}{
	{"on-die", onDie, nil, false}, {"with external memory", all, nil, false},
	{"on-die, plain SGD", onDie, (*Work).withoutMomentum, false}, {"with external memory, plain SGD", all, (*Work).withoutMomentum, false},
	{"on-die, fused", onDie, nil, true}, {"with external memory, fused", all, nil, true},
}

// Comparisons are all rows of D-core and D-chip, with intervals.
func (st *Study) Comparisons() ([]*Comparison, error) {
	rows := append(st.corePairs(), st.chipPairs()...)
	var pairs []*Pair
	for _, r := range rows {
		pairs = append(pairs, r.pair)
	}
	v, err := intervals(st.Tech, st.scope.samples, pairs)
	if err != nil {
		return nil, err
	}
	for i, r := range rows {
		r.Interval = v[i]
	}
	return rows, nil
}

func (st *Study) corePairs() (rows []*Comparison) {
	add := func(what, trace, base string, a, b *Core) {
		if a == nil || b == nil {
			return
		}
		period := max(a.Cycles, b.Cycles)
		for _, scope := range chipScopes[:2] {
			rows = append(rows, &Comparison{Definition: "D-core", What: what, Trace: trace, Baseline: base, Scope: scope.name,
				pair: &Pair{A: a.work(period), B: b.work(period), Of: scope.of}})
		}
	}
	for _, f := range st.scope.fanIns {
		for _, base := range baselines[:3] {
			add(product(f), sameProduct, base, st.core(base, f), st.core(Headline, f))
		}
	}
	for _, base := range baselines[:3] {
		add(fmt.Sprintf("native: BP fan-in 512, BDFA 10, %d neurons", coreNeurons), "native shapes", base, st.core(base, 512), st.core(Headline, 10))
	}
	return rows
}

func (st *Study) chipPairs() (rows []*Comparison) {
	for _, n := range st.Nets {
		for _, trace := range []struct {
			name, rule string // whose training gave the chip its weights
			short      bool
			scopes     int // how many of chipScopes
		}{
			{"equal", compile.BP, false, len(chipScopes)},
			{"native", compile.BDFA, false, len(chipScopes)},
			{shortTrace, compile.BP, true, 2},
		} {
			for _, base := range baselines {
				for _, scope := range chipScopes[:trace.scopes] {
					v := schedule{Short: trace.short, Fused: scope.fused}
					a, b := st.find(n.Name, base, compile.BP, v), st.find(n.Name, Headline, trace.rule, v)
					if a == nil || b == nil {
						continue
					}
					p := chipPair(a, b, scope.of)
					if scope.derive != nil {
						p.A, p.B = scope.derive(p.A), scope.derive(p.B)
					}
					rows = append(rows, &Comparison{Definition: "D-chip", What: n.Name, Trace: trace.name,
						Baseline: base, Scope: scope.name, pair: p})
				}
			}
		}
	}
	return rows
}

// round1 keeps a decimal: what the intervals are worth.
func round1(x float64) float64 { return math.Round(10*x)/10 + 0 } // + 0: no -0

// comparisonTable shows the rows of a definition. The points of rows with external memory may lie beside their intervals.
func (st *Study) comparisonTable(rows []*Comparison, definition string) (*table.Table, error) {
	t := newTable(strings.ToLower(definition), st.scope.samples)
	for _, r := range rows {
		if r.Definition != definition {
			continue
		}
		inside, v := "no", r.Interval
		if v.has(Published) {
			inside = "yes"
		}
		t.Row(r.What, r.Trace, r.Baseline, r.Scope, round1(v.Point), round1(v.Low), round1(v.High),
			round1(v.Median), inside)
	}
	return t, nil
}

// netTable describes networks, data, sparsity and accuracy.
func (st *Study) netTable() (*table.Table, error) {
	t := newTable("nets", nil)
	for _, n := range st.Nets {
		for _, rule := range []string{compile.BP, compile.BDFA} {
			tr := st.Traces[n.Name][rule]
			t.Row(n.Name, dashes(n.Sizes), rule, n.What, n.Epochs, round1(100*tr.Accuracy[len(tr.Accuracy)-1]), percents(tr.Density), percents(tr.Errors))
		}
	}
	return t, nil
}

func dashes(n []int) string { return joined(n, "-", "%d", 1) }

func percents(d []float64) string { return joined(d, " ", "%.0f", 100) }

// joined prints numbers, each times factor.
func joined[N int | float64](list []N, between, format string, factor N) string {
	var s []string
	for _, v := range list {
		s = append(s, fmt.Sprintf(format, factor*v))
	}
	return strings.Join(s, between)
}

// equal are the cases that start from the weights of back-propagation and bring errors to the
// input, variant by variant: with a plain schedule, and those with a fused one if they are wanted.
func (st *Study) equal(fused bool) (out []*Case) {
	for _, c := range st.Cases {
		if c.Trace == compile.BP && !c.Short && c.Memory == "" && (fused || !c.Fused) {
			out = append(out, c)
		}
	}
	return out
}

// cost prices work.
func (st *Study) cost(w *Work) (Cost, error) {
	l, err := st.Tech.Prices(w.Geometry)
	if err != nil {
		return Cost{}, err
	}
	return w.price(l), nil
}

// energyTable is the energy of an iteration by variant.
func (st *Study) energyTable() (*table.Table, error) {
	t := newTable("energy", nil)
	for _, c := range st.equal(true) {
		cost, err := st.cost(c.work(c.Cycles))
		if err != nil {
			return nil, err
		}
		ep, err := st.cost(&Work{Geometry: c.Geometry, Events: c.Counts[isa.PhaseEP], Units: whole()})
		if err != nil {
			return nil, err
		}
		t.Row(c.Net, c.Variant, map[bool]string{false: "plain", true: "fused"}[c.Fused], int(c.Cycles),
			ep.All()/1e6, cost.OnDie()/1e6, (cost.Clock+cost.Control+cost.Wires)/1e6, cost.DRAM/1e6,
			(cost.PHY+cost.Background)/1e6, int(c.words()),
			cost.OnDie()/float64(c.Cycles)*c.Geometry.ClockMHz*1e-3)
	}
	return t, nil
}

// splitTable follows the saving from the baseline to the chip in steps.
func (st *Study) splitTable() (*table.Table, error) {
	t := newTable("split", nil)
	period := map[string]uint64{} // of each network
	for _, c := range st.equal(false) {
		period[c.Net] = max(period[c.Net], c.Cycles)
	}
	costs := map[[2]string]Cost{} // by network and arm
	for _, c := range st.equal(false) {
		var err error
		if costs[[2]string{c.Net, c.Variant}], err = st.cost(c.work(period[c.Net])); err != nil {
			return nil, err
		}
	}
	for _, n := range st.Nets {
		base := costs[[2]string{n.Name, baselines[0]}]
		for _, step := range given().Steps {
			a, b := costs[[2]string{n.Name, step.From}], costs[[2]string{n.Name, step.To}]
			onDie, all := a.OnDie()-b.OnDie(), a.All()-b.All()
			t.Row(n.Name, step.From+" -> "+step.To, step.What, onDie/1e6, all/1e6,
				round1(100*onDie/base.OnDie()), round1(100*all/base.All()))
		}
	}
	return t, nil
}

// wordsTable is external traffic by cause.
func (st *Study) wordsTable() (*table.Table, error) {
	t := newTable("words", nil)
	for _, c := range st.equal(false) {
		words := c.Words()
		for _, k := range slices.Sorted(maps.Keys(words)) {
			t.Row(c.Net, c.Variant, k, int(words[k]), round1(100*float64(words[k])/float64(c.words())))
		}
	}
	return t, nil
}

// accuracyTable is the energy until an accuracy that both rules reach.
func (st *Study) accuracyTable() (*table.Table, error) {
	t := newTable("accuracy", nil)
	for _, n := range st.Nets {
		bp, bd := st.Traces[n.Name][compile.BP], st.Traces[n.Name][compile.BDFA]
		target := min(slices.Max(bp.Accuracy), slices.Max(bd.Accuracy))
		base := 0.0
		for _, x := range []struct {
			trace   *Trace
			variant string
		}{{bp, baselines[0]}, {bd, Headline}} {
			c := st.find(n.Name, x.variant, x.trace.Rule, schedule{})
			cost, err := st.cost(c.work(c.Cycles))
			if err != nil {
				return nil, err
			}
			epochs := 1 + slices.IndexFunc(x.trace.Accuracy, func(a float64) bool { return a >= target })
			mj := cost.All() / 1e9
			total := mj * float64(epochs*x.trace.Steps)
			if base == 0 {
				base = total
			}
			var gain any = round1(saving(base, total))
			if guess := 1 / float64(n.Sizes[len(n.Sizes)-1]); target < guess+float64(0.1*(1-guess)) {
				gain = "-"
			}
			t.Row(n.Name, round1(100*target), x.trace.Rule, x.variant, epochs, mj, total, gain)
		}
	}
	return t, nil
}

// headline is the comparison that the tornado and the figures are about.
func headline(rows []*Comparison) (first *Comparison) {
	for _, r := range headRows(rows) {
		if r.Definition == "D-chip" && (first == nil || r.What == trackingHead) {
			first = r
		}
	}
	return first
}

// tornadoTable shows which constants move the headline saving of the chip, and most of them for the core's.
func (st *Study) tornadoTable(rows []*Comparison, h *Comparison) (*table.Table, []Bar, error) {
	t := newTable("tornado", nil)
	add := func(r *Comparison, most int) ([]Bar, error) {
		bars, err := tornado(st.Tech, r.pair)
		for i, b := range bars {
			if span := b.span(); span >= 0.005 && i < most {
				t.Row(r.Definition, r.What, round1(r.Interval.Point), b.Constant, b.Low, b.High, span)
			}
		}
		return bars, err
	}
	bars, err := add(h, len(st.Tech.Base))
	if err != nil {
		return nil, nil, err
	}
	for _, r := range headRows(rows) {
		if r.Definition == "D-core" {
			if _, err := add(r, 5); err != nil {
				return nil, nil, err
			}
		}
	}
	return t, bars, nil
}

// sweepTable is the saving against sparsity.
func (st *Study) sweepTable() (*table.Table, error) {
	t := newTable("sparsity", dashes(st.scope.sweep.Sizes))
	for _, p := range st.Sweep {
		for _, base := range baselines {
			v, err := points(st.Tech, p.pair(base, onDie), p.pair(base, all))
			if err != nil {
				return nil, err
			}
			t.Row(100*p.Asked, percents(p.Trace.Density), percents(p.Trace.Errors), base, round1(v[0]), round1(v[1]))
		}
	}
	return t, nil
}

// priceTable is the saving against kinds of external memory and the price of on-chip memory.
func (st *Study) priceTable() (*table.Table, error) {
	t := newTable("prices", nil)
	for _, n := range st.Nets {
		row := func(what, to, memory string, tech *power.Tech) error {
			v := schedule{Memory: memory}
			a, b := st.find(n.Name, baselines[0], compile.BP, v), st.find(n.Name, Headline, compile.BP, v)
			s, err := points(tech, chipPair(a, b, onDie), chipPair(a, b, all))
			if err == nil {
				t.Row(n.Name, what, to, round1(s[0]), round1(s[1]))
			}
			return err
		}
		for _, kind := range append([]string{""}, otherMemories()...) {
			name := cmp.Or(kind, st.plain(n.Name, Headline).Geometry.DRAM)
			if err := row("external memory", name, kind, st.Tech); err != nil {
				return nil, err
			}
		}
		for _, f := range []float64{0.25, 0.5, 1, 2.5, 5} {
			tech := *st.Tech
			tech.Base[power.SRAM].Value *= f
			tech.Base[power.SRAM].Low, tech.Base[power.SRAM].High = tech.Base[power.SRAM].Value, tech.Base[power.SRAM].Value
			if err := row("SRAM access price", fmt.Sprintf("x %g", f), "", &tech); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}
