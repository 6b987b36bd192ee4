// Package chart has what pictures share: colours, axes with a grid, lines, dots and files.
package chart

import (
	"image/color"
	"io"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"bdfasim/sim/output"
)

// Colours that people who see few of them can tell apart (Okabe and Ito 2008, "Color Universal
// Design", without its yellow).
var (
	Black     = color.NRGBA{A: 255}
	Vermilion = color.NRGBA{213, 94, 0, 255}
	Blue      = color.NRGBA{0, 114, 178, 255}
	Green     = color.NRGBA{0, 158, 115, 255}
	Purple    = color.NRGBA{204, 121, 167, 255}

	// Palette is the order in which series take them, two more among them.
	Palette = []color.NRGBA{Vermilion, Blue, Green, Purple, {86, 180, 233, 255}, {230, 159, 0, 255}}
)

// New returns a plot with a grid; title and labels may be empty.
func New(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Add(plotter.NewGrid())
	return p
}

// Line adds a line through at least one point. label names it in the legend, unless it is empty.
func Line(p *plot.Plot, label string, c color.Color, points plotter.XYs) (*plotter.Line, error) {
	l, err := plotter.NewLine(points)
	if err != nil {
		return nil, err
	}
	l.Color = c
	p.Add(l)
	if label != "" {
		p.Legend.Add(label, l)
	}
	return l, nil
}

// Dots adds a ring at each of at least one point; label as for Line.
func Dots(p *plot.Plot, label string, c color.Color, points plotter.XYs) (*plotter.Scatter, error) {
	dots, err := plotter.NewScatter(points)
	if err != nil {
		return nil, err
	}
	dots.Color = c
	p.Add(dots)
	if label != "" {
		p.Legend.Add(label, dots)
	}
	return dots, nil
}

// room is what is left free around data and pictures, of the length of an axis and as a length.
const (
	room   = 0.03
	margin = 3 * vg.Millimeter
)

// Draw draws a plot with its legend beside the data, and room around them.
func Draw(p *plot.Plot, c draw.Canvas) {
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		if span := a.Max - a.Min; a.Scale == plot.Normalizer(plot.LinearScale{}) {
			a.Min, a.Max = a.Min-float64(room*span), a.Max+float64(room*span)
		}
	}
	c = draw.Crop(c, margin, -margin, margin, -margin)
	legend := p.Legend
	p.Legend, legend.Top, legend.Padding = plot.NewLegend(), true, vg.Points(3)
	box := legend.Rectangle(c)
	width := box.Max.X - box.Min.X
	if width > 0 {
		legend.Draw(c)
		width += margin
	}
	p.Draw(draw.Crop(c, 0, -width, 0, 0))
}

// Save writes a picture of so many centimetres; name ends in .png, .svg or .pdf.
func Save(p *plot.Plot, width, height vg.Length, name string) error {
	c, err := draw.NewFormattedCanvas(width*vg.Centimeter, height*vg.Centimeter,
		strings.TrimPrefix(filepath.Ext(name), "."))
	if err != nil {
		return err
	}
	Draw(p, draw.New(c))
	return output.Write(name, func(w io.Writer) error {
		_, err := c.WriteTo(w)
		return err
	})
}
