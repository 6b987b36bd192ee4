package golden

import (
	"math"

	"bdfasim/firmware/net"
)

// activation is a function and its derivative over slices of equal length:
// f writes o = f(a), df multiplies g by f'(a), from a or from o, whichever is
// cheaper; relu's is 0 at a = 0.
type activation struct {
	f  func(a, o []float64)
	df func(a, o, g []float64)
}

var activations = map[net.LayerType]activation{
	net.ReLU: {
		f: func(a, o []float64) {
			for k, v := range a {
				o[k] = max(v, 0)
			}
		},
		df: func(a, _, g []float64) {
			for k, v := range a { // the sign of 0 - v, spread over a word: a branch would be a coin toss
				positive := uint64(int64(math.Float64bits(0-v)) >> 63)
				g[k] = math.Float64frombits(math.Float64bits(g[k]) & positive)
			}
		},
	},
	net.Tanh: {
		f: func(a, o []float64) {
			for k, v := range a {
				o[k] = math.Tanh(v)
			}
		},
		df: func(_, o, g []float64) {
			for k, v := range o {
				g[k] *= 1 - float64(v*v)
			}
		},
	},
	net.Sigmoid: {
		f: func(a, o []float64) {
			for k, v := range a {
				o[k] = 1 / (1 + math.Exp(-v))
			}
		},
		df: func(_, o, g []float64) {
			for k, v := range o {
				g[k] *= v * (1 - v)
			}
		},
	},
}

// activate applies an activation element by element.
type activate struct {
	fn       activation
	x, y, g  []float64
	fwd, bwd func(lo, hi, worker int)
}

// elementGrain is the least number of elements worth a goroutine.
const elementGrain = 1 << 13

func newActivate(k net.LayerType) *activate {
	a := &activate{fn: activations[k]}
	a.fwd = func(lo, hi, _ int) { a.fn.f(a.x[lo:hi], a.y[lo:hi]) }
	a.bwd = func(lo, hi, _ int) { a.fn.df(a.x[lo:hi], a.y[lo:hi], a.g[lo:hi]) }
	return a
}

func (a *activate) forward(n *Network, x []float64) []float64 {
	a.x, a.y = x, grow(a.y, len(x))
	n.pool.Range(len(x), elementGrain, a.fwd)
	return a.y
}

func (a *activate) backward(n *Network, g []float64) []float64 {
	a.g = g
	n.pool.Range(len(g), elementGrain, a.bwd)
	return g
}
