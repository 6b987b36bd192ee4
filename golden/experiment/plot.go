package experiment

import (
	"fmt"
	"image/color"
	"io"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"bdfasim/power/chart"
)

// curve is one image: panels side by side with the same lines in the legend.
type curve struct {
	name   string // of the file, without .png
	panels []panel
}

type panel struct {
	title, y string
	low, top float64 // of the y axis
	lines    []line
}

// line is a mean over seeds by epoch with a band of one standard deviation.
type line struct {
	label  string
	points []point
}

type point struct{ epoch, mean, sd float64 }

// curves lists all images: accuracies of all rules a data set, network and
// number of samples, and the alignment of each rule's layers.
func (r *Results) curves() []curve {
	var out []curve
	e, rows := r.Experiment, r.Summary()
	for ; len(rows) > 0; rows = rows[len(e.Rules):] {
		group := rows[:len(e.Rules)]
		where := fmt.Sprintf("%s_%s_n%s", group[0].Data, slug(group[0].Network), group[0].Samples)
		c := curve{name: "accuracy_" + where}
		for _, set := range []struct {
			name string
			of   func(Epoch) *Score
		}{
			{"training", func(e Epoch) *Score { return e.Train }},
			{"test", func(e Epoch) *Score { return e.Test }},
		} {
			p := panel{title: group[0].Data + ", " + set.name, y: set.name + " accuracy, %", top: 100}
			for _, row := range group {
				l := row.line(fmt.Sprintf("%s, rate %g", row.Rule, row.Rate), func(e Epoch) (Number, bool) {
					if s := set.of(e); s != nil {
						return 100 * s.Top1, true
					}
					return 0, false
				})
				p.lines = append(p.lines, l)
			}
			c.panels = append(c.panels, p)
		}
		out = append(out, c)
		for _, row := range group {
			if p := row.alignment(); len(p.lines) > 0 {
				out = append(out, curve{name: "alignment_" + where + "_" + slug(row.Rule), panels: []panel{p}})
			}
		}
	}
	return out
}

// alignment is the panel of one rule: the teaching signal's cosine, a line a layer.
func (row Row) alignment() panel {
	p := panel{title: row.Rule + ", alignment with BP", y: "cosine of the teaching signal", low: -1, top: 1}
	if len(row.runs) == 0 {
		return p
	}
	for k, layer := range row.runs[0].Epochs[0].Layers {
		p.lines = append(p.lines, row.line(layer.Layer, func(e Epoch) (Number, bool) {
			return e.Layers[k].ErrorCos, e.Layers[k].ErrorCos.finite()
		}))
	}
	return p
}

// line takes mean and deviation over the seeds that reached each epoch.
func (row Row) line(label string, value func(Epoch) (Number, bool)) line {
	l := line{label: label}
	longest := 0
	for _, r := range row.runs {
		longest = max(longest, len(r.Epochs))
	}
	for k := range longest {
		var v []float64
		for _, r := range row.runs {
			if k < len(r.Epochs) {
				if n, ok := value(r.Epochs[k]); ok {
					v = append(v, float64(n))
				}
			}
		}
		s := statOf(v)
		if s.N == 1 {
			s.SD = 0
		}
		if s.N > 0 {
			l.points = append(l.points, point{float64(k), float64(s.Mean), float64(s.SD)})
		}
	}
	return l
}

// The size of a panel.
const (
	panelWidth  = 16 * vg.Centimeter
	panelHeight = 11 * vg.Centimeter
)

// palette has black first: the baseline of most experiments.
var palette = append([]color.NRGBA{chart.Black}, chart.Palette...)

// png draws the panels.
func (c curve) png(w io.Writer) error {
	canvas := vgimg.New(panelWidth*vg.Length(len(c.panels)), panelHeight)
	tiles := draw.Tiles{Rows: 1, Cols: len(c.panels)}
	for i, p := range c.panels {
		drawn, err := p.draw()
		if err != nil {
			return fmt.Errorf("experiment: curve %s: %w", c.name, err)
		}
		chart.Draw(drawn, tiles.At(draw.New(canvas), i, 0))
	}
	_, err := vgimg.PngCanvas{Canvas: canvas}.WriteTo(w)
	return err
}

func (p panel) draw() (*plot.Plot, error) {
	out := chart.New(p.title, "epoch", p.y)
	for i, l := range p.lines {
		if len(l.points) == 0 {
			continue
		}
		c := palette[i%len(palette)]
		curve, err := l.draw(out, c)
		if err != nil {
			return nil, err
		}
		curve.Dashes = plotutil.Dashes(i / len(palette))
	}
	out.X.Min, out.Y.Min, out.Y.Max = 0, p.low, p.top
	out.X.Max = max(out.X.Max, 1)
	return out, nil
}

// draw adds the band of one standard deviation and the mean's line.
func (l line) draw(p *plot.Plot, c color.NRGBA) (*plotter.Line, error) {
	n := len(l.points)
	mean, ring := make(plotter.XYs, n), make(plotter.XYs, 2*n)
	for k, p := range l.points {
		mean[k] = plotter.XY{X: p.epoch, Y: p.mean}
		ring[k] = plotter.XY{X: p.epoch, Y: p.mean + p.sd}
		ring[2*n-1-k] = plotter.XY{X: p.epoch, Y: p.mean - p.sd}
	}
	band, err := plotter.NewPolygon(ring)
	if err != nil {
		return nil, err
	}
	const opacity = 48 // of 255
	band.Color = color.NRGBA{c.R, c.G, c.B, opacity}
	band.LineStyle.Width = 0
	p.Add(band)
	curve, err := chart.Line(p, l.label, c, mean)
	if err == nil {
		curve.Width = vg.Points(1.5)
	}
	return curve, err
}
