package study

import (
	"fmt"
	"image/color"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"bdfasim/power"
	"bdfasim/power/chart"
)

// figures draws the page's pictures into a folder.
func (st *Study) figures(dir string, rows []*Row) error {
	p, err := drawLadder(rows)
	if err == nil {
		err = chart.Save(p, 26, vg.Length(2.5+float64(0.62*float64(len(rows)))), filepath.Join(dir,
			"ladder.png"))
	}
	if err != nil {
		return fmt.Errorf("study: ladder: %w", err)
	}
	if p, err = st.drawUnits(); err == nil {
		err = chart.Save(p, 26, 13, filepath.Join(dir, "units.png"))
	}
	if err != nil {
		return fmt.Errorf("study: units: %w", err)
	}
	return nil
}

// drawLadder has a line for each row: points and intervals of both activity models from 0 to 100 %,
// and the published saving.
func drawLadder(rows []*Row) (*plot.Plot, error) {
	p := chart.New("", "saving, %", "")
	p.X.Tick.Marker = plot.ConstantTicks(percentTicks())
	names := make([]string, len(rows))
	for m := range power.NumActivities {
		var points plotter.XYs
		for i, r := range rows {
			v, y := r.Saving[m], float64(len(rows)-1-i)+0.16-float64(0.32*float64(m))
			names[len(rows)-1-i] = r.Definition + "   " + r.Subject
			points = append(points, plotter.XY{X: v.Point, Y: y})
			l, err := chart.Line(p, "", chart.Palette[m], plotter.XYs{{X: v.Low, Y: y},
				{X: v.High, Y: y}})
			if err != nil {
				return nil, err
			}
			l.Width = vg.Points(2)
		}
		dots, err := chart.Dots(p, m.String(), chart.Palette[m], points)
		if err != nil {
			return nil, err
		}
		dots.Radius = 3
	}
	p.NominalY(names...)
	p.X.Min, p.X.Max = min(p.X.Min, 0), 100
	return p, publishedLine(p, float64(len(rows)))
}

// percentTicks are those of an axis from 0 to 100.
func percentTicks() (out []plot.Tick) {
	for x := -20; x <= 100; x += 10 {
		out = append(out, plot.Tick{Value: float64(x), Label: fmt.Sprint(x)})
	}
	return out
}

// publishedLine draws the published saving, with its name on top.
func publishedLine(p *plot.Plot, top float64) error {
	l, err := chart.Line(p, "", chart.Black, plotter.XYs{{X: Published, Y: -0.6}, {X: Published,
		Y: top}})
	if err != nil {
		return err
	}
	l.Dashes = []vg.Length{4, 3}
	label, err := plotter.NewLabels(plotter.XYLabels{XYs: plotter.XYs{{X: Published + 0.8,
		Y: top - 0.4}},
		Labels: []string{fmt.Sprintf("published: %.1f %%", Published)}})
	if err == nil {
		p.Add(label)
	}
	return err
}

// drawUnits has stacked bars of the energy on the die, by unit, in percent of the BP machine's.
func (st *Study) drawUnits() (*plot.Plot, error) {
	p := chart.New("", "energy of an iteration on the die, % of the BP machine's", "")
	var names []string
	bars := map[string]plotter.Values{}
	for _, n := range st.Nets {
		for _, reach := range n.reaches() {
			whole := 0.0
			for _, v := range []string{Literal, Headline} {
				c, err := st.get(n.key(v, reach))
				if err != nil {
					return nil, err
				}
				cost, err := st.cost(power.ByEvents, c[0].work(c[0].Cycles.Sum()))
				if err != nil {
					return nil, err
				}
				if whole == 0 {
					whole = cost.OnDie() / 1e6
				}
				names = append(names, strings.Join([]string{n.Title, reach, v}, "   "))
				for name, uj := range cost.grouped() {
					bars[name] = append(bars[name], 100*uj/whole)
				}
			}
		}
	}
	return p, stack(p, names, bars)
}

// stackOrder are the parts of a bar, from the left.
var stackOrder = []string{"MAC array", "OMEM", "update", "weight loader", "error core",
	"clock, control, wires", "other"}

// grouped are the parts of what is on the die under a few names, in microjoules.
func (c *Cost) grouped() map[string]float64 {
	names := map[string]string{"DNNC": "MAC array", "OMEM": "OMEM", "MOM": "update",
		"WLD": "weight loader", "error core": "error core",
		"clock tree, control, wires": "clock, control, wires"}
	out := map[string]float64{}
	for _, name := range stackOrder {
		out[name] = 0
	}
	for _, p := range c.parts() {
		if strings.HasPrefix(p.name, "external") || strings.HasPrefix(p.name, "PHY") {
			continue
		}
		name := names[p.name]
		if name == "" {
			name = "other"
		}
		out[name] += p.uj
	}
	return out
}

// stack adds horizontal bars, the first on top.
func stack(p *plot.Plot, names []string, bars map[string]plotter.Values) error {
	colours := append([]color.NRGBA{}, chart.Palette...)
	colours = append(colours, color.NRGBA{150, 150, 150, 255})
	var below *plotter.BarChart
	for k, name := range stackOrder {
		values := make(plotter.Values, len(names))
		for i := range names {
			values[len(names)-1-i] = bars[name][i]
		}
		b, err := plotter.NewBarChart(values, vg.Points(16))
		if err != nil {
			return err
		}
		b.Horizontal, b.Color, b.LineStyle.Width = true, colours[k], 0
		if below != nil {
			b.StackOn(below)
		}
		below = b
		p.Add(b)
		p.Legend.Add(name, b)
	}
	reversed := make([]string, len(names))
	for i, n := range names {
		reversed[len(names)-1-i] = n
	}
	p.NominalY(reversed...)
	return nil
}
