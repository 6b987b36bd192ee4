package testbench

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/rtl/epc"
	"bdfasim/testbench/lockstep"
)

// job is a small network with its training, to run in lock-step.
type job struct {
	net     *net.Net
	rule    string
	arm     compile.Arm
	kind    epc.Kind
	stored  bool
	fused   bool
	samples int
	batch   int
	epochs  int
	test    int
	caps    machine.Config // the zero value: the default
}

func (j job) String() string {
	return fmt.Sprintf("%s/%s-%s-%v-%d-of-%d", j.net.Name, j.rule, j.arm, j.kind, j.batch, j.samples)
}

// spec draws weights, feedback and images.
func (j job) spec(seed uint64) (compile.Spec, error) {
	rng := rand.New(rand.NewPCG(seed, 3))
	layers, err := compile.Lower(j.net, compile.DefaultFormats())
	if err != nil {
		return compile.Spec{}, err
	}
	n := len(layers)
	s := compile.Spec{
		Net: j.net, Layers: layers, Rule: j.rule, Arm: j.arm, Eta: 1.0 / 64, Mu: 0.9, Lambda: 5e-4, Epochs: j.epochs, Batch: j.batch,
		Seed: uint32(seed) + 5, LRShiftEvery: 1, LRShift: 1, Fused: j.fused,
		W: make([][]float64, n), B: make([][]float64, n), D: make([][]float64, n), Signs: make([][]int8, n),
	}
	normal := func(n int, sd float64) []float64 {
		out := make([]float64, n)
		for k := range out {
			out[k] = sd * rng.NormFloat64()
		}
		return out
	}
	for i := 1; i < n; i++ {
		d := j.net.Layers[layers[i].At]
		fan := d.In.Size()
		if d.Type == net.Conv {
			fan = d.In.Channels * d.Kernel * d.Kernel
		}
		s.W[i] = normal(d.Out*fan, math.Sqrt(2/float64(fan)))
		if d.Bias {
			s.B[i] = normal(d.Out, 0.1)
		}
		s.D[i] = normal(j.net.Classes*layers[i].Outputs(), 0.2)
		s.Layers[i].FBShift = 1
		s.Signs[i] = make([]int8, j.net.Classes*layers[i].ChipOutputs())
		for k := range s.Signs[i] {
			s.Signs[i][k] = int8(2*rng.IntN(2) - 1)
		}
	}
	if j.stored {
		s.Feedback = firmware.SRAM
	}
	set := func(n int) firmware.Set {
		f := firmware.Set{Images: make([]byte, n*j.net.Input.Size()), Labels: make([]uint16, n)}
		for k := range f.Images {
			f.Images[k] = byte(rng.IntN(256)) & byte(-rng.IntN(2))
		}
		for k := range f.Labels {
			f.Labels[k] = uint16(rng.IntN(j.net.Classes))
		}
		return f
	}
	s.Train, s.Test = set(j.samples), set(j.test)
	if j.test > 0 {
		s.EvalEvery = 1
	}
	return s, nil
}

// config is the chip that a job needs.
func (j job) config() rtl.Config {
	cfg := rtl.DefaultConfig()
	cfg.XMem.Bytes = 64 << 20
	cfg.EPC.Kind = j.kind
	if j.caps != (machine.Config{}) {
		cfg.XMem.Bytes, cfg.OMEM.Words, cfg.OMEM.Pointers, cfg.OMEM.MaskWords = j.caps.XMem.Bytes, j.caps.OMEM.Words, j.caps.OMEM.Pointers, j.caps.OMEM.MaskWords
		cfg.DEPC.SignEntries = j.caps.DEPC.SignEntries
	}
	if j.rule == compile.BFA {
		cfg.DEPC.Classes = 1024
	}
	return cfg
}

// start compiles a program and puts it into a chip in lock-step.
func start(s compile.Spec, cfg rtl.Config) (*lockstep.Lockstep, *image.Image, error) {
	img, plan, err := compile.Build(s)
	if err != nil {
		return nil, nil, err
	}
	l, err := lockstep.New(img, plan, cfg)
	return l, img, err
}

// run runs a job in lock-step.
func (j job) run(t *testing.T, seed uint64) *lockstep.Lockstep {
	t.Helper()
	s, err := j.spec(seed)
	require.NoError(t, err)
	l, _, err := start(s, j.config())
	require.NoError(t, err)
	require.NoError(t, l.Run(context.Background(), 400_000_000))
	return l
}

// mlp is a fully connected network.
func mlp(t testing.TB, sizes ...int) *net.Net {
	n, err := net.MLP(net.ReLU, sizes...)
	require.NoError(t, err)
	return n
}

func preset(t testing.TB, name string) *net.Net {
	n, err := net.Preset(name)
	require.NoError(t, err)
	return n
}
