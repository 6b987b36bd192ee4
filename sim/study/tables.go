package study

import (
	"fmt"
	"math"
	"slices"

	"bdfasim/firmware/compile"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// Published is the saving that the paper states.
const Published = 35.3

// baselines are the hardware that a BP error path may have, the headline first.
var baselines = []string{"epc/tree", "epc/tree+gate", "epc/lane+mask", "dnnc"}

// onDie and all are the parts of a cost that are compared.
func onDie(c *Cost) float64 { return c.OnDie() }
func all(c *Cost) float64   { return c.All() }

// Comparison is a row of the D-core or D-chip table.
type Comparison struct {
	Definition string // D-core or D-chip
	What       string // network, or shape of the product
	Trace      string // equal, native
	Baseline   string
	Scope      string // on-die, with external memory, ... plain SGD
	Interval   Interval
	pair       *Pair
}

// chipPair compares an arm with the headline arm over the same period: the slower one's.
func chipPair(a, b *Case, of func(*Cost) float64, sgd bool) *Pair {
	period := max(a.Cycles, b.Cycles)
	wa, wb := a.work(period), b.work(period)
	if sgd {
		wa, wb = wa.withoutMomentum(), wb.withoutMomentum()
	}
	return &Pair{Name: a.Net + " " + a.Arm, A: wa, B: wb, Of: of}
}

// Comparisons are all rows of D-core and D-chip, with intervals.
func (st *Study) Comparisons() ([]*Comparison, error) {
	rows := append(st.corePairs(), st.chipPairs()...)
	var pairs []*Pair
	for _, r := range rows {
		pairs = append(pairs, r.pair)
	}
	v, err := intervals(st.Tech, pairs)
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
		for _, scope := range []struct {
			name string
			of   func(*Cost) float64
		}{{"on-die", onDie}, {"with external memory", all}} {
			rows = append(rows, &Comparison{Definition: "D-core", What: what, Trace: trace, Baseline: base, Scope: scope.name,
				pair: &Pair{Name: what, A: a.work(period), B: b.work(period), Of: scope.of}})
		}
	}
	for _, f := range coreFanIns {
		for _, base := range baselines[:3] {
			add(fmt.Sprintf("32 x %d by %d x %d", f, f, coreNeurons), "same product", base, st.core(base, f), st.core(Headline, f))
		}
	}
	for _, base := range baselines[:3] {
		add(fmt.Sprintf("native: BP fan-in 512, BDFA 10, %d neurons", coreNeurons), "native shapes", base, st.core(base, 512), st.core(Headline, 10))
	}
	return rows
}

func (st *Study) chipPairs() (rows []*Comparison) {
	for i := range st.Nets {
		n := st.Nets[i].Name
		for _, trace := range []string{"equal", "native"} {
			rule := compile.BP
			if trace == "native" {
				rule = compile.BDFA
			}
			for _, base := range baselines {
				a, b := st.find(n, base, compile.BP, false), st.find(n, Headline, rule, false)
				if a == nil || b == nil {
					continue
				}
				for _, scope := range []struct {
					name string
					of   func(*Cost) float64
					sgd  bool
				}{{"on-die", onDie, false}, {"with external memory", all, false}, {"on-die, plain SGD", onDie, true}, {"with external memory, plain SGD", all, true}} {
					rows = append(rows, &Comparison{Definition: "D-chip", What: n, Trace: trace, Baseline: base, Scope: scope.name, pair: chipPair(a, b, scope.of, scope.sgd)})
				}
			}
		}
		for _, base := range baselines {
			if a, b := st.find(n, base, compile.BP, true), st.find(n, Headline, compile.BP, true); a != nil && b != nil {
				rows = append(rows, &Comparison{Definition: "D-chip", What: n, Trace: "equal, errors to the last hidden layer", Baseline: base, Scope: "on-die", pair: chipPair(a, b, onDie, false)},
					&Comparison{Definition: "D-chip", What: n, Trace: "equal, errors to the last hidden layer", Baseline: base, Scope: "with external memory", pair: chipPair(a, b, all, false)})
			}
		}
	}
	return rows
}

// round1 keeps a decimal: what the intervals are worth.
func round1(x float64) float64 { return math.Round(10*x) / 10 }

// comparisonTable shows the rows of a definition.
func comparisonTable(rows []*Comparison, definition, title string) *table.Table {
	t := table.New(title, "network or product", "traces", "baseline", "scope", "saving %", "95 % from", "to", fmt.Sprintf("%.1f inside", Published))
	for _, r := range rows {
		if r.Definition != definition {
			continue
		}
		inside := "no"
		if r.Interval.Low <= Published && Published <= r.Interval.High {
			inside = "yes"
		}
		t.Row(r.What, r.Trace, r.Baseline, r.Scope, round1(r.Interval.Point), round1(r.Interval.Low), round1(r.Interval.High), inside)
	}
	t.Note("saving of %s: 1 - its energy / the baseline's; below zero it costs more", Headline)
	t.Note("intervals: %d draws of all constants over their ranges, the same for both sides", Samples)
	return t
}

// netTable describes networks, data, sparsity and accuracy.
func (st *Study) netTable() *table.Table {
	t := table.New("Networks and traces", "network", "layers", "rule", "data", "epochs", "accuracy %", "o not zero", "e not zero")
	for _, n := range st.Nets {
		for _, rule := range []string{compile.BP, compile.BDFA} {
			tr := st.Traces[n.Name][rule]
			t.Row(n.Name, dashes(n.Sizes), rule, n.What, n.Epochs, round1(100*tr.Accuracy[len(tr.Accuracy)-1]), percents(tr.Density), percents(tr.Errors))
		}
	}
	t.Note("o: the input and each hidden layer, e: each hidden layer and the output, on the batch that is simulated; parts in %%")
	t.Note("learning rates 2^-6 (bp) and 2^-9 (bdfa), momentum 0.9, batch 32; accuracy on test images after the last epoch")
	return t
}

func dashes(n []int) string {
	s := ""
	for i, v := range n {
		if i > 0 {
			s += "-"
		}
		s += fmt.Sprint(v)
	}
	return s
}

func percents(d []float64) string {
	s := ""
	for i, v := range d {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%.0f", 100*v)
	}
	return s
}

// energyTable is the energy of an iteration by arm.
func (st *Study) energyTable() (*table.Table, error) {
	t := table.New("One training iteration, by arm (equal traces, errors to the input)", "network", "arm", "cycles", "error phase uJ", "on-die uJ", "clock, control, wires uJ", "external uJ", "PHY, background uJ", "external words", "mW on-die")
	for _, n := range st.Nets {
		for _, a := range Arms() {
			c := st.find(n.Name, a.Name, compile.BP, false)
			if c == nil {
				continue
			}
			l, err := st.Tech.Prices(c.Geometry)
			if err != nil {
				return nil, err
			}
			w := c.work(c.Cycles)
			cost := w.price(l)
			ep := &Work{Geometry: c.Geometry, Events: c.Counts[3], Units: whole()}
			epCost := ep.price(l)
			var words uint64
			for _, v := range c.Words() {
				words += v
			}
			t.Row(n.Name, a.Name, int(c.Cycles), epCost.All()/1e6, cost.OnDie()/1e6, (cost.Clock+cost.Control+cost.Wires)/1e6, cost.DRAM/1e6,
				(cost.PHY+cost.Background)/1e6, int(words), cost.OnDie()/float64(c.Cycles)*st.Tech.FreqMHz*1e-3)
		}
	}
	t.Note("on-die includes clock tree, control and operand wires; error phase: everything that its commands caused, external memory and PHY included")
	return t, nil
}

// splitTable follows the saving from the baseline to the chip in steps.
func (st *Study) splitTable() (*table.Table, error) {
	t := table.New("What the saving is made of", "network", "step", "what changes", "on-die uJ", "with external uJ", "part of baseline %, on-die", "..., with external")
	chains := [][2]string{{"epc/tree", "bfa"}, {"bfa", Headline}, {"epc/tree", "dfa16"}, {"dfa16", "depc/sram"}, {"depc/sram", Headline}}
	what := []string{"adders for multipliers and generated for fetched weights, as many operations", "fewer operations", "fewer operations (fan-in of the output)", "adders for multipliers", "generated for stored signs"}
	for _, n := range st.Nets {
		costs := map[string]*Cost{}
		period := uint64(0)
		for _, a := range Arms() {
			if c := st.find(n.Name, a.Name, compile.BP, false); c != nil {
				period = max(period, c.Cycles)
			}
		}
		for _, a := range Arms() {
			c := st.find(n.Name, a.Name, compile.BP, false)
			if c == nil {
				continue
			}
			l, err := st.Tech.Prices(c.Geometry)
			if err != nil {
				return nil, err
			}
			cost := c.work(period).price(l)
			costs[a.Name] = &cost
		}
		base := costs["epc/tree"]
		for i, ch := range chains {
			a, b := costs[ch[0]], costs[ch[1]]
			if a == nil || b == nil {
				continue
			}
			t.Row(n.Name, ch[0]+" -> "+ch[1], what[i], (a.OnDie()-b.OnDie())/1e6, (a.All()-b.All())/1e6,
				round1(100*(a.OnDie()-b.OnDie())/base.OnDie()), round1(100*(a.All()-b.All())/base.All()))
		}
	}
	t.Note("two ways from the same baseline to the same end: the first two steps add up to the last three, but for rounding; a negative number is a step that costs")
	return t, nil
}

// wordsTable is external traffic by cause.
func (st *Study) wordsTable() *table.Table {
	t := table.New("External words of an iteration by cause (equal traces, errors to the input)", "network", "arm", "cause", "words", "% of the arm's")
	for _, n := range st.Nets {
		for _, a := range Arms() {
			c := st.find(n.Name, a.Name, compile.BP, false)
			if c == nil {
				continue
			}
			words := c.Words()
			var sum uint64
			var names []string
			for k, v := range words {
				sum += v
				names = append(names, k)
			}
			slices.Sort(names)
			for _, k := range names {
				t.Row(n.Name, a.Name, k, int(words[k]), round1(100*float64(words[k])/float64(sum)))
			}
		}
	}
	return t
}

// accuracyTable is the energy until an accuracy that both rules reach.
func (st *Study) accuracyTable() (*table.Table, error) {
	t := table.New("Energy to equal accuracy (native traces, with external memory)", "network", "target %", "rule", "arm", "epochs", "mJ an iteration", "mJ to the target", "saving %")
	for _, n := range st.Nets {
		bp, bd := st.Traces[n.Name][compile.BP], st.Traces[n.Name][compile.BDFA]
		target := min(slices.Max(bp.Accuracy), slices.Max(bd.Accuracy))
		base := 0.0
		for _, x := range []struct {
			trace *Trace
			arm   string
		}{{bp, "epc/tree"}, {bd, Headline}} {
			c := st.find(n.Name, x.arm, x.trace.Rule, false)
			l, err := st.Tech.Prices(c.Geometry)
			if err != nil {
				return nil, err
			}
			cost := c.work(c.Cycles).price(l)
			epochs := 1 + slices.IndexFunc(x.trace.Accuracy, func(a float64) bool { return a >= target })
			mj := cost.All() / 1e9
			total := mj * float64(epochs*x.trace.Steps)
			if base == 0 {
				base = total
			}
			t.Row(n.Name, round1(100*target), x.trace.Rule, x.arm, epochs, mj, total, round1(saving(base, total)))
		}
	}
	t.Note("target: the best that the weaker rule reached in the epochs of the study; one seed, so a finding about orders, not about per cents")
	return t, nil
}

// headline is the comparison that the tornado and the figures are about.
func (st *Study) headline(rows []*Comparison) *Comparison {
	for _, name := range []string{"mdnet-head", st.Nets[0].Name} {
		for _, r := range rows {
			if r.Definition == "D-chip" && r.What == name && r.Trace == "equal" && r.Baseline == baselines[0] && r.Scope == "on-die" {
				return r
			}
		}
	}
	return nil
}

// tornadoTable shows which constants move a saving.
func (st *Study) tornadoTable(r *Comparison) (*table.Table, []Bar, error) {
	bars, err := tornado(st.Tech, r.pair)
	if err != nil {
		return nil, nil, err
	}
	t := table.New(fmt.Sprintf("Which constant moves the saving: %s, %s, %s, %s, %s", r.Definition, r.What, r.Trace, r.Baseline, r.Scope), "constant", "saving % at its low end", "at its high end", "span")
	for _, b := range bars {
		if abs(b.High-b.Low) >= 0.005 {
			t.Row(b.Constant, b.Low, b.High, abs(b.High-b.Low))
		}
	}
	t.Note("all other constants as they are: %.2f %%; constants that move nothing are left out", r.Interval.Point)
	return t, bars, nil
}

// sweepTable is the saving against sparsity.
func (st *Study) sweepTable() (*table.Table, error) {
	t := table.New("Saving against sparsity (512-512-512-10, synthetic activations, D-chip, errors to the input)", "o not zero %", "baseline", "saving % on-die", "saving % with external memory")
	for i, d := range densities {
		var own *Case
		for _, c := range st.Sweep[i] {
			if c.Arm == Headline {
				own = c
			}
		}
		for _, base := range baselines {
			for _, c := range st.Sweep[i] {
				if c.Arm != base {
					continue
				}
				v, err := points(st.Tech, []*Pair{chipPair(c, own, onDie, false), chipPair(c, own, all, false)})
				if err != nil {
					return nil, err
				}
				t.Row(100*d, base, round1(v[0]), round1(v[1]))
			}
		}
	}
	return t, nil
}

// priceTable is the saving against kinds of external memory and the price of on-chip memory.
func (st *Study) priceTable() (*table.Table, error) {
	t := table.New("Saving against external memory and SRAM prices (D-chip, equal traces, epc/tree)", "network", "changed", "to", "saving % on-die", "saving % with external memory")
	for _, n := range st.Nets {
		a, b := st.find(n.Name, baselines[0], compile.BP, false), st.find(n.Name, Headline, compile.BP, false)
		pairs := []*Pair{chipPair(a, b, onDie, false), chipPair(a, b, all, false)}
		row := func(what, to string, tech *power.Tech) error {
			v, err := points(tech, pairs)
			if err == nil {
				t.Row(n.Name, what, to, round1(v[0]), round1(v[1]))
			}
			return err
		}
		for _, kind := range st.Tech.DRAMs {
			tech, err := st.Tech.WithDRAM(kind.Name)
			if err != nil {
				return nil, err
			}
			if err := row("external memory", kind.Name, tech); err != nil {
				return nil, err
			}
		}
		for _, f := range []float64{0.25, 0.5, 1, 2.5, 5} {
			tech := *st.Tech
			tech.Base[power.SRAM].Value *= f
			tech.Base[power.SRAM].Low, tech.Base[power.SRAM].High = tech.Base[power.SRAM].Value, tech.Base[power.SRAM].Value
			if err := row("SRAM access price", fmt.Sprintf("x %g", f), &tech); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// coreTable is the energy of the cores.
func (st *Study) coreTable() (*table.Table, error) {
	t := table.New("The error propagation core alone", "product", "arm", "cycles", "pJ an operation, on-die", "of it arithmetic", "buffers and rest", "leakage", "clock, control, wires", "external pJ an operation")
	for _, f := range coreFanIns {
		var period uint64
		for _, c := range st.Cores {
			if c.FanIn == f {
				period = max(period, c.Cycles)
			}
		}
		for _, c := range st.Cores {
			if c.FanIn != f {
				continue
			}
			l, err := st.Tech.Prices(c.Geometry)
			if err != nil {
				return nil, err
			}
			w := c.work(period)
			cost := w.price(l)
			ops := float64(32 * f * coreNeurons)
			arithmetic := 0.0
			for _, e := range []activity.Event{activity.EPCMul, activity.DEPCAdd, activity.LFSRStep} {
				arithmetic += float64(l.Event[e].AJ.PJ()) * float64(c.Events[e])
			}
			rest := cost.OnDie() - arithmetic - cost.Leak - cost.Clock - cost.Control - cost.Wires
			t.Row(fmt.Sprintf("32 x %d by %d x %d", f, f, coreNeurons), c.Arm, int(c.Cycles), cost.OnDie()/ops, arithmetic/ops, rest/ops, cost.Leak/ops,
				(cost.Clock+cost.Control+cost.Wires)/ops, (cost.DRAM+cost.PHY)/ops)
		}
	}
	t.Note("an operation is one error x feedback-weight term; leakage over the slowest core's time; incoming errors: all not zero up to fan-in 16, half above; half of the f' bits set")
	return t, nil
}
