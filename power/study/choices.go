package study

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/power"
	"bdfasim/power/table"
)

// otherCut has registers behind the multipliers of both cores, which the reference machine's clock
// does not need.
const otherCut = "dnnc.product_registers=1 epc.product_registers=1"

// setting is one value of a choice that is no constant.
type setting struct {
	choice, to string
	tech       *power.Tech
	change     func(r *Row) bool // false: not for this row
}

// settings are the study's own, and those with one choice made otherwise.
func (st *Study) settings() (out []setting) {
	any := func(*Row) bool { return true }
	out = append(out, setting{"as fixed", "-", st.Tech, any})
	for _, t := range priceSets(st.Tech)[1:] {
		out = append(out, setting{"prices", t.Name, t, any})
	}
	out = append(out, setting{"pipeline cut", "product registers", st.Tech, func(r *Row) bool {
		r.keys[0].Set, r.keys[1].Set = otherCut, otherCut
		return true
	}}, setting{"densities", "each rule's own", st.Tech, func(r *Row) bool {
		r.keys[1].Trace = compile.BDFA
		return !r.isCore
	}})
	for _, base := range baselines[1:] {
		out = append(out, setting{"baseline", base, st.Tech, func(r *Row) bool {
			r.keys[0].Variant = base
			return !r.isCore || base != "dnnc"
		}})
	}
	return append(out, setting{"baseline", "dfa16", st.Tech, func(r *Row) bool {
		r.keys[0].Variant = "dfa16"
		return !r.isCore // a core's product is the same
	}})
}

// headRows are those that choices and constants are tried on: one of the core, and the chip against
// its literal counterpart on the die, both reaches.
func (st *Study) headRows() []*Row {
	rows := append(coreRows(), chipRows([]Net{*st.tracking()})...)
	return slices.DeleteFunc(rows, func(r *Row) bool {
		core := r.Definition == "core/port" && r.keys[0].FanIn == 10
		return !core && r.Definition != "chip/need/literal/die" &&
			r.Definition != "chip/input/literal/die"
	})
}

// choiceTable has the savings under each choice, both activity models side by side.
func (st *Study) choiceTable() (*table.Table, error) {
	t := newTable("choices", nil)
	heads := st.headRows()
	for _, r := range heads {
		t.Header = append(t.Header, r.Definition+", events", r.Definition+", toggles")
	}
	var failed error
	for _, s := range st.settings() {
		cells := []any{s.choice, s.to}
		for _, r := range st.headRows() {
			if !s.change(r) {
				cells = append(cells, "-", "-")
				continue
			}
			if err := st.prepare(r); err != nil {
				failed = err
				continue
			}
			v, err := savings(r.pair[:])(s.tech)
			if err != nil {
				return nil, err
			}
			cells = append(cells, round1(v[power.ByEvents]), round1(v[power.ByToggles]))
		}
		t.Row(cells...)
	}
	return t, failed
}

// Bar is how far a saving moves when the constants of one source go through their ranges.
type Bar struct {
	Constants string
	Low, High float64 // saving with all of them at their low and high end
}

func (b Bar) span() float64 { return max(b.High-b.Low, b.Low-b.High) }

// tornado moves one source at a time and sorts by how far the saving moves.
func tornado(t *power.Tech, p *Pair) (out []Bar, err error) {
	at, done := savings([]*Pair{p}), map[string]bool{}
	for b := range power.NumBase {
		share := t.Base[b].Shares
		if done[share] {
			continue
		}
		done[share] = share != ""
		low, high := *t, *t
		var names []string
		for k := range power.NumBase {
			if k == b || share != "" && t.Base[k].Shares == share {
				low.Base[k].Value, high.Base[k].Value = t.Base[k].Low, t.Base[k].High
				names = append(names, t.Base[k].Name)
			}
		}
		v, err := at(&low)
		if err != nil {
			return nil, err
		}
		w, err := at(&high)
		if err != nil {
			return nil, err
		}
		what := strings.Join(names, "; ")
		if len(names) > 3 {
			what = fmt.Sprintf("all %d of %s", len(names), share)
		}
		out = append(out, Bar{what, v[0], w[0]})
	}
	slices.SortStableFunc(out, func(a, b Bar) int { return cmp.Compare(b.span(), a.span()) })
	return out, nil
}

// tornadoTable shows which constants move the savings.
func (st *Study) tornadoTable() (*table.Table, error) {
	t := newTable("tornado", nil)
	for _, r := range st.headRows() {
		if err := st.prepare(r); err != nil {
			return nil, err
		}
		for m := range power.NumActivities {
			at, err := savings(r.pair[m : m+1])(st.Tech)
			if err != nil {
				return nil, err
			}
			bars, err := tornado(st.Tech, r.pair[m])
			if err != nil {
				return nil, err
			}
			for _, b := range bars {
				if b.span() >= 0.05 {
					t.Row(r.Definition, r.Subject, m.String(), round1(at[0]), b.Constants,
						round1(b.Low), round1(b.High))
				}
			}
		}
	}
	return t, nil
}
