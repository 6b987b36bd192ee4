package study

import (
	"fmt"
	"math"
	"strings"
)

// needed says what would have to be true for the published saving of the chip, against the headline baseline on the die: how sparse
// activations would be in the sweep, and how far the headline row comes when one constant alone goes to an end of its range.
func (st *Study) needed(h *Comparison, bars []Bar) (string, error) {
	crossed, err := st.crossings()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(" What would have to be true for the chip: ")
	if len(crossed) == 0 {
		fmt.Fprintf(&b, "at no sparsity of the sweep (%s, synthetic activations) is the saving on two sides of %.1f %%;", dashes(st.scope.sweep.Sizes), Published)
	} else {
		fmt.Fprintf(&b, "in the sweep (%s, synthetic activations) the saving passes %.1f %% between %s of activations not zero;", dashes(st.scope.sweep.Sizes), Published, list(crossed))
	}
	if h == nil {
		return strings.TrimSuffix(b.String(), ";") + ".", nil
	}
	name, at, saving := nearest(bars, h.Interval.Point)
	verb := "does not bring"
	if math.Abs(saving-Published) < 0.05 || (saving-Published)*(h.Interval.Point-Published) < 0 {
		verb = "brings"
	}
	fmt.Fprintf(&b, " one constant alone, at an end of its range, %s %s there (%.1f %%): the nearest is %s at its %s end, %.1f %%.", verb, h.What, h.Interval.Point, name, at, saving)
	return b.String(), nil
}

// crossings are the pairs of neighbours in the sweep with the published saving between theirs.
func (st *Study) crossings() (out []string, err error) {
	var before float64
	for i, p := range st.Sweep {
		v, err := points(st.Tech, []*Pair{chipPair(p.find(baselines[0]), p.find(Headline), onDie)})
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
