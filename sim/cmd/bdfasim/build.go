package main

import (
	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/golden"
	"bdfasim/golden/data"
	"bdfasim/golden/qmodel"
	"bdfasim/isa/image"
	"bdfasim/rtl"
	"bdfasim/testbench/models"
)

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
	plan   *compile.Plan
	header *firmware.Header
	float  *golden.Network // nil: it does not know the rule
	fixed  func() (*qmodel.Model, error)
}

// layers is L.
func (a *arm) layers() int { return int(a.header.Layers) }

// arms builds all arms: every rule with every seed.
func (s *setup) arms(n *network, rules []string, seeds int) ([]*arm, error) {
	if _, err := s.rate(rules[0]); err != nil {
		return nil, err
	}
	d, err := s.load(n)
	if err != nil {
		return nil, err
	}
	xmem := maxXMemMB << 20
	if s.XMemMB != 0 {
		xmem = s.XMemMB << 20
	}
	if err := n.fits(xmem); err != nil {
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
	if err := s.compile(a, n, o, float, several); err != nil {
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

// compile compiles the network.
func (s *setup) compile(a *arm, n *network, o models.Options, float *golden.Network, several bool) error {
	spec, err := s.spec(a, o, float)
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
func (s *setup) spec(a *arm, o models.Options, float *golden.Network) (compile.Spec, error) {
	spec, err := models.Spec(float, o, compile.DefaultFormats())
	if err != nil {
		return spec, err
	}
	if spec.Eta, err = s.rate(a.rule); err != nil {
		return spec, err
	}
	spec.Epochs, spec.Batch, spec.LRShiftEvery, spec.LRShift = s.Epochs, s.Batch, s.LRShiftEvery, s.LRShift
	spec.Train, spec.Test, spec.Orders, spec.EvalEvery = a.train, a.test, a.orders, s.EvalEvery
	return spec, nil
}

// rulesOf checks a list of rules: each once.
func rulesOf(rules []string) error {
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
	}
	return nil
}
