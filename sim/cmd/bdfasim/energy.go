package main

import (
	"fmt"

	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// spent is the energy of a run or, if 64 bits of attojoules (9.2 J) cannot hold that, of an equal part of it.
type spent struct {
	*power.Energy
	parts int // 1: the whole run
	of    string
}

// measure prices a run, and if that is too much an average part of so many; of says what a part is.
func measure(prices *power.PriceList, m *sim.Metrics, parts int, of string) (spent, error) {
	whole, err := prices.Measure(&m.Counts, power.Cycles(m.Phases))
	if err == nil || parts < 2 {
		return spent{whole, 1, of}, err
	}
	// Prices are linear: the energy of a part is that of its events, but for fractions of events and cycles.
	counts, cycles := m.Counts, power.Cycles(m.Phases)
	for tag := range counts.Rows {
		for ev := range counts.Rows[tag] {
			counts.Rows[tag][ev] /= uint64(parts)
		}
	}
	for p := range cycles {
		cycles[p] /= uint64(parts)
	}
	part, err := prices.Measure(&counts, cycles)
	return spent{part, parts, of}, err
}

// uj returns an energy of the whole run.
func (s spent) uj(of func(*power.Energy) power.Attojoules) float64 {
	return of(s.Energy).UJ() * float64(s.parts)
}

// tables is energy by unit and by phase and, if all is wanted, by both, by layer and by event.
func (s spent) tables(prices *power.PriceList, all, formulas bool) []*table.Table {
	tables := []*table.Table{s.unitTable(), s.phaseTable()}
	if all {
		tables = []*table.Table{power.UnitTable(s.Energy), power.LayerTable(s.Energy), power.EventTable(prices, s.Energy, formulas)}
	}
	s.note(tables...)
	return tables
}

// accounts is what stands beside the totals: clock tree, control, wires, PHY and background.
func (s spent) accounts(prices *power.PriceList) (*table.Table, error) {
	t, err := power.AccountTable(prices, s.Energy)
	if err == nil {
		s.note(t)
	}
	return t, err
}

// note says under tables of a part of a run that they are.
func (s spent) note(tables ...*table.Table) {
	if s.parts > 1 {
		for _, t := range tables {
			t.Note("energies are those of an average %s, 1/%d of the run: the run needs more than 9.2 J, the most that the energy counter holds", s.of, s.parts)
		}
	}
}

// row appends energies to a table: on-die, external and their sum with its share.
func (s spent) row(t *table.Table, name string, cells ...power.Attojoules) {
	row := []any{name}
	for _, a := range cells {
		row = append(row, a.UJ())
	}
	share := 0.0
	if total := s.Total(); total > 0 {
		share = 100 * float64(cells[len(cells)-1]) / float64(total)
	}
	t.Row(append(row, share)...)
}

// unitTable is energy by unit.
func (s spent) unitTable() *table.Table {
	t := table.New("Energy by unit (uJ)", "unit", "leakage|leakage_uj", "total|total_uj", "% of total")
	var leak power.Attojoules
	for u := range activity.NumUnits {
		if !power.External(u) {
			s.row(t, u.String(), s.UnitLeak(u), s.Unit(u))
			leak += s.UnitLeak(u)
		}
	}
	s.row(t, "on-die", leak, s.OnDie())
	s.row(t, "external memory", s.UnitLeak(activity.XMem), s.ExternalMemory())
	s.row(t, "total", leak+s.UnitLeak(activity.XMem), s.Total())
	t.Note("leakage is part of the total")
	return t
}

// phaseTable is energy by phase; phases without any are left out.
func (s spent) phaseTable() *table.Table {
	t := table.New("Energy by phase (uJ)", "phase", "on-die|on_die_uj", "external memory|external_uj",
		"total|total_uj", "% of total")
	for p, name := range power.PhaseNames {
		if onDie, external := s.Phase(p); onDie+external > 0 {
			s.row(t, name, onDie, external, onDie+external)
		}
	}
	s.row(t, "total", s.OnDie(), s.ExternalMemory(), s.Total())
	t.Note("an event belongs to the phase of the command that caused it; %d cycles", s.Cycles.Sum())
	return t
}

// title puts a name before the titles of tables and a remark behind.
func title(tables []*table.Table, before, after string) []*table.Table {
	for _, t := range tables {
		t.Title = fmt.Sprintf("%s: %s%s", before, t.Title, after)
	}
	return tables
}
