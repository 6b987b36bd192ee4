package compile

import (
	"fmt"
	"strings"

	"bdfasim/firmware"
)

// blockWords is the size of a raw block of 64 elements, and the most that a compressed one takes.
const blockWords = 16

// Block is the number of elements of a block of a compressed map: a fused schedule works on half a block of weights at a time.
func (s *Spec) Block() int {
	if s.Fused {
		return 32
	}
	return 64
}

// mapBlocks is the number of blocks of a compressed map of n elements.
func (s *Spec) mapBlocks(n int) int { return (n + s.Block() - 1) / s.Block() }

// arena hands out a memory of the chip.
type arena struct {
	name, unit string
	size, used int
	parts      []Usage
}

func (a *arena) take(n int, layer, what string) (uint32, error) {
	at := a.used
	if at+n > a.size {
		return 0, fmt.Errorf("%s: layer %s: %s needs %d %s, %d of %d are left: %d missing", a.name, layer, what, n, a.unit, a.size-at, a.size, at+n-a.size)
	}
	a.used += n
	if n > 0 {
		part := layer + " " + strings.TrimPrefix(what, "its ")
		a.parts = append(a.parts, Usage{a.name, part, a.unit, n, 0})
	}
	return uint32(at), nil
}

// usage lists what was taken, and the whole.
func (a *arena) usage() []Usage {
	all := Usage{Memory: a.name, Unit: a.unit, Size: a.size}
	for _, u := range a.parts {
		all.Used += u.Used
	}
	return append(a.parts, all)
}

// chipMemory are the arenas of a plan.
type chipMemory struct {
	omem, pointers, masks, signs arena
	*Spec
}

// words is the room of n blocks: the raw size, or what the density of the specification asks for.
func (c *chipMemory) words(blocks int) int {
	raw := c.Block() / 4
	if c.Density == 0 {
		return blocks * raw
	}
	// A block of 64 elements with d*64 non-zeros takes a third as many words; a margin of a quarter for the spread.
	return max(16, int(float64(float64(blocks)*min(float64(raw), float64(float64(c.Block())*c.Density/3*1.25)+1))+3)&^3)
}

// compressed plans a compressed map of n elements a sample.
func (c *chipMemory) compressed(n int, layer, what string) (ptr, alloc, limit uint32, err error) {
	blocks := c.held() * c.mapBlocks(n)
	if ptr, err = c.pointers.take(blocks, layer, what); err != nil {
		return 0, 0, 0, err
	}
	words := c.words(blocks)
	alloc, err = c.omem.take(words, layer, what)
	return ptr, alloc, alloc + uint32(words), err
}

// raw plans a raw map of n elements a sample.
func (c *chipMemory) raw(n int, layer, what string) (uint32, error) {
	return c.omem.take(c.held()*((n+63)/64)*blockWords, layer, what)
}

// planOnChip places what fully connected layers keep on the chip, and gives what is left to the
// strips of convolutions and of large batches.
func (p *Layout) planOnChip() error {
	s := p.spec
	cap := s.Machine
	c := &chipMemory{
		omem:     arena{name: "omem", unit: "words", size: cap.OMEM.Words},
		pointers: arena{name: "pointer table", unit: "pointers", size: cap.OMEM.Pointers},
		masks:    arena{name: "mask memory", unit: "words", size: cap.OMEM.MaskWords},
		signs:    arena{name: "sign memory", unit: "entries", size: cap.DEPC.SignEntries},
		Spec:     s,
	}
	top, k := s.top(), s.convs()
	classes := s.Layers[top].OutC
	if err := holds("loss unit", s.Layers[top].Name, classes, "classes", cap.Loss.Classes); err != nil {
		return err
	}
	if err := p.checkErrorBuffer(); err != nil {
		return err
	}
	if err := p.planMapsFC(c, k, top); err != nil {
		return err
	}
	if err := p.planSigns(c, classes); err != nil {
		return err
	}
	p.OMEMWords, p.Pointers, p.MaskWords = c.omem.used, c.pointers.used, c.masks.used
	p.Header.SignEntries = uint32(c.signs.used)
	p.room.words = (cap.OMEM.Words - c.omem.used) / 2 &^ 7
	p.room.ptrs = (cap.OMEM.Pointers - c.pointers.used) / 2
	if k > 0 || s.big() { // they fit
		whose := "convolutions:"
		if k == 0 {
			whose = "updates:"
		}
		_, _ = c.omem.take(2*p.room.words, whose, "two buffers for strips")
		_, _ = c.pointers.take(2*p.room.ptrs, whose, "two buffers for strips")
	}
	for _, a := range []*arena{&c.omem, &c.pointers, &c.masks, &c.signs} {
		p.Chip = append(p.Chip, a.usage()...)
	}
	return nil
}

// planMapsFC places the maps of the fully connected layers k+1 to top: those of a fused schedule twice, one copy behind the
// other, since the update reads those of the last batch while the forward pass writes the next ones.
func (p *Layout) planMapsFC(c *chipMemory, k, top int) error {
	s := p.spec
	if s.Fused {
		p.Layers[k+1].Streamed = !p.fitsTwice(c)
		if err := p.planInput(c); err != nil {
			return err
		}
		first := *c // streamed buffers have no second copy
		for i := k + 1; i < top; i++ {
			if err := p.planOutput(c, i); err != nil {
				return err
			}
		}
		p.copyPtrs, p.copyWords = c.pointers.used, c.omem.used
		if p.Layers[k+1].Streamed {
			p.copyPtrs, p.copyWords = p.copyPtrs-first.pointers.used, p.copyWords-first.omem.used
		}
		if _, err := c.pointers.take(p.copyPtrs, s.Layers[k+1].Name, "the second copy of all maps"); err != nil {
			return err
		}
		if _, err := c.omem.take(p.copyWords, s.Layers[k+1].Name, "the second copy of all maps"); err != nil {
			return err
		}
	}
	for i := k + 1; i <= top; i++ {
		if err := p.planFC(c, i); err != nil {
			return err
		}
	}
	if s.Fused {
		return nil
	}
	return p.planInput(c)
}

// fitsTwice reports whether OMEM and pointers hold all maps of fully connected layers, the input among them, twice, beside
// the strips of convolutions.
func (p *Layout) fitsTwice(c *chipMemory) bool {
	s := p.spec
	blocks, raw := s.mapBlocks(s.Layers[s.convs()+1].InC), 0
	for i := s.convs() + 1; i <= s.top(); i++ {
		l := &s.Layers[i]
		if i < s.top() {
			blocks += s.mapBlocks(l.OutC)
		} else {
			raw += l.jBlocks() * blockWords
		}
		raw += l.jBlocks() * blockWords
	}
	reserve := p.stripReserve(c)
	return 2*c.words(c.Batch*blocks)+c.Batch*raw+reserve <= c.omem.size && 2*c.Batch*blocks+reserve/16 <= c.pointers.size
}

// stripReserve is the part of OMEM that is left to strips before an input is kept there whole.
func (p *Layout) stripReserve(c *chipMemory) int {
	if p.spec.convs() == 0 && !p.spec.big() {
		return 0
	}
	return c.omem.size / 4
}

// planOutput places the compressed output of a hidden layer.
func (p *Layout) planOutput(c *chipMemory, i int) (err error) {
	l := &p.Layers[i]
	l.OutStep = uint32(p.spec.mapBlocks(l.OutC))
	l.Out, l.OutAlloc, l.OutLimit, err = c.compressed(l.OutC, l.Name, "its output")
	p.Layers[i+1].In = l.Out
	return err
}

// planFC places the outputs, unless they have a place, and errors of a fully connected layer.
func (p *Layout) planFC(c *chipMemory, i int) (err error) {
	l := &p.Layers[i]
	n := l.OutC
	raw := uint32((n + 63) / 64 * blockWords)
	l.InBlocks = uint32(p.spec.mapBlocks(l.InC))
	if i == p.spec.top() {
		l.OutStep = raw
		if l.Out, err = c.raw(n, l.Name, "logits"); err != nil {
			return err
		}
	} else {
		if !p.spec.Fused {
			if err = p.planOutput(c, i); err != nil {
				return err
			}
		}
		l.MaskStep = uint32((n + 15) / 16)
		if l.Mask, err = c.masks.take(c.held()*int(l.MaskStep), l.Name, "f'"); err != nil {
			return err
		}
	}
	l.Err, err = c.raw(n, l.Name, "its error")
	l.ErrStep = raw
	return err
}

// planInput places the input of the first fully connected layer: whole if it fits, else two buffers of 64 elements a
// sample through which it streams, in a fused schedule four: those of two batches.
func (p *Layout) planInput(c *chipMemory) (err error) {
	l := &p.Layers[p.spec.convs()+1]
	blocks := c.held() * p.spec.mapBlocks(l.InC)
	reserve := p.stripReserve(c)
	if p.spec.Fused && !l.Streamed || !p.spec.Fused && c.omem.used+c.words(blocks)+reserve <= c.omem.size && c.pointers.used+blocks+reserve/16 <= c.pointers.size {
		l.In, l.InAlloc, l.InLimit, err = c.compressed(l.InC, l.Name, "its input")
		return err
	}
	l.Streamed = true
	buffers := p.streamPtr[:2]
	if p.spec.Fused {
		buffers = p.streamPtr[:]
	}
	for b := range buffers {
		if p.streamPtr[b], p.streamAlloc[b], _, err = c.compressed(64, l.Name, "a block of its input"); err != nil {
			return err
		}
	}
	return nil
}

func (p *Layout) planSigns(c *chipMemory, classes int) (err error) {
	s := p.spec
	if s.Rule != BDFA || s.Feedback == firmware.LFSR {
		return nil
	}
	for i := p.firstError(); i < s.top(); i++ {
		l := &p.Layers[i]
		if l.Entry, err = c.signs.take(firmware.SignEntriesFor(l.ChipOutputs(), classes), l.Name, "feedback"); err != nil {
			return err
		}
	}
	return nil
}

// maxNeurons is how many neurons a command of the DEPC or EPC counts.
const maxNeurons = 1<<16 - 1

// checkErrorBuffer looks whether the core that makes errors holds those of the widest layer that it starts from, and counts
// as many as it makes.
func (p *Layout) checkErrorBuffer() error {
	name, size := "DEPC", p.spec.Machine.DEPC.Classes
	if p.spec.Arm == ArmEPC {
		name, size = "EPC", p.spec.Machine.EPC.Errors
	}
	layer, n := p.ErrorBuffer()
	err := holds("error buffer of the "+name, layer, n, "errors of a sample", size)
	for i := p.firstError(); err == nil && i < p.spec.top() && p.spec.Arm != ArmDNNC; i++ {
		l := &p.Layers[i]
		err = holds("neurons of the "+name, l.Name, l.ChipOutputs(), "errors", maxNeurons)
	}
	return err
}

// holds is an error if a part of the chip holds less than a layer needs.
func holds(part, layer string, need int, what string, fit int) error {
	if need <= fit {
		return nil
	}
	return fmt.Errorf("%s: layer %s: %d %s, %d fit: %d missing", part, layer, need, what, fit, need-fit)
}
