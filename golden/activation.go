package golden

import "math"

// activation is a function and its derivative. The derivative may use a or
// o = f(a), whichever is cheaper; relu's is 0 at a = 0.
type activation struct {
	f  func(a float64) float64
	df func(a, o float64) float64
}

var activations = map[Activation]activation{
	ReLU: {
		f: func(a float64) float64 { return max(a, 0) },
		df: func(a, _ float64) float64 {
			if a > 0 {
				return 1
			}
			return 0
		},
	},
	Tanh: {
		f:  math.Tanh,
		df: func(_, o float64) float64 { return 1 - o*o },
	},
	Sigmoid: {
		f:  func(a float64) float64 { return 1 / (1 + math.Exp(-a)) },
		df: func(_, o float64) float64 { return o * (1 - o) },
	},
	Identity: {
		f:  func(a float64) float64 { return a },
		df: func(_, _ float64) float64 { return 1 },
	},
}
