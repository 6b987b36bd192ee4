package power

import (
	"fmt"
	"math"

	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// percent returns 100 part/whole, or "-" of nothing.
func percent(part, whole Attojoules) any {
	if whole == 0 {
		return "-"
	}
	return 100 * float64(part) / float64(whole)
}

// onDieUnits calls f for every unit that is not external memory, in order.
func onDieUnits(f func(activity.Unit)) {
	for u := range activity.NumUnits {
		if !External(u) {
			f(u)
		}
	}
}

// UnitTable is energy in uJ by unit and phase, leakage included, with on-die and external sums.
func UnitTable(e *Energy) *table.Table {
	header := []string{"unit"}
	for _, p := range PhaseNames {
		header = append(header, p+"|"+p+"_uj")
	}
	t := table.New("Energy by unit and phase (uJ)",
		append(header, "total|total_uj", "leakage|leakage_uj", "% of total")...)
	row := func(name string, of func(phase int) Attojoules, leak Attojoules) {
		cells, sum := []any{name}, Attojoules(0)
		for p := range NumPhases {
			a := of(p)
			sum += a
			cells = append(cells, a.UJ())
		}
		t.Row(append(cells, sum.UJ(), leak.UJ(), percent(sum, e.Total()))...)
	}
	var leak Attojoules
	onDieUnits(func(u activity.Unit) {
		row(u.String(), func(p int) Attojoules { return e.UnitPhase(u, p) }, e.UnitLeak(u))
		leak += e.UnitLeak(u)
	})
	external := e.UnitLeak(activity.XMem)
	row("on-die", func(p int) Attojoules { d, _ := e.Phase(p); return d }, leak)
	row("external", func(p int) Attojoules { _, x := e.Phase(p); return x }, external)
	row("total", func(p int) Attojoules { d, x := e.Phase(p); return d + x }, leak+external)
	t.Note("%d cycles; external is unit XMEM; leakage is part of total; %s", e.Cycles.Sum(), e.Activity.Note())
	return t
}

// LayerTable is energy in uJ by layer, layers without any left out; leakage has a row of its own.
func LayerTable(e *Energy) *table.Table {
	t := table.New("Energy by layer (uJ)", "layer",
		"on-die|on_die_uj", "external|external_uj", "total|total_uj", "% of total")
	row := func(name string, unit func(activity.Unit) Attojoules) {
		var onDie Attojoules
		onDieUnits(func(u activity.Unit) { onDie += unit(u) })
		external := unit(activity.XMem)
		if onDie+external > 0 {
			t.Row(name, onDie.UJ(), external.UJ(), (onDie + external).UJ(), percent(onDie+external, e.Total()))
		}
	}
	for y := range e.Layer {
		row(fmt.Sprint(y), func(u activity.Unit) Attojoules { return e.Layer[y][u] })
	}
	row("leakage", e.UnitLeak)
	row("total", e.Unit)
	t.Note("%s", e.Activity.Note())
	return t
}

// EventTable is count, price and energy of every event that happened, and the leakage; withFormula adds what each price
// is made of.
func EventTable(l *PriceList, e *Energy, withFormula bool) *table.Table {
	t := table.New("Energy by event", "event", "unit",
		"count", "pJ each|price_pj", "uJ|energy_uj", "% of total")
	if withFormula {
		t.Header = append(t.Header, "made of")
	}
	row := func(formula string, cells ...any) {
		if withFormula {
			cells = append(cells, formula)
		}
		t.Row(cells...)
	}
	for ev := range activity.NumEvents {
		if sum, n := e.Events(ev); n > 0 {
			p := l.Event[ev]
			row(p.Formula, ev.String(), activity.Events[ev].Unit.String(), n, float64(p.AJ.PJ()), sum.UJ(), percent(sum, e.Total()))
		}
	}
	for u := range activity.NumUnits {
		if sum := e.UnitLeak(u); sum > 0 {
			row("leakage a cycle", "leakage", u.String(), e.Cycles.Sum(), float64(l.UnitAJ[u].PJ()), sum.UJ(), percent(sum, e.Total()))
		}
	}
	row("", "total", "", "", "", e.Total().UJ(), percent(e.Total(), e.Total()))
	t.Note("%s", e.Activity.Note())
	return t
}

// PriceTable is the price of every event in pJ, rounded to attojoules, with its sum of constants and the reason for it;
// ConstantTable says where the constants come from.
func PriceTable(l *PriceList) *table.Table {
	t := table.New(fmt.Sprintf("Price of an event (%s, %v V)", l.Tech.Cell, l.Tech.Volt),
		"event", "unit", "pJ|price_pj", "low|low_pj", "high|high_pj", "made of", "why", "supply")
	rounded := func(p Picojoules) float64 { return math.Round(float64(p)*1e6) / 1e6 }
	for ev, p := range l.Event {
		info := activity.Events[ev]
		t.Row(info.Name, info.Unit.String(), rounded(p.PJ), rounded(p.Low), rounded(p.High), p.Formula,
			p.Why, p.Rule)
	}
	t.Note("low and high: every constant at that end of its range; %s", l.Activity.Note())
	return t
}

// ConstantTable is the constants with range, distribution, scaling rule and source, at 1.1 V.
func ConstantTable(tech *Tech) *table.Table {
	t := table.New("Constants at 1.1 V", "constant", "value", "low", "high", "unit", "drawn", "supply", "source")
	for _, c := range tech.Base {
		t.Row(c.Name, c.Value, c.Low, c.High, c.Unit, c.Distribution.String(), c.Rule.String(), c.Source)
	}
	return t
}

// LeakTable is the leakage of every memory and unit in microwatts and femtojoules a cycle, and
// where it comes from.
func LeakTable(l *PriceList) *table.Table {
	t := table.New(fmt.Sprintf("Leakage (%s, %v V, %v MHz)", l.Tech.Cell, l.Tech.Volt, l.FreqMHz),
		"what", "unit", "uW|leakage_uw", "low|low_uw", "high|high_uw", "fJ a cycle|leakage_fj_a_cycle", "source")
	for _, k := range l.Leak {
		t.Row(k.Name, k.Unit.String(), k.MW*1000, k.Low*1000, k.High*1000, float64(k.AJ)/1000, k.Source)
	}
	t.Note("low: low-power process; high: general-purpose process")
	return t
}
