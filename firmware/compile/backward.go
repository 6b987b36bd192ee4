package compile

import (
	"strings"

	"bdfasim/firmware"
)

func (e *emitter) writeBackward() {
	s := e.spec
	if s.big() {
		e.subBackward()
		return
	}
	e.asm("## errors, gradients and updates from the top; r13 returns\nbackward:")
	e.seedUpdates()
	k, top := s.convs(), s.top()
	if s.Fused {
		e.fusedBackward()
		return
	}
	if s.direct() && e.early() >= 0 {
		// The error phase of the convolutions starts as soon as the error of the first fully connected
		// layer's input is there.
		e.errorsOf(k)
		started := top
		if top-1 > k {
			started = top - 1
			e.errorsOf(started)
		}
		if k > 0 {
			e.backwardConvs()
		}
		e.updates(started)
	} else {
		e.updates(top)
		if k > 0 {
			e.backwardConvs()
		}
	}
	if s.InputError {
		e.asm("wait %s, 0  # its statistics are read", e.errorUnit())
	}
	e.asm("jr r13")
}

// seedUpdates gives the momentum unit the seed of the era at hand.
func (e *emitter) seedUpdates() {
	if e.eras() > 0 {
		e.asm("lw r4, V_SEED(zero)\nset mom.seed, r4")
	}
}

// updates goes through the fully connected layers from the top: the error below, then gradient and
// update. The errors of layers from started on are under way.
func (e *emitter) updates(started int) {
	s := e.spec
	for i := s.top(); i > s.convs(); i-- {
		below := i - 1
		if s.direct() {
			if i < s.top() {
				e.asm("wait %s, 0", s.Arm)
			}
			if below >= e.firstError() && below != e.early() && below < started {
				e.errorsOf(below)
			}
		} else if below >= e.firstError() {
			e.errorsOf(below)
		} else if i < s.top() {
			e.asm("wait %s, 0  # e_i", e.errorUnit())
		}
		if s.Rule != ConvOnly {
			e.piece("update", e.layer(i))
		}
	}
	if !s.direct() && s.convs() > 0 {
		e.asm("wait %s, 0  # d of the last convolution", e.errorUnit())
	}
}

// errorsOf starts what makes the error of layer i.
func (e *emitter) errorsOf(i int) {
	s, x := e.spec, e.errorPass(i)
	v := errorsView{
		layerView: e.layer(i), errorPass: x, Above: &e.Layers[x.From],
		Wait: !s.direct() && x.From < s.top(), Load: !s.direct() || i == e.firstStarted(),
	}
	v.Split = s.splitFor(x.N)
	var flags []string
	if v.Conv {
		flags = append(flags, "x", "all")
	}
	if s.Arm == ArmDEPC && s.Feedback == firmware.SRAM {
		flags = append(flags, "sram")
	}
	v.Flags = strings.Join(flags, ", ")
	e.piece("errors", v)
}

func (e *emitter) backwardConvs() {
	s := e.spec
	k := s.convs()
	if s.direct() {
		// d_K is there; the error of a fully connected layer may be under way.
		e.asm("wait %s, %d", s.Arm, min(1, s.top()-1-k))
	}
	e.piece("top conv", e.layer(k))
	for i := k; i > 1; i-- {
		e.piece("conv errors", e.layer(i))
	}
	e.asm("wait norm, 0")
	e.piece("conv update", e.layer(1))
}

// allErrors writes the errors of all fully connected layers, and of what lies below them.
func (e *emitter) allErrors() {
	s, top := e.spec, e.spec.top()
	first := top - 1
	if s.direct() {
		first = e.firstStarted()
	}
	if first >= e.firstError() {
		e.errorsOf(first)
	}
	for i := top - 1; i >= e.firstError(); i-- {
		if i != first {
			e.errorsOf(i)
		}
	}
	e.asm("wait %s, 0", e.errorUnit())
}

// fusedBackward writes the errors of all layers; the updates follow only behind the last batch of
// an epoch.
func (e *emitter) fusedBackward() {
	k, top := e.spec.convs(), e.spec.top()
	e.allErrors()
	if k > 0 {
		e.backwardConvs()
	}
	e.piece("pending", nil)
	for i := top; i > k; i-- {
		e.piece("update", e.layer(i))
	}
	e.asm("jr r13")
}
