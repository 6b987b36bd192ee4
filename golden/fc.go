package golden

import "bdfasim/golden/gemm"

// fullyConnected is E1's affine map on vectors, a sample a row.
type fullyConnected struct{}

func (fullyConnected) forward(n *Network, l *Layer, x []float64) {
	out, in := l.W.Rows, l.W.Cols
	n.mul.Views(rowMajor(l.a, out), rowMajor(x, in), transposed(l.W), n.batch, out, in)
	if l.B == nil {
		return
	}
	for at := 0; at < len(l.a); at += out {
		row := l.a[at : at+out]
		for j, v := range l.B {
			row[j] += v
		}
	}
}

func (fullyConnected) through(n *Network, l *Layer, w Mat, dst []float64) {
	n.mul.Views(rowMajor(dst, w.Cols), rowMajor(l.e, w.Rows), rowMajor(w.Data, w.Cols), n.batch, w.Cols, w.Rows)
}

func (fullyConnected) gradient(n *Network, l *Layer) {
	out, in := l.G.Rows, l.G.Cols
	eT := gemm.View{Data: l.e, Row: 1, Col: out}
	n.mul.Views(rowMajor(l.G.Data, in), eT, rowMajor(l.in, in), out, in, n.batch)
	clear(l.GB)
	if l.GB == nil {
		return
	}
	for at := 0; at < len(l.e); at += out {
		for j, v := range l.e[at : at+out] {
			l.GB[j] += v
		}
	}
}

func rowMajor(data []float64, cols int) gemm.View { return gemm.View{Data: data, Row: cols, Col: 1} }

func transposed(m Mat) gemm.View { return gemm.View{Data: m.Data, Row: 1, Col: m.Cols} }
