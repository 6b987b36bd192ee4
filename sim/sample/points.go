package sample

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/isa/image"
)

// points are the addresses at which a training program is cut into pieces: a piece ends when the
// instruction there has been executed.
type points struct {
	step   uint32 // entry of a training step
	end    uint32 // behind the last step of an epoch
	test   uint32 // a batch of the test set
	tested uint32 // behind the test, if there was one

	updated uint32 // in the next step's forward pass: all updates of the last one are done
}

// pointsOf finds them in an image.
func pointsOf(img *image.Image, fused bool) (p points, err error) {
	find := func(from string, is func(isa.Word) bool) uint32 {
		s, ok := img.Symbol(from)
		for pc := s.Value; ok && int(pc/isa.WordBytes) < len(img.Code); pc += isa.WordBytes {
			if is(img.Code[pc/isa.WordBytes]) {
				return pc
			}
		}
		err = fmt.Errorf("sample: the image is no training program: nothing to find behind %q", from)
		return 0
	}
	any := func(isa.Word) bool { return true }
	mark := func(phase isa.Phase) func(isa.Word) bool {
		return func(w isa.Word) bool { return w.Op() == isa.OpMark && w.Aux() == uint16(phase) }
	}
	p.step = find("train_step", any)
	p.end = isa.WordBytes + find("train_step", func(w isa.Word) bool {
		return w.Op() == isa.OpBne && uint32(w.Imm()) == p.step
	})
	p.test = find("evaluate", mark(isa.PhaseEval))
	evaluate, _ := img.Symbol("evaluate")
	p.tested = isa.WordBytes + find("train_step", func(w isa.Word) bool {
		return w.Op() == isa.OpJal && uint32(w.Imm()) == evaluate.Value
	})
	if fused { // which makes them inside the forward pass
		p.updated = find("train_step", mark(isa.PhaseLoss))
		return p, err
	}
	waited := false
	p.updated = find("forward", func(w isa.Word) bool {
		was := waited
		waited = waited || w.Op() == isa.OpWait && w.AuxUnit() == isa.UnitMom
		return was && w.Op() != isa.OpWait
	})
	return p, err
}
