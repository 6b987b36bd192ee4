package study

import (
	"fmt"
	"image/color"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"bdfasim/power/chart"
)

// figures draws the study's pictures into a folder.
func (st *Study) figures(dir string, rows []*Comparison, bars []Bar) error {
	for name, draw := range map[string]func() (*plot.Plot, error){
		"saving-by-net.png":      func() (*plot.Plot, error) { return st.drawNets(rows) },
		"saving-by-core.png":     func() (*plot.Plot, error) { return st.drawCores(rows) },
		"saving-by-sparsity.png": st.drawSweep,
		"tornado.png":            func() (*plot.Plot, error) { return drawTornado(bars) },
	} {
		p, err := draw()
		if err == nil {
			err = chart.Save(p, 18, 11, filepath.Join(dir, name))
		}
		if err != nil {
			return fmt.Errorf("study: %s: %w", name, err)
		}
	}
	return nil
}

// line35 draws the published saving.
func line35(p *plot.Plot, from, to float64) error {
	l, err := chart.Line(p, "", chart.Black,
		plotter.XYs{{X: from, Y: Published}, {X: to, Y: Published}})
	if err == nil {
		l.Dashes = []vg.Length{4, 3}
	}
	return err
}

// drawGroups draws points with intervals: groups along x, series beside each other.
func drawGroups(
	groups, series []string, value func(group int, series string) *Interval,
) (*plot.Plot, error) {
	p := chart.New("", "", "saving %")
	for k, s := range series {
		var points plotter.XYs
		var bars struct { // about the middle of the interval, which need not be the point
			plotter.XYs
			plotter.YErrors
		}
		for i := range groups {
			if v := value(i, s); v != nil {
				x := float64(i) + float64(0.16*(float64(k)-float64(float64(len(series)-1)/2)))
				half := (v.High - v.Low) / 2
				points = append(points, plotter.XY{X: x, Y: v.Point})
				bars.XYs = append(bars.XYs, plotter.XY{X: x, Y: v.Low + float64(half)})
				bars.YErrors = append(bars.YErrors, struct{ Low, High float64 }{half, half})
			}
		}
		if len(points) == 0 {
			continue
		}
		dots, err := chart.Dots(p, s, chart.Palette[k], points)
		if err != nil {
			return nil, err
		}
		dots.Radius = 3
		whiskers, err := plotter.NewYErrorBars(bars)
		if err != nil {
			return nil, err
		}
		whiskers.Color = chart.Palette[k]
		p.Add(whiskers)
	}
	p.NominalX(groups...)
	return p, line35(p, -0.5, float64(len(groups))-0.5)
}

func (st *Study) drawNets(rows []*Comparison) (*plot.Plot, error) {
	var groups []string
	for _, n := range st.Nets {
		groups = append(groups, n.Name)
	}
	return drawGroups(groups, baselines, func(g int, s string) *Interval {
		return onTheDie(rows, "D-chip", groups[g], "equal", s)
	})
}

func (st *Study) drawCores(rows []*Comparison) (*plot.Plot, error) {
	var groups []string
	for _, f := range st.scope.fanIns {
		groups = append(groups, fmt.Sprint("F = ", f))
	}
	return drawGroups(groups, baselines[:3], func(g int, s string) *Interval {
		return onTheDie(rows, "D-core", product(st.scope.fanIns[g]), sameProduct, s)
	})
}

// onTheDie is the interval of a row, nil if there is none.
func onTheDie(rows []*Comparison, definition, what, trace, base string) *Interval {
	r := first(rows, func(r *Comparison) bool {
		return r.Definition == definition && r.What == what && r.Trace == trace && r.Baseline == base && r.Scope == "on-die"
	})
	if r == nil {
		return nil
	}
	return &r.Interval
}

func (st *Study) drawSweep() (*plot.Plot, error) {
	p := chart.New("", "activations that are not zero, %", "saving %")
	for k, base := range baselines {
		var pts plotter.XYs
		for _, s := range st.Sweep {
			v, err := points(st.Tech, s.pair(base, onDie))
			if err != nil {
				return nil, err
			}
			pts = append(pts, plotter.XY{X: 100 * s.Asked, Y: v[0]})
		}
		if _, err := chart.Line(p, base, chart.Palette[k], pts); err != nil {
			return nil, err
		}
		if _, err := chart.Dots(p, "", chart.Palette[k], pts); err != nil {
			return nil, err
		}
	}
	return p, line35(p, 0, 100)
}

func drawTornado(bars []Bar) (*plot.Plot, error) {
	p := plot.New()
	p.X.Label.Text = "saving %"
	n := min(10, len(bars))
	var names []string
	for i := n - 1; i >= 0; i-- {
		b, y := bars[i], float64(n-1-i)
		names = append(names, b.Constant)
		low, high := plotter.XY{X: b.Low, Y: y}, plotter.XY{X: b.High, Y: y}
		l, err := chart.Line(p, "", color.Gray{Y: 0xb0}, plotter.XYs{low, high})
		if err != nil {
			return nil, err
		}
		l.Width = 6
		for k, end := range []plotter.XY{low, high} {
			label := ""
			if i == 0 {
				label = []string{"low end", "high end"}[k]
			}
			dot, err := chart.Dots(p, label, chart.Palette[k], plotter.XYs{end})
			if err != nil {
				return nil, err
			}
			dot.Radius = 4
		}
	}
	p.NominalY(names...)
	return p, nil
}
