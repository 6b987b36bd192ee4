package track

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"bdfasim/power/chart"
	"bdfasim/sim/output"
)

// Line is a line of both plots.
type Line struct {
	Name string
	Curves
}

// Plot draws precision and success side by side, with the score of each line in the legends. The
// name ends in .png, .svg or .pdf.
func Plot(name, title string, lines []Line) error {
	const part = "part of the pictures"
	precision := chart.New(title+", precision", "distance of the centers, pixels", part)
	success := chart.New(title+", success", "overlap", part)
	for i, l := range lines {
		var p, s plotter.XYs
		for k, v := range l.Precision {
			p = append(p, plotter.XY{X: float64(k), Y: v})
		}
		for k, v := range l.Success {
			s = append(s, plotter.XY{X: float64(k) / (Overlaps - 1), Y: v})
		}
		for _, one := range []struct {
			plot   *plot.Plot
			score  float64
			points plotter.XYs
		}{{precision, l.At20(), p}, {success, l.AUC(), s}} {
			c := chart.Palette[i%len(chart.Palette)]
			line, err := chart.Line(one.plot, fmt.Sprintf("%s [%.3f]", l.Name, one.score), c, one.points)
			if err != nil {
				return err
			}
			line.Dashes = plotutil.Dashes(i / len(chart.Palette))
			line.Width = vg.Points(1.5)
		}
	}
	const width, height = 17 * vg.Centimeter, 11 * vg.Centimeter
	format := strings.TrimPrefix(filepath.Ext(name), ".")
	canvas, err := draw.NewFormattedCanvas(2*width, height, format)
	if err != nil {
		return err
	}
	tiles := draw.Tiles{Rows: 1, Cols: 2}
	for i, p := range []*plot.Plot{precision, success} {
		p.Y.Min, p.Y.Max = 0, 1
		chart.Draw(p, tiles.At(draw.New(canvas), i, 0))
	}
	return output.Write(name, func(w io.Writer) error {
		_, err := canvas.WriteTo(w)
		return err
	})
}
