package golden

import "bdfasim/firmware/net"

// pooling handles each plane alone.
type pooling struct {
	d        net.Layer
	x, y     []float64
	g, gx    []float64
	from     []int32 // max pooling: the place in the input plane of each output
	fwd, bwd func(lo, hi, worker int)
}

const planeGrain = 16 // planes worth a goroutine

// newMaxPool passes the largest element of a window, the first in row-major
// order of equal ones, and sends the error back to it alone.
func newMaxPool(d net.Layer) *pooling {
	p := &pooling{d: d}
	p.fwd, p.bwd = p.planes((*pooling).largest), p.planes((*pooling).toLargest)
	return p
}

// newAvgPool passes the mean of a window and shares the error among it.
func newAvgPool(d net.Layer) *pooling {
	p := &pooling{d: d}
	p.fwd, p.bwd = p.planes((*pooling).mean), p.planes((*pooling).share)
	return p
}

// planes calls one for each plane, with where it begins in the input and in
// the output.
func (p *pooling) planes(one func(p *pooling, in, out int)) func(lo, hi, worker int) {
	return func(lo, hi, _ int) {
		for k := lo; k < hi; k++ {
			one(p, k*p.d.In.Height*p.d.In.Width, k*p.outputs())
		}
	}
}

// outputs are the elements of an output plane.
func (p *pooling) outputs() int { return p.d.To.Height * p.d.To.Width }

// at is where the window of output o of a plane begins in its input plane.
func (p *pooling) at(o int) int {
	return o/p.d.To.Width*p.d.Stride*p.d.In.Width + o%p.d.To.Width*p.d.Stride
}

func (p *pooling) forward(n *Network, x []float64) []float64 {
	p.x, p.y = x, grow(p.y, n.batch*p.d.To.Size())
	p.from = grow(p.from, len(p.y))
	n.pool.Range(n.batch*p.d.In.Channels, planeGrain, p.fwd)
	return p.y
}

func (p *pooling) backward(n *Network, g []float64) []float64 {
	p.g, p.gx = g, grow(p.gx, n.batch*p.d.In.Size())
	clear(p.gx)
	n.pool.Range(n.batch*p.d.In.Channels, planeGrain, p.bwd)
	return p.gx
}

func (p *pooling) largest(in, out int) {
	x := p.x[in:]
	for o := range p.outputs() {
		at := p.at(o)
		best := at
		for r := range p.d.Kernel {
			for c := range p.d.Kernel {
				if k := at + r*p.d.In.Width + c; x[k] > x[best] {
					best = k
				}
			}
		}
		p.y[out+o], p.from[out+o] = x[best], int32(best)
	}
}

func (p *pooling) toLargest(in, out int) {
	for o := range p.outputs() {
		p.gx[in+int(p.from[out+o])] += p.g[out+o]
	}
}

func (p *pooling) mean(in, out int) {
	for o := range p.outputs() {
		total := 0.0
		for r := range p.d.Kernel {
			at := in + p.at(o) + r*p.d.In.Width
			for _, v := range p.x[at : at+p.d.Kernel] {
				total += v
			}
		}
		p.y[out+o] = total / float64(p.d.Kernel*p.d.Kernel)
	}
}

func (p *pooling) share(in, out int) {
	for o := range p.outputs() {
		share := p.g[out+o] / float64(p.d.Kernel*p.d.Kernel)
		for r := range p.d.Kernel {
			at := in + p.at(o) + r*p.d.In.Width
			for k := range p.d.Kernel {
				p.gx[at+k] += share
			}
		}
	}
}
