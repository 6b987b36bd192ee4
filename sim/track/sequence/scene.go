package sequence

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
)

// scene is a drawn sequence: a target and a distractor of the same colours before clutter, seen by
// a camera that moves.
type scene struct {
	Settings
	seed             uint64
	ground           texture
	target, becomes  texture
	distractor, bar  texture
	boxes, others    []Box
	camera           [][2]float64
	occluded, darker int // first picture with the bar, the darkest one
	fromLeft         bool
}

// Generate draws the sequence of a seed. Pictures are made when they are needed.
func Generate(g Settings, seed uint64) *Sequence {
	rng := rand.New(rand.NewPCG(seed, 0x7261636b))
	sc := &scene{Settings: g, seed: rng.Uint64()}
	colours := palette(rng)
	sc.ground, sc.bar = newTexture(rng, palette(rng)), newTexture(rng, palette(rng))
	sc.target, sc.becomes = newTexture(rng, colours), newTexture(rng, colours)
	sc.distractor = newTexture(rng, colours)
	sc.ground.grain, sc.ground.stripes = 4+float64(rng.IntN(5)), 0
	sc.occluded = g.Frames/4 + rng.IntN(max(g.Frames/2, 1))
	sc.darker = g.Frames/4 + rng.IntN(max(g.Frames/2, 1))
	sc.fromLeft = rng.IntN(2) == 0
	sc.move(rng)
	return &Sequence{
		Name: fmt.Sprintf("synthetic-%d", seed), Width: g.Width, Height: g.Height, First: 1,
		Truth:   sc.boxes,
		picture: func(i int) (*image.RGBA, error) { return sc.draw(i), nil },
	}
}

// move draws the ways of target, distractor and camera.
func (sc *scene) move(rng *rand.Rand) {
	uniform := func() float64 { return float64(2*float64(rng.Float64())) - 1 }
	half := float64(float64(sc.Target) * sc.Scale / 2)
	size := [2]float64{float64(sc.Width), float64(sc.Height)}
	tall := lerp(0.8, 1.3, rng.Float64())
	grow, phase := float64(1+rng.IntN(2)), float64(rng.Float64())
	side, nearest := [2]float64{1, 0}, float64(float64(sc.Frames)*lerp(0.3, 0.7, rng.Float64()))
	if rng.IntN(2) == 0 {
		side = [2]float64{0, 1}
	}
	if rng.IntN(2) == 0 {
		side[0], side[1] = -side[0], -side[1]
	}
	var at, v, cam, pan [2]float64
	for k := range at {
		at[k] = float64(size[k] * lerp(0.35, 0.65, rng.Float64()))
		v[k], pan[k] = float64(uniform()*sc.Speed), float64(uniform()*sc.Speed)/4
	}
	for i := range sc.Frames {
		s := triangle(phase + float64(grow*float64(i))/float64(sc.Frames))
		edge := float64(float64(sc.Target) * lerp(1/sc.Scale, sc.Scale, s))
		sc.boxes = append(sc.boxes, around(at, edge, float64(edge*tall)))
		apart := sc.Near + float64(math.Abs(float64(i)-nearest)/8)
		d := float64(apart * edge)
		place := [2]float64{at[0] + float64(d*side[0]), at[1] + float64(d*side[1])}
		sc.others = append(sc.others, around(place, edge, edge))
		sc.camera = append(sc.camera, cam)
		for k := range at {
			v[k] = min(max(v[k]+float64(uniform()*sc.Speed/2), -sc.Speed), sc.Speed)
			if next := at[k] + v[k]; next < half || next > size[k]-half {
				v[k] = -v[k]
			}
			at[k] += v[k]
			cam[k] += pan[k]
		}
	}
}

// triangle goes from 0 to 1 and back while t goes to the next whole number.
func triangle(t float64) float64 {
	t -= math.Floor(t)
	return min(float64(2*t), 2-float64(2*t))
}

// around is the box of a size around a place, on whole pixels as the benchmark's.
func around(at [2]float64, w, h float64) Box {
	x, y := math.Round(at[0]-float64(w/2)), math.Round(at[1]-float64(h/2))
	return Box{X: x, Y: y, W: math.Round(w), H: math.Round(h)}
}
