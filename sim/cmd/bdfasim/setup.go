package main

import (
	"math"
	"strconv"
	"strings"

	"bdfasim/firmware"
	"bdfasim/golden"
	"bdfasim/golden/data"
	"bdfasim/golden/qmodel"
	"bdfasim/isa/image"
)

// setup describes an experiment: data, network and training, for any rule and seed.
type setup struct {
	Layers       string  `default:"784-128-64-10" help:"Sizes of the layers: pixels, hidden layers, classes."`
	Epochs       int     `default:"10" help:"Epochs."`
	Samples      int     `placeholder:"N" help:"Train on so many of the images only, the same ones for every seed (default: all)."`
	TestSamples  int     `placeholder:"N" help:"Test on so many of the images only (default: all)."`
	Holdout      int     `placeholder:"N" help:"Do not train on the last N of the training images, equally many of each class, and test on these in place of the test images: for choosing settings."`
	Batch        int     `default:"32" help:"Samples in a batch, 1 to 32."`
	Seed         uint32  `default:"1" help:"Seed of weights, feedback, order and rounding."`
	Data         string  `type:"path" placeholder:"DIR" help:"Folder with the four official IDX files of MNIST or Fashion-MNIST, plain or .gz (default: 4,000 embedded images of Fashion-MNIST)."`
	LR           string  `name:"lr" placeholder:"RATE" help:"Learning rate, 0.01 or 2^-6 (default: 2^-6 for bp, 2^-9 for bdfa, 2^-8 for bdfa from concordant weights)."`
	LRShiftEvery int     `name:"lr-shift-every" placeholder:"K" help:"Shift the learning rate right every K epochs (default: never)."`
	LRShift      int     `name:"lr-shift" default:"1" help:"Bits of such a shift."`
	Momentum     float64 `default:"0.9" help:"Momentum."`
	Decay        float64 `default:"0" help:"Weight decay."`
	Feedback     string  `enum:"lfsr,eq9" default:"lfsr" help:"Feedback signs of bdfa: lfsr (generated) or eq9 (signs of the product of the initial weights, stored)."`
	Init         string  `enum:"he,concordant" default:"he" help:"Initial weights: he, or concordant (bdfa, lfsr: changed until the product of the weights has the generated signs)."`
	EvalEvery    int     `default:"1" help:"Test after every so many epochs and after the last; 0: never."`
	XMemMB       int     `name:"xmem-mb" placeholder:"MB" help:"External memory in MiB, a power of two (default: 64, more if the images need it)."`
}

// defaultRate returns the learning rate of a rule with initial weights: those that end highest with the settings of the
// demo on training images held out of training, of 2^-5 to 2^-10 (docs/demo.md). Feedback eq9 was not part of that; it has the
// rate of lfsr.
func defaultRate(rule, init string) float64 {
	switch {
	case rule == firmware.BP:
		return 1.0 / 64
	case init == string(golden.ConcordantInit):
		return 1.0 / 256
	}
	return 1.0 / 512
}

// parseRate reads 0.015 or 2^-6.
func parseRate(s string) (float64, error) {
	if exp, ok := strings.CutPrefix(s, "2^"); ok {
		n, err := strconv.Atoi(exp)
		if err == nil && n >= -64 && n <= 64 {
			return math.Ldexp(1, n), nil
		}
	} else if v, err := strconv.ParseFloat(s, 64); err == nil && v > 0 && !math.IsInf(v, 0) {
		return v, nil
	}
	return 0, usagef("learning rate: got %q, want a positive number or a power as 2^-6", s)
}

// rate returns the learning rate of a rule.
func (s *setup) rate(rule string) (float64, error) {
	if s.LR == "" {
		return defaultRate(rule, s.Init), nil
	}
	return parseRate(s.LR)
}

// parseSizes reads 784-128-64-10.
func parseSizes(s string) ([]int, error) {
	var sizes []int
	for _, f := range strings.Split(s, "-") {
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil, usagef("layers: got %q, want sizes as 784-128-64-10", s)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

// arm is one rule with one seed: what the chip runs and the two models with the same initial values, feedback and order.
type arm struct {
	rule   string
	seed   uint32
	data   sets
	orders [][]int
	img    *image.Image
	plan   *firmware.Plan
	float  *golden.MLP
	fixed  *qmodel.Model
}

// arm builds one rule with one seed. seed is the experiment's plus a number.
func (s *setup) arm(rule string, seed uint32, sizes []int, d sets) (*arm, error) {
	a := &arm{rule: rule, seed: seed, data: d}
	for epoch := range s.Epochs {
		a.orders = append(a.orders, data.Order(uint64(seed), uint64(epoch), d.train.N))
	}
	if err := s.makeFloat(a, sizes); err != nil {
		return nil, err
	}
	spec, err := s.spec(a, sizes)
	if err != nil {
		return nil, err
	}
	if a.img, a.plan, err = firmware.Build(spec); err != nil {
		return nil, err
	}
	return a, a.makeFixed()
}

// makeFloat draws the initial weights and the feedback.
func (s *setup) makeFloat(a *arm, sizes []int) (err error) {
	cfg := golden.Config{Sizes: sizes, Rule: a.rule, Momentum: s.Momentum, Decay: s.Decay, MeanOver: qmodel.MaxBatch, Seed: uint64(a.seed)}
	if a.rule == firmware.BDFA {
		cfg.Scale = golden.Pow2
		cfg.Init = golden.Init(s.Init)
		if s.Feedback == "eq9" {
			cfg.Feedback = golden.Eq9
		} else {
			cfg.Feedback = golden.Given
			if cfg.Given, err = generated(sizes, a.seed); err != nil {
				return err
			}
		}
	}
	a.float, err = golden.New(cfg)
	return err
}

// generated returns the signs that the chip's generator makes, as D_i of the float model: N_L x N_i.
func generated(sizes []int, seed uint32) ([]golden.Mat, error) {
	top := len(sizes) - 1
	d := make([]golden.Mat, max(top, 0))
	for i, fbseed := range firmware.FeedbackSeeds(seed, top) {
		if i == 0 {
			continue
		}
		// A network of this layer and the top one has the same B_i.
		net := qmodel.Config{Sizes: []int{1, sizes[i], sizes[top]}, F: qmodel.Formats(firmware.DefaultFormats(2)), Rule: qmodel.BDFA,
			FB: []qmodel.Feedback{{}, {Seed: fbseed}}}
		m, err := qmodel.New(net)
		if err != nil {
			return nil, err
		}
		d[i] = golden.NewMat(sizes[top], sizes[i])
		for n, row := range m.FeedbackBits(1) {
			for c, sign := range row {
				d[i].Data[c*sizes[i]+n] = float64(sign)
			}
		}
	}
	return d, nil
}

// spec is what the firmware is built from.
func (s *setup) spec(a *arm, sizes []int) (firmware.Spec, error) {
	top := len(sizes) - 1
	eta, err := s.rate(a.rule)
	if err != nil {
		return firmware.Spec{}, err
	}
	spec := firmware.Spec{
		Network: firmware.Network{Sizes: sizes, W: make([][]float64, top+1), B: a.float.B},
		Rule:    a.rule, Feedback: firmware.LFSR, FBShift: make([]int, top),
		Eta: eta, Mu: s.Momentum, Lambda: s.Decay, Epochs: s.Epochs, Batch: s.Batch,
		LRShiftEvery: s.LRShiftEvery, LRShift: s.LRShift, Seed: a.seed,
		Train: firmwareSet(a.data.train), Test: firmwareSet(a.data.test), Orders: a.orders, EvalEvery: s.EvalEvery,
		Capacities: firmware.DefaultCapacities(),
	}
	spec.Capacities.XMemBytes = s.XMemMB << 20
	for i := 1; i <= top; i++ {
		spec.W[i] = a.float.W[i].Data
	}
	if a.rule != firmware.BDFA {
		return spec, nil
	}
	for i := 1; i < top; i++ {
		spec.FBShift[i] = -int(math.Log2(a.float.S[i])) // a power of two
	}
	if s.Feedback == "eq9" {
		spec.Feedback, spec.Signs = firmware.SRAM, make([][]int8, top)
		for i := 1; i < top; i++ {
			spec.Signs[i] = signsOf(a.float.D[i])
		}
	}
	return spec, nil
}

// signsOf turns D_i (N_L x N_i) into signs, N_i x N_L.
func signsOf(d golden.Mat) []int8 {
	out := make([]int8, len(d.Data))
	for c := range d.Rows {
		for n := range d.Cols {
			out[n*d.Rows+c] = 1
			if d.At(c, n) < 0 {
				out[n*d.Rows+c] = -1
			}
		}
	}
	return out
}

func firmwareSet(s data.Set) firmware.Set {
	out := firmware.Set{Images: s.Images, Labels: make([]uint16, len(s.Labels))}
	for k, c := range s.Labels {
		out.Labels[k] = uint16(c)
	}
	return out
}

// makeFixed builds the fixed-point model from what the image says, so that both start from the same integers.
func (a *arm) makeFixed() (err error) {
	p := a.plan
	sizes, f := p.Sizes(), p.Formats()
	top := len(sizes) - 1
	cfg := qmodel.Config{Sizes: sizes, F: qmodel.Formats(f), Rule: a.rule, Mu: p.Header.Mu, Lambda: p.Header.Lambda, Seed: p.Header.Seed}
	if a.rule == firmware.BDFA {
		cfg.FB = make([]qmodel.Feedback, top)
		for i := 1; i < top; i++ {
			cfg.FB[i] = qmodel.Feedback{Shift: p.FBShift(i), Seed: p.FBSeed(i)}
			if p.Feedback() == firmware.SRAM {
				flat, rows := signsOf(a.float.D[i]), make([][]int8, sizes[i])
				for n := range rows {
					rows[n] = flat[n*sizes[top] : (n+1)*sizes[top]]
				}
				cfg.FB[i] = qmodel.Feedback{Shift: p.FBShift(i), Bits: qmodel.PackSigns(rows, sizes[i], sizes[top])}
			}
		}
	}
	if a.fixed, err = qmodel.New(cfg); err != nil {
		return err
	}
	mem := firmware.Memory(a.img)
	for i := 1; i <= top; i++ {
		copy(a.fixed.W[i], p.Weights(mem, i))
		copy(a.fixed.B[i], p.Biases(mem, i))
	}
	return nil
}
