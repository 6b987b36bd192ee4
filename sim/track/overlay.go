package track

import (
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"io"
	"math"

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
	step := max(1, (q.Width+widest-1)/widest)
	var out gif.GIF
	for i := range q.Len() {
		img, err := q.Picture(i)
		if err != nil {
			return err
		}
		frame := reduced(img, step)
		for _, t := range append([]Trail{{q.Truth, TruthColor}}, trails...) {
			outline(frame, t.Boxes[i], step, t.Color)
		}
		out.Image, out.Delay = append(out.Image, frame), append(out.Delay, 7) // 100ths of a second
	}
	return output.Write(name, func(w io.Writer) error { return gif.EncodeAll(w, &out) })
}

// web is a palette whose colours can be found without a search: six steps of each.
var web = color.Palette(palette.WebSafe)

// dither hides the steps of 51 between two colours in a pattern of four by four.
var dither = [4][4]int{{1, 26, 7, 33}, {39, 13, 45, 20}, {10, 36, 4, 29}, {48, 23, 42, 17}}

// reduced takes the mean of squares of pixels, in the palette's colours.
func reduced(img *image.RGBA, step int) *image.Paletted {
	out := image.NewPaletted(image.Rect(0, 0, img.Rect.Dx()/step, img.Rect.Dy()/step), web)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [3]int
			for dy := range step {
				at := img.PixOffset(x*step, y*step+dy)
				for dx := range step {
					for c := range sum {
						sum[c] += int(img.Pix[at+4*dx+c])
					}
				}
			}
			index := 0
			for _, v := range sum {
				index = index*6 + min((v/(step*step)+dither[y&3][x&3])/51, 5)
			}
			out.Pix[y*out.Stride+x] = uint8(index)
		}
	}
	return out
}

// outline draws a box, two pixels wide.
func outline(img *image.Paletted, b sequence.Box, step int, c color.NRGBA) {
	if !b.Known() {
		return
	}
	index := uint8(web.Index(c))
	scale := func(v float64) int { return int(math.Round(v / float64(step))) }
	x0, y0, x1, y1 := scale(b.X), scale(b.Y), scale(b.X+b.W), scale(b.Y+b.H)
	set := func(x, y int) {
		if (image.Point{X: x, Y: y}).In(img.Rect) {
			img.SetColorIndex(x, y, index)
		}
	}
	for d := range 2 {
		for x := max(x0, 0); x <= min(x1, img.Rect.Max.X); x++ {
			set(x, y0+d)
			set(x, y1-d)
		}
		for y := max(y0, 0); y <= min(y1, img.Rect.Max.Y); y++ {
			set(x0+d, y)
			set(x1-d, y)
		}
	}
}
