package sample

import (
	"bdfasim/power"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// Quantity is something that a piece of a run takes. Quantities add up over pieces.
type Quantity int

// The quantities, and the first of those that there are several of. Energies are in microjoules.
const (
	Cycles   Quantity = iota
	OnDie             // energy of the chip, leakage included
	External          // ... of external memory
	products          // of the array, a lane each
	unitEnergy
	phaseCycles   = unitEnergy + Quantity(activity.NumUnits)
	phaseOnDie    = phaseCycles + power.NumPhases
	phaseExternal = phaseOnDie + power.NumPhases
	status        = phaseExternal + power.NumPhases
	causes        = status + Quantity(activity.NumUnits)*Quantity(activity.NumStatus)
)

// numQuantities is how many there are.
var numQuantities = int(causes) + len(sim.Causes)

// Energy is that of a unit, leakage included.
func Energy(u activity.Unit) Quantity { return unitEnergy + Quantity(u) }

// PhaseCycles are those in which a phase was SEQ's last mark.
func PhaseCycles(phase int) Quantity { return phaseCycles + Quantity(phase) }

// PhaseEnergy is that of a phase, on-die and of external memory.
func PhaseEnergy(phase int) (onDie, external Quantity) {
	return phaseOnDie + Quantity(phase), phaseExternal + Quantity(phase)
}

// Status is the cycles of a unit that did something.
func Status(u activity.Unit, s activity.Status) Quantity {
	return status + Quantity(u)*Quantity(activity.NumStatus) + Quantity(s)
}

// Words are 32-bit words to and from external memory by a cause, an index of sim.Causes.
func Words(cause int) Quantity { return causes + Quantity(cause) }

// count is a number for each quantity.
type count []float64

// countOf counts a run so far.
func countOf(r *sim.Result, prices *power.PriceList) (count, error) {
	m := r.Metrics(sim.All)
	e, err := prices.Measure(&m.Counts, power.Cycles(m.Phases))
	if err != nil {
		return nil, err
	}
	c := make(count, numQuantities)
	c[Cycles], c[OnDie], c[External] = float64(m.Cycles), e.OnDie().UJ(), e.ExternalMemory().UJ()
	c[products] = float64(m.MACs())
	for u := range activity.NumUnits {
		c[Energy(u)] = e.Unit(u).UJ()
		for s := range activity.NumStatus {
			c[Status(u, s)] = float64(m.Units[u][s])
		}
	}
	for p := range power.NumPhases {
		onDie, external := e.Phase(p)
		c[PhaseCycles(p)] = float64(m.Phases[p])
		c[phaseOnDie+Quantity(p)], c[phaseExternal+Quantity(p)] = onDie.UJ(), external.UJ()
	}
	for k, cause := range sim.Causes {
		c[Words(k)] = float64(8 * m.Counts.Total(cause.Event))
	}
	return c, nil
}
