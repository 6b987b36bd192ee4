package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/power/table"
)

// Row is a definition of the saving for one subject: docs/power.md, "What 35.3 % is compared with".
type Row struct {
	Definition string // core/BOUNDARY, chip/REACH/BASELINE/SCOPE
	Subject    string
	Unit       string // of the energies
	Leaves     string // what it leaves out
	Note       string // what differs from the definition

	BP, BDFA [power.NumActivities]float64
	Saving   [power.NumActivities]Interval
	Share    [power.NumActivities]float64 // of the error phase in the BP machine's energy, %

	net      string // of a chip
	keys     [2]Key // of both sides
	of       func(*Cost) float64
	work     func(c *Case, period uint64) *Work
	per      float64 // picojoules in a unit
	isCore   bool
	pair     [power.NumActivities]*Pair
	epShares [power.NumActivities]*Pair
}

// Name is the definition and its subject.
func (r *Row) Name() string { return r.Definition + ", " + r.Subject }

// coreRows compare cores.
func coreRows() (out []*Row) {
	for _, b := range boundaries {
		for _, f := range classCounts {
			out = append(out, &Row{Definition: "core/" + b.Name,
				Subject: fmt.Sprintf("%d classes", f), Unit: "pJ/op", Leaves: b.Leaves,
				keys: [2]Key{
					{FanIn: f, Variant: Literal, Set: b.set}, {FanIn: f, Variant: Headline},
				},
				of: b.of, work: b.work, per: operations(f), isCore: true})
		}
	}
	return out
}

// scopes are what of a chip is counted.
var scopes = []struct {
	name, leaves string
	of           func(*Cost) float64
}{
	{"die", "external memory and PHY", onDie},
	{"all", "the rest of the board", all},
}

// reaches are how far errors go.
func (n *Net) reaches() []string {
	if n.Frozen {
		return []string{"need", "input"}
	}
	return []string{"need"}
}

// key is an iteration with equal traces.
func (n *Net) key(variant, reach string) Key {
	k := Key{Net: n.Name, Variant: variant, Trace: compile.BP, Short: reach == "need" && !n.Input}
	if n.Stored {
		k.Trace = random
	}
	return k
}

// note says what of a network is not what the definition wants.
func (n *Net) note() (s string) {
	if n.Stored {
		s = "untrained; stored run"
	}
	return s
}

// chipRows compare chips.
func chipRows(nets []Net) (out []*Row) {
	for _, n := range nets {
		for _, reach := range n.reaches() {
			for _, base := range []struct{ name, variant string }{{"literal", Literal},
				{"cheapest", given().Cheapest}} {
				for _, scope := range scopes {
					out = append(out, &Row{Definition: fmt.Sprintf("chip/%s/%s/%s", reach,
						base.name, scope.name), Subject: n.Title, Unit: "uJ",
						Leaves: scope.leaves, Note: n.note(), net: n.Name,
						keys: [2]Key{n.key(base.variant, reach), n.key(Headline, reach)},
						of:   scope.of, work: func(c *Case,
							period uint64) *Work {
							return c.work(period)
						}, per: 1e6})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *Row) int { return rank(a) - rank(b) })
	return out
}

// rank brings the reach to the input behind the others.
func rank(r *Row) int {
	if strings.HasPrefix(r.Definition, "chip/input") {
		return 1
	}
	return 0
}

// prepare makes a row's pairs from its runs, over the time of the slower side.
func (st *Study) prepare(r *Row) error {
	c, err := st.get(r.keys[:]...)
	if err != nil {
		return err
	}
	period := max(c[0].Cycles.Sum(), c[1].Cycles.Sum())
	a, b := r.work(c[0], period), r.work(c[1], period)
	errors := &Case{c[0].Key, *c[0].only(isa.PhaseEP)}
	ep := r.work(errors, errors.Cycles.Sum())
	if r.isCore {
		ep = a
	}
	for m := range power.NumActivities {
		r.pair[m] = &Pair{a, b, r.of, m}
		r.epShares[m] = &Pair{a, ep, r.of, m}
	}
	return nil
}

// price fills in a row's energies and its share of the error phase.
func (st *Study) price(r *Row) error {
	for m := range power.NumActivities {
		a, err := st.cost(m, r.pair[m].A)
		if err != nil {
			return err
		}
		b, err := st.cost(m, r.pair[m].B)
		if err != nil {
			return err
		}
		ep, err := st.cost(m, r.epShares[m].B)
		if err != nil {
			return err
		}
		r.BP[m], r.BDFA[m], r.Share[m] = r.of(&a)/r.per, r.of(&b)/r.per, 100*r.of(&ep)/r.of(&a)
	}
	return nil
}

// rows are rows with energies and intervals.
func (st *Study) priced(rows []*Row) ([]*Row, error) {
	var failed error
	for _, r := range rows {
		if err := st.prepare(r); err != nil {
			failed = err
		}
	}
	if failed != nil {
		return nil, failed
	}
	var pairs []*Pair
	for _, r := range rows {
		if err := st.price(r); err != nil {
			return nil, err
		}
		pairs = append(pairs, r.pair[:]...)
	}
	v, err := intervals(st.Tech, st.o.samples, pairs)
	if err != nil {
		return nil, err
	}
	for i, r := range rows {
		r.Saving = [power.NumActivities]Interval(v[int(power.NumActivities)*i:])
	}
	return rows, nil
}

// Rows are all rows of the study's networks, priced once.
func (st *Study) Rows() (_ []*Row, err error) {
	if st.drawn == nil {
		st.drawn, err = st.priced(append(coreRows(), chipRows(st.Nets)...))
	}
	return st.drawn, err
}

// rowsOf are those whose definition begins so. Nothing else is simulated for them.
func (st *Study) rowsOf(prefix string) ([]*Row, error) {
	rows := st.drawn
	if rows == nil {
		rows = append(coreRows(), chipRows(st.Nets)...)
	}
	rows = slices.DeleteFunc(slices.Clone(rows), func(r *Row) bool {
		return !strings.HasPrefix(r.Definition, prefix)
	})
	if st.drawn != nil {
		return rows, nil
	}
	return st.priced(rows)
}

// round1 keeps a decimal: what the intervals are worth.
func round1(x float64) float64 { return math.Round(10*x)/10 + 0 } // + 0: no -0

// falls says at which percentile of ours the published figure lies.
func (v Interval) falls() string {
	switch {
	case v.Percentile < 2.5:
		return fmt.Sprintf("%.0f, exceeds", v.Percentile)
	case v.Percentile > 97.5:
		return fmt.Sprintf("%.0f, short", v.Percentile)
	}
	return fmt.Sprintf("%.0f", v.Percentile)
}

// rounded is a number without decimals, and without a sign of 0.
func rounded(x float64) string { return fmt.Sprintf("%.0f", math.Round(x)+0) }

func (v Interval) String() string { return rounded(v.Low) + " to " + rounded(v.High) }

// rowTable shows rows.
func (st *Study) rowTable(name, prefix string) (_ *table.Table, err error) {
	var rows []*Row
	if prefix == "" {
		rows, err = st.Rows()
	} else {
		rows, err = st.rowsOf(prefix)
	}
	if err != nil {
		return nil, err
	}
	t := newTable(name, nil)
	for _, r := range rows {
		ev, tg := r.Saving[power.ByEvents], r.Saving[power.ByToggles]
		t.Row(r.Definition, r.Subject, r.Unit, r.BP[0], r.BDFA[0], round1(ev.Point),
			round1(ev.Low), round1(ev.High), round1(ev.Percentile),
			r.BP[1], r.BDFA[1], round1(tg.Point), round1(tg.Low), round1(tg.High),
			round1(tg.Percentile), r.Leaves, orDash(r.Note))
	}
	return t, nil
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// conjectureTable sets the error phase's share beside the saving.
func (st *Study) conjectureTable() (*table.Table, error) {
	t := newTable("conjecture", nil)
	rows, err := st.Rows()
	for _, r := range rows {
		var cells []any
		for m := range power.NumActivities {
			cells = append(cells, round1(r.Share[m]), round1(r.Saving[m].Point),
				round1(r.Share[m]-r.Saving[m].Point))
		}
		t.Row(append([]any{r.Definition, r.Subject}, cells...)...)
	}
	return t, err
}
