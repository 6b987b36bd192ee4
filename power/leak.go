package power

import (
	"fmt"
	"maps"
	"slices"

	"bdfasim/rtl/activity"
)

// Leakage is the leakage of one memory, or of the logic of one unit.
type Leakage struct {
	Unit          activity.Unit
	Name          string     // of the memory, or "logic"
	AJ            Attojoules // a cycle: what the meter multiplies with
	MW, Low, High float64    // milliwatts; low in the low-power, high in the general-purpose process
	Source        string
}

// leakage fills in l.Leak, memories by name and then the logic by unit, and l.UnitAJ.
func (t *Tech) leakage(g activity.Geometry, l *PriceList) error {
	for _, name := range slices.Sorted(maps.Keys(g.Memories)) {
		s := g.Memories[name]
		if s.Macros == 0 {
			continue
		}
		k, err := t.memoryLeak(name, s)
		if err != nil {
			return err
		}
		l.Leak = append(l.Leak, k)
	}
	for u := range activity.NumUnits {
		k, err := t.logicLeak(g, u)
		if err != nil {
			return err
		}
		l.Leak = append(l.Leak, k)
	}
	for i := range l.Leak {
		k := &l.Leak[i]
		f := t.scale(RuleLeakage)
		k.MW, k.Low, k.High = k.MW*f, k.Low*f, k.High*f
		aj, err := toAttojoules(k.MW / t.FreqMHz * 1e9) // mW / MHz = nJ
		if err != nil {
			return fmt.Errorf("power: leakage of %s %s: %w", k.Unit, k.Name, err)
		}
		k.AJ = aj
		if err := l.UnitAJ[k.Unit].Add(aj, 1); err != nil {
			return fmt.Errorf("power: leakage of %s a cycle: %w", k.Unit, err)
		}
	}
	return nil
}

// memoryLeak returns the leakage of all macros of a memory at 1.1 V.
func (t *Tech) memoryLeak(name activity.Memory, s activity.MemoryShape) (Leakage, error) {
	c := &t.Base[LeakSRAM]
	k := Leakage{Unit: s.Unit, Name: string(name), Source: c.Source}
	for _, end := range []struct {
		cell   Cell
		mw     *float64
		factor float64
	}{{t.Cell, &k.MW, c.Value}, {CellLSTP, &k.Low, c.Low}, {CellHP, &k.High, c.High}} {
		m, err := SRAMMacro(end.cell, s.Bytes, s.WidthBit)
		if err != nil {
			return k, fmt.Errorf("power: leakage of memory %s: %w", name, err)
		}
		*end.mw = float64(s.Macros) * m.LeakMW * end.factor
	}
	return k, nil
}

// logicLeak returns the leakage of a unit's flip-flops and operators.
func (t *Tech) logicLeak(g activity.Geometry, u activity.Unit) (Leakage, error) {
	w := logicOf(g, u)
	k := Leakage{Unit: u, Name: "logic"}
	own, err := processLeak(t.Cell)
	if err != nil {
		return k, err
	}
	low, err := processLeak(CellLSTP)
	if err != nil {
		return k, err
	}
	for i, m := range []Term{{LeakReg, w.reg}, {LeakMul16, w.mul16}, {LeakAdd32, w.add32}, {LeakXor16, w.xor16}} {
		if i > 0 && m.N == 0 {
			continue
		}
		c := t.Base[m.Base]
		k.MW += m.N * c.Value * own
		k.Low += m.N * c.Low * low
		k.High += m.N * c.High
		if i > 0 {
			k.Source += " | "
		}
		k.Source += c.Name + ": " + c.Source
	}
	return k, nil
}

// processLeak returns how much logic leaks in the process of a cell, by the leakage of a 1 KB x 32 memory, relative to
// general purpose, in which the constants are stated.
func processLeak(c Cell) (float64, error) {
	own, err := SRAMMacro(c, 1024, 32)
	if err != nil {
		return 0, err
	}
	gp, err := SRAMMacro(CellHP, 1024, 32)
	return own.LeakMW / gp.LeakMW, err
}
