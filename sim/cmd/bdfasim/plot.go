package main

import (
	"encoding/csv"
	"fmt"
	"image/color"
	"io"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"bdfasim/firmware/compile"
)

// series are the three curves of an arm.
var series = []struct {
	name   string
	dashes []vg.Length
	of     func(*outcome, int) float64 // test accuracy after an epoch, 0..1, or -1
}{
	{"chip", nil, func(o *outcome, i int) float64 { return tested(o.epochs[i]) }},
	{"fixed point", []vg.Length{6, 3}, func(o *outcome, i int) float64 { return at(o.fixed, i) }},
	{"float", []vg.Length{1, 2}, func(o *outcome, i int) float64 { return at(o.float, i) }},
}

// plotFormats are the endings of files that drawCurve can write.
var plotFormats = []string{".png", ".svg", ".pdf"}

// colors of the rules; those that are the same on the chip share one.
var colors = map[string]color.Color{
	compile.BP:       color.RGBA{R: 0xd5, G: 0x5e, A: 0xff},
	compile.BDFA:     color.RGBA{G: 0x72, B: 0xb2, A: 0xff},
	"cbdfa":          color.RGBA{G: 0x72, B: 0xb2, A: 0xff},
	compile.DFA:      color.RGBA{G: 0x9e, B: 0x73, A: 0xff},
	"cdfa":           color.RGBA{G: 0x9e, B: 0x73, A: 0xff},
	compile.BFA:      color.RGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff},
	compile.ConvOnly: color.RGBA{R: 0x80, G: 0x80, B: 0x80, A: 0xff},
}

// writeCurve writes accuracy by epoch as CSV, in full precision; what was not tested is empty.
func writeCurve(name string, outcomes []*outcome) error {
	return createFile(name, func(w io.Writer) error {
		out := csv.NewWriter(w)
		rows := [][]string{{"rule", "seed", "epoch", "eta", "training", "chip", "fixed", "float"}}
		number := func(x float64) string {
			if x < 0 {
				return ""
			}
			return strconv.FormatFloat(x, 'g', -1, 64)
		}
		for _, o := range outcomes {
			for i, r := range o.epochs {
				row := []string{o.arm.rule, fmt.Sprint(o.arm.seed), fmt.Sprint(r.Epoch), number(float64(r.Eta) / 65536), number(trained(r))}
				for _, s := range series {
					row = append(row, number(s.of(o, i)))
				}
				rows = append(rows, row)
			}
		}
		return out.WriteAll(rows)
	})
}

// drawCurve draws test accuracy by epoch: a colour a rule, a line style a model.
func drawCurve(name string, outcomes []*outcome) error {
	p := plot.New()
	p.Title.Text = "Test accuracy"
	if outcomes[0].arm.data.heldOut {
		p.Title.Text = "Accuracy on held-out training images"
	}
	p.X.Label.Text, p.Y.Label.Text = "epoch", "%"
	p.Legend.Left = false
	p.Add(plotter.NewGrid())
	seen := map[string]bool{}
	for _, o := range outcomes {
		for _, s := range series {
			var points plotter.XYs
			for i, r := range o.epochs {
				if a := s.of(o, i); a >= 0 {
					points = append(points, plotter.XY{X: float64(r.Epoch), Y: 100 * a})
				}
			}
			if len(points) == 0 {
				continue
			}
			line, err := plotter.NewLine(points)
			if err != nil {
				return fmt.Errorf("plot: %w", err)
			}
			line.Color, line.Dashes = colors[o.arm.rule], s.dashes
			p.Add(line)
			if label := o.arm.rule + ", " + s.name; !seen[label] {
				seen[label] = true
				p.Legend.Add(label, line)
			}
		}
	}
	if err := p.Save(16*vg.Centimeter, 11*vg.Centimeter, name); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}
