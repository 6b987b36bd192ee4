package study

import (
	"fmt"
	"math"
	"slices"

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
	t := table.New("Area of the error path", "arm", "core mm2", "low", "high", "core against "+Headline+" %", "95 % from", "to", "chip mm2", "chip against "+Headline+" %")
	own := st.find(st.Nets[0].Name, Headline, compile.BP, false)
	base, err := st.Tech.Area(own.Geometry)
	if err != nil {
		return nil, err
	}
	for _, a := range Arms() {
		c := st.find(st.Nets[0].Name, a.Name, compile.BP, false)
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
	t.Note("low and high: all constants at one end; memories of the error buffers are those of %s at batch 32; pads and PHY are left out", st.Nets[0].Name)
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

// publishedTable sets the chip family's published figures beside ours.
func (st *Study) publishedTable(rows []*Comparison) (*table.Table, error) {
	t := table.New("Published figures of the chip family beside the simulator's", "figure", "published", "of", "ours", "95 % from", "to", "how ours is made", "verdict")
	n := headline(rows).What
	bp := func(arm string) *Case { return st.find(n, arm, compile.BP, false) }
	row := func(figure, published string, value float64, of string, v Interval, how string) {
		t.Row(figure, published, of, sig(v.Point), sig(v.Low), sig(v.High), how, mark(value, value, v))
	}
	counted := func(figure, published string, low, high float64, of string, x float64, how string) {
		t.Row(figure, published, of, sig(x), "-", "-", how, mark(low, high, Interval{x, x, x, x}))
	}
	efficiency := func(a, b string, of func(*Cost) float64) (Interval, error) {
		v, err := intervals(st.Tech, st.scope.samples, []*Pair{chipPair(bp(a), bp(b), of)})
		if err != nil {
			return Interval{}, err
		}
		gain := func(s float64) float64 { return 100 * (1/(1-s/100) - 1) }
		return Interval{gain(v[0].Point), gain(v[0].Low), gain(v[0].High), gain(v[0].Median)}, nil
	}
	v, err := efficiency("dfa16", Headline, all)
	if err != nil {
		return nil, err
	}
	row("energy efficiency by the generator", "+19.9 %", 19.9, "VLSI 2019", v, n+": 16-bit feedback loaded (dfa16) against generated signs, with external memory; weights and velocities are nearly all of that traffic")
	if v, err = efficiency("dfa16", "depc/sram", onDie); err != nil {
		return nil, err
	}
	row("energy efficiency by adders only", "+14.3 %", 14.3, "JSSC 2021", v, n+": dfa16 against depc/sram, on-die; the same step stores signs on the die instead of fetching 16-bit feedback; with direct feedback the error core is a small part of the chip")
	words := func(arm string) float64 { return float64(bp(arm).words()) }
	ema := saving(words("dfa16"), words(Headline))
	counted("external memory accesses less by the generator", "42.8 %", 42.8, 42.8, "JSSC 2021", ema, n+": words of dfa16 against "+Headline+"; most words are weights and velocities")
	for _, part := range []struct {
		of  func(*power.AreaList) power.Area
		how string
	}{
		{errorArea, "area of the error core with multipliers (dfa16) against " + Headline + ", memories included: 256 multipliers are most of one, the other has none left"},
		{(*power.AreaList).OnDie, "area of the chip, dfa16 against " + Headline + ": the same difference over a die of MAC array and memories"},
	} {
		gain, err := st.areaGain(st.find(st.Nets[0].Name, "dfa16", compile.BP, false), st.find(st.Nets[0].Name, Headline, compile.BP, false), part.of)
		if err != nil {
			return nil, err
		}
		row("area efficiency by adders only", "+35.0 %", 35.0, "JSSC 2021", gain, part.how)
	}
	if err := st.chipFigures(t, n); err != nil {
		return nil, err
	}
	fast := float64(bp("dnnc").Cycles) / float64(bp(Headline).Cycles)
	counted("pipelined DFA faster", "1.75 to 3.05x", 1.75, 3.05, "JSSC 2021", fast, n+": cycles of an iteration, dnnc against "+Headline+"; our update is bound by external memory, theirs may not be")
	for _, r := range headRows(rows) {
		row("the 35.3 % itself", "35.3 %", Published, "the paper", r.Interval, fmt.Sprintf("%s, %s, %s, %s", r.Definition, r.What, r.Baseline, r.Scope))
	}
	t.Note("verdict: reproduced means that the published figure lies in our interval; intervals are of the constants alone, a figure that is counted has none")
	t.Note("JSSC 2021: DF-LNPU; VLSI 2019: its conference paper; TCAS-I 2019: the compressed-map predecessor")
	return t, nil
}

// sig keeps three decimals.
func sig(x float64) float64 { return math.Round(1000*x) / 1000 }

// chipFigures are the figures of the whole chip.
func (st *Study) chipFigures(t *table.Table, n string) error {
	c := st.find(n, Headline, compile.BP, false)
	sizes := st.Nets[slices.IndexFunc(st.Nets, func(x Net) bool { return x.Name == n })].Sizes
	ops := 0.0
	for i := range sizes[1:] {
		// Two operations a MAC, of forward and gradient; errors are the DEPC's additions.
		ops += 2 * 32 * float64(sizes[i]*sizes[i+1]) * 2
	}
	w := c.work(c.Cycles)
	for _, volt := range []float64{1.1, 0.7} {
		tech := *st.Tech
		tech.Volt = volt
		v, err := drawn(&tech, st.scope.samples, 2, func(t *power.Tech) ([]float64, error) {
			l, err := t.Prices(c.Geometry)
			if err != nil {
				return nil, err
			}
			cost := w.price(l)
			return []float64{ops / cost.OnDie(), cost.OnDie() / float64(c.Cycles) * t.FreqMHz * 1e-3}, nil // operations a picojoule, mW
		})
		if err != nil {
			return err
		}
		tops, mw := v[0], v[1]
		t.Row("energy efficiency", "1.32 TOPS/W", "VLSI 2019", sig(tops.Point), sig(tops.Low), sig(tops.High), fmt.Sprintf("%s: dense operations (2 a MAC of forward and gradient) of an iteration a joule on-die, %.1f V", n, volt), "not comparable: operation count and voltage unstated")
		t.Row("power", "126 mW", "TCAS-I 2019", sig(mw.Point), sig(mw.Low), sig(mw.High), fmt.Sprintf("%s: mean on-die power of an iteration at %.0f MHz, %.1f V", n, tech.FreqMHz, volt), "not comparable: another chip, voltage and clock unstated")
	}
	perKB := ops / (float64(c.words()) * 4 / 1024)
	t.Row("operations a KB of external memory", "80.94 OP/KB", "JSSC 2021", sig(perKB), "-", "-", n+": dense operations of an iteration over all external bytes", "not comparable: the unit of the published figure is not defined; ours counts operations, not thousands")
	ff := float64(c.Phases[isa.PhaseFF])
	step := float64(c.Cycles)
	frame := 8*ff + 12.5*4*step/10 // batches of 32
	fps := st.Tech.FreqMHz * 1e6 / frame
	t.Row("frames a second, MDNet tracking", "34.4", "VLSI 2019", sig(fps), "-", "-", n+": the head alone, 256 candidates forward a frame, every 10 frames 12.5 iterations of 128 samples", "not comparable: without the convolutions; bound by weights and velocities from external memory")
	return nil
}
