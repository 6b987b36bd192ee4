package compile

import "fmt"

// blockWords is the size of a raw block of 64 elements, and the most that a compressed one takes.
const blockWords = 16

// arena hands out a memory of the chip.
type arena struct {
	name, unit string
	size, used int
}

func (a *arena) take(n int, layer, what string) (uint32, error) {
	at := a.used
	if at+n > a.size {
		return 0, fmt.Errorf("%s: layer %s: %s needs %d %s, %d of %d are left: %d missing", a.name, layer, what, n, a.unit, a.size-at, a.size, at+n-a.size)
	}
	a.used += n
	return uint32(at), nil
}

// chipMemory are the arenas of a plan.
type chipMemory struct {
	omem, pointers, masks, signs arena
	batch                        int
	density                      float64
}

// words is the room of n blocks: the raw size, or what the density of the specification asks for.
func (c *chipMemory) words(blocks int) int {
	if c.density == 0 {
		return blocks * blockWords
	}
	// A block of 64 elements with d*64 non-zeros takes a third as many words; a margin of a quarter for the spread.
	return max(16, int(float64(blocks)*min(blockWords, 64*c.density/3*1.25+1)+3)&^3)
}

// compressed plans a compressed map of n elements a sample.
func (c *chipMemory) compressed(n int, layer, what string) (ptr, alloc, limit uint32, err error) {
	blocks := c.batch * ((n + 63) / 64)
	if ptr, err = c.pointers.take(blocks, layer, what); err != nil {
		return 0, 0, 0, err
	}
	words := c.words(blocks)
	alloc, err = c.omem.take(words, layer, what)
	return ptr, alloc, alloc + uint32(words), err
}

// raw plans a raw map of n elements a sample.
func (c *chipMemory) raw(n int, layer, what string) (uint32, error) {
	return c.omem.take(c.batch*((n+63)/64)*blockWords, layer, what)
}

// planOnChip places what fully connected layers keep on the chip, and gives what is left to the strips of convolutions.
func (p *Plan) planOnChip() error {
	s := p.spec
	cap := s.Capacities
	c := &chipMemory{
		omem: arena{name: "omem", unit: "words", size: cap.OMEMWords}, pointers: arena{name: "pointer table", unit: "pointers", size: cap.Pointers},
		masks: arena{name: "mask memory", unit: "words", size: cap.MaskWords}, signs: arena{name: "sign memory", unit: "entries", size: cap.SignEntries},
		batch: s.Batch, density: s.Density,
	}
	top, k := s.top(), s.convs()
	classes := s.Layers[top].OutC
	if classes > cap.LossClasses {
		return fmt.Errorf("loss unit: layer %s: %d classes, %d fit: %d missing", s.Layers[top].Name, classes, cap.LossClasses, classes-cap.LossClasses)
	}
	if err := p.checkErrorBuffer(); err != nil {
		return err
	}
	for i := k + 1; i <= top; i++ {
		if err := p.planFC(c, i); err != nil {
			return err
		}
	}
	if err := p.planInput(c); err != nil {
		return err
	}
	if err := p.planSigns(c, classes); err != nil {
		return err
	}
	p.OMEMWords, p.Pointers, p.MaskWords = c.omem.used, c.pointers.used, c.masks.used
	p.Header.SignEntries = uint32(c.signs.used)
	p.bufWords = ((cap.OMEMWords - c.omem.used) / 2) &^ 7
	p.bufPtrs = (cap.Pointers - c.pointers.used) / 2
	return nil
}

// planFC places the outputs and errors of a fully connected layer.
func (p *Plan) planFC(c *chipMemory, i int) (err error) {
	l := &p.Layers[i]
	n := l.OutC
	blocks := (n + 63) / 64
	l.InBlocks = uint32((l.InC + 63) / 64)
	if i == p.spec.top() {
		l.OutStep = uint32(blocks * blockWords)
		if l.Out, err = c.raw(n, l.Name, "logits"); err != nil {
			return err
		}
	} else {
		l.OutStep, l.MaskStep = uint32(blocks), uint32((n+15)/16)
		if l.Out, l.OutAlloc, l.OutLimit, err = c.compressed(n, l.Name, "its output"); err != nil {
			return err
		}
		if l.Mask, err = c.masks.take(c.batch*int(l.MaskStep), l.Name, "f'"); err != nil {
			return err
		}
		p.Layers[i+1].In = l.Out
	}
	l.Err, err = c.raw(n, l.Name, "its error")
	l.ErrStep = uint32(blocks * blockWords)
	return err
}

// planInput places the input of the first fully connected layer: whole if it fits, else two buffers of 64 elements a
// sample through which it streams.
func (p *Plan) planInput(c *chipMemory) (err error) {
	l := &p.Layers[p.spec.convs()+1]
	blocks := c.batch * int(l.InBlocks)
	reserve := 0
	if p.spec.convs() > 0 {
		reserve = c.omem.size / 4 // for the strips
	}
	if c.omem.used+c.words(blocks)+reserve <= c.omem.size && c.pointers.used+blocks+reserve/16 <= c.pointers.size {
		l.In, l.InAlloc, l.InLimit, err = c.compressed(l.InC, l.Name, "its input")
		return err
	}
	l.Streamed = true
	for b := range p.streamPtr {
		if p.streamPtr[b], p.streamAlloc[b], _, err = c.compressed(64, l.Name, "a block of its input"); err != nil {
			return err
		}
	}
	return nil
}

// planSigns places stored signs.
func (p *Plan) planSigns(c *chipMemory, classes int) (err error) {
	s := p.spec
	if s.Rule != BDFA || s.Feedback == "lfsr" {
		return nil
	}
	for i := p.firstError(); i < s.top(); i++ {
		l := &p.Layers[i]
		n := l.ChipOutputs()
		if l.Entry, err = c.signs.take((n+15)/16*((classes+15)/16), l.Name, "feedback"); err != nil {
			return err
		}
	}
	return nil
}

// maxNeurons is how many neurons a command of the DEPC or EPC counts.
const maxNeurons = 1<<16 - 1

// checkErrorBuffer looks whether the core that makes errors holds those of the widest layer that it starts from, and counts
// as many as it makes.
func (p *Plan) checkErrorBuffer() error {
	name, size := "DEPC", p.spec.Capacities.DEPCClasses
	if p.spec.Arm == ArmEPC {
		name, size = "EPC", p.spec.Capacities.EPCErrors
	}
	if layer, n := p.ErrorBuffer(); n > size {
		return fmt.Errorf("error buffer of the %s: layer %s: %d errors of a sample, %d fit: %d missing", name, layer, n, size, n-size)
	}
	for i := p.firstError(); i < p.spec.top() && p.spec.Arm != ArmDNNC; i++ {
		if n := p.Layers[i].ChipOutputs(); n > maxNeurons {
			return fmt.Errorf("neurons of the %s: layer %s: %d errors, %d fit: %d missing", name, p.Layers[i].Name, n, maxNeurons, n-maxNeurons)
		}
	}
	return nil
}
