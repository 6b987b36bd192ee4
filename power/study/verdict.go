package study

import (
	"fmt"
	"math"
)

// headRows are the rows that the first sentence is about: the headline baseline on-die, each product of the core and each
// network's iteration with equal traces.
func headRows(rows []*Comparison) (out []*Comparison) {
	for _, r := range rows {
		if r.Baseline == baselines[0] && r.Scope == "on-die" && (r.Trace == sameProduct || r.Trace == "equal") {
			out = append(out, r)
		}
	}
	return out
}

// finding is what the rows of a definition say about the published saving.
type finding struct {
	Definition, Subject string
	Yes, No             []string // headline rows with the saving in their interval, and without
	Inside              []string // all rows with it
	Rows                int
}

// verdict is the answer on the published saving; report.tmpl has its words.
func verdict(rows []*Comparison) string {
	core := &finding{Definition: "D-core", Subject: "the error propagation core alone"}
	chip := &finding{Definition: "D-chip", Subject: "a training iteration of the whole chip"}
	by := map[string]*finding{"D-core": core, "D-chip": chip}
	var shorter []string
	for _, r := range rows {
		f := by[r.Definition]
		f.Rows++
		if r.Interval.has(Published) {
			f.Inside = append(f.Inside, fmt.Sprintf("%s, %s, %s, %s (%s)", r.What, r.Trace, r.Baseline, r.Scope, r.Interval))
		}
		// Errors stop at the first hidden layer.
		if r.Trace == shortTrace && r.Baseline == baselines[0] && r.Scope == "on-die" {
			shorter = append(shorter, r.String())
		}
	}
	for _, r := range headRows(rows) {
		f := by[r.Definition]
		if r.Interval.has(Published) {
			f.Yes = append(f.Yes, r.String())
		} else {
			f.No = append(f.No, r.String())
		}
	}
	return prose("verdict", map[string]any{"Core": core, "Chip": chip, "Cheapest": cheapest(rows), "Shorter": shorter})
}

func (v Interval) String() string {
	return fmt.Sprintf("%.1f %%, 95 %% interval %.1f to %.1f", v.Point, v.Low, v.High)
}

func (r *Comparison) String() string { return fmt.Sprintf("%s (%s)", r.What, r.Interval) }

// cheapest names, for each product and network on the die, the baseline that needs least, and the saving against it.
func cheapest(rows []*Comparison) (said []string) {
	for _, h := range headRows(rows) {
		best := h
		for _, r := range rows {
			if r.Definition == h.Definition && r.What == h.What && r.Trace == h.Trace && r.Scope == h.Scope && r.Interval.Point < best.Interval.Point {
				best = r
			}
		}
		said = append(said, fmt.Sprintf("%s, %s (%s)", h.What, best.Baseline, best.Interval))
	}
	return said
}

// needed says what would have to be true for the published saving of the chip, against the headline baseline on the die.
func (st *Study) needed(h *Comparison, bars []Bar) (string, error) {
	crossed, err := st.crossings()
	if err != nil {
		return "", err
	}
	data := map[string]any{"Crossed": crossed, "Sweep": dashes(st.scope.sweep.Sizes)}
	if h != nil {
		point := h.Interval.Point
		name, end, saving := nearest(bars, point)
		data["Head"], data["Constant"], data["End"], data["Saving"] = h, name, end, saving
		data["Brings"] = math.Abs(saving-Published) < 0.05 || (saving-Published)*(point-Published) < 0
	}
	return prose("needed", data), nil
}

// crossings are the pairs of neighbours in the sweep with the published saving between theirs.
func (st *Study) crossings() (out []string, err error) {
	var before float64
	for i, p := range st.Sweep {
		v, err := points(st.Tech, p.pair(baselines[0], onDie))
		if err != nil {
			return nil, err
		}
		if i > 0 && (before-Published)*(v[0]-Published) <= 0 {
			out = append(out, fmt.Sprintf("%.0f %% (%.1f %%) and %.0f %% (%.1f %%)", 100*st.Sweep[i-1].Asked, before, 100*p.Asked, v[0]))
		}
		before = v[0]
	}
	return out, nil
}

// nearest is the end of a constant's range that brings a saving farthest towards the published one.
func nearest(bars []Bar, point float64) (name, end string, saving float64) {
	saving = point
	far := func(x float64) float64 { // how much nearer than the point; beyond counts as nearer
		if point < Published {
			return x - point
		}
		return point - x
	}
	for _, b := range bars {
		if name == "" || far(b.Low) > far(saving) {
			name, end, saving = b.Constant, "low", b.Low
		}
		if far(b.High) > far(saving) {
			name, end, saving = b.Constant, "high", b.High
		}
	}
	return name, end, saving
}
