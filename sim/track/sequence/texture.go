package sequence

import "math/rand/v2"

// Pictures are drawn with sums, products and divisions alone, and each product is rounded before it
// is added (float64 around it): every machine then draws the same bytes.

// rgb is a colour, 0..255 each.
type rgb [3]float64

// mix goes from a to b.
func mix(a, b rgb, t float64) (c rgb) {
	for i := range c {
		c[i] = lerp(a[i], b[i], t)
	}
	return c
}

func lerp(a, b, t float64) float64 { return a + float64((b-a)*t) }

// hash is a number of 64 bits that looks random (the finalizer of SplitMix64).
func hash(seed uint64, x, y int) uint64 {
	z := seed + 0x9e3779b97f4a7c15*uint64(uint32(x)) + 0xc2b2ae3d27d4eb4f*uint64(uint32(y))
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// lattice is a number 0..1 at a whole place.
func lattice(seed uint64, x, y int) float64 { return float64(float64(hash(seed, x, y)>>11) * 0x1p-53) }

// value is smooth noise, 0..1: between the whole places it goes from one number to the next.
func value(seed uint64, x, y float64) float64 {
	i, u := whole(x)
	j, v := whole(y)
	above := lerp(lattice(seed, i, j), lattice(seed, i+1, j), u)
	below := lerp(lattice(seed, i, j+1), lattice(seed, i+1, j+1), u)
	return lerp(above, below, v)
}

// whole is floor, and a smooth step of the rest.
func whole(x float64) (int, float64) {
	i := int(x)
	if float64(i) > x {
		i--
	}
	t := x - float64(i)
	return i, float64(float64(t*t) * (3 - float64(2*t)))
}

// texture is a pattern of up to four colours.
type texture struct {
	seed    uint64
	colours [4]rgb
	grain   float64 // places of the noise over the texture
	stripes float64 // of them across it; 0: none
	slant   float64
	hard    bool // patches with edges in place of flowing colours
}

// newTexture draws a pattern.
func newTexture(rng *rand.Rand, colours [4]rgb) texture {
	t := texture{seed: rng.Uint64(), colours: colours, grain: 2 + float64(rng.IntN(4)),
		slant: float64(rng.IntN(9)-4) / 4, hard: rng.IntN(2) == 0}
	if rng.IntN(2) == 0 {
		t.stripes = 2 + float64(rng.IntN(4))
	}
	return t
}

// palette draws colours that are not all alike.
func palette(rng *rand.Rand) (p [4]rgb) {
	for i := range p {
		for c := range p[i] {
			p[i][c] = float64(rng.IntN(236) + 10)
		}
	}
	return p
}

// at is the colour at a place, 0..1 across the texture and any other beside it.
func (t *texture) at(x, y float64) rgb {
	n := value(t.seed, float64(x*t.grain), float64(y*t.grain))
	n = lerp(n, value(t.seed+1, float64(x*t.grain)*3, float64(y*t.grain)*3), 0.3)
	if t.hard {
		n = float64(int(n*5)) / 4
	}
	c := mix(t.colours[0], t.colours[1], min(n, 1))
	if t.stripes > 0 {
		i := int(float64((x+float64(y*t.slant)+4)*t.stripes)*2) & 1
		c = mix(c, t.colours[2], 0.75*float64(i))
	}
	if value(t.seed+2, float64(x*t.grain)*1.5, float64(y*t.grain)*1.5) > 0.62 {
		c = t.colours[3]
	}
	return c
}
