package feature

import (
	"image"
	"math"

	"bdfasim/sim/track/sequence"
)

// Edge and Padding are the size of crops and what of it lies around the box, MDNet's.
const (
	Edge    = 107
	Padding = 16
)

// outside is the colour where there is no picture.
const outside = 128

// tap is where an output pixel lies along one axis: between pixels at and at+1, at 256ths.
type tap struct{ at, part int }

// taps spreads the pixels of a crop over a box and its padding along one axis.
func taps(t *[Edge]tap, from, size float64) {
	step := float64(size*(Edge+2*Padding)) / (Edge * Edge)
	start := from + float64(size/2) - float64(step*Edge/2) + float64(step/2) - 0.5
	for i := range t {
		at := int(math.Floor((start + float64(step*float64(i))) * 256))
		t[i] = tap{at >> 8, at & 255}
	}
}

// crop writes the planes of a crop, -128..127 a number.
func crop(dst []float64, img *image.RGBA, b sequence.Box) {
	var x, y [Edge]tap
	taps(&x, b.X, b.W)
	taps(&y, b.Y, b.H)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for i, v := range y {
		inside := v.at >= 0 && v.at+1 < h
		for j, u := range x {
			var four [4][]byte // above and below, left and right
			if inside && u.at >= 0 && u.at+1 < w {
				at := v.at*img.Stride + 4*u.at
				four[0], four[2] = img.Pix[at:at+8], img.Pix[at+img.Stride:at+img.Stride+8]
				four[1], four[3] = four[0][4:], four[2][4:]
			} else {
				for k := range four {
					four[k] = pixel(img, u.at+k&1, v.at+k>>1)
				}
			}
			for c := range 3 {
				above := int(four[0][c])*(256-u.part) + int(four[1][c])*u.part
				below := int(four[2][c])*(256-u.part) + int(four[3][c])*u.part
				sum := above*(256-v.part) + below*v.part
				dst[(c*Edge+i)*Edge+j] = float64((sum+1<<15)>>16 - outside)
			}
		}
	}
}

// nothing is what is seen outside a picture.
var nothing = []byte{outside, outside, outside}

// pixel is a pixel of a picture or what is outside.
func pixel(img *image.RGBA, x, y int) []byte {
	if !(image.Point{X: x, Y: y}).In(img.Rect) {
		return nothing
	}
	return img.Pix[img.PixOffset(x, y):]
}
