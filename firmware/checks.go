package firmware

import "fmt"

func (s *Spec) checkFeedback() error {
	switch s.Rule {
	case BP:
		return nil
	case BDFA:
	default:
		return fmt.Errorf("rule: got %q, want %q or %q", s.Rule, BP, BDFA)
	}
	top := s.layers()
	if len(s.FBShift) != top {
		return fmt.Errorf("feedback shifts: got %d, want %d (index 0 is not used)", len(s.FBShift), top)
	}
	for i, shift := range s.FBShift {
		if shift < -64 || shift > 64 { // the shift of the command is checked exactly
			return fmt.Errorf("feedback shift of layer %d: got %d, want -64..64", i, shift)
		}
	}
	switch s.Feedback {
	case LFSR:
		return nil
	case SRAM:
	default:
		return fmt.Errorf("feedback: got %q, want %q or %q", s.Feedback, LFSR, SRAM)
	}
	if len(s.Signs) != top && top > 1 {
		return fmt.Errorf("feedback signs: got %d layers, want %d (index 0 is not used)", len(s.Signs), top)
	}
	for i := 1; i < top; i++ {
		if got, want := len(s.Signs[i]), s.Sizes[i]*s.Sizes[top]; got != want {
			return fmt.Errorf("feedback signs of layer %d: got %d, want %d", i, got, want)
		}
		for k, v := range s.Signs[i] {
			if v != 1 && v != -1 {
				return fmt.Errorf("feedback signs of layer %d: sign %d is %d, want 1 or -1", i, k, v)
			}
		}
	}
	return nil
}

func (s *Spec) checkSets() error {
	if len(s.Train.Labels) == 0 {
		return fmt.Errorf("training set: got no samples")
	}
	if len(s.Test.Labels) == 0 && s.EvalEvery > 0 {
		return fmt.Errorf("test set: got no samples, want some for a test every %d epochs", s.EvalEvery)
	}
	classes := s.Sizes[s.layers()]
	for _, set := range []struct {
		name string
		Set
	}{{"training set", s.Train}, {"test set", s.Test}} {
		n := len(set.Labels)
		if n > MaxSamples {
			return fmt.Errorf("%s: got %d samples, want at most %d", set.name, n, MaxSamples)
		}
		if got, want := len(set.Images), n*s.Sizes[0]; got != want {
			return fmt.Errorf("%s: got %d bytes of images, want %d (%d samples of %d)", set.name, got, want, n, s.Sizes[0])
		}
		for k, label := range set.Labels {
			if int(label) >= classes {
				return fmt.Errorf("%s: label of sample %d is %d, want less than %d", set.name, k, label, classes)
			}
		}
	}
	return nil
}

func (s *Spec) checkOrders() error {
	if s.Orders == nil {
		return nil
	}
	if len(s.Orders) != s.Epochs {
		return fmt.Errorf("orders: got %d, want one for each of %d epochs", len(s.Orders), s.Epochs)
	}
	want := len(s.Orders[0])
	if want == 0 {
		return fmt.Errorf("order of epoch 1: got no samples")
	}
	for e, order := range s.Orders {
		if len(order) != want {
			return fmt.Errorf("order of epoch %d: got %d samples, want %d as in epoch 1", e+1, len(order), want)
		}
		for k, index := range order {
			if index < 0 || index >= len(s.Train.Labels) {
				return fmt.Errorf("order of epoch %d: entry %d is sample %d, want 0..%d", e+1, k, index, len(s.Train.Labels)-1)
			}
		}
	}
	return nil
}

// namedShift is a shift operand of a command.
type namedShift struct {
	name  string
	value int32
	least int32
}

// checkShifts reports a shift that no command can carry.
func (p *Plan) checkShifts() error {
	for i := 1; i < len(p.Layers); i++ {
		d := &p.Layers[i]
		shifts := []namedShift{
			{"of z", d.FFShift, minShift},
			{"of the gradient", d.GShift, minShift},
			{"of the weight decay", d.DecayShift, minShift},
			{"of eta * v into a weight", d.TShift, 0}, // stochastic rounding needs bits to drop
			{"of the bias gradient", d.GBShift, minShift},
			{"of eta * v into a bias", d.TBShift, minShift},
		}
		if i > 1 {
			shifts = append(shifts, namedShift{fmt.Sprintf("of e_%d", i-1), d.LowShift, minShift})
		}
		if i == len(p.Layers)-1 {
			shifts = append(shifts, namedShift{"of the logits in the softmax", d.Fo + 8, 0}) // section 3: >> (F + 8)
		}
		for _, s := range shifts {
			if s.value < s.least || s.value > maxShift {
				return fmt.Errorf("firmware: layer %d: shift %s: got %d, want %d..%d", i, s.name, s.value, s.least, maxShift)
			}
		}
	}
	return nil
}
