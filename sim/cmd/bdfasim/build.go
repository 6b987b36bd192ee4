package main

import (
	"bdfasim/firmware"
	"bdfasim/firmware/compile"
	"bdfasim/golden"
	"bdfasim/golden/data"
	"bdfasim/golden/qmodel"
	"bdfasim/isa/image"
	"bdfasim/isa/machine"
	"bdfasim/rtl"
	"bdfasim/testbench/models"
)

// trial is one rule with one seed: what the chip runs and the two models with the same initial values, feedback and order.
type trial struct {
	net    *network
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

	modelOnly bool // not trained on the chip
}

// layers is L.
func (tr *trial) layers() int { return int(tr.header.Layers) }

// trials builds all trials: every rule with every seed.
func (s *setup) trials(n *network, rules []string, seeds int) ([]*trial, error) {
	if s.Synthetic > 0 {
		if err := s.room(n, rules, s.Synthetic, s.Synthetic); err != nil {
			return nil, err
		}
	}
	d, err := s.load(n)
	if err != nil {
		return nil, err
	}
	if err := s.room(n, rules, d.train.N, d.test.N); err != nil {
		return nil, err
	}
	input := n.net.Input
	train, test := models.Images(d.train.Images, d.train.Labels, input), models.Images(d.test.Images, d.test.Labels, input)
	var trials []*trial
	for _, rule := range rules {
		for k := range seeds {
			tr := &trial{net: n, rule: rule, seed: s.Seed + uint32(k), data: &d, train: train, test: test}
			for epoch := range s.Epochs {
				tr.orders = append(tr.orders, data.Order(uint64(tr.seed), uint64(epoch), d.train.N))
			}
			if err := s.build(tr, len(rules) > 1); err != nil {
				return nil, err
			}
			n.clipped(tr, s.Formats)
			trials = append(trials, tr)
		}
	}
	return trials, nil
}

// build makes program and float model of a trial; several tells that there are other rules.
func (s *setup) build(tr *trial, several bool) (err error) {
	o := s.options(tr.rule, tr.seed)
	if tr.net.file != nil && s.Init != string(golden.He) {
		return usagef("init: got %s for weights from a file, want he", s.Init)
	}
	float, err := models.Float(tr.net.net, o)
	if err != nil {
		return err
	}
	if tr.net.file != nil {
		if err := models.Adopt(float, tr.net.file); err != nil {
			return err
		}
	}
	if err := s.compile(tr, o, float, several); err != nil {
		return err
	}
	if models.HasFloat(tr.rule) {
		tr.float = float
	}
	return nil
}

// compile compiles the network with the values of the float model.
func (s *setup) compile(tr *trial, o models.Options, float *golden.Network, several bool) error {
	spec, err := models.Spec(float, o, compile.DefaultFormats())
	if err != nil {
		return err
	}
	base, err := s.numbers(&spec, several)
	if err != nil {
		return err
	}
	spec.Train, spec.Test, spec.Orders = tr.train, tr.test, tr.orders
	if s.XMemMB == 0 {
		if spec.Machine.XMem.Bytes, err = compile.XMemBytes(spec, base.XMem.Bytes, maxXMemMB<<20); err != nil {
			return err
		}
	}
	if tr.img, tr.plan, err = compile.Build(spec); err != nil {
		return err
	}
	tr.header, tr.chip = &tr.plan.Header, s.fit(base, tr.img)
	tr.plan.Runs(tr.img, tr.chip)
	return nil
}

// numbers sets what the flags say of a program, its rule known; base is the machine that they ask
// for.
func (s *setup) numbers(spec *compile.Spec, several bool) (base machine.Config, err error) {
	if spec.Eta, err = s.rate(spec.Rule); err != nil {
		return base, err
	}
	spec.Epochs, spec.Batch, spec.EvalEvery = s.Epochs, s.Batch, s.EvalEvery
	spec.LRShiftEvery, spec.LRShift, spec.Fit = s.LRShiftEvery, s.LRShift, s.Formats == "fit"
	spec.Arm, spec.Density, spec.Fused = compile.Arm(s.Arm), s.Density, s.Schedule == "fused"
	if several && compile.ArmOf(spec.Rule) == compile.ArmDEPC {
		spec.Arm = "" // the arm that was asked for is the other rules'
	}
	base, err = s.base(machine.Reference())
	spec.Machine = base // and more where the chip is built for the program
	spec.Machine.DEPC.Classes, spec.Machine.EPC.Errors = maxErrors, maxErrors
	spec.Machine.Seq.IMemBytes = maxIMemBytes
	return base, err
}

// room refuses what does not fit before anybody makes images, draws weights or orders samples.
func (s *setup) room(n *network, rules []string, train, test int) error {
	for _, rule := range rules {
		layers, err := compile.Lower(n.net, compile.DefaultFormats())
		if err != nil {
			return err
		}
		o := s.options(rule, s.Seed)
		spec := compile.Spec{Net: n.net, Layers: layers, Mu: o.Momentum, Lambda: o.Decay, Seed: o.Seed}
		if spec.Rule, err = compile.RuleOf(rule); err != nil {
			return err
		}
		if spec.Rule == compile.BDFA && o.FromWeights {
			spec.Feedback = firmware.SRAM
		}
		if _, err := s.numbers(&spec, len(rules) > 1); err != nil {
			return err
		}
		if s.XMemMB == 0 {
			spec.Machine.XMem.Bytes = maxXMemMB << 20
		}
		if err := compile.Room(spec, train, test); err != nil {
			return err
		}
	}
	return nil
}

// fixed makes the fixed-point model.
func (tr *trial) fixed() (*qmodel.Model, error) {
	return models.Fixed(tr.plan, tr.img, tr.chip.DNNC.AccBits)
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
