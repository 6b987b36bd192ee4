package feature

import (
	"flag"
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/net"
	"bdfasim/firmware/net/onnx"
	"bdfasim/golden"
	"bdfasim/sim/output"
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

// learned is where the built-in network is written to.
var learned = flag.String("learn", "", "train the built-in network and write it to this file, some minutes")

// TestLearn makes default.onnx again, by back-propagation.
func TestLearn(t *testing.T) {
	if *learned == "" {
		t.Skip("only with -learn FILE")
	}
	d, err := net.Parse([]byte(description), "features")
	require.NoError(t, err)
	n, err := golden.Build(d, golden.NetConfig{Rule: "bp", Momentum: 0.9, Decay: 5e-4, Seed: seed})
	require.NoError(t, err)
	s, size := newSchool(t), d.Input.Size()
	x, y := make([]float64, samples*size), make([]int, samples)
	loss := 0.0
	for k := range steps {
		rate := 0.01
		if k > steps*6/10 {
			rate = 0.001
		}
		for i := range y {
			y[i] = s.sample(x[i*size:][:size], i%2 == 0)
		}
		stats, err := n.Step(x, y, rate)
		require.NoError(t, err)
		if loss += stats.Loss; k%100 == 99 {
			t.Logf("step %d: loss %.4f", k+1, loss/100)
			loss = 0
		}
	}
	require.NoError(t, output.Bytes(*learned, encode(t, n)))
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

func newSchool(t *testing.T) *school {
	s := &school{rng: rand.New(rand.NewPCG(seed, 0x6665617475726573))}
	for k := range s.shots {
		q := sequence.Generate(sequence.Reference(), sequence.FirstLearned+uint64(k))
		for p := range pictures {
			i := p * q.Len() / pictures
			img, err := q.Picture(i)
			require.NoError(t, err)
			s.shots[k] = append(s.shots[k], shot{img, q.Truth[i]})
		}
	}
	return s
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
func encode(t *testing.T, n *golden.Network) []byte {
	d := *n.Net()
	d.Layers = append(d.Layers[:len(d.Layers)-1:len(d.Layers)-1], net.Layer{Type: net.FC, Out: 2})
	d.Classes = 2
	require.NoError(t, d.Infer())
	m := &onnx.Model{Net: &d}
	params := map[string][]float64{}
	for _, p := range n.Params() {
		params[p.Name] = single(p.Value)
	}
	for i := 1; i < n.L; i++ {
		m.W, m.B = append(m.W, params[fmt.Sprintf("conv%d.weight", i)]), append(m.B, nil)
		bn := fmt.Sprintf("bn%d.", i)
		m.BN = append(m.BN, onnx.Norm{Scale: params[bn+"gamma"], Shift: params[bn+"beta"],
			Mean: params[bn+"mean"], Var: params[bn+"var"],
			Epsilon: models.ChipEpsilon, Momentum: models.ChipStays})
	}
	m.W, m.B = append(m.W, make([]float64, 2*Size)), append(m.B, nil)
	return onnx.Encode(m)
}

// single rounds to float32.
func single(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(float32(x))
	}
	return out
}
