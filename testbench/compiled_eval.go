package testbench

import "fmt"

// testBatch compares what the chip predicts for the test samples that it has just brought through all layers with the
// fixed-point model, which tells the class of a sample only.
func (c *Compiled) testBatch() error {
	h, s, top := &c.Plan.Header, c.Plan.Spec(), &c.Plan.Layers[len(c.Plan.Layers)-1]
	if c.tested == int(h.TestN) {
		c.tested = 0
	}
	nb := min(int(h.Batch), int(h.TestN)-c.tested)
	size := len(s.Test.Images) / len(s.Test.Labels)
	logits := c.view.raw(top.Out, top.OutStep, nb, top.OutC)
	for b := range nb {
		best, a := 0, logits[b*top.OutC:(b+1)*top.OutC]
		for k, v := range a {
			if v > a[best] {
				best = k
			}
		}
		at := c.tested + b
		if c.Model.Eval(s.Test.Images[at*size:(at+1)*size], []int{best}) != 1 {
			return fmt.Errorf("cycle %d, test after step %d: the chip takes sample %d for class %d, logits %v, the fixed-point model for another", c.Chip.Cycle(), c.Steps-1, at, best, a)
		}
	}
	c.tested += nb
	c.Compared++
	return nil
}

// testResult compares the record of an epoch with the fixed-point model, which stands behind the epoch's last step.
func (c *Compiled) testResult(epoch int) error {
	s := c.Plan.Spec()
	records := c.Plan.Results(c.Chip.XMemory())
	if len(records) != epoch+1 {
		return fmt.Errorf("cycle %d: %d records of epochs, want %d", c.Chip.Cycle(), len(records), epoch+1)
	}
	got := records[epoch]
	if got.TestN == 0 {
		return nil
	}
	labels := make([]int, len(s.Test.Labels))
	for k, y := range s.Test.Labels {
		labels[k] = int(y)
	}
	if want := c.Model.Eval(s.Test.Images, labels); int(got.TestN) != len(labels) || int(got.TestCorrect) != want {
		return fmt.Errorf("cycle %d, record of epoch %d: %d of %d test samples are correct, fixed-point model %d of %d", c.Chip.Cycle(), epoch+1, got.TestCorrect, got.TestN, want, len(labels))
	}
	return nil
}
