package testbench

import (
	"fmt"
	"math/rand/v2"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa/machine"
	"bdfasim/rtl/epc"
)

// arms are all rules on all units that can make their errors.
var arms = []struct {
	rule   string
	arm    compile.Arm
	kind   epc.Kind
	stored bool
}{
	{compile.BP, compile.ArmDNNC, epc.None, false}, {compile.BP, compile.ArmEPC, epc.Tree, false},
	{compile.BP, compile.ArmEPC, epc.TreeGate, false}, {compile.BP, compile.ArmEPC, epc.LaneMask, false},
	{compile.DFA, compile.ArmDNNC, epc.None, false}, {compile.DFA, compile.ArmEPC, epc.Tree, false},
	{compile.DFA, compile.ArmEPC, epc.LaneMask, false}, {compile.BDFA, compile.ArmDEPC, epc.None, false},
	{compile.BDFA, compile.ArmDEPC, epc.None, true}, {compile.BFA, compile.ArmDEPC, epc.None, false},
	{compile.ConvOnly, compile.ArmDNNC, epc.None, false}, {compile.ConvOnly, compile.ArmEPC, epc.TreeGate, false},
}

// maxWork bounds the multiply-accumulates of a case, in one forward pass of everything it trains on.
const maxWork = 30_000_000

// draw makes a random network and its training from a seed. It draws again what the network description does not allow or
// what would take long.
func draw(seed uint64) (job, *rand.Rand) {
	rng := rand.New(rand.NewPCG(seed, 11))
	a := arms[seed%uint64(len(arms))]
	for {
		j := job{
			rule: a.rule, arm: a.arm, kind: a.kind, stored: a.stored, batch: 1 + rng.IntN(firmware.SubBatch), epochs: 2, test: rng.IntN(12),
		}
		j.samples = 1 + rng.IntN(2*j.batch)
		if one(rng, 4) {
			j.epochs = 1
		}
		tall := one(rng, 5)
		j.net = drawNet(rng, a.rule == compile.ConvOnly, tall)
		j.net.Name = fmt.Sprintf("random-%d", seed)
		if j.net.Infer() != nil || j.net.MACs()*j.samples*j.epochs > maxWork {
			continue
		}
		j.caps = machine.Reference()
		j.caps.XMem.Bytes = 16 << 20
		j.caps.DEPC.Classes = 1024
		j.caps.OMEM.Words = pick(rng, 32768, 32768, 8192, 4096, 2048)
		j.caps.OMEM.Pointers = pick(rng, 8192, 2048, 512)
		if tall { // an image of its maps must not fit
			j.caps.OMEM.Words, j.caps.OMEM.Pointers = pick(rng, 2048, 4096), pick(rng, 1024, 2048)
		}
		return j, rng
	}
}

func one(rng *rand.Rand, of int) bool { return rng.IntN(of) == 0 }

func pick(rng *rand.Rand, list ...int) int { return list[rng.IntN(len(list))] }

// width draws a number of channels or neurons: mostly few, sometimes more than the 128 or the 256 lanes of a tile.
func width(rng *rand.Rand) int {
	switch rng.IntN(12) {
	case 0:
		return 130
	case 1:
		return 260
	case 2, 3, 4:
		return 1 + rng.IntN(16)
	}
	return 1 + rng.IntN(80)
}

// drawNet draws convolutions 0..3 and fully connected layers 1..3; tall: two convolutions or more on large maps.
func drawNet(rng *rand.Rand, convs, tall bool) *net.Net {
	n := &net.Net{Classes: 2 + rng.IntN(39)}
	k := pick(rng, 0, 0, 1, 1, 2, 2, 3)
	if convs {
		k = max(k, 1)
	}
	switch {
	case tall:
		k = max(k, 2)
		n.Input = net.Shape{Channels: 1 + rng.IntN(4), Height: 10 + rng.IntN(5), Width: pick(rng, 12, 14, 33)}
	case k == 0:
		n.Input = net.Vector(pick(rng, 1+rng.IntN(64), 1+rng.IntN(300), 100+rng.IntN(1500)))
	default:
		n.Input = net.Shape{Channels: pick(rng, 1, 3, 1+rng.IntN(80), width(rng)), Height: 1 + rng.IntN(14), Width: 1 + rng.IntN(14)}
		if one(rng, 6) {
			n.Input.Width = 33
		}
	}
	for i := range k {
		drawConv(rng, n, tall && i < 2)
	}
	if k > 0 {
		n.Layers = append(n.Layers, net.Layer{Type: net.Flatten})
	}
	for range rng.IntN(3) {
		n.Layers = append(n.Layers, net.Layer{Type: net.FC, Out: width(rng), Bias: !one(rng, 4)}, net.Layer{Type: net.ReLU})
		if one(rng, 3) {
			n.Layers = append(n.Layers, net.Layer{Type: net.Dropout, Rate: 0.5})
		}
	}
	n.Layers = append(n.Layers, net.Layer{Type: net.FC, Out: n.Classes, Bias: !one(rng, 4)})
	return n
}

// drawConv adds a convolution that its source allows, with normalisation, bias, both or neither, and pooling.
// A large one keeps the size of the map.
func drawConv(rng *rand.Rand, n *net.Net, large bool) {
	in := n.Input
	if len(n.Layers) > 0 {
		in = n.Layers[len(n.Layers)-1].To
	}
	c := net.Layer{Type: net.Conv, Out: width(rng), Kernel: 1 + rng.IntN(5), Stride: pick(rng, 1, 1, 1, 2, 2, 4)}
	c.Pad = rng.IntN(c.Kernel)
	if least := (c.Kernel - min(in.Height, in.Width) + 1) / 2; least > c.Pad {
		c.Pad = min(least, c.Kernel-1)
	}
	if large {
		c.Out, c.Kernel, c.Stride, c.Pad = 8+rng.IntN(40), 3, 1, 1
	}
	norm := rng.IntN(4)
	c.Bias = norm == 0 || norm == 1 && one(rng, 2)
	layers := []net.Layer{c}
	if norm == 1 || norm == 2 {
		layers = append(layers, net.Layer{Type: net.BN})
	}
	layers = append(layers, net.Layer{Type: net.ReLU})
	out := func(size int) int { return (size+2*c.Pad-c.Kernel)/c.Stride + 1 }
	if p := 1 + rng.IntN(3); p <= min(out(in.Height), out(in.Width)) && !one(rng, 4) && !large {
		layers = append(layers, net.Layer{Type: net.MaxPool, Kernel: p, Stride: p})
	}
	for _, l := range layers {
		if n.Append(l) != nil {
			n.Layers = append(n.Layers, l) // Infer will refuse the network
		}
	}
}

// vary draws what else belongs to a training: rates, their shifts, sizes of values, the order of the samples, the schedule.
func vary(rng *rand.Rand, s *compile.Spec) {
	s.Eta = []float64{1.0 / 64, 1.0 / 256, 0.25}[rng.IntN(3)] / 32 * float64((len(s.Train.Labels)-1)%s.Batch+1)
	s.Mu = []float64{0, 0.5, 0.9}[rng.IntN(3)]
	s.Lambda = []float64{0, 5e-4, 1.0 / 16}[rng.IntN(3)]
	s.LRShiftEvery, s.LRShift = rng.IntN(3), rng.IntN(3)
	for i := 1; i < len(s.Layers); i++ {
		s.Layers[i].FBShift = rng.IntN(5)
	}
	if len(s.Test.Labels) > 0 {
		s.EvalEvery = 1 + rng.IntN(2)
	}
	if one(rng, 2) {
		for range s.Epochs {
			s.Orders = append(s.Orders, rng.Perm(len(s.Train.Labels)))
		}
	}
	s.Fused = one(rng, 2) && s.Rule != compile.ConvOnly
}
