package study

import (
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// errorCores are the units of the error path.
var errorCores = []activity.Unit{activity.DEPC, activity.LFSR, activity.EPC}

// errorArea is the area of the error path.
func errorArea(l *power.AreaList) power.Area { return l.Units(errorCores...) }

// areaGain is how much larger a part of a's chip is than that of b's, in percent.
func areaGain(a, b *Case, of func(*power.AreaList) power.Area) func(*power.Tech) ([]float64,
	error) {
	return func(t *power.Tech) ([]float64, error) {
		la, err := t.Area(a.Geometry)
		if err != nil {
			return nil, err
		}
		lb, err := t.Area(b.Geometry)
		if err != nil {
			return nil, err
		}
		return []float64{power.Gain(of(la), of(lb))}, nil
	}
}

// areaTable compares the areas of the error cores and of the chips.
func (st *Study) areaTable() (*table.Table, error) {
	n := st.tracking()
	t := newTable("area", n.Name)
	cases, err := st.machinesOf([]Net{*n})
	if err != nil {
		return nil, err
	}
	own := cases[len(cases)-1]
	for _, c := range cases {
		if c.Variant == "dnnc" {
			continue
		}
		l, err := st.Tech.Area(c.Geometry)
		if err != nil {
			return nil, err
		}
		v, err := drawn(st.Tech, st.o.samples, areaGain(c, own, errorArea))
		if err != nil {
			return nil, err
		}
		chip, err := areaGain(c, own, (*power.AreaList).OnDie)(st.Tech)
		if err != nil {
			return nil, err
		}
		core := errorArea(l)
		t.Row(c.Variant, core.MM2(), core.Low/1e6, core.High/1e6, round1(v[0].Point),
			round1(v[0].Low), round1(v[0].High),
			l.OnDie().MM2(), round1(chip[0]))
	}
	return t, nil
}
