package study

import (
	"fmt"
	"image/color"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// inks tell series apart, also for colour-blind eyes (Okabe and Ito).
var inks = []color.Color{
	color.RGBA{R: 0xd5, G: 0x5e, A: 0xff}, color.RGBA{G: 0x72, B: 0xb2, A: 0xff}, color.RGBA{G: 0x9e, B: 0x73, A: 0xff}, color.RGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff},
}

// figures draws the study's pictures into a folder and returns their file names with what they show.
func (st *Study) figures(dir string, rows []*Comparison, bars []Bar) ([][2]string, error) {
	var out [][2]string
	for _, f := range []struct {
		name, what string
		draw       func() (*plot.Plot, error)
	}{
		{"saving-by-net.png", "Saving of the chip, on-die, by network and baseline, with 95 % intervals; the line is the published 35.3 %", func() (*plot.Plot, error) { return st.drawNets(rows) }},
		{"saving-by-core.png", "Saving of the core, on-die, by fan-in of the product and baseline", func() (*plot.Plot, error) { return st.drawCores(rows) }},
		{"saving-by-sparsity.png", "Saving of the chip, on-die, against the part of activations that is not zero", st.drawSweep},
		{"tornado.png", "The headline saving with one constant at a time at its low (orange) and high (blue) end", func() (*plot.Plot, error) { return drawTornado(bars) }},
	} {
		p, err := f.draw()
		if err != nil {
			return nil, fmt.Errorf("study: %s: %w", f.name, err)
		}
		if err := p.Save(18*vg.Centimeter, 11*vg.Centimeter, filepath.Join(dir, f.name)); err != nil {
			return nil, fmt.Errorf("study: %s: %w", f.name, err)
		}
		out = append(out, [2]string{f.name, f.what})
	}
	return out, nil
}

// line35 draws the published saving.
func line35(p *plot.Plot, from, to float64) error {
	l, err := plotter.NewLine(plotter.XYs{{X: from, Y: Published}, {X: to, Y: Published}})
	if err != nil {
		return err
	}
	l.Dashes = []vg.Length{4, 3}
	p.Add(l)
	return nil
}

// drawGroups draws points with intervals: groups along x, series beside each other.
func drawGroups(groups, series []string, value func(g, s string) *Interval) (*plot.Plot, error) {
	p := plot.New()
	p.Y.Label.Text = "saving %"
	p.Add(plotter.NewGrid())
	for k, s := range series {
		var points plotter.XYs
		var bars struct { // about the middle of the interval, which need not be the point
			plotter.XYs
			plotter.YErrors
		}
		for i, g := range groups {
			if v := value(g, s); v != nil {
				x := float64(i) + 0.16*(float64(k)-float64(len(series)-1)/2)
				half := (v.High - v.Low) / 2
				points = append(points, plotter.XY{X: x, Y: v.Point})
				bars.XYs = append(bars.XYs, plotter.XY{X: x, Y: v.Low + half})
				bars.YErrors = append(bars.YErrors, struct{ Low, High float64 }{half, half})
			}
		}
		if len(points) == 0 {
			continue
		}
		dots, err := plotter.NewScatter(points)
		if err != nil {
			return nil, err
		}
		dots.Color = inks[k%len(inks)]
		dots.Radius = 3
		whiskers, err := plotter.NewYErrorBars(bars)
		if err != nil {
			return nil, err
		}
		whiskers.Color = inks[k%len(inks)]
		p.Add(dots, whiskers)
		p.Legend.Add(s, dots)
	}
	p.NominalX(groups...)
	return p, line35(p, -0.5, float64(len(groups))-0.5)
}

func (st *Study) drawNets(rows []*Comparison) (*plot.Plot, error) {
	var groups []string
	for _, n := range st.Nets {
		groups = append(groups, n.Name)
	}
	return drawGroups(groups, baselines, func(g, s string) *Interval {
		for _, r := range rows {
			if r.Definition == "D-chip" && r.What == g && r.Baseline == s && r.Trace == "equal" && r.Scope == "on-die" {
				return &r.Interval
			}
		}
		return nil
	})
}

func (st *Study) drawCores(rows []*Comparison) (*plot.Plot, error) {
	var groups []string
	for _, f := range st.scope.fanIns {
		groups = append(groups, fmt.Sprint("F = ", f))
	}
	return drawGroups(groups, baselines[:3], func(g, s string) *Interval {
		for _, r := range rows {
			var f int
			if _, err := fmt.Sscanf(r.What, "32 x %d by", &f); err == nil && r.Definition == "D-core" && fmt.Sprint("F = ", f) == g && r.Baseline == s && r.Scope == "on-die" {
				return &r.Interval
			}
		}
		return nil
	})
}

func (st *Study) drawSweep() (*plot.Plot, error) {
	p := plot.New()
	p.X.Label.Text, p.Y.Label.Text = "activations that are not zero, %", "saving %"
	p.Add(plotter.NewGrid())
	for k, base := range baselines {
		var pts plotter.XYs
		for _, s := range st.Sweep {
			v, err := points(st.Tech, []*Pair{chipPair(s.find(base), s.find(Headline), onDie)})
			if err != nil {
				return nil, err
			}
			pts = append(pts, plotter.XY{X: 100 * s.Asked, Y: v[0]})
		}
		l, dots, err := plotter.NewLinePoints(pts)
		if err != nil {
			return nil, err
		}
		l.Color, dots.Color = inks[k], inks[k]
		p.Add(l, dots)
		p.Legend.Add(base, l)
	}
	p.Legend.Top = true
	return p, line35(p, 0, 100)
}

func drawTornado(bars []Bar) (*plot.Plot, error) {
	p := plot.New()
	p.X.Label.Text = "saving %"
	n := min(10, len(bars))
	var names []string
	for i := n - 1; i >= 0; i-- {
		b := bars[i]
		y := float64(n - 1 - i)
		names = append(names, b.Constant)
		l, err := plotter.NewLine(plotter.XYs{{X: b.Low, Y: y}, {X: b.High, Y: y}})
		if err != nil {
			return nil, err
		}
		l.Width = 6
		l.Color = color.Gray{Y: 0xb0}
		low, err := plotter.NewScatter(plotter.XYs{{X: b.Low, Y: y}})
		if err != nil {
			return nil, err
		}
		high, err := plotter.NewScatter(plotter.XYs{{X: b.High, Y: y}})
		if err != nil {
			return nil, err
		}
		low.Color, high.Color = inks[0], inks[1]
		low.Radius, high.Radius = 4, 4
		p.Add(l, low, high)
	}
	p.NominalY(names...)
	return p, nil
}
