package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/golden/data"
	"bdfasim/golden/qmodel"
	"bdfasim/isa/machine"
)

// Net is a network of the study with its data, as study.yaml explains.
type Net struct {
	Name    string `yaml:"name"`
	Title   string `yaml:"title"`
	Preset  string `yaml:"preset,omitempty"`
	Sizes   []int  `yaml:"sizes"`
	Dropout bool   `yaml:"dropout,omitempty"`
	Batch   int    `yaml:"batch" want:"[1,]"`
	Images  int    `yaml:"images"`
	Epochs  int    `yaml:"epochs"`
	What    string `yaml:"what"`
	Side    int    `yaml:"side,omitempty"`
	Frozen  bool   `yaml:"frozen,omitempty"`
	Input   bool   `yaml:"input,omitempty"`
	Stored  bool   `yaml:"stored,omitempty"`
	Lean    bool   `yaml:"lean,omitempty"`

	samples func() (sets, error) // nil: those of package data
}

// Nets are the networks of the study.
func Nets() []Net { return slices.Clone(given().Nets) }

// inputs is the size of a sample.
func (n *Net) inputs() int { return n.Sizes[0] }

// describe is the network, with dropout behind its hidden layers if it has any.
func (n *Net) describe() (*net.Net, error) {
	if n.Preset != "" {
		return net.Preset(n.Preset)
	}
	d, err := net.MLP(net.ReLU, n.Sizes...)
	if err != nil || !n.Dropout {
		return d, err
	}
	var layers []net.Layer
	for _, l := range d.Layers {
		if layers = append(layers, l); l.Type == net.ReLU {
			layers = append(layers, net.Layer{Type: net.Dropout, Rate: 0.5})
		}
	}
	d.Layers = layers
	return d, d.Infer()
}

// capacities of the chip of a network: the reference machine where it fits, else one with room for
// its maps. Stored signs get the memory that they need and no more.
func (n *Net) capacities() machine.Config {
	c := machine.Reference()
	c.XMem.Bytes = 128 << 20
	if n.Preset != "" {
		c.XMem.Bytes = 256 << 20
		return c
	}
	if slices.Max(n.Sizes[1:]) > 1024 {
		c.OMEM.Words, c.OMEM.Pointers, c.OMEM.MaskWords = 1<<18, 1<<15, 1<<15
		c.XMem.Bytes = 512 << 20
	}
	c.DEPC.Classes = max(c.DEPC.Classes, (slices.Max(n.Sizes[1:])+15)/16*16)
	c.EPC.Errors = c.DEPC.Classes
	c.DEPC.SignEntries = 0
	top := len(n.Sizes) - 1
	for _, size := range n.Sizes[:top] { // feedback to every hidden layer and the input
		c.DEPC.SignEntries += firmware.SignEntriesFor(size, n.Sizes[top])
	}
	return c
}

// sets are the samples of a network: bytes and labels.
type sets struct{ train, test firmware.Set }

// load makes the data of a network: n training images, and 500 test images (400 of one class
// against the others).
func (n *Net) load() (sets, error) {
	if n.samples != nil {
		return n.samples()
	}
	if n.Preset != "" {
		return n.random(), nil
	}
	train, test, err := data.Embedded()
	if err != nil {
		return sets{}, err
	}
	var s sets
	if n.Sizes[len(n.Sizes)-1] == 2 {
		train, test = oneAgainstAll(train, n.Images), oneAgainstAll(test, 400)
	} else {
		train, test = shuffled(train, n.Images), shuffled(test, 500)
	}
	if s.train, err = n.features(train); err != nil {
		return s, err
	}
	s.test, err = n.features(test)
	return s, err
}

// shuffled takes n images as they come in a fixed random order, so that batches are mixed.
func shuffled(s data.Set, n int) data.Set { return s.Pick(data.Order(7, 0, s.N)[:min(n, s.N)]) }

// oneAgainstAll takes n images: each fourth of class 0, which becomes 1, the others of other
// classes, which become 0.
func oneAgainstAll(s data.Set, n int) data.Set {
	var pos, neg []int
	for _, k := range data.Order(7, 1, s.N) {
		if s.Labels[k] == 0 {
			pos = append(pos, k)
		} else {
			neg = append(neg, k)
		}
	}
	var order []int
	for i := 0; i < n && len(neg) > 0; i++ {
		if i%4 == 0 {
			order = append(order, pos[i/4%len(pos)])
			continue
		}
		order = append(order, neg[0])
		neg = neg[1:]
	}
	out := s.Pick(order)
	for k, c := range out.Labels {
		out.Labels[k] = 0
		if c == 0 {
			out.Labels[k] = 1
		}
	}
	return out
}

// features brings images through frozen random convolutions, to bytes; without any they are the
// images.
func (n *Net) features(s data.Set) (firmware.Set, error) {
	out := firmware.Set{Labels: make([]uint16, s.N)}
	for k, c := range s.Labels {
		out.Labels[k] = uint16(c)
	}
	if n.Side == 0 {
		out.Images = s.Images
		return out, nil
	}
	m, err := frozen(n.Side)
	if err != nil {
		return out, err
	}
	size := n.Sizes[0]
	values := make([]int16, 0, s.N*size)
	for k := 0; k < s.N; k += qmodel.SubBatch {
		nb := min(qmodel.SubBatch, s.N-k)
		m.Forward(s.Images[k*s.Size() : (k+nb)*s.Size()])
		values = append(values, m.O[2][:nb*size]...)
	}
	// One scale for all: the largest but for one in a thousand becomes 255.
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	top := max(1, float64(sorted[len(sorted)-1-len(sorted)/1000]))
	out.Images = make([]byte, len(values))
	for k, v := range values {
		out.Images[k] = byte(min(255, math.Round(255*float64(v)/top)))
	}
	return out, nil
}

// frozen is the fixed-point model of two random convolutions (He, a seed of their own) and a
// pooling that leave 512 channels of side x side pixels.
func frozen(side int) (*qmodel.Model, error) {
	convs := []qmodel.Conv{
		{InC: 1, OutC: 64, InH: 28, InW: 28, Kernel: 3, Stride: 2, Pad: 1, Pool: 1, Bias: true,
			Fz: 8, Fd: 13},
		{InC: 64, OutC: 512, InH: 14, InW: 14, Kernel: 3, Stride: 2, Pad: 1, Pool: 2, Bias: true,
			Fz: 8, Fd: 13},
	}
	if side == 1 {
		convs[1].Stride, convs[1].Pool = 4, 3
	}
	sizes := append(qmodel.SizesOf(convs), 2)
	all := func(v int) []int { return []int{v, v, v, v} }
	m, err := qmodel.New(qmodel.Config{
		Sizes: sizes, Convs: convs, Rule: qmodel.BP,
		F: qmodel.Formats{Fo: all(8), Fw: all(12), Fe: []int{13, 13, 13, 14}, Fv: all(20)},
	})
	if err != nil {
		return nil, fmt.Errorf("study: frozen convolutions: %w", err)
	}
	rng := rand.New(rand.NewPCG(11, 13))
	for i, c := range convs {
		sd := math.Sqrt(2/float64(c.InC*c.Kernel*c.Kernel)) * 4096
		for k := range m.W[i+1] {
			m.W[i+1][k] = int16(math.Round(sd * rng.NormFloat64()))
		}
	}
	return m, nil
}

// random are images of as many zeros as other bytes.
func (n *Net) random() (s sets) {
	rng := rand.New(rand.NewPCG(1, 3))
	s.train = firmware.Set{Images: make([]byte, n.Batch*n.inputs()), Labels: make([]uint16,
		n.Batch)}
	for k := range s.train.Images {
		s.train.Images[k] = byte(rng.IntN(256)) & byte(-rng.IntN(2))
	}
	for k := range s.train.Labels {
		s.train.Labels[k] = uint16(rng.IntN(n.Sizes[len(n.Sizes)-1]))
	}
	return s
}

// spec is a network with He weights for a rule on a variant; a network without convolutions is
// asked for the error of its input unless short.
func (n *Net) spec(rule string, arm compile.Arm, s sets, short bool) (compile.Spec, error) {
	d, err := n.describe()
	if err != nil {
		return compile.Spec{}, err
	}
	layers, err := compile.Lower(d, compile.DefaultFormats())
	if err != nil {
		return compile.Spec{}, err
	}
	top := len(layers) - 1
	out := compile.Spec{
		Net: d, Layers: layers, Rule: rule, Arm: arm, Mu: 0.9, Epochs: 1, Batch: n.Batch, Seed: 1, Eta: 1.0 / 64,
		InputError: !short && d.Convs() == 0, Train: s.train, Machine: n.capacities(),
		W: make([][]float64, top+1), D: make([][]float64, top), Signs: make([][]int8, top),
	}
	if rule == compile.BDFA || rule == compile.BFA {
		out.Eta = 1.0 / 512
	}
	rng := rand.New(rand.NewPCG(1, 17))
	for i := 1; i <= top; i++ {
		l := &d.Layers[layers[i].At]
		out.W[i] = normal(rng, l.Out*l.FanIn(), math.Sqrt(2/float64(l.FanIn())))
	}
	n.feedback(&out, rng, d.Classes)
	return out, nil
}

func normal(rng *rand.Rand, n int, sd float64) []float64 {
	out := make([]float64, n)
	for k := range out {
		out[k] = sd * rng.NormFloat64()
	}
	return out
}

// feedback draws what direct rules have in place of transposed weights, of the size that
// back-propagation would give.
func (n *Net) feedback(out *compile.Spec, rng *rand.Rand, classes int) {
	top := len(out.Layers) - 1
	scale := math.Sqrt(2 / float64(out.Net.Layers[out.Layers[top].At].FanIn()))
	for i := range top {
		size, width := n.inputs(), (n.inputs()+15)/16*16
		if i > 0 {
			size, width = out.Layers[i].Outputs(), out.Layers[i].ChipOutputs()
		}
		out.D[i], out.Signs[i] = normal(rng, classes*size, scale), make([]int8, classes*width)
		for k := range out.Signs[i] {
			out.Signs[i][k] = int8(2*rng.IntN(2) - 1)
		}
		out.Layers[i].FBShift = int(math.Round(-math.Log2(scale)))
	}
}
