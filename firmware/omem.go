package firmware

import "fmt"

// Capacities are the sizes of the chip's memories that a plan must respect. DefaultCapacities is the reference machine.
type Capacities struct {
	OMEMWords    int // of 64 bits
	Pointers     int // blocks of compressed maps
	MaskWords    int // f' bits, 16 a word
	SignEntries  int // stored feedback, 256 bits an entry
	DEPCClasses  int // the error buffer of the DEPC
	EPCErrors    int // that of the EPC (compiled programs)
	LossClasses  int
	CodeBytes    int
	ScratchBytes int
	XMemBytes    int
}

// DefaultCapacities returns the memories of the reference machine.
func DefaultCapacities() Capacities {
	return Capacities{
		OMEMWords: 32768, Pointers: 8192, MaskWords: 8192, SignEntries: 512, DEPCClasses: 128, EPCErrors: 512, LossClasses: 1024,
		CodeBytes: 16 << 10, ScratchBytes: 4 << 10, XMemBytes: 64 << 20,
	}
}

// blockWords is the size of a raw block of 64 elements in OMEM, and the most that a compressed one takes.
const blockWords = 16

// arena hands out a memory from its start.
type arena struct {
	name, unit string
	size       int
	used       int
}

// take reserves n units for what a layer needs.
func (a *arena) take(n, layer int, what string) (uint32, error) {
	at := a.used
	if at+n > a.size {
		return 0, fmt.Errorf("firmware: %s: layer %d: %s needs %d %s, %d of %d are left: %d missing",
			a.name, layer, what, n, a.unit, a.size-at, a.size, at+n-a.size)
	}
	a.used += n
	return uint32(at), nil
}

// onChip are the arenas of the memories on the chip.
type onChip struct {
	omem, pointers, masks, signs arena
	batch                        int
}

func newOnChip(c Capacities, batch int) *onChip {
	return &onChip{
		omem:     arena{name: "omem", unit: "words", size: c.OMEMWords},
		pointers: arena{name: "pointer table", unit: "pointers", size: c.Pointers},
		masks:    arena{name: "mask memory", unit: "words", size: c.MaskWords},
		signs:    arena{name: "sign memory", unit: "entries", size: c.SignEntries},
		batch:    batch,
	}
}

// compressed plans a compressed map of n neurons: its pointers and its region. Compression never grows a map, so the
// region has the raw size.
func (o *onChip) compressed(n, layer int) (ptr, alloc, limit uint32, err error) {
	blocks := o.batch * ceilDiv(n, blockSide)
	what := fmt.Sprintf("map o_%d", layer)
	if ptr, err = o.pointers.take(blocks, layer, what); err != nil {
		return 0, 0, 0, err
	}
	alloc, err = o.omem.take(blocks*blockWords, layer, what)
	return ptr, alloc, alloc + uint32(blocks*blockWords), err
}

// raw plans a raw map of n neurons.
func (o *onChip) raw(n, layer int, what string) (uint32, error) {
	return o.omem.take(o.batch*ceilDiv(n, blockSide)*blockWords, layer, what)
}

// planOnChip places all maps, masks and stored signs. Nothing is shared over time: every tensor of a step stays
// readable until the next step makes it anew, and no command has to wait for a place to become free.
func (p *Plan) planOnChip(s *Spec) error {
	top := s.layers()
	if n := s.Sizes[top]; n > s.Capacities.LossClasses {
		return fmt.Errorf("firmware: loss unit: layer %d: %d classes, %d fit: %d missing", top, n, s.Capacities.LossClasses, n-s.Capacities.LossClasses)
	}
	if n := s.Sizes[top]; s.Rule == BDFA && top > 1 && n > s.Capacities.DEPCClasses {
		return fmt.Errorf("firmware: error buffer of the DEPC: layer %d: %d classes, %d fit: %d missing",
			top, n, s.Capacities.DEPCClasses, n-s.Capacities.DEPCClasses)
	}
	chip := newOnChip(s.Capacities, s.Batch)
	if err := p.planMaps(chip, s); err != nil {
		return err
	}
	for i := 1; i <= top; i++ {
		d := &p.Layers[i]
		at, err := chip.raw(s.Sizes[i], i, fmt.Sprintf("error e_%d", i))
		if err != nil {
			return err
		}
		d.Err, d.ErrStep = at, uint32(ceilDiv(s.Sizes[i], blockSide)*blockWords)
		if i > 1 {
			low := &p.Layers[i-1]
			d.LowErr, d.LowErrStep, d.LowMask, d.LowMaskStep = low.Err, low.ErrStep, low.Mask, low.MaskStep
		}
		if i == 1 || s.Rule != BDFA || s.Feedback != SRAM {
			continue
		}
		if d.LowEntry, err = chip.signs.take(SignEntriesFor(s.Sizes[i-1], s.Sizes[top]), i-1, "feedback"); err != nil {
			return err
		}
	}
	p.Header.SignEntries = uint32(chip.signs.used)
	return nil
}

// planMaps places o_0..o_{L-1}, the logits and the masks.
func (p *Plan) planMaps(chip *onChip, s *Spec) (err error) {
	h := &p.Header
	h.Inputs, h.InBlocks = uint32(s.Sizes[0]), uint32(ceilDiv(s.Sizes[0], blockSide))
	if h.InPtr, h.InAlloc, h.InLimit, err = chip.compressed(s.Sizes[0], 0); err != nil {
		return err
	}
	ptr := h.InPtr
	for i := 1; i < len(s.Sizes); i++ {
		d, blocks := &p.Layers[i], ceilDiv(s.Sizes[i], blockSide)
		d.InPtr, d.InBlocks = ptr, uint32(ceilDiv(s.Sizes[i-1], blockSide))
		if i == s.layers() {
			d.OutStep = uint32(blocks * blockWords)
			if d.Out, err = chip.raw(s.Sizes[i], i, "logits"); err != nil {
				return err
			}
			d.OutAlloc, d.OutLimit = d.Out, d.Out+uint32(chip.batch*blocks*blockWords)
			return nil
		}
		d.Hidden, d.OutStep, d.MaskStep = 1, uint32(blocks), uint32(ceilDiv(s.Sizes[i], 16))
		if d.Out, d.OutAlloc, d.OutLimit, err = chip.compressed(s.Sizes[i], i); err != nil {
			return err
		}
		ptr = d.Out
		if d.Mask, err = chip.masks.take(chip.batch*ceilDiv(s.Sizes[i], 16), i, fmt.Sprintf("mask of layer %d", i)); err != nil {
			return err
		}
	}
	return nil
}
