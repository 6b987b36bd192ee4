package golden

import (
	"math"

	"bdfasim/firmware/net"
)

// Constants of batch norm (Ioffe, Szegedy 2015, arXiv 1502.03167), as PyTorch
// has them.
const (
	bnEpsilon  = 1e-5
	bnMomentum = 0.1
)

// batchNorm is y = gamma (x - mean) / sqrt(var + epsilon) + beta by channel: of
// planes over samples and places, of vectors over samples. Training takes the
// batch's mean and biased variance and moves the running ones, unbiased, by a
// tenth; evaluation takes the running ones.
type batchNorm struct {
	name                string
	shape               net.Shape
	gamma, beta         []float64
	vGamma, vBeta       []float64 // velocities
	gGamma, gBeta       []float64 // gradients
	runMean, runVar     []float64
	mean, inv           []float64 // of the last pass: mean and 1/sqrt(var + epsilon)
	x, y, g             []float64
	count, stride, step int  // numbers of a channel; from channel to channel; from number to number
	ownStats, keep      bool // of the last pass: the batch's statistics; running ones move
	fwd, bwd            func(lo, hi, worker int)
}

func newBatchNorm(s net.Shape) *batchNorm {
	b := &batchNorm{shape: s}
	for _, p := range []*[]float64{&b.gamma, &b.beta, &b.vGamma, &b.vBeta, &b.gGamma, &b.gBeta, &b.runMean, &b.runVar, &b.mean, &b.inv} {
		*p = make([]float64, s.Channels)
	}
	for c := range b.gamma {
		b.gamma[c], b.runVar[c] = 1, 1
	}
	b.fwd, b.bwd = b.forwardChannels, b.backwardChannels
	return b
}

func (b *batchNorm) forward(n *Network, x []float64) []float64 {
	b.x, b.y = x, grow(b.y, len(x))
	b.count, b.stride, b.step = n.batch, 1, b.shape.Channels
	if !b.shape.Flat() {
		b.count = n.batch * b.shape.Height * b.shape.Width
		b.stride, b.step = b.count, 1
	}
	b.ownStats, b.keep = n.mode.batchStats, n.mode.moveStats
	n.pool.Range(b.shape.Channels, 1, b.fwd)
	return b.y
}

func (b *batchNorm) forwardChannels(lo, hi, _ int) {
	for c := lo; c < hi; c++ {
		b.statistics(c)
		mean, scale, shift := b.mean[c], b.inv[c]*b.gamma[c], b.beta[c]
		for k, at := 0, c*b.stride; k < b.count; k, at = k+1, at+b.step {
			b.y[at] = float64((b.x[at]-mean)*scale) + shift
		}
	}
}

// statistics sets mean and inv of a channel.
func (b *batchNorm) statistics(c int) {
	if !b.ownStats {
		b.mean[c], b.inv[c] = b.runMean[c], 1/math.Sqrt(b.runVar[c]+bnEpsilon)
		return
	}
	n, total, squares := float64(b.count), 0.0, 0.0
	for k, at := 0, c*b.stride; k < b.count; k, at = k+1, at+b.step {
		total += b.x[at]
	}
	mean := total / n
	for k, at := 0, c*b.stride; k < b.count; k, at = k+1, at+b.step {
		squares += float64((b.x[at] - mean) * (b.x[at] - mean))
	}
	b.mean[c], b.inv[c] = mean, 1/math.Sqrt(squares/n+bnEpsilon)
	if b.keep {
		b.runMean[c] += float64(bnMomentum * (mean - b.runMean[c]))
		b.runVar[c] += float64(bnMomentum * (squares/(n-1) - b.runVar[c]))
	}
}

func (b *batchNorm) backward(n *Network, g []float64) []float64 {
	b.g = g
	n.pool.Range(b.shape.Channels, 1, b.bwd)
	return g
}

// backwardChannels is, with h the normalised x: gamma/sqrt(var) (g - mean(g) -
// h mean(g h)); the means fall away where the statistics were constants.
func (b *batchNorm) backwardChannels(lo, hi, _ int) {
	for c := lo; c < hi; c++ {
		mean, inv := b.mean[c], b.inv[c]
		sumG, sumGH := 0.0, 0.0
		for k, at := 0, c*b.stride; k < b.count; k, at = k+1, at+b.step {
			sumG += b.g[at]
			sumGH += float64(b.g[at] * ((b.x[at] - mean) * inv))
		}
		b.gBeta[c], b.gGamma[c] = sumG, sumGH
		scale, meanG, meanGH := b.gamma[c]*inv, 0.0, 0.0
		if b.ownStats {
			meanG, meanGH = sumG/float64(b.count), sumGH/float64(b.count)
		}
		for k, at := 0, c*b.stride; k < b.count; k, at = k+1, at+b.step {
			b.g[at] = scale * (b.g[at] - meanG - float64((b.x[at]-mean)*inv*meanGH))
		}
	}
}
