package power

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"bdfasim/rtl/activity"
)

// NumPhases and NumLayers are what a tag tells apart.
const (
	NumPhases = 8
	NumLayers = 32
)

// PhaseNames are the phases of a tag in reports.
var PhaseNames = [NumPhases]string{"none", "ff", "loss", "ep", "wg", "dma", "eval", "misc"}

// Cycles counts a run's or window's cycles, each in one phase.
type Cycles [NumPhases]uint64

// Sum returns all cycles.
func (c Cycles) Sum() (n uint64) {
	for _, v := range c {
		n += v
	}
	return n
}

// Energy is what a run or window cost, to the attojoule. Events by phase and leakage by phase and unit are the record
// and everything else is a sum over them; Layer is a second view of the events.
type Energy struct {
	Activity Activity // that it was measured under
	Event    [NumPhases][activity.NumEvents]Attojoules
	Count    [NumPhases][activity.NumEvents]uint64
	Layer    [NumLayers][activity.NumUnits]Attojoules // without leakage, which has no layer
	Leak     [NumPhases][activity.NumUnits]Attojoules
	Cycles   Cycles
	total    Attojoules // known to fit, and no part is negative: so no sum of parts overflows
}

var errOverflow = errors.New("more than 9.2 J, the most that 64 bits of attojoules hold; measure shorter windows")

// Add adds n times a price to an energy, both 0 or more. It refuses a sum beyond an int64.
func (a *Attojoules) Add(price Attojoules, n uint64) error {
	hi, lo := bits.Mul64(uint64(price), n)
	if hi != 0 || lo > uint64(math.MaxInt64-*a) {
		return errOverflow
	}
	*a += Attojoules(lo)
	return nil
}

// Measure returns the energy of counts c over cycles, by phase, under the list's activity model. It refuses energies beyond
// an int64, counted events of memories that are not built and, under ByToggles, arithmetic without any toggle counted.
func (l *PriceList) Measure(c *activity.Counts, cycles Cycles) (*Energy, error) {
	return l.Window(&activity.Counts{}, c, Cycles{}, cycles)
}

// Window returns the energy between two snapshots of a run's counts and cycles; consecutive windows add up to the run
// exactly. It refuses what Measure refuses, and counts that fall.
func (l *PriceList) Window(from, to *activity.Counts, fromCycles, toCycles Cycles) (*Energy, error) {
	if err := l.Activity.counted(to); err != nil {
		return nil, err
	}
	e := &Energy{Activity: l.Activity}
	for t := range to.Rows {
		tag := activity.Tag(t)
		for ev := range activity.NumEvents {
			a, b := from.Rows[t][ev], to.Rows[t][ev]
			if a > b {
				return nil, fmt.Errorf("power: window: %s of phase %s, layer %d: got %d after %d, want counts that never fall", ev, PhaseNames[tag.Phase()], tag.Layer(), b, a)
			}
			if b == a {
				continue
			}
			if err := e.count(&l.Event[ev], tag, b-a); err != nil {
				return nil, fmt.Errorf("power: %d x %s: %w", b-a, ev, err)
			}
		}
	}
	for p := range toCycles {
		if fromCycles[p] > toCycles[p] {
			return nil, fmt.Errorf("power: window: cycles of phase %s: got %d after %d, want cycles that never fall", PhaseNames[p], toCycles[p], fromCycles[p])
		}
		if err := e.leak(&l.UnitAJ, p, toCycles[p]-fromCycles[p]); err != nil {
			return nil, fmt.Errorf("power: leakage in phase %s: %w", PhaseNames[p], err)
		}
	}
	return e, nil
}

// count books n events under a tag.
func (e *Energy) count(p *Price, tag activity.Tag, n uint64) error {
	if p.NotBuilt != "" {
		return fmt.Errorf("memory %s is not built", p.NotBuilt)
	}
	if err := e.total.Add(p.AJ, n); err != nil {
		return err
	}
	aj := p.AJ * Attojoules(n) // fits, as the total does
	e.Count[tag.Phase()][p.Event] += n
	e.Event[tag.Phase()][p.Event] += aj
	e.Layer[tag.Layer()][activity.Events[p.Event].Unit] += aj
	return nil
}

// leak books n cycles of leakage under a phase.
func (e *Energy) leak(unitAJ *[activity.NumUnits]Attojoules, phase int, n uint64) error {
	e.Cycles[phase] += n
	for u, price := range unitAJ {
		if err := e.total.Add(price, n); err != nil {
			return err
		}
		e.Leak[phase][u] += price * Attojoules(n)
	}
	return nil
}

// empty tells that nothing was measured: not an event, not a cycle.
func (e *Energy) empty() bool {
	return e.Cycles == Cycles{} && e.Count == [NumPhases][activity.NumEvents]uint64{}
}

// UnitPhase returns what a unit used in a phase, leakage included.
func (e *Energy) UnitPhase(u activity.Unit, phase int) Attojoules {
	sum := e.Leak[phase][u]
	for ev := range activity.NumEvents {
		if activity.Events[ev].Unit == u {
			sum += e.Event[phase][ev]
		}
	}
	return sum
}

// Unit returns what a unit used, leakage included.
func (e *Energy) Unit(u activity.Unit) (sum Attojoules) {
	for p := range NumPhases {
		sum += e.UnitPhase(u, p)
	}
	return sum
}

// UnitLeak returns the leakage of a unit.
func (e *Energy) UnitLeak(u activity.Unit) (sum Attojoules) {
	for p := range NumPhases {
		sum += e.Leak[p][u]
	}
	return sum
}

// Phase returns what a phase used on-die and in external memory, leakage included.
func (e *Energy) Phase(phase int) (onDie, external Attojoules) {
	for u := range activity.NumUnits {
		if External(u) {
			external += e.UnitPhase(u, phase)
		} else {
			onDie += e.UnitPhase(u, phase)
		}
	}
	return onDie, external
}

// Events returns the energy and number of one event over all phases.
func (e *Energy) Events(ev activity.Event) (sum Attojoules, n uint64) {
	for p := range NumPhases {
		sum += e.Event[p][ev]
		n += e.Count[p][ev]
	}
	return sum, n
}

// OnDie returns the energy of the chip, leakage included.
func (e *Energy) OnDie() Attojoules { return e.total - e.ExternalMemory() }

// ExternalMemory returns the energy of external memory.
func (e *Energy) ExternalMemory() Attojoules { return e.Unit(activity.XMem) }

// Total returns both.
func (e *Energy) Total() Attojoules { return e.total }

// External says whether a unit is on the account of external memory.
func External(u activity.Unit) bool { return u == activity.XMem }

// MW returns the average power of an energy spent in so many cycles, 0 for none.
func (l *PriceList) MW(a Attojoules, cycles uint64) float64 {
	if cycles == 0 {
		return 0
	}
	return float64(a) / float64(cycles) * l.FreqMHz * 1e-9 // aJ a cycle x MHz = 1e-12 W
}
