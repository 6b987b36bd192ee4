package golden

import "bdfasim/firmware/net"

// flatten turns planes into vectors, channels, then rows, then columns.
type flatten struct {
	in    net.Shape
	y, gx []float64
}

func newFlatten(in net.Shape) *flatten { return &flatten{in: in} }

func (f *flatten) forward(n *Network, x []float64) []float64 {
	f.y = grow(f.y, len(x))
	toRows(f.y, x, f.in, n.batch)
	return f.y
}

func (f *flatten) backward(n *Network, g []float64) []float64 {
	f.gx = grow(f.gx, len(g))
	toPlanes(f.gx, g, f.in, n.batch)
	return f.gx
}

// toPlanes copies samples, one a row, into the layout that the shape has
// inside a network: channel-major planes, or the same for vectors.
func toPlanes(dst, src []float64, s net.Shape, batch int) {
	swap(dst, src, s, batch, s.Channels)
}

// toRows is toPlanes backwards.
func toRows(dst, src []float64, s net.Shape, batch int) {
	swap(dst, src, s, s.Channels, batch)
}

// swap transposes rows x cols planes of a shape.
func swap(dst, src []float64, s net.Shape, rows, cols int) {
	if s.Flat() {
		copy(dst, src)
		return
	}
	plane := s.Height * s.Width
	for r := range rows {
		for c := range cols {
			copy(dst[(c*rows+r)*plane:][:plane], src[(r*cols+c)*plane:])
		}
	}
}

// sum adds in a fixed order, four chains at once because one would wait for
// each addition.
func sum(x []float64) float64 {
	var a, b, c, d float64
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d = a+x[0], b+x[1], c+x[2], d+x[3]
	}
	for _, v := range x {
		a += v
	}
	return a + b + (c + d)
}
