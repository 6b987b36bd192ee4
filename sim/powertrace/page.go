package powertrace

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"bdfasim/power"
	"bdfasim/rtl/activity"
)

// Formats are the kinds of picture that Plot.Render makes.
var Formats = []string{"png", "svg", "pdf"}

// The page: two panels above each other, and the legend in a column beside them.
const (
	pageWidth   = 26 * vg.Centimeter
	pageHeight  = 15 * vg.Centimeter
	legendWidth = 3 * vg.Centimeter
	margin      = 3 * vg.Millimeter
	pixels      = 192 // an inch
)

// unitColors are the units' colours, by activity.Unit.
var unitColors = [activity.NumUnits]color.RGBA{
	activity.Seq: rgb(0x4d4d4d), activity.DMA: rgb(0x9c755f), activity.WLD: rgb(0x86bcb6), activity.DNNC: rgb(0x4e79a7),
	activity.Drain: rgb(0xa0cbe8), activity.Loss: rgb(0xb07aa1), activity.DEPC: rgb(0x59a14f), activity.Mom: rgb(0xf28e2b),
	activity.Norm: rgb(0xd4a6c8), activity.EPC: rgb(0x8cd17d), activity.LFSR: rgb(0xb6992d), activity.OMEM: rgb(0xedc948),
	activity.XMem: rgb(0xe15759),
}

// phaseColors are those of the strip of phases.
var phaseColors = [power.NumPhases]color.RGBA{rgb(0xe0e0e0), rgb(0x7fb3ff), rgb(0xc98fe0), rgb(0xff9f9f), rgb(0x98d98e), rgb(0xc8b090), rgb(0xffe08a), rgb(0xa0a0a0)}

func rgb(c uint32) color.RGBA { return color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 0xff} }

// Render draws average power over cycles: the chip's units on each other, the strip of phases above them, and external
// memory in a panel of its own. format is one of Formats.
func (p *Plot) Render(w io.Writer, format string) error {
	if len(p.points) == 0 {
		return errors.New("powertrace: plot: got no window, want at least one")
	}
	canvas, err := newPage(format)
	if err != nil {
		return fmt.Errorf("powertrace: plot: %w", err)
	}
	legend := plot.NewLegend()
	legend.Top = true
	onDie, err := p.panel("On-die power (mW)", &legend, func(u activity.Unit) bool { return !power.External(u) })
	if err != nil {
		return err
	}
	onDie.Title.Text = fmt.Sprintf("Power of cycles %d to %d; a point is %d windows", p.points[0].from, p.points[len(p.points)-1].to, p.windows)
	external, err := p.panel("External memory (mW)", &legend, power.External)
	if err != nil {
		return err
	}
	external.X.Label.Text = "cycle"
	if err := p.strip(onDie, &legend); err != nil {
		return err
	}
	page := draw.Crop(draw.New(canvas), margin, -margin, margin, -margin)
	tiles := draw.Tiles{Rows: 2, Cols: 1, PadY: margin}
	panels := [][]*plot.Plot{{onDie}, {external}}
	for i, c := range plot.Align(panels, tiles, draw.Crop(page, 0, -legendWidth, 0, 0)) {
		panels[i][0].Draw(c[0])
	}
	legend.Draw(draw.Crop(page, page.Max.X-page.Min.X-legendWidth+margin, 0, 0, 0))
	if _, err := canvas.WriteTo(w); err != nil {
		return fmt.Errorf("powertrace: plot: %w", err)
	}
	return nil
}

// newPage is an empty page. A png has pixels enough for most points.
func newPage(format string) (vg.CanvasWriterTo, error) {
	if format == "png" {
		return vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(pageWidth, pageHeight), vgimg.UseDPI(pixels))}, nil
	}
	return draw.NewFormattedCanvas(pageWidth, pageHeight, format)
}

// ticks are the usual ones with short labels.
type ticks struct{ plot.DefaultTicks }

// Ticks is called by plot.
func (t ticks) Ticks(low, high float64) []plot.Tick {
	all := t.DefaultTicks.Ticks(low, high)
	for i := range all {
		if all[i].Label != "" {
			all[i].Label = strconv.FormatFloat(all[i].Value, 'g', 10, 64)
		}
	}
	return all
}

// panel stacks the power of some units on each other, those that never used any left out.
func (p *Plot) panel(title string, legend *plot.Legend, of func(activity.Unit) bool) (*plot.Plot, error) {
	out := plot.New()
	out.X.Tick.Marker, out.Y.Tick.Marker = ticks{}, ticks{}
	out.Y.Label.Text, out.Y.Min, out.X.Min, out.X.Max = title, 0, float64(p.points[0].from), float64(p.points[len(p.points)-1].to)
	floor := make([]float64, len(p.points))
	for u := range activity.NumUnits {
		if !of(u) || !p.uses(u) {
			continue
		}
		area, err := plotter.NewPolygon(p.layer(u, floor))
		if err != nil {
			return nil, fmt.Errorf("powertrace: plot: %w", err)
		}
		area.Color, area.LineStyle.Width = unitColors[u], 0
		out.Add(area)
		legend.Add(u.String(), area)
	}
	if out.Y.Max <= 0 { // nobody used any: a page with empty panels
		out.Y.Max = 1
	}
	return out, nil
}

// uses tells whether a unit ever had power.
func (p *Plot) uses(u activity.Unit) bool {
	for i := range p.points {
		if p.points[i].work[u] > 0 {
			return true
		}
	}
	return false
}

// layer is the outline of a unit's power on top of a floor, which it raises.
func (p *Plot) layer(u activity.Unit, floor []float64) plotter.XYs {
	n := len(p.points)
	out := make(plotter.XYs, 4*n)
	for i := range p.points {
		q := &p.points[i]
		from, to := float64(q.from), float64(q.to)
		out[4*n-1-2*i], out[4*n-2-2*i] = plotter.XY{X: from, Y: floor[i]}, plotter.XY{X: to, Y: floor[i]}
		floor[i] += q.mw(u)
		out[2*i], out[2*i+1] = plotter.XY{X: from, Y: floor[i]}, plotter.XY{X: to, Y: floor[i]}
	}
	return out
}

// strip draws the phases above a panel.
func (p *Plot) strip(out *plot.Plot, legend *plot.Legend) error {
	low, high := 1.03*out.Y.Max, 1.09*out.Y.Max
	var seen [power.NumPhases]bool
	for i := 0; i < len(p.points); {
		from, phase := p.points[i].from, p.points[i].mainPhase()
		for i < len(p.points) && p.points[i].mainPhase() == phase {
			i++
		}
		x0, x1 := float64(from), float64(p.points[i-1].to)
		box, err := plotter.NewPolygon(plotter.XYs{{X: x0, Y: low}, {X: x1, Y: low}, {X: x1, Y: high}, {X: x0, Y: high}})
		if err != nil {
			return fmt.Errorf("powertrace: plot: %w", err)
		}
		box.Color, box.LineStyle.Width = phaseColors[phase], 0
		out.Add(box)
		if !seen[phase] {
			seen[phase] = true
			legend.Add("phase "+power.PhaseNames[phase], box)
		}
	}
	return nil
}
