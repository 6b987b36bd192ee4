package compile

import "bdfasim/firmware"

// early is the layer whose error a direct rule makes before all others, for what lies below the
// fully connected layers; -1 if nothing does.
func (p *Layout) early() int {
	if p.spec.convs() > 0 || p.spec.InputError {
		return p.spec.convs()
	}
	return -1
}

// direct tells whether all errors come from e_L, by a unit of their own.
func (s *Spec) direct() bool { return s.Rule == BDFA || s.Rule == DFA && s.Arm == ArmEPC }

// firstError is the lowest layer to whose output an error is brought: the last convolution, the
// input or layer 1.
func (p *Layout) firstError() int {
	if p.spec.InputError {
		return 0
	}
	return max(p.spec.convs(), 1)
}

func (p *Layout) errorUnit() string {
	if p.spec.Arm == ArmDNNC {
		return "drain"
	}
	return string(p.spec.Arm)
}

// errorPass returns how the error of layer i is made: e_i, or d_i of the last convolution. A layer
// with dropout doubles its error.
func (p *Layout) errorPass(i int) errorPass {
	s, l, above := p.spec, &p.Layers[i], &p.Layers[i+1]
	fe := l.Fe
	if l.Conv {
		fe = l.Fd
	}
	if l.Drop {
		fe++
	}
	e := errorPass{
		To: i, N: l.ChipOutputs(), From: i + 1, Rows: above.OutC, Matrix: above.Weights,
		Shift: above.Fw + above.Fe - fe,
	}
	switch s.Rule {
	case DFA:
		e.From, e.Rows, e.Matrix = s.top(), p.Layers[s.top()].OutC, l.FeedbackAt
		e.Shift = l.Fb + topErrFrac - fe
	case BDFA:
		e.From, e.Rows, e.Shift = s.top(), p.Layers[s.top()].OutC, topErrFrac+l.FBShift-fe
	case BFA:
		e.Shift = above.Fe + l.FBShift - fe
	}
	return e
}

// firstStarted is the layer whose error a direct rule starts first: its unit takes e_L with it.
func (p *Layout) firstStarted() int {
	if e := p.early(); e >= 0 {
		return e
	}
	return p.spec.top() - 1
}

// errorPass is one error of a fully connected layer: To has N elements, made from the error of
// layer From with Rows elements.
type errorPass struct {
	To, N, From, Rows int
	Matrix            uint32
	Shift             int
}

// streamBase is where a streamed input lies, sample after sample.
func (p *Layout) streamBase() uint32 {
	if k := p.spec.convs(); k > 0 {
		return p.Layers[k].O
	}
	return p.BatchBuffer
}

// streamed tells how the blocks lie: bytes of one, bytes from a sample to the next, and the
// flags of dma.map.
func (p *Layout) streamed() (bytes, xstep int, flags string) {
	if k := p.spec.convs(); k > 0 {
		return 2 * p.spec.Block(), 2 * p.Layers[k].mapElems(), "new, i16"
	}
	return p.spec.Block(), int(p.Header.ImageStride), "new"
}

// errorShift brings the sums of a convolution's error pass to the fraction bits of d below it.
func (l *LayerPlan) errorShift(low *LayerPlan) int { return l.Fw + l.Fe - low.Fd }

// shifts are those of an update: gradient, weight decay and step of weights, gradient and step of
// biases, gradient of gamma; those of gradients are for full batches.
type shifts struct{ G, Decay, T, GB, TB, Gamma int }

func (l *LayerPlan) shifts(batch int) shifts {
	mean := firmware.MeanShift(batch)
	return shifts{
		G: l.FoIn + l.Fe + mean - l.Fv, Decay: l.Fw + 16 - l.Fv, T: l.Fv + 16 - l.Fw,
		GB: l.Fe + mean - l.Fv, TB: l.Fv + 16 - (l.FoIn + l.Fw), Gamma: l.Fd + 12 + mean - l.Fv,
	}
}
