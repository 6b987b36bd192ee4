package power

import (
	"fmt"
	"slices"

	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// Area is an area in square micrometres with its ends: every constant at its low or high end at once.
type Area struct{ UM2, Low, High float64 }

func (a Area) plus(b Area) Area {
	return Area{a.UM2 + float64(b.UM2), a.Low + float64(b.Low), a.High + float64(b.High)}
}

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
	if err := t.check(g); err != nil {
		return nil, err
	}
	l := &AreaList{}
	for u := range activity.NumUnits {
		w := logicOf(g, u)
		l.place(t, u, "operators", w.why, []Term{{AreaMul16, w.mul16}, {AreaAdd32, w.add32}, {AreaXor16, w.xor16}})
		l.place(t, u, "registers", "flip-flops", []Term{{AreaReg, w.reg}})
	}
	for _, name := range built(g) {
		s := g.Memories[name]
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
	fill, of := &t.Base[AreaFill], []Base{AreaFill}
	i := AreaItem{Unit: u, Name: name, Why: why}
	for _, m := range terms {
		if m.N == 0 {
			continue
		}
		c := &t.Base[m.Base]
		i.Area = i.plus(Area{m.N * c.Value * fill.Value, m.N * c.Low * fill.Low, m.N * c.High * fill.High})
		of = append(of, m.Base)
	}
	i.Source = t.sources(of)
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

// OnDie returns the area of all units but XMEM.
func (l *AreaList) OnDie() Area {
	return l.sum(func(i AreaItem) bool { return !External(i.Unit) })
}

// Gain returns by how much b improves on a in area efficiency (the same throughput over the area) in percent: 100 (a/b - 1).
func Gain(a, b Area) float64 { return 100 * (a.UM2/b.UM2 - 1) }

// AreaTable is the area by unit and part in square micrometres, and where it comes from.
func AreaTable(t *Tech, l *AreaList) *table.Table {
	tab := table.New(fmt.Sprintf("Area (%s, %s)", t.Name, t.Cell), "unit", "what", "um2",
		"low|low_um2", "high|high_um2", "made of", "source")
	for _, i := range l.Items {
		tab.Row(i.Unit.String(), i.Name, i.UM2, i.Low, i.High, i.Why, i.Source)
	}
	all := l.OnDie()
	tab.Row("on-die", "all", all.UM2, all.Low, all.High,
		"all units but XMEM, without pads and PHY", "")
	tab.Note("low and high: every constant at that end of its range; operators and registers include the filler between cells")
	return tab
}
