package feature

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"

	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
	"bdfasim/golden"
	"bdfasim/sim/track/sequence"
	"bdfasim/testbench/models"
)

// How the built-in network learns.
const (
	targets  = 160 // sequences, a class each, and one more for what shows no target
	pictures = 4   // of each
	steps    = 4000
	samples  = 32 // a step, half of them of targets
	seed     = 1
)

// description is the network. Its last layer is there for learning alone.
const description = `name: features
input: {channels: 3, height: 107, width: 107}
classes: 161
layers:
  - conv: {out: 16, kernel: 7, stride: 4, bias: false}
  - bn
  - relu
  - maxpool: {kernel: 2}
  - conv: {out: 32, kernel: 3, bias: false}
  - bn
  - relu
  - maxpool: {kernel: 2}
  - conv: {out: 512, kernel: 3, bias: false}
  - bn
  - relu
  - flatten
  - fc: {out: 161}
`

// Steps is the number of steps that Learn takes.
func Steps() int { return steps }

// Learn trains the built-in network by back-propagation and returns it as a file. step is called
// after every step.
func Learn(ctx context.Context, step func(loss float64)) ([]byte, error) {
	d, err := net.Parse([]byte(description), "features")
	if err != nil {
		return nil, err
	}
	n, err := golden.Build(d, golden.NetConfig{Rule: "bp", Momentum: 0.9, Decay: 5e-4, Seed: seed})
	if err != nil {
		return nil, err
	}
	s, err := newSchool()
	if err != nil {
		return nil, err
	}
	x, y := make([]float64, samples*d.Input.Size()), make([]int, samples)
	for k := range steps {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		rate := 0.01
		if k > steps*6/10 {
			rate = 0.001
		}
		for i := range y {
			y[i] = s.sample(x[i*d.Input.Size():][:d.Input.Size()], i%2 == 0)
		}
		stats, err := n.Step(x, y, rate)
		if err != nil {
			return nil, err
		}
		step(stats.Loss)
	}
	return encode(n)
}

// school is what the network learns from.
type school struct {
	rng   *rand.Rand
	shots [targets][]shot
}

// shot is a picture and where its target is.
type shot struct {
	img *image.RGBA
	box sequence.Box
}

func newSchool() (*school, error) {
	s := &school{rng: rand.New(rand.NewPCG(seed, 0x6665617475726573))}
	for t := range s.shots {
		q, err := sequence.Generate(sequence.Reference(), sequence.FirstLearned+uint64(t))
		if err != nil {
			return nil, err
		}
		for k := range pictures {
			i := k * q.Len() / pictures
			img, err := q.Picture(i)
			if err != nil {
				return nil, err
			}
			s.shots[t] = append(s.shots[t], shot{img, q.Truth[i]})
		}
	}
	return s, nil
}

// sample draws a crop and returns its class.
func (s *school) sample(dst []float64, target bool) int {
	class := s.rng.IntN(targets)
	shot := s.shots[class][s.rng.IntN(pictures)]
	uniform := func() float64 { return 2*s.rng.Float64() - 1 }
	for {
		b, far := shot.box, 0.25
		if !target {
			far = 1.5
		}
		b.X += float64(far * uniform() * b.W)
		b.Y += float64(far * uniform() * b.H)
		grow := 1 + float64(0.2*uniform())
		b.W, b.H = float64(b.W*grow), float64(b.H*grow)
		switch o := b.Overlap(shot.box); {
		case target && o > 0.7:
			crop(dst, shot.img, b)
			return class
		case !target && o < 0.5:
			crop(dst, shot.img, b)
			return targets
		}
	}
}

// encode writes what makes features, as float32.
func encode(n *golden.Network) ([]byte, error) {
	d := *n.Net()
	d.Layers = append(d.Layers[:len(d.Layers)-1:len(d.Layers)-1], net.Layer{Type: net.FC, Out: 2})
	if d.Classes = 2; d.Infer() != nil {
		return nil, fmt.Errorf("feature: got a network of %s features, want %d", d.Top(), Size)
	}
	m := &onnx.Model{Net: &d}
	params := map[string][]float64{}
	for _, p := range n.Params() {
		params[p.Name] = single(p.Value)
	}
	for i := 1; i < n.L; i++ {
		m.W, m.B = append(m.W, params[fmt.Sprintf("conv%d.weight", i)]), append(m.B, nil)
		bn := fmt.Sprintf("bn%d.", i)
		m.BN = append(m.BN, onnx.Norm{Scale: params[bn+"gamma"], Shift: params[bn+"beta"], Mean: params[bn+"mean"],
			Var: params[bn+"var"], Epsilon: models.ChipEpsilon, Momentum: models.ChipStays})
	}
	m.W, m.B = append(m.W, make([]float64, 2*Size)), append(m.B, nil)
	return onnx.Encode(m), m.Check()
}

// single rounds to float32.
func single(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(float32(x))
	}
	return out
}
