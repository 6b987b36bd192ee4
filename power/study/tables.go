package study

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// section is a table under the name that the command line knows.
type section struct {
	name string
	make func(*Study) (*table.Table, error)
}

// sections are those of the report, in its order.
var sections []section

func init() { // not in the declaration, which they refer to
	sections = []section{
		{"rows", func(st *Study) (*table.Table, error) { return st.rowTable("rows", "") }},
		{"d-core", func(st *Study) (*table.Table, error) { return st.rowTable("d-core", "core/") }},
		{"d-chip", func(st *Study) (*table.Table, error) { return st.rowTable("d-chip", "chip/") }},
		{"conjecture", (*Study).conjectureTable}, {"units", (*Study).unitTable},
		{"choices", (*Study).choiceTable}, {"tornado", (*Study).tornadoTable},
		{"memories", (*Study).memoryTable}, {"sparsity", (*Study).sweepTable},
		{"core", (*Study).coreTable}, {"machines", (*Study).machineTable},
		{"split", (*Study).splitTable}, {"words", (*Study).wordsTable},
		{"area", (*Study).areaTable}, {"nets", (*Study).netTable},
		{"claims", (*Study).claimTable}, {"matching", (*Study).matchingTable},
	}
}

// SectionNames lists the tables.
func SectionNames() (out []string) {
	for _, s := range sections {
		out = append(out, s.name)
	}
	return out
}

// trained are the networks that are simulated on all machines.
func (st *Study) trained() (out []Net) {
	for _, n := range st.Nets {
		if !n.Stored && !n.Lean {
			out = append(out, n)
		}
	}
	return out
}

// tracking is the network of the paper's figure, or the first where it is not studied.
func (st *Study) tracking() *Net { return &st.Nets[0] }

// netTable describes networks, data, sparsity and accuracy.
func (st *Study) netTable() (*table.Table, error) {
	t := newTable("nets", nil)
	for _, n := range st.Nets {
		rules := []string{compile.BP, compile.BDFA}
		if n.Lean {
			rules = rules[:1]
		} else if n.Stored {
			continue
		}
		for _, rule := range rules {
			tr, _, err := st.trace(&n, rule)
			if err != nil {
				return nil, err
			}
			t.Row(n.Name, dashes(n.Sizes), rule, n.What, n.Epochs,
				round1(100*tr.Accuracy[len(tr.Accuracy)-1]), percents(tr.Density), percents(tr.Errors))
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

// machinesOf are all variants of some networks, errors to the input.
func (st *Study) machinesOf(nets []Net) ([]*Case, error) {
	var keys []Key
	for _, n := range nets {
		for _, a := range variants {
			keys = append(keys, n.key(a.Name, "input"))
		}
	}
	return st.get(keys...)
}

// machineTable is the energy of an iteration by machine, and the choice of the cheapest.
func (st *Study) machineTable() (*table.Table, error) {
	t := newTable("machines", nil)
	cases, err := st.machinesOf(append([]Net{*st.o.choice}, st.trained()...))
	if err != nil {
		return nil, err
	}
	least := map[string]float64{}
	var cells [][]any
	for _, c := range cases {
		cost, err := st.cost(power.ByEvents, c.work(c.Cycles.Sum()))
		if err != nil {
			return nil, err
		}
		toggled, err := st.cost(power.ByToggles, c.work(c.Cycles.Sum()))
		if err != nil {
			return nil, err
		}
		if e := cost.OnDie(); slices.Contains(baselines, c.Variant) && (least[c.Net] == 0 ||
			e < least[c.Net]) {
			least[c.Net] = e
		}
		_, words := c.words()
		cells = append(cells, []any{c.Net, c.Variant, int(c.Cycles.Sum()), cost.OnDie() / 1e6,
			toggled.OnDie() / 1e6, cost.All() / 1e6,
			int(words), cost.OnDie() / float64(c.Cycles.Sum()) * c.Geometry.ClockMHz * 1e-3})
	}
	for _, row := range cells {
		mark := "-"
		if row[3].(float64)*1e6 == least[row[0].(string)] {
			mark = "cheapest for BP"
		}
		t.Row(append(row, mark)...)
	}
	return t, nil
}

// unitTable is where the energy of both machines goes, and of the errors' part.
func (st *Study) unitTable() (*table.Table, error) {
	t := newTable("units", nil)
	var failed error
	for _, n := range st.Nets {
		for _, reach := range n.reaches() {
			for _, v := range []string{Literal, Headline} {
				c, err := st.get(n.key(v, reach))
				if err != nil {
					failed = err
					continue
				}
				for m := range power.NumActivities {
					err = errors.Join(err, st.unitRows(t, &n, reach, c[0], m))
				}
				if err != nil {
					return nil, err
				}
			}
		}
	}
	return t, failed
}

// part is a part of a cost in microjoules.
type part struct {
	name string
	uj   float64
}

// parts are those of a cost: units in order, then the accounts. The cores of the error path are
// one.
func (c *Cost) parts() (out []part) {
	core := 0.0
	for u, v := range c.Unit {
		switch u := activity.Unit(u); {
		case u == activity.DEPC || u == activity.LFSR || u == activity.EPC:
			core += v
		case !power.External(u):
			out = append(out, part{u.String(), v / 1e6})
		}
	}
	return append(out, part{"error core", core / 1e6}, part{"clock tree, control, wires",
		(c.Clock + c.Control + c.Wires) / 1e6},
		part{"leakage, controller", (c.Leak + c.Controller) / 1e6}, part{"external bits",
			c.DRAM / 1e6},
		part{"PHY, background", (c.PHY + c.Background) / 1e6})
}

func (st *Study) unitRows(t *table.Table, n *Net, reach string, c *Case, m power.Activity) error {
	cost, err := st.cost(m, c.work(c.Cycles.Sum()))
	if err != nil {
		return err
	}
	ep, err := st.cost(m, c.only(isa.PhaseEP).work(c.Cycles[isa.PhaseEP]))
	if err != nil {
		return err
	}
	for i, p := range cost.parts() {
		if e := ep.parts()[i]; p.uj > 0 {
			t.Row(n.Name, reach, c.Variant, m.String(), p.name, p.uj,
				round1(100*p.uj*1e6/cost.All()), e.uj)
		}
	}
	return nil
}

// splitTable follows the saving from the literal counterpart to the chip in steps, over the slowest
// machine's time.
func (st *Study) splitTable() (*table.Table, error) {
	t := newTable("split", nil)
	cases, err := st.machinesOf(st.trained())
	if err != nil {
		return nil, err
	}
	period := map[string]uint64{}
	for _, c := range cases {
		period[c.Net] = max(period[c.Net], c.Cycles.Sum())
	}
	costs := map[[2]string]Cost{} // by network and machine
	for _, c := range cases {
		if costs[[2]string{c.Net, c.Variant}], err = st.cost(power.ByEvents,
			c.work(period[c.Net])); err != nil {
			return nil, err
		}
	}
	for _, n := range st.trained() {
		base := costs[[2]string{n.Name, Literal}]
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
	cases, err := st.machinesOf(st.trained())
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		by, all := c.words()
		for _, k := range slices.Sorted(maps.Keys(by)) {
			t.Row(c.Net, c.Variant, k, int(by[k]), round1(100*float64(by[k])/float64(all)))
		}
	}
	return t, nil
}

// memoryTable has the rows with external memory, chips with the errors that they need, for each
// kind of it: other chips, which were simulated.
func (st *Study) memoryTable() (*table.Table, error) {
	t := newTable("memories", nil)
	var failed error
	for _, kind := range machine.Reference().XMem.Kind.Words() {
		var rows []*Row
		for _, r := range append(coreRows(), chipRows([]Net{*st.tracking()})...) {
			if r.Definition == "core/fetched" || strings.HasPrefix(r.Definition, "chip/need") &&
				strings.HasSuffix(r.Definition, "/all") {
				if kind != string(machine.Reference().XMem.Kind) {
					r.keys[0].Set, r.keys[1].Set = "xmem.kind="+kind, "xmem.kind="+kind
				}
				rows = append(rows, r)
			}
		}
		rows, err := st.priced(rows)
		if err != nil {
			failed = err
		}
		for _, r := range rows {
			for m := range power.NumActivities {
				v := r.Saving[m]
				t.Row(kind, r.Definition, r.Subject, m.String(), round1(v.Point), round1(v.Low),
					round1(v.High), round1(v.Percentile))
			}
		}
	}
	return t, failed
}

// sweepTable is the saving against sparsity.
func (st *Study) sweepTable() (*table.Table, error) {
	t := newTable("sparsity", dashes(st.o.sweep.Sizes))
	for _, d := range densities {
		keys := []Key{{Net: st.o.sweep.Name, Trace: d, Variant: Headline}}
		for _, base := range baselines {
			keys = append(keys, Key{Net: st.o.sweep.Name, Trace: d, Variant: base})
		}
		cases, err := st.get(keys...)
		if err != nil {
			continue
		}
		tr, _, err := st.trace(st.o.sweep, d)
		if err != nil {
			return nil, err
		}
		for _, c := range cases[1:] {
			cells := []any{d, percents(tr.Density), percents(tr.Errors), c.Variant}
			for m := range power.NumActivities {
				v, err := savings([]*Pair{chipPair(c, cases[0], onDie, m), chipPair(c, cases[0],
					all, m)})(st.Tech)
				if err != nil {
					return nil, err
				}
				cells = append(cells, round1(v[0]), round1(v[1]))
			}
			t.Row(cells...)
		}
	}
	if len(st.missing) > 0 {
		return nil, errMissing
	}
	return t, nil
}

// chipPair compares two chips over the time of the slower one.
func chipPair(a, b *Case, of func(*Cost) float64, m power.Activity) *Pair {
	period := max(a.Cycles.Sum(), b.Cycles.Sum())
	return &Pair{a.work(period), b.work(period), of, m}
}
