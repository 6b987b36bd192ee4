package track

import (
	"image"
	"image/color"
	"image/color/palette"
	"image/draw"
	"image/gif"
	"io"

	"bdfasim/power/chart"
	"bdfasim/sim/output"
	"bdfasim/sim/track/sequence"
)

// Trail is a row of boxes and the colour that they are drawn in.
type Trail struct {
	Boxes []sequence.Box
	Color color.NRGBA
}

// TruthColor is that of the truth in overlays.
var TruthColor = color.NRGBA{255, 255, 255, 255}

// TrailColor is that of the i-th tracker.
func TrailColor(i int) color.NRGBA { return chart.Palette[i%len(chart.Palette)] }

// widest is the width that pictures of an overlay are brought to, if they are wider.
const widest = 320

// Overlay writes the sequence with boxes as an animated GIF of reduced size.
func Overlay(name string, q *sequence.Sequence, trails []Trail) error {
	step := (q.Width + widest - 1) / widest
	trails = append([]Trail{{q.Truth, TruthColor}}, trails...)
	var out gif.GIF
	for i := range q.Len() {
		img, err := q.Picture(i)
		if err != nil {
			return err
		}
		small := image.NewRGBA(image.Rect(0, 0, q.Width/step, q.Height/step))
		for y := range small.Rect.Dy() {
			for x := range small.Rect.Dx() {
				small.SetRGBA(x, y, img.RGBAAt(x*step, y*step))
			}
		}
		for _, t := range trails {
			outline(small, t.Boxes[i], float64(step), t.Color)
		}
		frame := image.NewPaletted(small.Rect, palette.Plan9)
		draw.Draw(frame, frame.Rect, small, image.Point{}, draw.Src)
		out.Image, out.Delay = append(out.Image, frame), append(out.Delay, 7) // 100ths of a second
	}
	return output.Write(name, func(w io.Writer) error { return gif.EncodeAll(w, &out) })
}

// outline draws a box, two pixels wide.
func outline(img *image.RGBA, b sequence.Box, step float64, c color.Color) {
	x0, y0 := int(b.X/step), int(b.Y/step)
	x1, y1 := int((b.X+b.W)/step), int((b.Y+b.H)/step)
	for _, r := range []image.Rectangle{
		image.Rect(x0, y0, x1, y0+2), image.Rect(x0, y1-2, x1, y1),
		image.Rect(x0, y0, x0+2, y1), image.Rect(x1-2, y0, x1, y1),
	} {
		if b.Known() {
			draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
		}
	}
}
