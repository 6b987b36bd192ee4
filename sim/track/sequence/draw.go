package sequence

import (
	"image"
	"math"
)

// draw makes a picture of the scene.
func (sc *scene) draw(i int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, sc.Width, sc.Height))
	part := 0.0
	if sc.Frames > 1 {
		part = float64(i) / float64(sc.Frames-1)
	}
	turned := float64(sc.Turn * part)
	light := lerp(sc.Light, 1, min(math.Abs(float64(i-sc.darker))/float64(sc.Frames)*3, 1))
	bar := sc.barAt(i)
	for y := range sc.Height {
		for x := range sc.Width {
			c := sc.colour(float64(x)+0.5, float64(y)+0.5, i, turned, bar)
			at := img.PixOffset(x, y)
			for k := range c {
				noise := 0
				if sc.Noise > 0 {
					noise = int(hash(sc.seed+uint64(i), 4*x+k, y)%uint64(2*sc.Noise+1)) - sc.Noise
				}
				img.Pix[at+k] = uint8(min(max(int(c[k]*light)+noise, 0), 255))
			}
			img.Pix[at+3] = 255
		}
	}
	return img
}

// colour is what is seen at a place of a picture, without light and noise.
func (sc *scene) colour(x, y float64, i int, turned float64, bar Box) rgb {
	if u, v := within(bar, x, y); u >= 0 && u < 1 && v >= 0 && v < 1 {
		return sc.bar.at(u, float64(v*3))
	}
	if u, v := within(sc.boxes[i], x, y); round(u, v) {
		return mix(sc.target.at(u, v), sc.becomes.at(u, v), turned)
	}
	if u, v := within(sc.others[i], x, y); round(u, v) {
		return sc.distractor.at(u, v)
	}
	cam := sc.camera[i]
	return sc.ground.at((x+cam[0])/float64(sc.Height)+8, (y+cam[1])/float64(sc.Height)+8)
}

// within is a place in parts of a box.
func within(b Box, x, y float64) (u, v float64) {
	if !b.Known() {
		return -1, -1
	}
	return (x - b.X) / b.W, (y - b.Y) / b.H
}

// round tells whether a place is in the shape that fits a box: between ellipse and rectangle.
func round(u, v float64) bool {
	u, v = 2*u-1, 2*v-1
	u, v = float64(u*u), float64(v*v)
	return float64(u*u)+float64(v*v) < 1
}

// barAt is the bar that passes over the target, from one side to the other; zero before and after.
func (sc *scene) barAt(i int) Box {
	n := i - sc.occluded
	if n < 0 || n >= sc.Occluded {
		return Box{}
	}
	b, w := sc.boxes[i], float64(float64(sc.Target)*0.7)
	t := (float64(n) + 0.5) / float64(sc.Occluded)
	if !sc.fromLeft {
		t = 1 - t
	}
	return Box{X: lerp(b.X-w, b.X+b.W, t), Y: 0, W: w, H: float64(sc.Height)}
}
