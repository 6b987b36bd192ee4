package main

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"bdfasim/firmware/compile"
	"bdfasim/power/chart"
)

// series are the three curves of a trial.
var series = []struct {
	name   string
	dashes []vg.Length
	of     func(*outcome, int) float64 // test accuracy after an epoch, 0..1, or -1
}{
	{"chip", nil, func(o *outcome, i int) float64 { return tested(o.epochs[i]) }},
	{"fixed point", []vg.Length{6, 3}, func(o *outcome, i int) float64 { return at(o.fixed, i) }},
	{"float", []vg.Length{1, 2}, func(o *outcome, i int) float64 { return at(o.float, i) }},
}

// colors of the rules; those that are the same on the chip share one.
var colors = map[string]color.Color{
	compile.BP: chart.Vermilion, compile.BDFA: chart.Blue, "cbdfa": chart.Blue,
	compile.DFA: chart.Green, "cdfa": chart.Green,
	compile.BFA: chart.Purple, compile.ConvOnly: color.Gray{Y: 0x80},
}

// drawCurve draws test accuracy by epoch: a colour a rule, a line style a model.
func drawCurve(name string, outcomes []*outcome) error {
	title := "Test accuracy"
	if outcomes[0].trial.data.heldOut {
		title = "Accuracy on held-out training images"
	}
	p := chart.New(title, "epoch", "accuracy, %")
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
			label := o.trial.rule + ", " + s.name
			if seen[label] {
				label = "" // of another seed
			} else {
				seen[label] = true
			}
			line, err := chart.Line(p, label, colors[o.trial.rule], points)
			if err != nil {
				return fmt.Errorf("plot: %w", err)
			}
			line.Dashes = s.dashes
		}
	}
	if err := chart.Save(p, 16, 11, name); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}
