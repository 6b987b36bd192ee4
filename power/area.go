package power

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"

	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// Area is an area in square micrometres with its ends: every constant at its low or high end at once.
type Area struct{ UM2, Low, High float64 }

func (a Area) plus(b Area) Area { return Area{a.UM2 + b.UM2, a.Low + b.Low, a.High + b.High} }

// MM2 returns the area in square millimetres.
func (a Area) MM2() float64 { return a.UM2 / 1e6 }

// AreaItem is the area of the operators, the registers or one memory of a unit.
type AreaItem struct {
	Unit activity.Unit
	Name string // of the memory, "operators" or "registers"
	Area
	Why, Source string
}

// AreaList is the area of a chip, part by part. Parts that are not built are left out.
type AreaList struct{ Items []AreaItem }

// Area returns the area of a chip with geometry g: operators and registers times the filler between placed cells, memories
// as CACTI has them. The controller of external memory is unit XMEM; pads and the PHY are not counted. It refuses what
// Prices refuses.
func (t *Tech) Area(g activity.Geometry) (*AreaList, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	if err := checkGeometry(g); err != nil {
		return nil, err
	}
	l := &AreaList{}
	for u := range activity.NumUnits {
		w := logicOf(g, u)
		l.place(t, u, "operators", w.why, []Term{{AreaMul16, w.mul16}, {AreaAdd32, w.add32}, {AreaXor16, w.xor16}})
		l.place(t, u, "registers", "flip-flops", []Term{{AreaReg, w.reg}})
	}
	for _, name := range slices.Sorted(maps.Keys(g.Memories)) {
		s := g.Memories[name]
		if s.Macros == 0 {
			continue
		}
		m, err := SRAMMacro(t.Cell, s.Bytes, s.WidthBit)
		if err != nil {
			return nil, fmt.Errorf("power: area of memory %s: %w", name, err)
		}
		c, um2 := &t.Base[AreaSRAM], float64(s.Macros)*m.AreaUM2
		l.Items = append(l.Items, AreaItem{Unit: s.Unit, Name: string(name), Area: Area{um2 * c.Value, um2 * c.Low, um2 * c.High},
			Why: fmt.Sprintf("%d macros of %d bytes x %d bit", s.Macros, s.Bytes, s.WidthBit), Source: c.Source})
	}
	return l, nil
}

// place adds cells with the filler between them.
func (l *AreaList) place(t *Tech, u activity.Unit, name, why string, terms []Term) {
	fill := &t.Base[AreaFill]
	i := AreaItem{Unit: u, Name: name, Why: why, Source: fill.Name + ": " + fill.Source}
	for _, m := range terms {
		if m.N == 0 {
			continue
		}
		c := &t.Base[m.Base]
		i.Area = i.plus(Area{m.N * c.Value * fill.Value, m.N * c.Low * fill.Low, m.N * c.High * fill.High})
		i.Source += " | " + c.Name + ": " + c.Source
	}
	if i.UM2 > 0 {
		l.Items = append(l.Items, i)
	}
}

func (l *AreaList) sum(of func(AreaItem) bool) (a Area) {
	for _, i := range l.Items {
		if of(i) {
			a = a.plus(i.Area)
		}
	}
	return a
}

// Units returns the area of some units with their memories.
func (l *AreaList) Units(units ...activity.Unit) Area {
	return l.sum(func(i AreaItem) bool { return slices.Contains(units, i.Unit) })
}

// Logic returns the area of a unit without its memories.
func (l *AreaList) Logic(u activity.Unit) Area {
	return l.sum(func(i AreaItem) bool { return i.Unit == u && (i.Name == "operators" || i.Name == "registers") })
}

// OnDie returns the area of all units but XMEM.
func (l *AreaList) OnDie() Area {
	return l.sum(func(i AreaItem) bool { return !External(i.Unit) })
}

// Gain returns by how much b improves on a in area efficiency (the same throughput over the area) in percent: 100 (a/b - 1).
func Gain(a, b Area) float64 { return 100 * (a.UM2/b.UM2 - 1) }

// AreaTable is the area by unit and part in square micrometres; withSource adds where it comes from.
func AreaTable(t *Tech, l *AreaList, withSource bool) *table.Table {
	tab := table.New(fmt.Sprintf("Area (%s, %s)", t.Name, t.Cell), "unit", "what", "um2", "low", "high", "made of")
	if withSource {
		tab.Header = append(tab.Header, "source")
	}
	row := func(unit, what string, a Area, why, source string) {
		cells := []any{unit, what, a.UM2, a.Low, a.High, why}
		if withSource {
			cells = append(cells, source)
		}
		tab.Row(cells...)
	}
	for _, i := range l.Items {
		row(i.Unit.String(), i.Name, i.Area, i.Why, i.Source)
	}
	row("on-die", "all", l.OnDie(), "all units but XMEM, without pads and PHY", "")
	tab.Note("low and high: every constant at that end of its range; operators and registers include the filler between cells")
	return tab
}

// AreaCompareTable sets chip b against chip a: square millimetres and the gain in area efficiency at the same throughput,
// of the core that computes errors (DEPC and LFSR, or EPC), of it without memories, and of the whole chip. The interval
// holds 95 % of n draws of all constants, the same ones for both chips. It refuses a chip without such a core.
func AreaCompareTable(t *Tech, nameA string, a activity.Geometry, nameB string, b activity.Geometry, rng *rand.Rand, n int) (*table.Table, error) {
	parts := []struct {
		name string
		of   func(*AreaList) Area
	}{
		{"error core, without memories", func(l *AreaList) Area {
			return l.Logic(activity.DEPC).plus(l.Logic(activity.EPC)).plus(l.Logic(activity.LFSR))
		}},
		{"error core", func(l *AreaList) Area { return l.Units(activity.DEPC, activity.EPC, activity.LFSR) }},
		{"on-die", (*AreaList).OnDie},
	}
	tab := table.New(fmt.Sprintf("Area, %s against %s (mm2)", nameB, nameA), "what", nameA, nameB, "gain %", "2.5 %", "97.5 %")
	draws := make([][]float64, len(parts))
	for i := range n + 1 {
		tech := t
		if i > 0 {
			tech = t.Sample(rng)
		}
		x, err := tech.Area(a)
		if err != nil {
			return nil, err
		}
		y, err := tech.Area(b)
		if err != nil {
			return nil, err
		}
		for _, chip := range []struct {
			name string
			*AreaList
		}{{nameA, x}, {nameB, y}} {
			if chip.Units(activity.DEPC, activity.EPC).UM2 == 0 {
				return nil, fmt.Errorf("power: area of %s: got no DEPC and no EPC, want one", chip.name)
			}
		}
		for p, part := range parts {
			x, y := part.of(x), part.of(y)
			if i == 0 {
				tab.Row(part.name, x.MM2(), y.MM2(), Gain(x, y), "-", "-")
			} else {
				draws[p] = append(draws[p], Gain(x, y))
			}
		}
	}
	for p, d := range draws {
		if n > 0 {
			slices.Sort(d)
			tab.Rows[p][4], tab.Rows[p][5] = stat.Quantile(0.025, stat.Empirical, d, nil), stat.Quantile(0.975, stat.Empirical, d, nil)
		}
	}
	tab.Note("gain: 100 (%s/%s - 1), operations a second and square millimetre at equal throughput; interval of %d draws of all constants", nameA, nameB, n)
	return tab, nil
}
