package golden

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/golden/gemm"
)

// bare is a network that only lends its pool to single layers.
func bare(batch int, m mode) *Network {
	n := &Network{pool: gemm.NewPool(2), batch: batch, mode: m}
	n.mul = gemm.NewMul(n.pool)
	return n
}

// asPlanes and asRows change the layout of a copy.
func asPlanes(x []float64, s net.Shape, batch int) []float64 {
	y := make([]float64, len(x))
	toPlanes(y, x, s, batch)
	return y
}

func asRows(x []float64, s net.Shape, batch int) []float64 {
	y := make([]float64, len(x))
	toRows(y, x, s, batch)
	return y
}

func TestConvolutionVectors(t *testing.T) {
	for _, c := range [][3]int{{3, 1, 1}, {3, 2, 1}, {5, 1, 0}, {7, 2, 0}, {1, 1, 0}} {
		v := openVectors(t, fmt.Sprintf("conv_k%ds%dp%d", c[0], c[1], c[2]))
		out := (9+2*c[2]-c[0])/c[1] + 1
		d := net.Layer{Type: net.Conv, Out: 4, Kernel: c[0], Stride: c[1], Pad: c[2], Bias: true,
			In: net.Shape{Channels: 3, Height: 9, Width: 9}, To: net.Shape{Channels: 4, Height: out, Width: out}}
		l, n := newLayer("conv1", d), bare(2, training)
		copy(l.W.Data, v.floats("w"))
		copy(l.B, v.floats("b"))
		l.forward(n, asPlanes(v.floats("x"), d.In, 2))
		near(t, v.floats("y"), asRows(l.a, d.To, 2), unitR, unitA, "y")
		l.e = asPlanes(v.floats("gy"), d.To, 2)
		gx := make([]float64, 2*d.In.Size())
		l.kind.through(n, l, l.W, gx)
		l.kind.gradient(n, l)
		near(t, v.floats("g_x"), asRows(gx, d.In, 2), unitR, unitA, "g_x")
		near(t, v.floats("g_w"), l.G.Data, unitR, unitA, "g_w")
		near(t, v.floats("g_b"), l.GB, unitR, unitA, "g_b")
		v.allSeen()
	}
}

func TestPoolVectors(t *testing.T) {
	for name, d := range map[string]net.Layer{
		"maxpool2":      {Type: net.MaxPool, Kernel: 2, Stride: 2, In: net.Shape{Channels: 3, Height: 8, Width: 8}, To: net.Shape{Channels: 3, Height: 4, Width: 4}},
		"maxpool3s2":    {Type: net.MaxPool, Kernel: 3, Stride: 2, In: net.Shape{Channels: 3, Height: 9, Width: 9}, To: net.Shape{Channels: 3, Height: 4, Width: 4}},
		"maxpool2_ties": {Type: net.MaxPool, Kernel: 2, Stride: 2, In: net.Shape{Channels: 1, Height: 4, Width: 4}, To: net.Shape{Channels: 1, Height: 2, Width: 2}},
		"avgpool2":      {Type: net.AvgPool, Kernel: 2, Stride: 2, In: net.Shape{Channels: 3, Height: 8, Width: 8}, To: net.Shape{Channels: 3, Height: 4, Width: 4}},
	} {
		v := openVectors(t, name)
		x := v.floats("x")
		batch := len(x) / d.In.Size()
		n, p := bare(batch, training), newOp(d)
		y := p.forward(n, asPlanes(x, d.In, batch))
		near(t, v.floats("y"), asRows(y, d.To, batch), unitR, unitA, name)
		gx := p.backward(n, asPlanes(v.floats("gy"), d.To, batch))
		near(t, v.floats("g_x"), asRows(gx, d.In, batch), unitR, unitA, name)
		v.allSeen()
	}
}

func TestBatchNormVectors(t *testing.T) {
	running, s := openVectors(t, "bn2d_running"), net.Shape{Channels: 3, Height: 5, Width: 5}
	for name, m := range map[string]mode{"bn2d_train": training, "bn2d_eval": evaluating} {
		v := openVectors(t, name)
		n, b := bare(4, m), newBatchNorm(s)
		if m == evaluating {
			copy(b.runMean, running.floats("rm"))
			copy(b.runVar, running.floats("rv"))
		}
		b.gamma, b.beta = v.floats("w"), v.floats("b")
		y := b.forward(n, asPlanes(v.floats("x"), s, 4))
		near(t, v.floats("y"), asRows(y, s, 4), unitR, unitA, "y")
		gx := b.backward(n, asPlanes(v.floats("gy"), s, 4))
		near(t, v.floats("g_x"), asRows(gx, s, 4), unitR, unitA, "g_x")
		near(t, v.floats("g_w"), b.gGamma, unitR, unitA, "g_w")
		near(t, v.floats("g_b"), b.gBeta, unitR, unitA, "g_b")
		near(t, running.floats("rm"), b.runMean, unitR, unitA, "mean")
		near(t, running.floats("rv"), b.runVar, unitR, unitA, "var")
		v.allSeen()
	}
	running.allSeen()
}

// A kernel and a pool that reach over edges, strides that leave a rest, and
// planes that are not square, against the definition.
func TestConvolutionIsItsDefinition(t *testing.T) {
	for _, c := range [][4]int{{3, 1, 2}, {2, 3, 1}, {4, 2, 3}, {3, 4, 0}, {3, 2, 0, 2}, {4, 1, 3, -3}} {
		k, s, p, extra := c[0], c[1], c[2], c[3]
		in := net.Shape{Channels: 2, Height: 11, Width: 6}
		to := net.Shape{Channels: 3, Height: (11+2*p+extra-k)/s + 1, Width: (6+2*p+extra-k)/s + 1}
		l := newLayer("conv1", net.Layer{Type: net.Conv, Out: 3, Kernel: k, Stride: s, Pad: p, Extra: extra, In: in, To: to})
		n := bare(5, training)
		x, _ := samples(1, &net.Net{Input: in, Classes: 2}, 5)
		w, _ := samples(2, &net.Net{Input: net.Vector(len(l.W.Data)), Classes: 2}, 1)
		e, _ := samples(3, &net.Net{Input: to, Classes: 2}, 5)
		copy(l.W.Data, w)
		l.forward(n, asPlanes(x, in, 5))
		l.e = asPlanes(e, to, 5)
		through := make([]float64, len(x))
		l.kind.through(n, l, l.W, through)
		l.kind.gradient(n, l)
		a, gx, gw := make([]float64, len(e)), make([]float64, len(x)), make([]float64, len(w))
		eachTap(5, in, to, k, s, p, func(o, i, tap int) {
			a[o] += w[tap] * x[i]
			gx[i] += w[tap] * e[o]
			gw[tap] += e[o] * x[i]
		})
		near(t, a, asRows(l.a, to, 5), unitR, unitA, "a")
		near(t, gx, asRows(through, in, 5), unitR, unitA, "through")
		near(t, gw, l.G.Data, unitR, unitA, "G")
	}
}

// eachTap visits every product of a convolution: output, input and weight.
func eachTap(batch int, in, to net.Shape, k, s, p int, visit func(o, i, tap int)) {
	for b := range batch {
		for o := range to.Size() {
			oc, oy, ox := o/(to.Height*to.Width), o/to.Width%to.Height, o%to.Width
			for tap := range in.Channels * k * k {
				ic, y, x := tap/(k*k), oy*s+tap/k%k-p, ox*s+tap%k-p
				if y >= 0 && y < in.Height && x >= 0 && x < in.Width {
					visit(b*to.Size()+o, b*in.Size()+(ic*in.Height+y)*in.Width+x, oc*in.Channels*k*k+tap)
				}
			}
		}
	}
}

func TestLayoutsAreInverse(t *testing.T) {
	s := net.Shape{Channels: 3, Height: 2, Width: 5}
	x, _ := samples(1, &net.Net{Input: s, Classes: 2}, 4)
	planes := asPlanes(x, s, 4)
	require.NotEqual(t, x, planes)
	require.Equal(t, x[s.Size()+10], planes[1*4*10+1*10]) // sample 1, channel 1, first place
	require.Equal(t, x, asRows(planes, s, 4))
}

func TestShiftRegisterVector(t *testing.T) {
	v := openVectors(t, "lfsr")
	bits, err := arrayOf[uint8](v.f, "n32_taps_32_22_2_1_seedDEADBEEF")
	require.NoError(t, err)
	r := NewShiftRegister(0xDEADBEEF)
	for k, b := range bits {
		require.Equal(t, b == 1, r.Next(), "bit %d", k)
	}
	require.NotZero(t, NewShiftRegister(0).state)
}
