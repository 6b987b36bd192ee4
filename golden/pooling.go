package golden

import "bdfasim/firmware/net"

// window is what both pools share: each plane is handled alone.
type window struct {
	d        net.Layer
	x, y     []float64
	g, gx    []float64
	fwd, bwd func(lo, hi, worker int)
}

const planeGrain = 16 // planes worth a goroutine

func (w *window) run(n *Network, x []float64) {
	w.x, w.y = x, grow(w.y, n.batch*w.d.To.Size())
}

func (w *window) planes(n *Network) int { return n.batch * w.d.In.Channels }

// at is where the window of output o of a plane begins in its input plane.
func (w *window) at(o int) int {
	return o/w.d.To.Width*w.d.Stride*w.d.In.Width + o%w.d.To.Width*w.d.Stride
}

// sizes are the elements of an input and an output plane.
func (w *window) sizes() (in, out int) {
	return w.d.In.Height * w.d.In.Width, w.d.To.Height * w.d.To.Width
}

func (w *window) backward(n *Network, g []float64) []float64 {
	w.g, w.gx = g, grow(w.gx, n.batch*w.d.In.Size())
	n.pool.Range(w.planes(n), planeGrain, w.bwd)
	return w.gx
}

// maxPool passes the largest element of a window, the first in row-major
// order of equal ones, and sends the error back to it alone.
type maxPool struct {
	window
	from []int32 // place in the input plane of each output
}

func newMaxPool(d net.Layer) *maxPool {
	m := &maxPool{window: window{d: d}}
	m.fwd, m.bwd = m.forwardPlanes, m.backwardPlanes
	return m
}

func (m *maxPool) forward(n *Network, x []float64) []float64 {
	m.run(n, x)
	m.from = grow(m.from, len(m.y))
	n.pool.Range(m.planes(n), planeGrain, m.fwd)
	return m.y
}

func (m *maxPool) forwardPlanes(lo, hi, _ int) {
	in, out := m.sizes()
	for p := lo; p < hi; p++ {
		x, y, from := m.x[p*in:(p+1)*in], m.y[p*out:(p+1)*out], m.from[p*out:(p+1)*out]
		for o := range y {
			at := m.at(o)
			best := at
			for r := range m.d.Kernel {
				for c := range m.d.Kernel {
					if k := at + r*m.d.In.Width + c; x[k] > x[best] {
						best = k
					}
				}
			}
			y[o], from[o] = x[best], int32(best)
		}
	}
}

func (m *maxPool) backwardPlanes(lo, hi, _ int) {
	in, out := m.sizes()
	for p := lo; p < hi; p++ {
		gx := m.gx[p*in : (p+1)*in]
		clear(gx)
		for o, from := range m.from[p*out : (p+1)*out] {
			gx[from] += m.g[p*out+o]
		}
	}
}

// avgPool passes the mean of a window and shares the error among it.
type avgPool struct{ window }

func newAvgPool(d net.Layer) *avgPool {
	a := &avgPool{window{d: d}}
	a.fwd, a.bwd = a.forwardPlanes, a.backwardPlanes
	return a
}

func (a *avgPool) forward(n *Network, x []float64) []float64 {
	a.run(n, x)
	n.pool.Range(a.planes(n), planeGrain, a.fwd)
	return a.y
}

func (a *avgPool) forwardPlanes(lo, hi, _ int) {
	in, out := a.sizes()
	for p := lo; p < hi; p++ {
		x := a.x[p*in : (p+1)*in]
		for o := range out {
			total := 0.0
			for r := range a.d.Kernel {
				at := a.at(o) + r*a.d.In.Width
				for _, v := range x[at : at+a.d.Kernel] {
					total += v
				}
			}
			a.y[p*out+o] = total / float64(a.d.Kernel*a.d.Kernel)
		}
	}
}

func (a *avgPool) backwardPlanes(lo, hi, _ int) {
	in, out := a.sizes()
	for p := lo; p < hi; p++ {
		gx := a.gx[p*in : (p+1)*in]
		clear(gx)
		for o := range out {
			share := a.g[p*out+o] / float64(a.d.Kernel*a.d.Kernel)
			for r := range a.d.Kernel {
				at := a.at(o) + r*a.d.In.Width
				for k := range a.d.Kernel {
					gx[at+k] += share
				}
			}
		}
	}
}
