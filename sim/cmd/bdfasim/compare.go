package main

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/stat"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// side is all trials of one rule.
type side struct {
	runs   []*outcome
	sum    sim.Metrics // over the runs, training phases
	energy []spent     // of each run
	steps  float64
}

// gather sums up the trials of a rule.
func gather(rule string, outcomes []*outcome) (*side, error) {
	s := &side{}
	for _, o := range outcomes {
		if o.trial.rule != rule {
			continue
		}
		m := o.chip.Metrics(sim.Training)
		energy, err := o.energy(m)
		if err != nil {
			return nil, err
		}
		s.energy = append(s.energy, energy)
		s.sum.Lanes, s.sum.Cycles = m.Lanes, s.sum.Cycles+m.Cycles
		s.sum.Dense += m.Dense
		for p, n := range m.Phases {
			s.sum.Phases[p] += n
		}
		s.sum.Counts.Add(&m.Counts)
		s.sum.Units = s.sum.Counts.Cycles
		s.steps += float64(o.epochs[len(o.epochs)-1].Steps)
		s.runs = append(s.runs, o)
	}
	return s, nil
}

// accuracy returns mean and standard deviation over the seeds of what pick takes from a run, in percent.
func (s *side) accuracy(pick func(*outcome) float64) any {
	var all []float64
	for _, o := range s.runs {
		a := pick(o)
		if a < 0 {
			return "-"
		}
		all = append(all, 100*a)
	}
	mean, deviation := stat.MeanStdDev(all, nil)
	if len(all) < 2 {
		return table.Fixed(mean, 2)
	}
	return table.Spread{Mean: mean, Deviation: deviation}
}

// lastTest is the accuracy that the chip measured last.
func lastTest(o *outcome) float64 {
	for i := len(o.epochs) - 1; i >= 0; i-- {
		if a := tested(o.epochs[i]); a >= 0 {
			return a
		}
	}
	return -1
}

func last(v []float64) float64 { return at(v, len(v)-1) }

// equal counts the runs in which the chip ended with the fixed-point model's parameters.
func (s *side) equal() any {
	n := 0
	for _, o := range s.runs {
		if !o.compared {
			return "-"
		}
		if o.diff == "" {
			n++
		}
	}
	return table.Number{Value: float64(n), Text: fmt.Sprintf("%d of %d runs", n, len(s.runs))}
}

// compareTable sets the rules side by side, a metric a row. With BP and one other
// rule a last column says what that saves.
func compareTable(rules []string, outcomes []*outcome) (*table.Table, error) {
	t := table.New("Comparison", "metric")
	var sides []*side
	for _, rule := range rules {
		s, err := gather(rule, outcomes)
		if err != nil {
			return nil, err
		}
		sides = append(sides, s)
		t.Header = append(t.Header, rule)
	}
	saving := len(rules) == 2 && rules[0] == compile.BP
	if saving {
		t.Header = append(t.Header, "saved %")
	}
	row := func(name string, value func(*side) any, save bool) {
		cells := []any{name}
		for _, s := range sides {
			cells = append(cells, value(s))
		}
		if saving {
			cells = append(cells, saved(cells[1], cells[2], save))
		}
		t.Row(cells...)
	}
	accuracyRows(row)
	cycleRows(row)
	energyRows(row, sides)
	t.Note("accuracy: of %s; %s", sides[0].runs[0].trial.data.tested(), over(len(sides[0].runs)))
	t.Note("cycles, traffic and energy are those of training, without tests; a saving below zero is a loss")
	t.Note("a phase has the cycles in which SEQ was in it, and all energy of its commands, which may run longer")
	return t, nil
}

// over says what accuracy is over so many seeds.
func over(seeds int) string {
	if seeds == 1 {
		return "one seed"
	}
	return fmt.Sprintf("mean +- standard deviation over %d seeds", seeds)
}

// saved is 100 (1 - b/a), or a dash where that says nothing.
func saved(a, b any, save bool) any {
	x, ok1 := a.(float64)
	y, ok2 := b.(float64)
	if !save || !ok1 || !ok2 || x == 0 {
		return "-"
	}
	return table.Fixed(100*(1-y/x), 1)
}

// addRow adds a metric; save says whether less is a saving.
type addRow func(name string, value func(*side) any, save bool)

func accuracyRows(row addRow) {
	row("accuracy %, chip", func(s *side) any { return s.accuracy(lastTest) }, false)
	row("accuracy %, fixed point", func(s *side) any { return s.accuracy(func(o *outcome) float64 { return last(o.fixed) }) }, false)
	row("accuracy %, float", func(s *side) any { return s.accuracy(func(o *outcome) float64 { return last(o.float) }) }, false)
	row("chip equals fixed point", func(s *side) any { return s.equal() }, false)
}

// comparedPhases are the phases of a step. Rules differ in how they compute errors, ep.
var comparedPhases = []isa.Phase{isa.PhaseDMA, isa.PhaseFF, isa.PhaseLoss, isa.PhaseEP, isa.PhaseWG}

func cycleRows(row addRow) {
	row("cycles per training step", func(s *side) any { return float64(s.sum.Cycles) / s.steps }, true)
	for _, p := range comparedPhases {
		row(fmt.Sprintf("cycles per step, phase %v", p), func(s *side) any { return float64(s.sum.Phases[p]) / s.steps }, true)
	}
	row("MAC utilisation %", func(s *side) any { return table.Fixed(100*s.sum.Utilisation(), 1) }, false)
	row("zero-skip rate %", func(s *side) any { return table.Fixed(100*s.sum.ZeroSkip(), 1) }, false)
	shares := func(s *side) []float64 { return sim.Shares(s.sum.Units[activity.DNNC][:]) }
	for status := range activity.NumStatus {
		row(fmt.Sprintf("DNNC %s %%", dnncStatus[status]), func(s *side) any { return table.Fixed(shares(s)[status], 1) }, false)
	}
	row("external words per step", func(s *side) any { return float64(s.sum.Words()) / s.steps }, true)
	row("row-hit rate %", func(s *side) any { return table.Fixed(100*s.sum.RowHits(), 1) }, false)
}

// dnncStatus says what the MAC array does in a cycle.
var dnncStatus = [activity.NumStatus]string{
	activity.Idle: "without a command", activity.Busy: "busy", activity.WaitOperand: "waits for operands",
	activity.WaitWeight: "waits for weights", activity.WaitMemory: "waits for memory", activity.WaitDrain: "waits for a bank",
}

func energyRows(row addRow, sides []*side) {
	energy := func(name string, save bool, of func(*power.Energy) power.Attojoules) {
		row("uJ per step, "+name, func(s *side) any {
			var sum float64
			for _, e := range s.energy {
				sum += e.uj(of)
			}
			return sum / s.steps
		}, save)
	}
	used := func(u activity.Unit) bool { // a unit that is not built has no energy
		return slices.ContainsFunc(sides, func(s *side) bool {
			return slices.ContainsFunc(s.energy, func(e spent) bool { return e.Unit(u) > 0 })
		})
	}
	for u := range activity.NumUnits {
		if !power.External(u) && used(u) {
			both := u != activity.DEPC && u != activity.LFSR // BP does not use these: nothing to save
			energy(u.String(), both, func(e *power.Energy) power.Attojoules { return e.Unit(u) })
		}
	}
	for _, p := range comparedPhases {
		energy(fmt.Sprintf("phase %v, all", p), true, func(e *power.Energy) power.Attojoules {
			onDie, external := e.Phase(int(p))
			return onDie + external
		})
	}
	energy("on-die", true, (*power.Energy).OnDie)
	energy("external memory", true, (*power.Energy).ExternalMemory)
	energy("with external memory", true, (*power.Energy).Total)
}
