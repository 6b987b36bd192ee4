package powertrace

import (
	"bdfasim/rtl/activity"
	"bdfasim/sim/wave"
)

// Signals is the power of the last window in milliwatts, for a Value Change Dump beside the wires: on_die, external and each
// unit.
//
// Power is known when its window is over: a value stands from the end of its window to the end of the next, and is 0
// before the first. With windows of one cycle it belongs to the tick that made the wires beside it.
type Signals struct {
	onDie, external float64
	unit            [activity.NumUnits]float64
}

// Set is a Sink.
func (s *Signals) Set(r *Record) error {
	s.onDie, s.external = r.MW(r.OnDie), r.MW(r.External)
	for u, aj := range r.Unit {
		s.unit[u] = r.MW(aj)
	}
	return nil
}

// Group is the signals for wave.NewVCD.
func (s *Signals) Group() wave.Group {
	g := wave.Group{Scope: "power_mW", Vars: []wave.Var{{Name: "on_die", Value: &s.onDie}, {Name: "external", Value: &s.external}}}
	for u := range s.unit {
		g.Vars = append(g.Vars, wave.Var{Name: activity.UnitNames[u], Value: &s.unit[u]})
	}
	return g
}
