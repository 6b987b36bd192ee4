package sequence

import "math"

// Box is a rectangle in pixels: its upper left corner, from 0, width and height. The zero Box says
// that nobody knows.
type Box struct{ X, Y, W, H float64 }

// Known tells whether a box has an area.
func (b Box) Known() bool { return b.W > 0 && b.H > 0 }

// Center is the middle of the box.
func (b Box) Center() (x, y float64) { return b.X + float64(b.W/2), b.Y + float64(b.H/2) }

// Overlap is intersection over union, 0 to 1; 0 if one of the boxes has no area.
func (b Box) Overlap(o Box) float64 {
	if !b.Known() || !o.Known() {
		return 0
	}
	w := min(b.X+b.W, o.X+o.W) - max(b.X, o.X)
	h := min(b.Y+b.H, o.Y+o.H) - max(b.Y, o.Y)
	common := float64(max(w, 0) * max(h, 0))
	return common / (float64(b.W*b.H) + float64(o.W*o.H) - common)
}

// Distance is that of the centers.
func (b Box) Distance(o Box) float64 {
	x, y := b.Center()
	u, v := o.Center()
	return math.Sqrt(float64((x-u)*(x-u)) + float64((y-v)*(y-v)))
}

// inside tells whether a part of the box lies on a picture.
func (b Box) inside(width, height int) bool {
	return b.X < float64(width) && b.Y < float64(height) && b.X+b.W > 0 && b.Y+b.H > 0
}
