package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/golden/qmodel"
	"bdfasim/isa"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/testbench/models"
)

// few is a small training on random images.
type few struct {
	net, rule string
	arm       compile.Arm
	fused     bool
	images    int
	batch     int
	epochs    int
	test      int
	seed      uint64
	every     int // epochs from a test to the next
}

const dropNet = `name: drop
input: {channels: 1, height: 1, width: %d}
classes: 10
layers:
  - flatten
  - fc: {out: %d}
  - relu
  - dropout: {rate: 0.5}
  - fc: {out: 10}
`

func (f few) String() string {
	name := f.net + "/" + f.rule
	if f.fused {
		name += "/fused"
	}
	return name
}

// build compiles it.
func (f few) build(t testing.TB) (*image.Image, *compile.Plan, rtl.Config) {
	t.Helper()
	n, err := net.Preset(f.net)
	var in, out int
	if _, no := fmt.Sscanf(f.net, "drop %d-%d", &in, &out); no == nil {
		n, err = net.Parse(fmt.Appendf(nil, dropNet, in, out), "drop.yaml")
	}
	require.NoError(t, err)
	layers, err := compile.Lower(n, compile.DefaultFormats())
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(f.seed, 1))
	s := compile.Spec{
		Net: n, Layers: layers, Rule: f.rule, Arm: f.arm, Fused: f.fused, Eta: 1. / 256, Mu: 0.9, Lambda: 5e-4, Epochs: f.epochs,
		Batch: f.batch, Seed: uint32(f.seed) + 5, EvalEvery: f.every, LRShiftEvery: 2, LRShift: 1, Machine: machine.Reference(),
		W: make([][]float64, len(layers)), D: make([][]float64, len(layers)),
	}
	for i := 1; i < len(layers); i++ {
		d := n.Layers[layers[i].At]
		fan := d.In.Size()
		if d.Type == net.Conv {
			fan = d.In.Channels * d.Kernel * d.Kernel
		}
		s.Layers[i].FBShift = 1
		for range layers[i].Outputs() * n.Classes {
			s.D[i] = append(s.D[i], rng.NormFloat64()/5)
		}
		for range d.Out * fan {
			s.W[i] = append(s.W[i], math.Sqrt(2/float64(fan))*rng.NormFloat64())
		}
	}
	if f.epochs > 100 { // something is to be learned in the end, too
		s.LRShiftEvery = 0
	}
	if f.batch > firmware.SubBatch { // orders of many epochs
		s.Machine.XMem.Bytes = 256 << 20
	}
	s.Train, s.Test = f.set(rng, n, f.images), f.set(rng, n, f.test)
	for range f.epochs {
		s.Orders = append(s.Orders, rng.Perm(f.images))
	}
	img, plan, err := compile.Build(s)
	require.NoError(t, err)
	return img, plan, isa.For(s.Machine, img.Code)
}

// set draws images that tell their class.
func (f few) set(rng *rand.Rand, n *net.Net, count int) (s firmware.Set) {
	size := n.Input.Size()
	for range count {
		class := rng.IntN(n.Classes)
		s.Labels = append(s.Labels, uint16(class))
		for k := range size {
			v := rng.IntN(120)
			if k*n.Classes/size == class {
				v += 100
			}
			s.Images = append(s.Images, byte(v*rng.IntN(4)/3))
		}
	}
	return s
}

// train trains the fixed-point model; at is called before each step.
func train(plan *compile.Plan, img *image.Image, m *qmodel.Model, steps int, at func(step int)) {
	for step := range steps {
		at(step)
		train1(plan, img, m, step)
	}
}

func train1(plan *compile.Plan, img *image.Image, m *qmodel.Model, step int) {
	n := plan.Steps()
	x, y := plan.TrainBatch(firmware.Memory(img), step/n, step%n)
	m.Step(x, y, plan.Header.EtaAt(step/n, len(y)))
}

// State is a model's before a step.
type State struct {
	Step    int
	Learned []compile.Learned
}

// prices are those of a machine.
func prices(t testing.TB, cfg rtl.Config) *power.PriceList {
	t.Helper()
	chip, err := rtl.New(cfg)
	require.NoError(t, err)
	p, err := power.Default65().Prices(chip.Geometry())
	require.NoError(t, err)
	return p
}

func stateOf(m *qmodel.Model, plan *compile.Plan, step int) *State {
	return &State{step, learned(m, len(plan.Layers))}
}

// trainings are small, of each kind that resumes in another way.
var trainings = []few{
	{net: "mlp-784-128-64-10", rule: compile.BP, images: 40, batch: 8, epochs: 3, test: 20, every: 1},
	{net: "mlp-784-128-64-10", rule: compile.BDFA, images: 36, batch: 8, epochs: 2, test: 9, every: 2},
	{net: "mlp-784-128-64-10", rule: compile.BDFA, fused: true, images: 36, batch: 8, epochs: 2, test: 20, every: 1},
	{net: "cnn-small", rule: compile.BP, images: 10, batch: 2, epochs: 2, test: 4, every: 1},
	{net: "cnn-small", rule: compile.BDFA, fused: true, images: 10, batch: 2, epochs: 2, test: 4, every: 1},
	{net: "drop 70-72", rule: compile.BP, images: 28, batch: 8, epochs: 3, test: 8, every: 1},
	{net: "drop 70-72", rule: compile.DFA, arm: compile.ArmDNNC, images: 28, batch: 8, epochs: 3, test: 8, every: 1},
}

// A chip that starts from the model's state before any step ends with the model's two steps later:
// inside of an epoch, across its end, and through the last step of all.
func TestResume(t *testing.T) {
	for _, f := range trainings {
		t.Run(f.String(), func(t *testing.T) {
			img, plan, cfg := f.build(t)
			m, err := models.Fixed(plan, img, cfg.DNNC.AccBits)
			require.NoError(t, err)
			states := []*State{}
			steps := plan.Steps() * f.epochs
			train(plan, img, m, steps, func(step int) { states = append(states, stateOf(m, plan, step)) })
			states = append(states, stateOf(m, plan, steps))
			for _, step := range []int{0, 1, plan.Steps() - 1, plan.Steps(), steps - 2, steps - 1} {
				c := resumed(t, img, plan, cfg, states[step])
				for k := 0; k < 2 && step+k < steps; k++ {
					at, _, err := c.to(t.Context(), c.at.step)
					require.NoError(t, err)
					require.Equal(t, step+k+1 == steps, at == 0, "step %d", step+k)
				}
				if step+2 >= steps {
					_, _, err := c.to(t.Context())
					require.NoError(t, err)
					require.Empty(t, c.differs(states[steps].Learned), "from step %d", step)
					continue
				}
				_, _, err := c.to(t.Context(), c.at.updated)
				require.NoError(t, err)
				want := states[step+2]
				if f.fused { // the next forward pass has moved the running statistics
					want = withRunning(want, states[step+3])
				}
				require.Empty(t, c.differs(want.Learned), "from step %d", step)
				want.Learned[1].W[3] ^= 1
				require.Contains(t, c.differs(want.Learned), "W_1, element 3: chip")
				want.Learned[1].W[3] ^= 1
			}
		})
	}
}

// resumed is a chip that stands at the entry of a step.
func resumed(t *testing.T, img *image.Image, plan *compile.Plan, cfg rtl.Config, s *State) *chip {
	t.Helper()
	c, _, err := (&Training{img, plan, cfg, prices(t, cfg)}).boot(t.Context())
	require.NoError(t, err)
	c.startStep(s.Learned, s.Step)
	at, _, err := c.to(t.Context(), c.at.step)
	require.NoError(t, err)
	require.Equal(t, c.at.step, at)
	return c
}

func withRunning(s, next *State) *State {
	for i := range s.Learned {
		for c := range s.Learned[i].Norm {
			s.Learned[i].Norm[c].RM = next.Learned[i].Norm[c].RM
			s.Learned[i].Norm[c].RV = next.Learned[i].Norm[c].RV
		}
	}
	return s
}

// The resume block is what the program itself has in scratch memory before each step.
func TestResumeBlock(t *testing.T) {
	for _, f := range trainings {
		img, plan, cfg := f.build(t)
		c, _, err := (&Training{img, plan, cfg, prices(t, cfg)}).boot(t.Context())
		require.NoError(t, err)
		for step := range plan.Steps() * f.epochs {
			h, v := plan.Header.Before(step)
			scratch := c.Chip().Seq.Scratch
			require.Equal(t, firmware.Words(h), scratch[:len(firmware.Words(h))], "%v: header before step %d", f, step)
			at, _ := img.Symbol("VARIABLES")
			require.Equal(t, firmware.Words(v), scratch[at.Value:][:len(firmware.Words(v))], "%v: variables before step %d", f, step)
			inTest := func(batch int) {
				v := plan.Header.InTest(step/plan.Steps(), batch)
				require.Equal(t, firmware.Words(v), scratch[at.Value:][:len(firmware.Words(v))], "%v: test after step %d", f, step)
			}
			for batch := -1; ; batch++ {
				pc, _, err := c.to(t.Context(), c.at.step, c.at.test)
				require.NoError(t, err)
				if pc != c.at.test {
					break
				}
				inTest(batch + 1)
			}
		}
	}
}

// Beyond the point where a counter of 32 bits overflows chip and model draw the same words, and
// others than those of the first era.
func TestNextEra(t *testing.T) {
	for _, f := range []few{
		{net: "mlp-784-512-512-10", rule: compile.BP, images: 64, batch: 1, epochs: 12_000},
		{net: "mlp-784-512-512-10", rule: compile.BP, fused: true, images: 64, batch: 1, epochs: 12_000},
		{net: "drop 16-1024", rule: compile.BP, images: 64, batch: 1, epochs: 33_000},
		{net: "drop 16-1800", rule: compile.BP, images: 330, batch: 33, epochs: 60_000},
	} {
		t.Run(f.String(), func(t *testing.T) {
			img, plan, cfg := f.build(t)
			_, ok := img.Symbol("V_ERA")
			require.True(t, ok)
			m, err := models.Fixed(plan, img, cfg.DNNC.AccBits)
			require.NoError(t, err)
			first := 1 // step of the second era
			for ; plan.Era(first) == 0; first *= 2 {
			}
			for bit := first / 4; bit > 0; bit /= 2 {
				if plan.Era(first-bit) == 1 {
					first -= bit
				}
			}
			require.EqualValues(t, 1, plan.Era(first))
			require.Zero(t, plan.Era(first-1))
			m.StepNo = uint32(first - 2)
			from := stateOf(m, plan, first-2)
			c := resumed(t, img, plan, cfg, from)
			steps, mem := 4, c.Chip().XMemory()
			for k := range steps {
				x, y := plan.TrainBatch(mem, (first-2+k)/plan.Steps(), (first-2+k)%plan.Steps())
				m.Step(x, y, plan.Header.EtaAt((first-2+k)/plan.Steps(), len(y)))
			}
			for range steps {
				at, _, err := c.to(t.Context(), c.at.step)
				require.NoError(t, err)
				require.Equal(t, c.at.step, at)
			}
			_, _, err = c.to(t.Context(), c.at.updated)
			require.NoError(t, err)
			require.Empty(t, c.differs(learned(m, len(plan.Layers))))
		})
	}
}
