package golden

import "bdfasim/firmware/net"

// convolution is a product with the columns of the image (im2col), which are
// packed on the way and never stored:
//
//	a   (outputs x P)  = W (outputs x K) . columns(x) (K x P)
//	G   (outputs x K)  = e (outputs x P) . columns(x)^T
//	W^T e (inputs x P') = F (inputs x K') . columns(e) (K' x P')
//
// with K = input channels * kernel^2, P = samples * output places, and F the
// kernel turned by 180 degrees (E4), K' = outputs * kernel^2, P' = samples *
// input places.
type convolution struct {
	d        net.Layer
	cols     columns   // of the input
	colsT    columnsT  // the same, transposed
	back     columns   // of the error
	flipped  []float64 // F
	w        Mat       // what flip turns
	biasOf   *Layer    // whom the bodies below serve
	flip     func(lo, hi, worker int)
	addBias  func(lo, hi, worker int)
	sumBias  func(lo, hi, worker int)
	channels int // numbers of one output channel over the batch
}

func newConv(d net.Layer) *convolution {
	c := &convolution{d: d}
	c.cols = columns{in: d.In, out: d.To, kernel: d.Kernel, stride: d.Stride, pad: d.Pad, gap: 1}
	c.colsT.columns = &c.cols
	c.back = columns{in: d.To, out: d.In, kernel: d.Kernel, stride: 1, pad: d.Kernel - 1 - d.Pad, gap: d.Stride}
	c.flip, c.addBias, c.sumBias = c.flipRange, c.addBiasRange, c.sumBiasRange
	return c
}

func (c *convolution) forward(n *Network, l *Layer, x []float64) {
	p := n.batch * c.d.To.Height * c.d.To.Width
	c.cols.img, c.cols.batch = x, n.batch
	n.mul.Packed(rowMajor(l.a, p), rowMajor(l.W.Data, l.W.Cols), &c.cols, l.W.Rows, p, l.W.Cols)
	if l.B != nil {
		c.biasOf, c.channels = l, p
		n.pool.Range(l.W.Rows, 1, c.addBias)
	}
}

func (c *convolution) through(n *Network, l *Layer, w Mat, dst []float64) {
	in := c.d.In
	p, k := n.batch*in.Height*in.Width, c.d.Out*c.d.Kernel*c.d.Kernel
	c.w, c.flipped = w, grow(c.flipped, len(w.Data))
	n.pool.Range(in.Channels, 4, c.flip)
	c.back.img, c.back.batch = l.e, n.batch
	n.mul.Packed(rowMajor(dst, p), rowMajor(c.flipped, k), &c.back, in.Channels, p, k)
}

func (c *convolution) gradient(n *Network, l *Layer) {
	p := n.batch * c.d.To.Height * c.d.To.Width
	c.cols.img, c.cols.batch = l.in, n.batch
	n.mul.Packed(rowMajor(l.G.Data, l.G.Cols), rowMajor(l.e, p), &c.colsT, l.G.Rows, l.G.Cols, p)
	if l.GB != nil {
		c.biasOf, c.channels = l, p
		n.pool.Range(l.W.Rows, 1, c.sumBias)
	}
}

// flipRange turns the kernels of input channels lo..hi-1.
func (c *convolution) flipRange(lo, hi, _ int) {
	taps := c.d.Kernel * c.d.Kernel
	for i := lo; i < hi; i++ {
		for o := range c.d.Out {
			from := c.w.Data[(o*c.d.In.Channels+i)*taps:][:taps]
			to := c.flipped[(i*c.d.Out+o)*taps:][:taps]
			for t, v := range from {
				to[taps-1-t] = v
			}
		}
	}
}

func (c *convolution) addBiasRange(lo, hi, _ int) {
	for o := lo; o < hi; o++ {
		a := c.biasOf.a[o*c.channels : (o+1)*c.channels]
		for k := range a {
			a[k] += c.biasOf.B[o]
		}
	}
}

func (c *convolution) sumBiasRange(lo, hi, _ int) {
	for o := lo; o < hi; o++ {
		c.biasOf.GB[o] = sum(c.biasOf.e[o*c.channels : (o+1)*c.channels])
	}
}
