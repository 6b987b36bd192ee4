package main

import (
	"fmt"

	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/firmware/net"
	"bdfasim/golden"
	"bdfasim/golden/data"
	"bdfasim/golden/qmodel"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/testbench/models"
)

// program is what the plans of programs written by hand and of compiled ones have in common: readers of external memory, by
// layer 1..L.
type program interface {
	Weights(mem []byte, i int) []int16
	Velocities(mem []byte, i int) []int32
	Biases(mem []byte, i int) []int32
	BiasVelocities(mem []byte, i int) []int32
}

// arm is one rule with one seed: what the chip runs and the two models with the same initial values, feedback and order.
type arm struct {
	rule   string
	seed   uint32
	data   *sets
	train  firmware.Set // images as the chip and the fixed-point model have them
	test   firmware.Set
	orders [][]int
	chip   rtl.Config
	img    *image.Image
	plan   program
	header *firmware.Header
	float  *golden.Network // nil: it does not know the rule
	fixed  func() (*qmodel.Model, error)
}

// layers is L.
func (a *arm) layers() int { return int(a.header.Layers) }

// arms builds all arms: every rule with every seed.
func (s *setup) arms(n *network, rules []string, seeds int) ([]*arm, error) {
	if _, err := s.rate(rules[0], n.compiled()); err != nil {
		return nil, err
	}
	d, err := s.load(n)
	if err != nil {
		return nil, err
	}
	if err := n.describe(s, &d); err != nil {
		return nil, err
	}
	input := n.net.Input
	train, test := models.Images(d.train.Images, d.train.Labels, input), models.Images(d.test.Images, d.test.Labels, input)
	var arms []*arm
	for _, rule := range rules {
		for k := range seeds {
			a := &arm{rule: rule, seed: s.Seed + uint32(k), data: &d, train: train, test: test}
			for epoch := range s.Epochs {
				a.orders = append(a.orders, data.Order(uint64(a.seed), uint64(epoch), d.train.N))
			}
			if err := s.build(a, n, len(rules) > 1); err != nil {
				return nil, err
			}
			arms = append(arms, a)
		}
	}
	return arms, nil
}

// describe makes the description of a network that is given by its sizes.
func (n *network) describe(s *setup, d *sets) (err error) {
	if n.compiled() {
		return nil
	}
	if err := s.fits(n.sizes, d); err != nil {
		return err
	}
	n.net, err = net.MLP(net.ReLU, n.sizes...)
	return err
}

// build makes program and float model of an arm; several tells that there are other rules.
func (s *setup) build(a *arm, n *network, several bool) (err error) {
	o := s.options(a.rule, a.seed)
	if n.file != nil && s.Init != string(golden.He) {
		return usagef("init: got %s for weights from a file, want he", s.Init)
	}
	float, err := models.Float(n.net, o)
	if err != nil {
		return err
	}
	if n.file != nil {
		if err := models.Adopt(float, n.file); err != nil {
			return err
		}
	}
	if n.compiled() {
		err = s.buildCompiled(a, n, o, float, several)
	} else {
		err = s.buildWritten(a, n, o, float)
	}
	if err != nil {
		return err
	}
	if models.HasFloat(a.rule) {
		a.float = float
	}
	a.chip = s.config(a.img)
	return nil
}

// scheduleFused is the schedule that is not plain.
const scheduleFused = "fused"

// buildWritten makes the program that is written by hand.
func (s *setup) buildWritten(a *arm, n *network, o models.Options, float *golden.Network) error {
	if s.Arm != "" || s.Density != 0 {
		return usagef("arm and density: got layers, want a network to compile: the programs written by hand know neither")
	}
	if s.Schedule == scheduleFused {
		return usagef("schedule: got fused for layers, want a network to compile, as mlp-784-128-64-10: the programs written by hand have a plain one")
	}
	c, err := s.spec(a, o, float, n)
	if err != nil {
		return err
	}
	spec := firmware.Spec{
		Network: firmware.Network{Sizes: n.sizes, W: c.W, B: c.B}, Rule: c.Rule, Feedback: c.Feedback, FBShift: make([]int, float.L), Signs: c.Signs,
		Eta: c.Eta, Mu: c.Mu, Lambda: c.Lambda, Epochs: c.Epochs, Batch: c.Batch, LRShiftEvery: c.LRShiftEvery, LRShift: c.LRShift, Seed: c.Seed,
		Train: c.Train, Test: c.Test, Orders: c.Orders, EvalEvery: c.EvalEvery, Capacities: s.capacities(),
	}
	for i := 1; i < float.L; i++ {
		spec.FBShift[i] = c.Layers[i].FBShift
	}
	spec.Capacities.XMemBytes = s.XMemMB << 20
	img, plan, err := firmware.Build(spec)
	if err != nil {
		return err
	}
	a.img, a.plan, a.header = img, plan, &plan.Header
	a.fixed = func() (*qmodel.Model, error) { return models.FixedMLP(plan, img, spec.Signs, a.chip.DNNC.AccBits) }
	return nil
}

// buildCompiled compiles the network.
func (s *setup) buildCompiled(a *arm, n *network, o models.Options, float *golden.Network, several bool) error {
	spec, err := s.spec(a, o, float, n)
	if err != nil {
		return err
	}
	spec.Arm, spec.Density, spec.Fused = compile.Arm(s.Arm), s.Density, s.Schedule == scheduleFused
	if several && compile.ArmOf(spec.Rule) == compile.ArmDEPC {
		spec.Arm = "" // the arm that was asked for is the other rules'
	}
	spec.Capacities = s.capacities()
	spec.Capacities.DEPCClasses, spec.Capacities.EPCErrors = maxErrors, maxErrors // the chip is built for the program
	spec.Capacities.CodeBytes = maxIMemBytes
	if spec.Capacities.XMemBytes = s.XMemMB << 20; s.XMemMB == 0 {
		if spec.Capacities.XMemBytes, err = compile.XMemBytes(spec, defaultXMemMB<<20, maxXMemMB<<20); err != nil {
			return err
		}
	}
	img, plan, err := compile.Build(spec)
	if err != nil {
		return err
	}
	plan.Spec().Capacities.CodeBytes = s.config(img).Seq.IMemBytes
	a.img, a.plan, a.header = img, plan, &plan.Header
	a.fixed = func() (*qmodel.Model, error) { return models.Fixed(plan, img, a.chip.DNNC.AccBits) }
	return nil
}

// spec is what a program is built from.
func (s *setup) spec(a *arm, o models.Options, float *golden.Network, n *network) (compile.Spec, error) {
	spec, err := models.Spec(float, o, compile.DefaultFormats())
	if err != nil {
		return spec, err
	}
	if spec.Eta, err = s.rate(a.rule, n.compiled()); err != nil {
		return spec, err
	}
	spec.Epochs, spec.Batch, spec.LRShiftEvery, spec.LRShift = s.Epochs, s.Batch, s.LRShiftEvery, s.LRShift
	spec.Train, spec.Test, spec.Orders, spec.EvalEvery = a.train, a.test, a.orders, s.EvalEvery
	return spec, nil
}

// fits chooses the size of external memory if the user did not: the reference machine's, or the next power of two whose
// halves hold weights and data below, velocities above. It refuses networks whose weights and velocities alone exceed the
// memory, before anybody draws weights.
func (s *setup) fits(sizes []int, d *sets) error {
	weights := 0.0
	for i := 1; i < len(sizes); i++ {
		weights += float64(sizes[i-1]+64) * float64(sizes[i]+64) // blocks of 64 x 64
	}
	images := float64(d.train.N+d.test.N) * float64(sizes[0]+32)
	orders := 4 * float64(s.Epochs+1) * float64(d.train.N+d.test.N)
	half := max(2*weights+images+orders, 3*weights)
	if s.XMemMB == 0 {
		for s.XMemMB = defaultXMemMB; half > float64(s.XMemMB<<19) && s.XMemMB < maxXMemMB; s.XMemMB *= 2 {
		}
	}
	if have := s.XMemMB << 20; 5*weights > 2*float64(have) {
		return fmt.Errorf("layers %s: got weights and velocities of %.0f bytes, want at most %d, the external memory", joinSizes(sizes), 5*weights, have)
	}
	return nil
}

// rulesOf checks a list of rules: each once, and known to the program of the network.
func rulesOf(rules []string, n *network) error {
	seen := map[string]string{}
	for _, rule := range rules {
		chips, err := compile.RuleOf(rule)
		if err != nil {
			return err
		}
		if other, ok := seen[chips]; ok {
			return usagef("rule: got %s and %s, want each once: on the chip they are the same", other, rule)
		}
		seen[chips] = rule
		if !n.compiled() && rule != firmware.BP && rule != firmware.BDFA {
			return usagef("rule: got %s for layers, want bp or bdfa, which programs written by hand know, or a network to compile", rule)
		}
	}
	return nil
}
