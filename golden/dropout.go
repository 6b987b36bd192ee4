package golden

import "bdfasim/firmware/net"

// dropout multiplies by a mask of 0 and 1/(1 - rate) in training (Srivastava
// et al. 2014), drawn from the seed and the number of steps or given; the
// error takes the same mask.
type dropout struct {
	d      net.Layer
	number int       // from 0, among the network's dropouts
	given  []float64 // nil: draw
	mask   []float64 // of the last pass, in the layout of its planes
	y      []float64
	active bool
}

func newDropout(d net.Layer) *dropout { return &dropout{d: d} }

func (d *dropout) forward(n *Network, x []float64) []float64 {
	if d.active = n.mode.dropout; !d.active {
		return x
	}
	d.mask = grow(d.mask, len(x))
	if d.given != nil {
		toPlanes(d.mask, d.given, d.d.In, n.batch)
	} else {
		d.draw(n)
	}
	d.y = grow(d.y, len(x))
	for k, v := range x {
		d.y[k] = v * d.mask[k]
	}
	return d.y
}

func (d *dropout) draw(n *Network) {
	n.seed(streamDropout, d.number)
	for k := range d.mask {
		d.mask[k] = 0
		if n.uniform() >= d.d.Rate {
			d.mask[k] = 1 / (1 - d.d.Rate)
		}
	}
}

func (d *dropout) backward(_ *Network, g []float64) []float64 {
	if d.active {
		for k, m := range d.mask {
			g[k] *= m
		}
	}
	return g
}
