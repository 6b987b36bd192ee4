package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"bdfasim/firmware/compile"
	"bdfasim/isa"
	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// errorCores are the units of the error path.
var errorCores = []activity.Unit{activity.DEPC, activity.LFSR, activity.EPC}

// areaTable compares the areas of the error cores and of the chips.
func (st *Study) areaTable() (*table.Table, error) {
	t := newTable("area", st.Nets[0].Name)
	own := st.plain(st.Nets[0].Name, Headline)
	base, err := st.Tech.Area(own.Geometry)
	if err != nil {
		return nil, err
	}
	for _, a := range variants {
		c := st.plain(st.Nets[0].Name, a.Name)
		if c == nil || a.Unit == compile.ArmDNNC {
			continue
		}
		l, err := st.Tech.Area(c.Geometry)
		if err != nil {
			return nil, err
		}
		gain, err := st.areaGain(c, own, errorArea)
		if err != nil {
			return nil, err
		}
		core := errorArea(l)
		t.Row(a.Name, core.MM2(), core.Low/1e6, core.High/1e6, round1(gain.Point), round1(gain.Low), round1(gain.High), l.OnDie().MM2(), round1(power.Gain(l.OnDie(), base.OnDie())))
	}
	return t, nil
}

// errorArea is the area of the error path.
func errorArea(l *power.AreaList) power.Area { return l.Units(errorCores...) }

// areaGain is how much larger a part of a's chip is than that of b's, in percent, with an interval.
func (st *Study) areaGain(a, b *Case, of func(*power.AreaList) power.Area) (Interval, error) {
	v, err := drawn(st.Tech, st.scope.samples, 1, func(t *power.Tech) ([]float64, error) {
		la, err := t.Area(a.Geometry)
		if err != nil {
			return nil, err
		}
		lb, err := t.Area(b.Geometry)
		if err != nil {
			return nil, err
		}
		return []float64{power.Gain(of(la), of(lb))}, nil
	})
	if err != nil {
		return Interval{}, err
	}
	return v[0], nil
}

// mark says in a word what a figure of ours does to a published range, from low to high.
func mark(low, high float64, v Interval) string {
	switch {
	case v.Low <= high && low <= v.High:
		return "reproduced"
	case v.High < low:
		return fmt.Sprintf("not reproduced: %.3g below", low-v.Point)
	}
	return fmt.Sprintf("not reproduced: %.3g above", v.Point-high)
}

// figure is a published figure, as study.yaml explains.
type figure struct {
	Figure    string  `yaml:"figure"`
	Published string  `yaml:"published"`
	Low       float64 `yaml:"low,omitempty"`
	High      float64 `yaml:"high,omitempty"`
	Of        string  `yaml:"of"`
	Counted   bool    `yaml:"counted,omitempty"`
	How       string  `yaml:"how"`
	Verdict   string  `yaml:"verdict,omitempty"`
}

// comparedTable is the published figures with ours, row by row.
type comparedTable struct{ *table.Table }

// row adds a figure; words are pairs of a placeholder and what stands for it.
func (t *comparedTable) row(name string, v Interval, words ...string) {
	f := given().Published[name]
	var from, to any = sig(v.Low), sig(v.High)
	if f.Counted {
		from, to = "-", "-"
	}
	if f.Verdict == "" {
		f.Verdict = mark(f.Low, f.High, v)
	}
	how := strings.NewReplacer(words...).Replace(f.How)
	t.Row(f.Figure, f.Published, f.Of, sig(v.Point), from, to, how, f.Verdict)
}

// counted adds a figure that no constant is in.
func (t *comparedTable) counted(name string, x float64, words ...string) {
	t.row(name, Interval{x, x, x, x}, words...)
}

// publishedTable sets the chip family's published figures beside ours.
func (st *Study) publishedTable(rows []*Comparison) (*table.Table, error) {
	t := &comparedTable{newTable("published", nil)}
	n := headline(rows).What
	bp := func(variant string) *Case { return st.plain(n, variant) }
	for _, f := range []struct {
		name, against string
		of            func(*Cost) float64
	}{{"generator", Headline, all}, {"adders", "depc/sram", onDie}} {
		v, err := intervals(st.Tech, st.scope.samples, []*Pair{chipPair(bp("dfa16"), bp(f.against), f.of)})
		if err != nil {
			return nil, err
		}
		gain := func(s float64) float64 { return 100 * (1/(1-s/100) - 1) }
		t.row(f.name, Interval{gain(v[0].Point), gain(v[0].Low), gain(v[0].High), gain(v[0].Median)}, "{net}", n)
	}
	words := func(variant string) float64 { return float64(bp(variant).words()) }
	t.counted("words", saving(words("dfa16"), words(Headline)), "{net}", n)
	for _, f := range []struct {
		name string
		of   func(*power.AreaList) power.Area
	}{{"core_area", errorArea}, {"chip_area", (*power.AreaList).OnDie}} {
		on := func(variant string) *Case { return st.plain(st.Nets[0].Name, variant) }
		gain, err := st.areaGain(on("dfa16"), on(Headline), f.of)
		if err != nil {
			return nil, err
		}
		t.row(f.name, gain)
	}
	if err := st.chipFigures(t, bp(Headline)); err != nil {
		return nil, err
	}
	t.counted("pipelined", float64(bp("dnnc").Cycles)/float64(bp(Headline).Cycles), "{net}", n)
	for _, r := range headRows(rows) {
		t.row("saving", r.Interval, "{row}", fmt.Sprintf("%s, %s, %s, %s", r.Definition, r.What, r.Baseline, r.Scope))
	}
	return t.Table, nil
}

// sig keeps three decimals.
func sig(x float64) float64 { return math.Round(1000*x) / 1000 }

// chipFigures are the figures of the whole chip, from its iteration.
func (st *Study) chipFigures(t *comparedTable, c *Case) error {
	sizes := st.Nets[slices.IndexFunc(st.Nets, func(n Net) bool { return n.Name == c.Net })].Sizes
	ops := 0.0
	for i := range sizes[1:] {
		// Two operations a MAC, of forward and gradient; errors are the DEPC's additions.
		ops += float64(128 * sizes[i] * sizes[i+1])
	}
	w, mhz := c.work(c.Cycles), c.Geometry.ClockMHz
	for _, volt := range []float64{1.1, 0.7} {
		tech := *st.Tech
		tech.Volt = volt
		v, err := drawn(&tech, st.scope.samples, 2, func(t *power.Tech) ([]float64, error) {
			l, err := t.Prices(c.Geometry)
			if err != nil {
				return nil, err
			}
			cost := w.price(l)
			return []float64{ops / cost.OnDie(), cost.OnDie() / float64(c.Cycles) * mhz * 1e-3}, nil // operations a picojoule, mW
		})
		if err != nil {
			return err
		}
		for i, name := range []string{"efficiency", "power"} {
			t.row(name, v[i], "{net}", c.Net, "{volt}", fmt.Sprintf("%.1f", volt), "{mhz}", fmt.Sprintf("%.0f", mhz))
		}
	}
	t.counted("traffic", ops/(float64(c.words())*4/1024), "{net}", c.Net)
	frame := float64(8*float64(c.Phases[isa.PhaseFF])) + float64(12.5*4*float64(c.Cycles))/10 // batches of 32
	t.counted("tracking", mhz*1e6/frame, "{net}", c.Net)
	return nil
}
