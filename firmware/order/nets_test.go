package order

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
)

// training is a program that is made for a test. Values do not matter: all weights and images are zero.
type training struct {
	net            *net.Net
	rule           string
	arm            compile.Arm
	stored, fused  bool
	samples, batch int
	epochs, test   int
	omem           int // words; 0: the reference machine's
	inputError     bool
}

func (j training) String() string {
	s := fmt.Sprintf("%s-%s-%s-%d-of-%d", j.net.Name, j.rule, j.arm, j.batch, j.samples)
	if j.fused {
		s += "-fused"
	}
	return s
}

// build compiles the program.
func (j training) build() (*image.Image, *compile.Plan, error) {
	layers, err := compile.Lower(j.net, compile.DefaultFormats())
	if err != nil {
		return nil, nil, err
	}
	n := len(layers)
	s := compile.Spec{
		Net: j.net, Layers: layers, Rule: j.rule, Arm: j.arm, Eta: 1.0 / 64 / 32, Epochs: j.epochs, Batch: j.batch, Seed: 1,
		Fused: j.fused, InputError: j.inputError,
		W: make([][]float64, n), B: make([][]float64, n), D: make([][]float64, n), Signs: make([][]int8, n), LRShiftEvery: 1, LRShift: 1,
		Machine: machine.Reference(),
	}
	s.Machine.DEPC.Classes, s.Machine.DEPC.SignEntries = 1024, 4096
	if j.omem > 0 {
		s.Machine.OMEM.Words = j.omem
	}
	signs := func(n int) []int8 {
		v := make([]int8, n)
		for k := range v {
			v[k] = 1
		}
		return v
	}
	for i := 0; i < n; i++ {
		size := j.net.Input.Size()
		if i > 0 {
			d := j.net.Layers[layers[i].At]
			fan := d.In.Size()
			if d.Type == net.Conv {
				fan = d.In.Channels * d.Kernel * d.Kernel
			}
			s.W[i] = make([]float64, d.Out*fan)
			if d.Bias {
				s.B[i] = make([]float64, d.Out)
			}
			size = layers[i].Outputs()
		}
		s.D[i] = make([]float64, j.net.Classes*size)
		chip := (size + 15) &^ 15
		if i > 0 {
			chip = layers[i].ChipOutputs()
		}
		s.Signs[i] = signs(j.net.Classes * chip)
	}
	if j.stored {
		s.Feedback = firmware.SRAM
	}
	set := func(n int) firmware.Set {
		return firmware.Set{Images: make([]byte, n*j.net.Input.Size()), Labels: make([]uint16, n)}
	}
	s.Train, s.Test = set(j.samples), set(j.test)
	if j.test > 0 {
		s.EvalEvery = 1
	}
	return compile.Build(s)
}

// arms are all rules on all units that can make their errors.
var arms = []training{
	{rule: compile.BP, arm: compile.ArmDNNC}, {rule: compile.BP, arm: compile.ArmEPC},
	{rule: compile.DFA, arm: compile.ArmDNNC}, {rule: compile.DFA, arm: compile.ArmEPC},
	{rule: compile.BDFA, arm: compile.ArmDEPC}, {rule: compile.BDFA, arm: compile.ArmDEPC, stored: true}, {rule: compile.BFA, arm: compile.ArmDEPC},
	{rule: compile.ConvOnly, arm: compile.ArmDNNC}, {rule: compile.ConvOnly, arm: compile.ArmEPC},
}

func preset(t testing.TB, name string) *net.Net {
	n, err := net.Preset(name)
	require.NoError(t, err)
	return n
}

func mlp(t testing.TB, sizes ...int) *net.Net {
	n, err := net.MLP(net.ReLU, sizes...)
	require.NoError(t, err)
	return n
}

// check follows an image to its end.
func check(t testing.TB, img *image.Image) *Report {
	r, err := Check(img, Options{})
	require.NoError(t, err)
	return r
}

// clean demands that nothing depends on timing.
func clean(t testing.TB, img *image.Image) *Report {
	r := check(t, img)
	for _, f := range r.Findings {
		t.Errorf("%v, %d times", f, f.Times)
	}
	return r
}

// draw makes a random training: sizes around the edges of tiles, blocks and batches, and memories that make inputs stream.
func draw(seed uint64) training {
	rng := rand.New(rand.NewPCG(seed, 3))
	j := arms[seed%uint64(len(arms))]
	j.batch, j.epochs, j.test = 1+rng.IntN(firmware.SubBatch), 1+rng.IntN(2), rng.IntN(12)
	j.samples = 1 + rng.IntN(2*j.batch)
	j.fused = j.rule != compile.ConvOnly && rng.IntN(2) == 0
	j.omem = pick(rng, 0, 0, 8192, 4096, 2048)
	j.net = drawNet(rng, j.rule == compile.ConvOnly)
	j.net.Name = fmt.Sprintf("random-%d", seed)
	return j
}

func pick(rng *rand.Rand, list ...int) int { return list[rng.IntN(len(list))] }

// drawNet draws convolutions 0..3 and fully connected layers 1..3.
func drawNet(rng *rand.Rand, conv bool) *net.Net {
	n := &net.Net{Classes: 2 + rng.IntN(39)}
	convs := pick(rng, 0, 0, 1, 2, 3)
	if conv {
		convs = max(convs, 1)
	}
	n.Input = net.Vector(pick(rng, 1+rng.IntN(100), 1+rng.IntN(400), 100+rng.IntN(1500)))
	if convs > 0 {
		n.Input = net.Shape{Channels: pick(rng, 1, 3, 1+rng.IntN(130)), Height: 3 + rng.IntN(12), Width: pick(rng, 3+rng.IntN(12), 33)}
	}
	add := func(layers ...net.Layer) { n.Layers = append(n.Layers, layers...) }
	for range convs {
		k := pick(rng, 1, 3, 3, 5)
		add(net.Layer{Type: net.Conv, Out: width(rng), Kernel: k, Stride: pick(rng, 1, 1, 2), Pad: k / 2, Bias: rng.IntN(2) == 0})
		if rng.IntN(2) == 0 {
			add(net.Layer{Type: net.BN})
		}
		add(net.Layer{Type: net.ReLU})
		if rng.IntN(2) == 0 {
			add(net.Layer{Type: net.MaxPool, Kernel: 2, Stride: 2})
		}
	}
	if convs > 0 {
		add(net.Layer{Type: net.Flatten})
	}
	for range rng.IntN(3) {
		add(net.Layer{Type: net.FC, Out: width(rng), Bias: rng.IntN(4) > 0}, net.Layer{Type: net.ReLU})
		if rng.IntN(3) == 0 {
			add(net.Layer{Type: net.Dropout, Rate: 0.5})
		}
	}
	add(net.Layer{Type: net.FC, Out: n.Classes, Bias: rng.IntN(4) > 0})
	return n
}

// width draws a number of channels or neurons, sometimes more than the lanes of a tile.
func width(rng *rand.Rand) int { return pick(rng, 1+rng.IntN(16), 1+rng.IntN(80), 64, 130, 260) }
