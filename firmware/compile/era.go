package compile

// eras is what the larger of both random counters grows by in a step, if that is beyond its 32 bits
// before the training ends; else 0, and the program needs no code for it (docs/arithmetic.md, section 5).
func (p *Layout) eras() uint32 {
	h := &p.Header
	most := max(h.CounterStep, p.dropStep)
	if n := uint64(h.TrainN+h.Batch-1) / uint64(h.Batch) * uint64(h.Epochs); n*uint64(most) <= 1<<32 {
		return 0
	}
	return most
}

// Era is the era of a training step, from 0.
func (p *Layout) Era(step int) uint32 {
	return uint32(uint64(uint32(step)) * uint64(max(p.Header.CounterStep, p.dropStep)) >> 32)
}
