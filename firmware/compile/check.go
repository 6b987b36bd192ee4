package compile

import (
	"fmt"
	"math"

	"bdfasim/firmware"
	"bdfasim/isa"
)

// check reports the first thing that is wrong with a specification.
func (s *Spec) check() error {
	top := s.top()
	if top < 1 {
		return fmt.Errorf("layers: got none")
	}
	signs := ArmOf(s.Rule) == ArmDEPC
	switch {
	case s.Arm != ArmDNNC && s.Arm != ArmEPC && s.Arm != ArmDEPC:
		return fmt.Errorf("arm: got %q, want dnnc, epc or depc", s.Arm)
	case signs != (s.Arm == ArmDEPC):
		return fmt.Errorf("arm: got %s for rule %s, want %s: signs are the DEPC's", s.Arm, s.Rule, map[bool]string{true: "depc", false: "dnnc or epc"}[signs])
	case s.InputError && s.convs() > 0:
		return fmt.Errorf("input error: the network has convolutions, whose errors it makes anyway")
	case s.Rule == ConvOnly && s.convs() == 0:
		return fmt.Errorf("rule conv-only: the network has no convolution, so nothing would learn")
	case s.Fused && s.big():
		return fmt.Errorf("fused schedule: batch: got %d, want 1..%d: updates wait for errors of all samples, and forward passes take %d at a time",
			s.Batch, firmware.SubBatch, firmware.SubBatch)
	case s.Fused && s.Rule == ConvOnly:
		return fmt.Errorf("fused schedule: rule conv-only updates no fully connected layer")
	case s.Rule == BFA && s.Feedback != firmware.LFSR:
		return fmt.Errorf("feedback: got %s for rule bfa, want lfsr", s.Feedback)
	case s.Feedback != firmware.LFSR && s.Feedback != firmware.SRAM:
		return fmt.Errorf("feedback: got %q, want lfsr or sram", s.Feedback)
	case !(s.Density >= 0 && s.Density <= 1):
		return fmt.Errorf("density: got %g, want 0..1", s.Density)
	case s.Machine.XMem.Bytes%64 != 0 || s.Machine.XMem.Bytes >= 1<<32:
		return fmt.Errorf("external memory: got %d bytes, want a multiple of 64 below 2^32: an image tells its size in 32 bits", s.Machine.XMem.Bytes)
	}
	if err := s.checkTraining(); err != nil {
		return err
	}
	return s.checkShifts()
}

// checkData compares the data of a specification that is right so far with its network.
func (s *Spec) checkData() error {
	for _, part := range []func() error{
		s.checkTensors, s.checkSets, s.checkOrders, s.checkFeedback,
	} {
		if err := part(); err != nil {
			return fmt.Errorf("compile: %w", err)
		}
	}
	return nil
}

// checkTraining looks at the numbers that rule the training.
func (s *Spec) checkTraining() error {
	for _, n := range []struct {
		name           string
		got, low, high int
	}{
		{"batch", s.Batch, 1, firmware.MaxBatch}, {"epochs", s.Epochs, 1, 1 << 20}, {"epochs between tests", s.EvalEvery, 0, 1 << 20},
		{"epochs between shifts of eta", s.LRShiftEvery, 0, 1 << 20}, {"shift of eta", s.LRShift, 0, 16},
	} {
		if n.got < n.low || n.got > n.high {
			return fmt.Errorf("%s: got %d, want %d..%d", n.name, n.got, n.low, n.high)
		}
	}
	return nil
}

func (s *Spec) checkTensors() error {
	if len(s.W) != len(s.Layers) || s.B != nil && len(s.B) != len(s.Layers) || s.Norm != nil && len(s.Norm) != len(s.Layers) {
		return fmt.Errorf("weights, biases, normalisations: got %d, %d, %d layers, want %d (index 0 is not used)", len(s.W), len(s.B), len(s.Norm), len(s.Layers))
	}
	for i := 1; i < len(s.Layers); i++ {
		l := &s.Layers[i]
		if err := checkValues("weights of "+l.Name, s.W[i], l.WeightCount()); err != nil {
			return err
		}
		if s.B != nil && s.B[i] != nil {
			if err := checkValues("biases of "+l.Name, s.B[i], l.OutC); err != nil {
				return err
			}
		}
		if s.Norm == nil {
			continue
		}
		n := &s.Norm[i]
		for _, x := range []struct {
			what         string
			values, with []float64
		}{
			{"scales", n.Scale, n.Shift}, {"shifts", n.Shift, n.Scale},
			{"means", n.Mean, n.Var}, {"variances", n.Var, n.Mean},
		} {
			if x.values == nil && x.with == nil {
				continue
			}
			if err := checkValues(x.what+" of "+l.Name, x.values, l.OutC); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkValues compares the length of a tensor and looks for what is no number.
func checkValues(what string, values []float64, want int) error {
	if len(values) != want {
		return fmt.Errorf("%s: got %d values, want %d", what, len(values), want)
	}
	for k, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: value %d is %v, want a finite number", what, k, v)
		}
	}
	return nil
}

func (s *Spec) checkSets() error {
	switch {
	case len(s.Train.Labels) == 0:
		return fmt.Errorf("training set: got no samples")
	case s.EvalEvery > 0 && len(s.Test.Labels) == 0:
		return fmt.Errorf("test set: got no samples, want some for a test every %d epochs", s.EvalEvery)
	case len(s.Train.Labels) > firmware.MaxSamples || len(s.Test.Labels) > firmware.MaxSamples:
		return fmt.Errorf("sets: got %d and %d samples, want at most %d each: order entries have 16-bit indices", len(s.Train.Labels), len(s.Test.Labels), firmware.MaxSamples)
	}
	size := s.Layers[1].imageBytes()
	for _, set := range []struct {
		name string
		firmware.Set
	}{{"training set", s.Train}, {"test set", s.Test}} {
		if got, want := len(set.Images), len(set.Labels)*size; got != want {
			return fmt.Errorf("%s: got %d bytes of images, want %d (%d samples of %d)", set.name, got, want, len(set.Labels), size)
		}
		for k, y := range set.Labels {
			if int(y) >= s.Layers[s.top()].OutC {
				return fmt.Errorf("%s: label of sample %d is %d, want less than %d", set.name, k, y, s.Layers[s.top()].OutC)
			}
		}
	}
	return nil
}

// checkOrders looks at the order of the samples: one for each epoch, all of the same length, of samples that there are.
func (s *Spec) checkOrders() error {
	if s.Orders == nil {
		return nil
	}
	if len(s.Orders) != s.Epochs {
		return fmt.Errorf("orders: got %d, want one for each of %d epochs", len(s.Orders), s.Epochs)
	}
	for e, order := range s.Orders {
		if len(order) == 0 || len(order) != len(s.Orders[0]) {
			return fmt.Errorf("order of epoch %d: got %d samples, want as many as in epoch 1, and some", e+1, len(order))
		}
		for k, at := range order {
			if at < 0 || at >= len(s.Train.Labels) {
				return fmt.Errorf("order of epoch %d: entry %d is sample %d, want 0..%d", e+1, k, at, len(s.Train.Labels)-1)
			}
		}
	}
	return nil
}

func (s *Spec) checkFeedback() error {
	stored := s.Rule == BDFA && s.Feedback == firmware.SRAM
	if s.Rule != DFA && !stored {
		return nil
	}
	p, top := s.outline(), s.top()
	if s.Rule == DFA && len(s.D) < top || stored && len(s.Signs) < top {
		return fmt.Errorf("feedback: got %d matrices and %d sets of signs, want one for each of %d layers", len(s.D), len(s.Signs), top)
	}
	for i := p.firstError(); i < top; i++ {
		l := &p.Layers[i]
		if !stored {
			if err := checkValues("feedback to "+l.Name, s.D[i], s.Layers[top].OutC*l.Outputs()); err != nil {
				return err
			}
			continue
		}
		if got, want := len(s.Signs[i]), s.Layers[top].OutC*l.ChipOutputs(); got != want {
			return fmt.Errorf("feedback to %s: got %d signs, want %d", l.Name, got, want)
		}
		for k, v := range s.Signs[i] {
			if v != 1 && v != -1 {
				return fmt.Errorf("feedback to %s: sign %d is %d, want 1 or -1", l.Name, k, v)
			}
		}
	}
	return nil
}

// Fz: below 17, eps of section 8 has 32 bits, and from -8 on the fraction bits of a variance are no
// less than none.
const (
	minFz = -8
	maxFz = 16
)

// namedShift is a shift of a command, the least that it may be and the most.
type namedShift struct {
	name          string
	value, lo, hi int
}

// checkShifts reports a format whose shift no command can carry.
func (s *Spec) checkShifts() error {
	p := s.outline()
	for i := range p.Layers {
		l := &p.Layers[i]
		if l.BN && (l.Fz < minFz || l.Fz > maxFz) {
			return fmt.Errorf("layer %s: fraction bits before the normalisation: got %d, want %d..%d", l.Name, l.Fz, minFz, maxFz)
		}
		for _, x := range p.layerShifts(i) {
			if x.value < x.lo || x.value > x.hi {
				return fmt.Errorf("layer %s: shift of %s: got %d, want %d..%d", l.Name, x.name, x.value, x.lo, x.hi)
			}
		}
	}
	return nil
}

// shift is a shift that a command carries and that docs/arithmetic.md has.
func shift(name string, value int, op isa.Op, param int) namedShift {
	lo, hi := op.Limits(param)
	return namedShift{name, value, max(lo, isa.MinShift), min(hi, isa.MaxShift)}
}

// layerShifts lists the shifts of layer i: those that lead to its output, its error and its update.
func (p *Layout) layerShifts(i int) (list []namedShift) {
	s, l := p.spec, &p.Layers[i]
	e := shift("its error", 0, isa.OpDrainErr, isa.DrainShift)
	switch {
	case i >= p.firstError() && i < s.top():
		e.value = p.errorPass(i).Shift
		list = append(list, e)
	case i > 0 && i < s.convs():
		e.value = p.Layers[i+1].errorShift(l)
		list = append(list, e)
	}
	if i == 0 {
		return list // the input: its error is all that there may be
	}
	sh, z := l.shifts(s.Batch), shift("z", l.FoIn+l.Fw-l.Fo, isa.OpDrainAct, isa.DrainShift)
	if l.Conv {
		z.value = l.FoIn + l.Fw - l.Fz
	}
	if l.Drop {
		z.lo++ // dropout doubles by one bit less
	}
	list = append(list, z,
		shift("the gradient", sh.G, isa.OpMomW, isa.MomGShift),
		shift("the weight decay", sh.Decay, isa.OpMomW, isa.MomDShift),
		shift("eta * v into a weight", sh.T, isa.OpMomW, isa.MomTShift),
		shift("the bias gradient", sh.GB, isa.OpMomB, isa.MomGShift),
		shift("eta * v into a bias", sh.TB, isa.OpMomB, isa.MomTShift))
	if l.BN {
		// minus sh/2 of section 8, which lies in -8..15
		_, right := isa.OpNormGrad.Limits(isa.NormShift)
		lo, hi := isa.OpNormUpdate.Limits(isa.NormGShift)
		list = append(list,
			namedShift{"e behind the normalisation", l.Fd - l.Fe + 30 - l.Fz - 15, 0, right - 15},
			namedShift{"the gradient of gamma", sh.Gamma, lo, hi},
			namedShift{"eta * v into gamma", l.Fv - 4, lo, hi})
	}
	if i == s.top() { // section 3
		lo, hi := isa.OpLossCE.Limits(isa.LossFrac)
		list = append(list, namedShift{"the logits in the softmax", l.Fo + 8, lo + 8, hi + 8})
	}
	return list
}
