package testbench

import "fmt"

// testBatch compares what the chip predicts for the test samples that it has just brought through all layers with the
// fixed-point model, which tells the class of a sample only.
func (c *Compiled) testBatch() error {
	h, top := &c.Plan.Header, &c.Plan.Layers[len(c.Plan.Layers)-1]
	if c.tested == int(h.TestN) {
		c.tested = 0
	}
	x, y := c.Plan.TestBatch(c.Chip.XMemory(), c.tested/int(h.Batch))
	nb, size := len(y), len(x)/len(y)
	logits := c.view.raw(top.Out, top.OutStep, nb, top.OutC)
	for b := range nb {
		best, a := 0, logits[b*top.OutC:(b+1)*top.OutC]
		for k, v := range a {
			if v > a[best] {
				best = k
			}
		}
		at := c.tested + b
		if c.Model.Eval(x[b*size:(b+1)*size], []int{best}) != 1 {
			return fmt.Errorf("cycle %d, test after step %d: the chip takes sample %d for class %d, logits %v, the fixed-point model for another", c.Chip.Cycle(), c.Steps-1, at, best, a)
		}
	}
	c.tested += nb
	c.Compared++
	return nil
}

// testResult compares the record of an epoch with the fixed-point model, which stands behind the epoch's last step.
func (c *Compiled) testResult(epoch int) error {
	records := c.Plan.Results(c.Chip.XMemory())
	if len(records) != epoch+1 {
		return fmt.Errorf("cycle %d: %d records of epochs, want %d", c.Chip.Cycle(), len(records), epoch+1)
	}
	got := records[epoch]
	if got.TestN == 0 {
		return nil
	}
	n, want := 0, 0
	for step := 0; n < int(c.Plan.Header.TestN); step++ {
		x, y := c.Plan.TestBatch(c.Chip.XMemory(), step)
		n, want = n+len(y), want+c.Model.Eval(x, y)
	}
	if int(got.TestN) != n || int(got.TestCorrect) != want {
		return fmt.Errorf("cycle %d, record of epoch %d: %d of %d test samples are correct, "+
			"fixed-point model %d of %d", c.Chip.Cycle(), epoch+1, got.TestCorrect, got.TestN, want, n)
	}
	return nil
}
