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
	for _, name := range built(g) {
		k, err := t.memoryLeak(name, g.Memories[name])
		if err != nil {
			return err
		}
		l.Leak = append(l.Leak, k)
	}
	for u := range activity.NumUnits {
		l.Leak = append(l.Leak, t.logicLeak(g, u))
	}
	for i := range l.Leak {
		k := &l.Leak[i]
		f := t.scale(RuleLeakage)
		k.MW, k.Low, k.High = k.MW*f, k.Low*f, k.High*f
		var err error
		if k.AJ, err = l.cycle(k.MW); err != nil {
			return fmt.Errorf("power: leakage of %s %s: %w", k.Unit, k.Name, err)
		}
		if err := l.UnitAJ[k.Unit].Add(k.AJ, 1); err != nil {
			return fmt.Errorf("power: leakage of %s a cycle: %w", k.Unit, err)
		}
	}
	return nil
}

// built are the names of the memories that have macros, in order.
func built(g activity.Geometry) []activity.Memory {
	none := func(m activity.Memory) bool { return g.Memories[m].Macros == 0 }
	return slices.DeleteFunc(slices.Sorted(maps.Keys(g.Memories)), none)
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
func (t *Tech) logicLeak(g activity.Geometry, u activity.Unit) Leakage {
	w := logicOf(g, u)
	k := Leakage{Unit: u, Name: "logic"}
	own, low := processLeak(t.Cell), processLeak(CellLSTP)
	var of []Base
	for i, m := range []Term{{LeakReg, w.reg}, {LeakMul16, w.mul16}, {LeakAdd32, w.add32}, {LeakXor16, w.xor16}} {
		if i > 0 && m.N == 0 {
			continue
		}
		c := &t.Base[m.Base]
		k.MW += float64(m.N * c.Value * own)
		k.Low += float64(m.N * c.Low * low)
		k.High += float64(m.N * c.High)
		of = append(of, m.Base)
	}
	k.Source = t.sources(of)
	return k
}

// processLeak returns how much logic leaks in the process of a cell, by the leakage of a 1 KB x 32 memory, relative to
// general purpose, in which the constants are stated.
func processLeak(c Cell) float64 {
	leak := func(c Cell) float64 { return defaultSRAM().rows[macroKey{c, 1, 32}][2] }
	return leak(c) / leak(CellHP)
}
