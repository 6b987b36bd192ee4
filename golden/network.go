package golden

import (
	"fmt"
	"math"
	"math/rand/v2"

	"bdfasim/firmware/net"
	"bdfasim/golden/gemm"
)

// PCG streams: rand.NewPCG(seed, stream). Weights and feedback differ in
// stream, so the same seed gives every rule the same initial weights.
const (
	streamWeights = 1 + iota
	streamFeedback
	streamDropout
	streamMagnitude
)

// Network is a network in training. Not for concurrent use: a step has all
// cores already.
type Network struct {
	L      int      // number of weighted layers, convolutions and FC together
	Layers []*Layer // Layers[i], i = 1..L

	D []Mat     // D[i], i = 0..L-1: direct feedback to o_i, N_L x N_i, scale included; empty where unused
	R []Mat     // R[i], i = 1..L: layer-wise feedback in W_i's shape
	S []float64 // the scale s_i that D[i], or s_i that R[i] includes

	net      *net.Net
	cfg      NetConfig
	rule     rule
	convs    int  // layers 1..convs are convolutions
	pre      []op // before the first weighted layer
	norms    []*batchNorm
	dropouts []*dropout
	pool     *gemm.Pool
	mul      *gemm.Mul

	magnitude []Mat     // of sign symmetry, by layer
	planes    []float64 // the input as planes
	rows      []float64 // a signal before it becomes planes
	teacher   []float64 // what a direct rule sends in place of e_L
	labels    []int     // of the last batch
	batch     int
	steps     uint64 // Steps done: dropout and brsf draw anew in each
	mode      mode
	pcg       rand.PCG
	opt       optimiser
}

// mode says what a forward pass does beside computing.
type mode struct {
	batchStats bool // batch norm with the batch's statistics
	moveStats  bool // and its running ones follow
	dropout    bool
}

var (
	training   = mode{batchStats: true, moveStats: true, dropout: true}
	gradients  = mode{batchStats: true, dropout: true}
	probing    = mode{batchStats: true}
	evaluating = mode{}
)

// Build draws a network: weights by NetConfig.Init, biases and velocities 0,
// batch norm at 1 and 0, and the feedback of the rule.
func Build(d *net.Net, cfg NetConfig) (*Network, error) {
	checked := *d
	checked.Layers = append([]net.Layer(nil), d.Layers...)
	if err := checked.Infer(); err != nil {
		return nil, fmt.Errorf("golden: network %s: %w", d.Name, err)
	}
	cfg = cfg.withDefaults()
	if err := cfg.check(&checked); err != nil {
		return nil, err
	}
	n := &Network{net: &checked, cfg: cfg, rule: rules[cfg.Rule], Layers: []*Layer{nil}}
	n.pool = gemm.NewPool(cfg.Workers)
	n.mul = gemm.NewMul(n.pool)
	n.opt.bind()
	if err := n.stack(); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(cfg.Seed, streamWeights))
	for _, l := range n.Layers[1:] {
		sd := he(l.W.Cols)
		for k := range l.W.Data {
			l.W.Data[k] = sd * rng.NormFloat64()
		}
	}
	if cfg.Init == ConcordantInit {
		if err := n.makeConcordant(); err != nil {
			return nil, err
		}
	}
	return n, n.ResetFeedback()
}

// stack turns the description into layers and ops.
func (n *Network) stack() error {
	for i, d := range n.net.Layers {
		switch {
		case d.Type == net.Conv:
			n.convs++
			n.Layers = append(n.Layers, newLayer(fmt.Sprintf("conv%d", n.convs), d))
		case d.Type == net.FC:
			n.Layers = append(n.Layers, newLayer(fmt.Sprintf("fc%d", len(n.Layers)-n.convs), d))
		default:
			o := newOp(d)
			switch o := o.(type) {
			case *batchNorm:
				if len(n.Layers) == 1 {
					return fmt.Errorf("golden: layers[%d]: got bn before any weights, want it after a conv or fc", i)
				}
				n.norms = append(n.norms, o)
				o.name = fmt.Sprintf("bn%d", len(n.norms))
			case *dropout:
				o.number = len(n.dropouts)
				n.dropouts = append(n.dropouts, o)
			}
			if len(n.Layers) == 1 {
				n.pre = append(n.pre, o)
				continue
			}
			l := n.Layers[len(n.Layers)-1]
			l.post, l.out = append(l.post, o), d.To
		}
	}
	n.L = len(n.Layers) - 1
	return nil
}

// ResetFeedback derives D, R and S again from the weights of this moment; Build
// has done it once. Call it after replacing the initial weights, never during
// training: the rules want feedback that stays.
func (n *Network) ResetFeedback() error {
	n.D, n.R, n.S = nil, nil, nil
	if n.rule.reset == nil {
		return nil
	}
	return n.rule.reset(n, rand.New(rand.NewPCG(n.cfg.Seed, streamFeedback)))
}

// Net is the description, with its shapes.
func (n *Network) Net() *net.Net { return n.net }

// size is N_i, the numbers of o_i of one sample; o_0 is the input to layer 1.
func (n *Network) size(i int) int {
	if i == 0 {
		return n.Layers[1].Desc.In.Size()
	}
	return n.Layers[i].out.Size()
}

// shape is the shape of o_i.
func (n *Network) shape(i int) net.Shape {
	if i == 0 {
		return n.Layers[1].Desc.In
	}
	return n.Layers[i].out
}

// seed starts the network's own stream for one thing and this step.
func (n *Network) seed(stream uint64, number int) {
	n.pcg.Seed(n.cfg.Seed, stream+uint64(number)<<8+n.steps<<24)
}

// uniform draws from [0, 1) with 53 bits.
func (n *Network) uniform() float64 { return float64(n.pcg.Uint64()>>11) * 0x1p-53 }

// he is the standard deviation sqrt(2/fanIn).
func he(fanIn int) float64 { return math.Sqrt(2 / float64(fanIn)) }

// normal draws a matrix from N(0, sd^2), row by row.
func normal(rng *rand.Rand, rows, cols int, sd float64) Mat {
	w := NewMat(rows, cols)
	for k := range w.Data {
		w.Data[k] = sd * rng.NormFloat64()
	}
	return w
}
