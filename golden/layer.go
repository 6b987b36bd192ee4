package golden

import "bdfasim/firmware/net"

// op is what stands between two weighted layers: activation, batch norm,
// dropout, pooling, flatten. Planes are channel-major over the batch (channel,
// sample, row, column), so that a convolution of the batch is one product and
// a channel's numbers are neighbours; vectors are one sample a row.
type op interface {
	// forward returns its output, in a buffer of its own that the next call
	// overwrites. It keeps x for backward.
	forward(n *Network, x []float64) []float64
	// backward turns the error at its output into that at its input, in place
	// where sizes allow, and sums the gradients of its parameters.
	backward(n *Network, g []float64) []float64
}

// weights is the linear part of a layer.
type weights interface {
	// forward writes a = W x + b.
	forward(n *Network, l *Layer, x []float64)
	// through writes W^T e with any matrix of W's shape, the error at the input.
	through(n *Network, l *Layer, w Mat, dst []float64)
	// gradient writes the sums over the batch of e x^T into l.G and of e into l.GB.
	gradient(n *Network, l *Layer)
}

// Layer is a weighted layer i with everything up to the next one: a_i = W_i
// o_{i-1} + b_i, then batch norm, activation, dropout, pooling and flatten as
// the description has them, which end in o_i. With all these as f, the notation
// of package golden holds for convolutions too.
//
// W, B, V and VB are the caller's to read or change element by element; G and
// GB show the last pass.
type Layer struct {
	Name string    // conv1, conv2, ..., fc1, fc2, ...
	Desc net.Layer // its line of the description

	W, V, G   Mat       // weights, velocities, gradients: outputs x fan-in (conv: channels, rows, columns)
	B, VB, GB []float64 // biases, one an output or channel; nil without

	kind  weights
	post  []op
	out   net.Shape // of o_i
	in, a []float64 // o_{i-1} and a_i of the last pass
	o, e  []float64 // o_i and e_i
	sig   []float64 // the teaching signal at o_i, which post turns into e_i
}

func newLayer(name string, d net.Layer) *Layer {
	l := &Layer{Name: name, Desc: d, out: d.To}
	rows, cols := d.Out, d.In.Size()
	if d.Type == net.Conv {
		cols = d.In.Channels * d.Kernel * d.Kernel
		l.kind = newConv(d)
	} else {
		l.kind = &fullyConnected{}
	}
	l.W, l.V, l.G = NewMat(rows, cols), NewMat(rows, cols), NewMat(rows, cols)
	if d.Bias {
		l.B, l.VB, l.GB = make([]float64, rows), make([]float64, rows), make([]float64, rows)
	}
	return l
}

// forward runs the layer on o_{i-1} and returns o_i.
func (l *Layer) forward(n *Network, x []float64) []float64 {
	l.in = x
	l.a = grow(l.a, n.batch*l.Desc.To.Size())
	l.kind.forward(n, l, x)
	l.o = l.a
	for _, p := range l.post {
		l.o = p.forward(n, l.o)
	}
	return l.o
}

// backward turns the signal in l.sig into e_i.
func (l *Layer) backward(n *Network) {
	g := l.sig
	for i := len(l.post) - 1; i >= 0; i-- {
		g = l.post[i].backward(n, g)
	}
	l.e = g
}

// grow returns a slice of n elements, in s's memory if that is large enough.
func grow[T any](s []T, n int) []T {
	if n > cap(s) {
		return make([]T, n)
	}
	return s[:n]
}

// newOp makes the op of an unweighted layer.
func newOp(d net.Layer) op {
	switch d.Type {
	case net.BN:
		return newBatchNorm(d.In)
	case net.MaxPool:
		return newMaxPool(d)
	case net.AvgPool:
		return newAvgPool(d)
	case net.Flatten:
		return newFlatten(d.In)
	case net.Dropout:
		return newDropout(d)
	}
	return newActivate(d.Type)
}
