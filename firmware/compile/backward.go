package compile

import "fmt"

// writeBackward writes the errors, gradients and updates of all layers.
func (p *Plan) writeBackward(t *text) {
	s := p.spec
	t.head("errors, gradients and updates from the top; r13 returns")
	t.label("backward")
	k, top := s.convs(), s.top()
	if s.Fused {
		p.fusedBackward(t)
		return
	}
	switch {
	case s.direct() && p.early() >= 0:
		// The error phase of the convolutions starts as soon as the error of the first fully connected layer's input is there.
		p.errorsOf(t, k)
		started := top
		if top-1 > k {
			started = top - 1
			p.errorsOf(t, started)
		}
		if k > 0 {
			p.backwardConvs(t)
		}
		p.updates(t, started)
	default:
		p.updates(t, top)
		if k > 0 {
			p.backwardConvs(t)
		}
	}
	if s.InputError {
		t.op("wait", "%s, 0", p.errorUnit()) // its statistics are read
	}
	t.op("jr", "r13")
}

// early is the layer whose error a direct rule makes before all others, for what lies below the fully connected layers; -1
// if nothing does.
func (p *Plan) early() int {
	if p.spec.convs() > 0 || p.spec.InputError {
		return p.spec.convs()
	}
	return -1
}

// direct tells whether all errors come from e_L, by a unit of their own.
func (s *Spec) direct() bool { return s.Rule == BDFA || s.Rule == DFA && s.Arm == ArmEPC }

// firstError is the lowest layer to whose output an error is brought: the last convolution, the input or layer 1.
func (p *Plan) firstError() int {
	if p.spec.InputError {
		return 0
	}
	return max(p.spec.convs(), 1)
}

// updates goes through the fully connected layers from the top: the error below, then gradient and update. The errors of
// layers from started on are under way.
func (p *Plan) updates(t *text, started int) {
	s := p.spec
	for i := s.top(); i > s.convs(); i-- {
		below := i - 1
		if s.direct() {
			if i < s.top() {
				t.op("wait", "%s, 0", s.Arm)
			}
			if below >= p.firstError() && below != p.early() && below < started {
				p.errorsOf(t, below)
			}
		} else if below >= p.firstError() {
			p.errorsOf(t, below)
		} else if i < s.top() {
			t.op("wait", "%s, 0", p.errorUnit()) // e_i
		}
		if s.Rule != ConvOnly {
			p.update(t, i)
		}
	}
	if !s.direct() && s.convs() > 0 {
		t.op("wait", "%s, 0", p.errorUnit()) // d of the last convolution
	}
}

// errorUnit is the unit that writes errors.
func (p *Plan) errorUnit() string {
	if p.spec.Arm == ArmDNNC {
		return "drain"
	}
	return string(p.spec.Arm)
}

// errorPass returns how the error of layer i is made: e_i, or d_i of the last convolution. A layer with dropout doubles its
// error.
func (p *Plan) errorPass(i int) errorPass {
	s, l, above := p.spec, &p.Layers[i], &p.Layers[i+1]
	fe := l.Fe
	if l.Conv {
		fe = l.Fd
	}
	if l.Drop {
		fe++
	}
	e := errorPass{to: i, n: l.ChipOutputs(), from: i + 1, rows: above.OutC, matrix: above.Weights, shift: above.Fw + above.Fe - fe}
	switch s.Rule {
	case DFA:
		e.from, e.rows, e.matrix, e.shift = s.top(), p.Layers[s.top()].OutC, l.FeedbackAt, l.Fb+topErrFrac-fe
	case BDFA:
		e.from, e.shift = s.top(), topErrFrac+l.FBShift-fe
	case BFA:
		e.shift = above.Fe + l.FBShift - fe
	}
	return e
}

// errorsOf starts what makes the error of layer i.
func (p *Plan) errorsOf(t *text, i int) {
	s, l, e := p.spec, &p.Layers[i], p.errorPass(i)
	what := "e"
	if l.Conv {
		what = "d"
	}
	t.head("%s, errors: %s_%d of %d from e_%d of %d, by %s", l.Name, what, i, e.n, e.from, p.Layers[e.from].OutC, s.Arm)
	if s.Arm == ArmDNNC {
		p.errorsDNNC(t, l, e)
		return
	}
	if !s.direct() && e.from < s.top() {
		t.op("wait", "%s, 0", s.Arm)
	}
	p.errorsUnit(t, l, e, !s.direct() || i == p.firstStarted())
}

// firstStarted is the layer whose error a direct rule starts first: its unit takes e_L with it.
func (p *Plan) firstStarted() int {
	if e := p.early(); e >= 0 {
		return e
	}
	return p.spec.top() - 1
}

// errorPass is one error of a fully connected layer: to has n elements, made from the error of layer from with rows elements.
type errorPass struct {
	to, n, from, rows int
	matrix            uint32
	shift             int
}

// errorsDNNC makes errors on the MAC array: transposed tiles, raw errors as operands.
func (p *Plan) errorsDNNC(t *text, l *LayerPlan, e errorPass) {
	src := &p.Layers[e.from]
	kb := (e.n + 63) / 64
	loop := fmt.Sprintf("%s_errors", l.Name)
	t.op("wait", "drain, 0")
	t.op("li", "r1, %d", e.to)
	t.op("mark", "ep, r1")
	t.seti("wld", "xstep", "W_BLOCK", "pitch", 0)
	t.seti("dnnc", "sstep", src.ErrStep)
	t.seti("drain", "shift", e.shift)
	if l.Conv {
		t.seti("drain", "dstep", 2*e.n)
	} else {
		t.seti("drain", "dstep", l.ErrStep, "mstep", l.MaskStep)
	}
	t.split(splitFor(e.n))
	t.op("li", "r4, 0")
	t.label("%s", loop)
	t.op("li", "r5, %d", e.n)
	t.op("call", "set_lanes")
	t.op("set", "drain.lanes, r5")
	t.op("shli", "r7, r4, 7")
	t.op("addi", "r7, r7, %#x", e.matrix)
	t.op("li", "r8, %d", kb*weightBlock)
	t.op("li", "r9, %d", src.Err)
	t.op("li", "r10, 16")
	t.op("li", "r6, %d", e.rows)
	t.op("li", "r11, F_RAW")
	t.op("call", "tile_mac")
	if l.Conv {
		t.op("shli", "r6, r4, 1")
		t.op("addi", "r6, r6, %#x", l.D)
		t.op("set", "drain.dst, r6")
		t.op("drain.err", "x, all")
	} else {
		t.op("shri", "r6, r4, 2")
		t.op("addi", "r6, r6, %d", l.Err)
		t.op("set", "drain.dst, r6")
		t.op("shri", "r6, r4, 4")
		t.op("addi", "r6, r6, %d", l.Mask)
		t.op("set", "drain.mask, r6")
		t.op("drain.err", "")
	}
	t.op("addi", "r4, r4, TILE")
	t.op("li", "r5, %d", e.n)
	t.op("blt", "r4, r5, %s", loop)
}

// errorsUnit makes errors on the EPC or the DEPC; load: the error buffer takes e_from first.
func (p *Plan) errorsUnit(t *text, l *LayerPlan, e errorPass, load bool) {
	s, unit := p.spec, string(p.spec.Arm)
	t.op("li", "r1, %d", e.to)
	t.op("mark", "ep, r1")
	if load {
		src := &p.Layers[e.from]
		t.seti(unit, "src", src.Err, "sstep", src.ErrStep, "n", src.OutC)
		t.op("set", "%s.nb, r2", unit)
		t.op(unit+".load", "")
	}
	t.seti(unit, "neurons", e.n, "shift", e.shift)
	flags := ""
	if l.Conv {
		t.seti(unit, "dst", hexa(l.D), "dstep", 2*e.n)
		flags = "x, all"
	} else {
		t.seti(unit, "dst", l.Err, "dstep", l.ErrStep, "mask", l.Mask, "mstep", l.MaskStep)
	}
	if s.Arm == ArmEPC {
		t.seti(unit, "matrix", hexa(e.matrix), "kstep", weightBlock, "jstep", (e.n+63)/64*weightBlock)
	} else {
		t.seti(unit, "seed", hexa(l.Seed), "entry", l.Entry)
		if s.Feedback == "sram" {
			if flags != "" {
				flags += ", "
			}
			flags += "sram"
		}
	}
	t.op(unit+".run", "%s", flags)
}

// backwardConvs writes errors, gradients and updates of the convolutions.
func (p *Plan) backwardConvs(t *text) {
	s := p.spec
	k := s.convs()
	if s.direct() {
		if s.top()-1 > k {
			t.op("wait", "%s, 1", s.Arm) // d_K is there; the error of a fully connected layer may be under way
		} else {
			t.op("wait", "%s, 0", s.Arm)
		}
	}
	t.head("%s, errors behind its sums", p.Layers[k].Name)
	t.op("li", "r1, %d", k)
	t.op("mark", "ep, r1")
	p.backwardNorm(t, k)
	for i := k; i > 1; i-- {
		l := &p.Layers[i]
		q := p.find(passErrors, i)
		t.head("%s, errors, through the weights of %s", p.Layers[i-1].Name, l.Name)
		t.comment("%s", q.describeTiles())
		t.op("wait", "norm, 0")
		t.op("li", "r1, %d", i-1)
		t.op("mark", "ep, r1")
		t.op("li", "r6, %#x", q.at)
		t.op("jal", "r14, conv_run")
		t.op("wait", "drain, 0")
		p.backwardNorm(t, i-1)
		p.gradientConv(t, i)
	}
	t.op("wait", "norm, 0")
	p.gradientConv(t, 1)
}

// backwardNorm brings d_i through pooling, ReLU and normalisation, and updates the normalisation.
func (p *Plan) backwardNorm(t *text, i int) {
	l := &p.Layers[i]
	p.normSetup(t, l)
	t.seti("norm", "aux", hexa(l.D), "dst", hexa(l.E))
	if !l.BN {
		t.op("norm.back", "")
		return
	}
	t.op("norm.load", "")
	t.op("norm.back", "bn")
	t.seti("norm", "aux", hexa(l.E), "shift", l.Fd-l.Fe+30-l.Fz)
	t.op("norm.grad", "")
	t.seti("norm", "gshift", l.gammaShift(), "tshift", l.Fv-4)
	t.op("norm.update", "")
	t.op("norm.store", "")
}

// gammaShift brings the sum for gamma's gradient to a velocity (section 8).
func (l *Layer) gammaShift() int { return l.Fd + 17 - l.Fv }

func (p *Plan) gradientConv(t *text, i int) {
	q := p.find(passGradient, i)
	t.head("%s, gradient and update", p.Layers[i].Name)
	t.comment("%s", q.describeTiles())
	t.op("li", "r1, %d", i)
	t.op("mark", "wg, r1")
	t.op("li", "r6, %#x", q.at)
	t.op("jal", "r14, conv_grad")
}
