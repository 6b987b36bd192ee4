package compile

import (
	"fmt"
	"math/bits"

	"bdfasim/firmware"
)

// writeForward writes set_loss and forward.
func (p *Plan) writeForward(t *text) {
	s := p.spec
	top := &p.Layers[s.top()]
	t.head("parameters of the loss unit; r15 returns")
	t.label("set_loss")
	t.seti("loss", "src", top.Out, "sstep", top.OutStep, "dst", top.Err, "dstep", top.ErrStep, "n", top.OutC, "frac", top.Fo)
	t.op("jr", "r15")
	t.head("forward through all layers; leaves r1 = %d; r14 returns", s.top())
	t.label("forward")
	t.op("sw", "r14, LINK(zero)")
	t.op("wait", "mom, 0")
	if s.convs() > 0 {
		t.op("wait", "norm, 0")
		t.op("param", "norm.mu, H_MU")
		t.op("set", "norm.nb, r2")
	}
	for i := 1; i <= s.convs(); i++ {
		p.forwardConv(t, i)
	}
	if s.Fused {
		p.fusedStart(t)
	}
	for i := s.convs() + 1; i <= s.top(); i++ {
		p.forwardFC(t, i)
	}
	if s.Fused {
		p.fused(t)
	}
	t.op("li", "r1, %d", s.top())
	t.op("wait", "drain, 0")
	t.op("lw", "r14, LINK(zero)")
	t.op("jr", "r14")
	if p.Layers[s.convs()+1].Streamed {
		p.streams(t)
	}
}

// copied goes from a place in the first copy of the maps to the copy of the batch at hand; offset is a variable, with is used.
func (p *Plan) copied(t *text, reg, with, offset string) {
	if p.spec.Fused {
		t.op("lw", "%s, %s(zero)", with, offset)
		t.op("add", "%s, %s, %s", reg, reg, with)
	}
}

// setCopied sets a parameter register to a place in the copy of the maps of the batch at hand; r6 and r7 are used.
func (p *Plan) setCopied(t *text, register string, at uint32, offset string) {
	if !p.spec.Fused {
		t.op("seti", "%s, %d", register, at)
		return
	}
	t.op("li", "r6, %d", int32(at))
	p.copied(t, "r6", "r7", offset)
	t.op("set", "%s, r6", register)
}

// find returns the pass of a layer.
func (p *Plan) find(kind string, layer int) *pass {
	for _, q := range p.passes {
		if q.kind == kind && q.layer == layer {
			return q
		}
	}
	panic(fmt.Sprintf("compile: no %s pass of layer %d", kind, layer))
}

// describeTiles says in words how a pass is cut.
func (q *pass) describeTiles() string {
	strips := q.strips[0]
	tiles := 0
	for _, s := range strips {
		tiles += len(s.tiles)
	}
	return fmt.Sprintf("%d strips, %d tiles of up to %d pixels, %d of 256 channels, %d blocks of weights", len(strips), tiles, q.walk.tile, (q.lanes+255)/256, len(q.jobs))
}

func (p *Plan) forwardConv(t *text, i int) {
	l := &p.Layers[i]
	q := p.find(passForward, i)
	t.head("%s, forward: %d x %d x %d -> %d x %d x %d, window %d x %d, step %d", l.Name, l.InC, l.InH, l.InW, l.OutC, l.X, l.Y, l.Kernel, l.Kernel, l.Stride)
	t.comment("%s", q.describeTiles())
	t.op("li", "r1, %d", i)
	t.op("forward_mark", "")
	t.op("li", "r6, %#x", q.at)
	t.op("jal", "r14, conv_run")
	p.normSetup(t, l)
	t.seti("norm", "dst", hexa(l.O))
	if i == p.spec.convs() && p.Layers[i+1].Streamed && p.spec.Fused {
		p.setCopied(t, "norm.dst", l.O, "V_COPY_B")
	}
	if !l.BN {
		t.op("wait", "drain, 0")
		t.op("norm.fwd", "")
	} else {
		t.seti("norm", "shift", 26-l.Fo, "eps", eps(l.Fz))
		t.op("norm.load", "")
		t.op("wait", "drain, 0")
		train, done := t.fresh("bn"), t.fresh("bn")
		t.op("lw", "r4, V_TESTING(zero)")
		t.op("beqz", "r4, %s", train)
		t.op("norm.fin", "eval")
		t.op("norm.fwd", "bn")
		t.op("j", "%s", done)
		t.label("%s", train)
		t.op("norm.stat", "")
		t.op("norm.fin", "")
		t.op("norm.fwd", "bn")
		t.op("norm.store", "")
		t.label("%s", done)
	}
	t.op("wait", "norm, 0")
}

// hexa writes an address.
func hexa(v uint32) string { return fmt.Sprintf("%#x", v) }

// normSetup sets what all passes of the normalisation unit over a layer have in common.
func (p *Plan) normSetup(t *text, l *LayerPlan) {
	t.seti("norm", "src", hexa(l.Z), "pos", hexa(l.Pos), "h", l.X, "w", l.Y, "chan", l.OutC, "pool", l.Pool)
	if l.BN {
		t.seti("norm", "rec", hexa(l.Rec))
	}
}

// inputFC brings the input of the first fully connected layer into OMEM.
func (p *Plan) inputFC(t *text, l *LayerPlan) {
	if l.Streamed || p.spec.convs() == 0 {
		return // in blocks, or brought by load_batch
	}
	low := &p.Layers[p.spec.convs()]
	t.comment("the flattened maps into OMEM")
	t.op("wait", "dnnc, 0")
	t.seti("dma", "xaddr", hexa(low.O), "n", l.InC, "xstep", 2*l.InC, "dst", l.In, "dstep", l.InBlocks, "alloc", l.InAlloc, "limit", l.InLimit)
	if p.spec.Fused {
		t.seti("dma", "chan", "HALF_BLOCK")
		p.setCopied(t, "dma.dst", l.In, "V_COPY_P")
		p.setCopied(t, "dma.alloc", l.InAlloc, "V_COPY_W")
		p.setCopied(t, "dma.limit", l.InLimit, "V_COPY_W")
	}
	t.op("set", "dma.rows, r2")
	t.op("dma.map", "i16, new")
	t.seti("dma", "rows", 0)
	t.op("wait", "dma, 0")
}

func (p *Plan) forwardFC(t *text, i int) {
	l := &p.Layers[i]
	loop := fmt.Sprintf("%s_forward", l.Name)
	hidden := i < p.spec.top()
	t.head("%s, forward: %d -> %d, %d tiles of 256 neurons, %d blocks of 64 inputs", l.Name, l.InC, l.OutC, (l.OutC+255)/256, l.kBlocks())
	t.op("li", "r1, %d", i)
	t.op("forward_mark", "")
	if i == p.spec.convs()+1 {
		p.inputFC(t, l)
	}
	t.seti("wld", "xstep", l.WStep, "pitch", 0)
	t.seti("dnnc", "sstep", l.InBlocks)
	t.seti("drain", "dstep", l.OutStep)
	t.split(splitFor(l.OutC))
	p.forwardShift(t, l, hidden)
	t.op("li", "r4, 0")
	t.label("%s", loop)
	t.op("li", "r5, %d", l.OutC)
	t.op("call", "set_lanes")
	t.op("set", "drain.lanes, r5")
	t.op("shri", "r7, r4, 6")
	t.op("muli", "r7, r7, %d", l.WStep)
	t.op("addi", "r7, r7, %#x", l.Weights)
	t.op("li", "r6, %d", l.InC)
	if l.Streamed {
		t.op("call", "stream_mac")
	} else {
		t.op("li", "r8, %d", p.spec.block()*rowBytes)
		t.op("li", "r9, %d", l.In)
		p.copied(t, "r9", "r10", "V_COPY_P")
		t.op("li", "r10, 1")
		t.op("li", "r11, 0")
		t.op("call", "%s", map[bool]string{true: "tile_half", false: "tile_mac"}[p.spec.Fused])
	}
	p.endTile(t, l, hidden)
	t.op("addi", "r4, r4, TILE")
	t.op("li", "r5, %d", l.OutC)
	t.op("blt", "r4, r5, %s", loop)
}

// endTile brings the biases of a tile, and writes its drain: r4 first neuron, r5 neurons.
func (p *Plan) endTile(t *text, l *LayerPlan, hidden bool) {
	t.op("wait", "drain, 0")
	t.op("shli", "r6, r4, 2")
	t.op("addi", "r6, r6, %#x", l.Biases)
	t.op("set", "dma.xaddr, r6")
	t.op("addi", "r6, r5, BLOCK - 1")
	t.op("andi", "r6, r6, -BLOCK")
	t.op("set", "dma.n, r6")
	t.op("dma.bias", "")
	if hidden {
		t.op("shri", "r6, r4, %d", bits.TrailingZeros(uint(p.spec.block())))
		p.copied(t, "r6", "r7", "V_COPY_P")
	} else {
		t.op("shri", "r6, r4, 2")
	}
	t.op("addi", "r6, r6, %d", l.Out)
	t.op("set", "drain.dst, r6")
	p.drainFC(t, l, hidden)
}

// forwardShift sets what the drain of a fully connected layer needs. Dropout doubles, in training only.
func (p *Plan) forwardShift(t *text, l *LayerPlan, hidden bool) {
	shift := l.foIn(p) + l.Fw - l.Fo
	if hidden {
		t.seti("drain", "mstep", l.MaskStep)
		p.setCopied(t, "drain.alloc", l.OutAlloc, "V_COPY_W")
		p.setCopied(t, "drain.limit", l.OutLimit, "V_COPY_W")
	}
	if !l.Drop {
		t.seti("drain", "shift", shift)
		return
	}
	done := t.fresh("drop")
	t.op("li", "r6, %d", shift)
	t.op("lw", "r4, V_TESTING(zero)")
	t.op("bnez", "r4, %s", done)
	t.op("addi", "r6, r6, -1")
	t.label("%s", done)
	t.op("set", "drain.shift, r6")
	t.seti("drain", "seed", hexa(dropSeed(p.spec.Seed)), "cstep", (l.OutC+15)/16)
}

// drainFC writes the drain of a tile of neurons.
func (p *Plan) drainFC(t *text, l *LayerPlan, hidden bool) {
	if !hidden {
		t.op("wait", "dma, 0")
		t.op("drain.logit", "")
		return
	}
	t.op("shri", "r6, r4, 4")
	t.op("addi", "r7, r6, %d", l.Mask)
	t.op("set", "drain.mask, r7")
	if l.Drop {
		t.op("lw", "r7, V_STEPS(zero)")
		t.op("muli", "r7, r7, %d", p.dropStep())
		t.op("add", "r7, r7, r6")
		t.op("addi", "r7, r7, %d", l.DropBase)
		t.op("set", "drain.ctr, r7")
	}
	next, keep := t.fresh("tile"), t.fresh("tile")
	t.op("wait", "dma, 0")
	t.op("li", "r6, F_NEW")
	t.op("beqz", "r4, %s", next)
	t.op("li", "r6, 0")
	t.label("%s", next)
	if l.Drop {
		t.op("lw", "r7, V_TESTING(zero)")
		t.op("bnez", "r7, %s", keep)
		t.op("ori", "r6, r6, 1 << 10") // flag drop
		t.label("%s", keep)
	}
	t.op("drain.act", "r6")
}

// dropSeed is dseed of section 11.
func dropSeed(seed uint32) uint32 { return firmware.Mix(seed ^ 0x5851F42D) }

// eps is section 8's, for z with f fraction bits.
func eps(f int) uint32 {
	v := 1e-5 * float64(uint64(1)<<(2*f+16))
	return max(1, uint32(v+0.5))
}
