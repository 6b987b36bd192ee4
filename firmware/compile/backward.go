package compile

import (
	"strings"

	"bdfasim/firmware"
)

func (e *emitter) writeBackward() {
	s := e.spec
	e.head("errors, gradients and updates from the top; r13 returns")
	e.asm("backward:")
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

// updates goes through the fully connected layers from the top: the error below, then gradient and update. The errors of
// layers from started on are under way.
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
			e.update(i)
		}
	}
	if !s.direct() && s.convs() > 0 {
		e.asm("wait %s, 0  # d of the last convolution", e.errorUnit())
	}
}

// errorsOf starts what makes the error of layer i.
func (e *emitter) errorsOf(i int) {
	s, l, x := e.spec, &e.Layers[i], e.errorPass(i)
	what := "e"
	if l.Conv {
		what = "d"
	}
	e.head("%s, errors: %s_%d of %d from e_%d of %d, by %s",
		l.Name, what, i, x.n, x.from, e.Layers[x.from].OutC, s.Arm)
	if s.Arm == ArmDNNC {
		e.errorsDNNC(l, x)
		return
	}
	if !s.direct() && x.from < s.top() {
		e.asm("wait %s, 0", s.Arm)
	}
	e.errorsUnit(l, x, !s.direct() || i == e.firstStarted())
}

// errorsDNNC makes errors on the MAC array: transposed tiles, raw errors as operands.
func (e *emitter) errorsDNNC(l *LayerPlan, x errorPass) {
	src := &e.Layers[x.from]
	kb := (x.n + 63) / 64
	loop := l.Name + "_errors"
	e.asm(`
		wait drain, 0
		li r1, %d
		mark ep, r1
		seti wld xstep=W_BLOCK pitch=0
		seti dnnc.sstep, %d
		seti drain.shift, %d`, x.to, src.ErrStep, x.shift)
	if l.Conv {
		e.asm("seti drain.dstep, %d", 2*x.n)
	} else {
		e.asm("seti drain dstep=%d mstep=%d", l.ErrStep, l.MaskStep)
	}
	e.split(e.spec.splitFor(x.n))
	e.asm(`
		li r4, 0
		%s:
		li r5, %d
		call set_lanes
		set drain.lanes, r5
		shli r7, r4, 7
		addi r7, r7, %#x
		li r8, %d
		li r9, %d
		li r10, 16
		li r6, %d
		li r11, F_RAW
		call tile_mac`, loop, x.n, x.matrix, kb*weightBlock, src.Err, x.rows)
	if l.Conv {
		e.asm(`
			shli r6, r4, 1
			addi r6, r6, %#x
			set drain.dst, r6
			drain.err x, all`, l.D)
	} else {
		e.asm(`
			shri r6, r4, 2
			addi r6, r6, %d
			set drain.dst, r6
			shri r6, r4, 4
			addi r6, r6, %d
			set drain.mask, r6
			drain.err`, l.Err, l.Mask)
	}
	e.nextTile(loop, x.n)
}

// errorsUnit makes errors on the EPC or the DEPC; load: the error buffer takes e_from first.
func (e *emitter) errorsUnit(l *LayerPlan, x errorPass, load bool) {
	s, unit := e.spec, string(e.spec.Arm)
	e.asm(`
		li r1, %d
		mark ep, r1`, x.to)
	if load {
		src := &e.Layers[x.from]
		e.asm(`
			seti %s src=%d sstep=%d n=%d
			set %s.nb, r2
			%s.load`, unit, src.Err, src.ErrStep, src.OutC, unit, unit)
	}
	e.asm("seti %s neurons=%d shift=%d", unit, x.n, x.shift)
	var flags []string
	if l.Conv {
		e.asm("seti %s dst=%#x dstep=%d", unit, l.D, 2*x.n)
		flags = append(flags, "x", "all")
	} else {
		e.asm(`
			seti %s dst=%d dstep=%d mask=%d mstep=%d`, unit, l.Err, l.ErrStep, l.Mask, l.MaskStep)
	}
	if s.Arm == ArmEPC {
		e.asm(`
			seti %s matrix=%#x kstep=%d jstep=%d`,
			unit, x.matrix, weightBlock, (x.n+63)/64*weightBlock)
	} else {
		e.asm("seti %s seed=%#x entry=%d", unit, l.Seed, l.Entry)
		if s.Feedback == firmware.SRAM {
			flags = append(flags, "sram")
		}
	}
	e.asm("%s.run %s", unit, strings.Join(flags, ", "))
}

func (e *emitter) backwardConvs() {
	s := e.spec
	k := s.convs()
	if s.direct() {
		// d_K is there; the error of a fully connected layer may be under way.
		e.asm("wait %s, %d", s.Arm, min(1, s.top()-1-k))
	}
	e.head("%s, errors behind its sums", e.Layers[k].Name)
	e.asm(`
		li r1, %d
		mark ep, r1`, k)
	e.backwardNorm(k)
	for i := k; i > 1; i-- {
		e.head("%s, errors, through the weights of %s", e.Layers[i-1].Name, e.Layers[i].Name)
		e.asm("wait norm, 0")
		e.pass(passErrors, i, "mark ep, r1", i-1, "conv_run")
		e.asm("wait drain, 0")
		e.backwardNorm(i - 1)
		e.gradientConv(i)
	}
	e.asm("wait norm, 0")
	e.gradientConv(1)
}

// backwardNorm brings d_i through pooling, ReLU and normalisation, and updates the normalisation.
func (e *emitter) backwardNorm(i int) {
	l := &e.Layers[i]
	e.normSetup(l)
	e.asm("seti norm aux=%#x dst=%#x", l.D, l.E)
	if !l.BN {
		e.asm("norm.back")
		return
	}
	e.asm(`
		norm.load
		norm.back bn
		seti norm aux=%#x shift=%d
		norm.grad
		seti norm gshift=%d tshift=%d
		norm.update
		norm.store`, l.E, l.Fd-l.Fe+30-l.Fz, l.gammaShift(), l.Fv-4)
}

func (e *emitter) gradientConv(i int) {
	e.head("%s, gradient and update", e.Layers[i].Name)
	e.pass(passUpdate, i, "mark wg, r1", i, "conv_grad")
}
