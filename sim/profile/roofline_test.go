package profile_test

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"bdfasim/isa"
	"bdfasim/power/chart"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/sim/profile"
	"bdfasim/sim/profile/trial"
)

// point is a layer and phase under the roofs.
type point struct {
	Phase     isa.Phase
	Layer     int
	Intensity float64 // MACs done for each external byte
	Rate      float64 // MACs a second, over the elapsed time
	Roof      float64 // what the lower roof allows
}

// roofs are what no point can be above.
type roofs struct {
	MACs  float64 // a second
	Bytes float64 // a second
}

// roofsOf are those of a chip: all lanes in every cycle, a burst in every cycle.
func roofsOf(freqMHz float64) roofs {
	return roofs{MACs: float64(trial.Config(64).DNNC.Lanes) * freqMHz * 1e6, Bytes: port.BurstBytes * freqMHz * 1e6}
}

// pointsOf returns a point for each layer and phase that multiplies and moves words.
func pointsOf(p *profile.Profile, freqMHz float64) []point {
	limit := roofsOf(freqMHz)
	var out []point
	for k := range p.Tags {
		t := &p.Tags[k]
		if t.MACs == 0 || t.Words == 0 || t.Elapsed == 0 {
			continue
		}
		x := point{Phase: isa.Phase(t.Tag.Phase()), Layer: int(t.Tag.Layer()), Intensity: float64(t.MACs) / float64(4*t.Words)}
		x.Rate = float64(t.MACs) / (float64(t.Elapsed) / (freqMHz * 1e6))
		x.Roof = min(limit.MACs, limit.Bytes*x.Intensity)
		out = append(out, x)
	}
	return out
}

// colours of the phases in the picture.
var colours = map[isa.Phase]color.Color{
	isa.PhaseFF: chart.Blue, isa.PhaseEP: chart.Vermilion, isa.PhaseWG: chart.Green,
}

// titles of the phases in its legend.
var titles = map[isa.Phase]string{isa.PhaseFF: "forward (ff)", isa.PhaseEP: "errors (ep)", isa.PhaseWG: "gradients (wg)"}

// What the picture shows: MACs a byte, MACs a second.
const (
	leftmost  = 0.5
	rightmost = 40.0
	lowest    = 2e9
	near      = 1.06 // ratio under which two points are one to the eye
)

// drawRoofline draws points under the roofs, both axes logarithmic, a colour a phase, each with its layer's number. name ends in
// .png, .svg or .pdf.
func drawRoofline(name, title string, points []point, r roofs) error {
	p := chart.New(title, "MAC / external byte", "GMAC/s")
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogTicks{Prec: -1}, plot.LogTicks{Prec: -1}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = leftmost, rightmost, lowest/1e9, 100
	label := fmt.Sprintf("%.1f GMAC/s, %.1f GB/s", r.MACs/1e9, r.Bytes/1e9)
	roof, err := chart.Line(p, label, chart.Black, plotter.XYs{
		{X: leftmost, Y: r.Bytes * leftmost / 1e9}, {X: r.MACs / r.Bytes, Y: r.MACs / 1e9},
		{X: rightmost, Y: r.MACs / 1e9},
	})
	if err != nil {
		return fmt.Errorf("roofline: %w", err)
	}
	roof.Width = vg.Points(1.5)
	var taken spaces
	for x := leftmost; x < rightmost; x *= 1.02 { // the roof
		y := min(r.Bytes*x, r.MACs)
		taken.points([]point{{Intensity: x, Rate: y}}, isa.Phase(0))
	}
	for _, phase := range []isa.Phase{isa.PhaseFF, isa.PhaseEP, isa.PhaseWG} {
		taken.points(points, phase)
	}
	for _, phase := range []isa.Phase{isa.PhaseFF, isa.PhaseEP, isa.PhaseWG} {
		if err := addPhase(p, phase, points, &taken); err != nil {
			return fmt.Errorf("roofline: %w", err)
		}
	}
	if err := chart.Save(p, 24, 16, name); err != nil {
		return fmt.Errorf("roofline: %w", err)
	}
	return nil
}

// spaces are the parts of the picture in which something is, left, bottom, right and top in points.
type spaces [][4]float64

// What a decade is long in the picture, in points.
const decade = 290.0

// points takes the room of the dots of a phase.
func (s *spaces) points(points []point, phase isa.Phase) {
	for _, x := range points {
		if x.Phase == phase {
			a, b := decade*math.Log10(x.Intensity), decade*math.Log10(x.Rate/1e9)
			*s = append(*s, [4]float64{a - 3, b - 3, a + 3, b + 3})
		}
	}
}

// place is where a label beside a point meets nothing, the nearest of some places.
func (s *spaces) place(at plotter.XY, label string) plotter.XY {
	const height, char = 8.0, 4.0
	w := char * float64(len(label))
	x, y := decade*math.Log10(at.X), decade*math.Log10(at.Y)
	best := plotter.XY{X: x + 4, Y: y}
search:
	for d := 4.0; d < 60; d += 4 {
		for k := range 16 {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / 16)
			box := [4]float64{x + d*cos, y + d*sin - height/2, x + d*cos + w, y + d*sin + height/2}
			if cos < 0 {
				box[0], box[2] = box[0]-w, box[2]-w
			}
			if !slices.ContainsFunc(*s, func(o [4]float64) bool {
				return box[0] < o[2] && o[0] < box[2] && box[1] < o[3] && o[1] < box[3]
			}) {
				*s = append(*s, box)
				best = plotter.XY{X: box[0], Y: box[1]}
				break search
			}
		}
	}
	return plotter.XY{X: math.Pow(10, best.X/decade), Y: math.Pow(10, best.Y/decade)}
}

// addPhase draws the points of a phase.
func addPhase(p *plot.Plot, phase isa.Phase, points []point, taken *spaces) error {
	var at plotter.XYs
	var names plotter.XYLabels
	for _, x := range points {
		if x.Phase != phase || x.Intensity < leftmost || x.Rate < lowest {
			continue
		}
		xy := plotter.XY{X: x.Intensity, Y: x.Rate / 1e9}
		at = append(at, xy)
		// Points that lie close share a label.
		k := slices.IndexFunc(names.XYs, func(l plotter.XY) bool { return max(apart(l.X, xy.X), apart(l.Y, xy.Y)) < near })
		if k >= 0 {
			names.Labels[k] += ", " + fmt.Sprint(x.Layer)
			continue
		}
		names.XYs, names.Labels = append(names.XYs, xy), append(names.Labels, fmt.Sprint(x.Layer))
	}
	if len(at) == 0 {
		return nil
	}
	dots, err := chart.Dots(p, titles[phase], colours[phase], at)
	if err != nil {
		return err
	}
	dots.Shape = draw.CircleGlyph{}
	for k, at := range names.XYs {
		names.XYs[k] = taken.place(at, names.Labels[k])
	}
	labels, err := plotter.NewLabels(names)
	if err != nil {
		return err
	}
	for k := range labels.TextStyle {
		labels.TextStyle[k].Color = colours[phase]
		labels.TextStyle[k].Font.Size = vg.Points(7)
	}
	p.Add(labels)
	return nil
}

// apart is how many times the larger of two numbers is the other.
func apart(a, b float64) float64 { return max(a/b, b/a) }

// drawCoding draws words a block by density, measured and expected.
func drawCoding(name string, measured []coding) error {
	p := chart.New("Run-length coding of blocks of 64 elements",
		"part of the elements that are not zero", "64-bit words a block")
	expected := plotter.NewFunction(func(d float64) float64 { c := expectCoding(d); return c.Words })
	expected.XMin, expected.XMax, expected.Samples = 0, 1, 200
	raw := plotter.NewFunction(func(float64) float64 { return 16 })
	raw.Dashes = []vg.Length{4, 3}
	var at plotter.XYs
	for _, c := range measured {
		at = append(at, plotter.XY{X: c.Density, Y: c.Words})
	}
	p.Add(expected, raw)
	p.Legend.Add("expected", expected)
	p.Legend.Add("as it is", raw)
	dots, err := chart.Dots(p, "measured", colours[isa.PhaseEP], at)
	if err != nil {
		return fmt.Errorf("coding: %w", err)
	}
	dots.Shape = draw.CircleGlyph{}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 17
	if err := chart.Save(p, 14, 9, name); err != nil {
		return fmt.Errorf("coding: %w", err)
	}
	return nil
}

// TestRoofline: 128,000 MACs in 1,000 cycles of 5 ns, with 55 bursts.
func TestRoofline(t *testing.T) {
	p := profile.Profile{Cycles: 1000, Tags: []profile.Tag{
		profile.TagOf(isa.PhaseFF, 1, map[activity.Event]uint64{activity.XReadWLD: 55, activity.MAC: 128_000}),
		profile.TagOf(isa.PhaseLoss, 2, nil),
		profile.TagOf(isa.PhaseWG, 1, map[activity.Event]uint64{activity.XReadMom: 800, activity.MAC: 64_000}),
	}}
	limit := roofsOf(200)
	require.Equal(t, roofs{MACs: 51.2e9, Bytes: 6.4e9}, limit)
	points := pointsOf(&p, 200)
	require.Len(t, points, 2)
	require.InEpsilon(t, 128_000.0/(55*32), points[0].Intensity, 1e-12)
	require.InEpsilon(t, 25.6e9, points[0].Rate, 1e-12)
	require.Equal(t, 51.2e9, points[0].Roof)
	require.InEpsilon(t, 2.5*6.4e9, points[1].Roof, 1e-12)
	for name, draw := range map[string]func(string) error{
		"roofline.svg": func(f string) error { return drawRoofline(f, "title", points, limit) },
		"coding.svg":   func(f string) error { return drawCoding(f, []coding{expectCoding(0.5)}) },
	} {
		file := filepath.Join(t.TempDir(), name)
		require.NoError(t, draw(file))
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(data), "<svg")
	}
	require.Error(t, drawRoofline(filepath.Join(t.TempDir(), "no.ending"), "", points, limit))
}
