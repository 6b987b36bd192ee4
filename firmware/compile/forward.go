package compile

import (
	"math/bits"

	"bdfasim/firmware"
)

func (e *emitter) writeForward() {
	s := e.spec
	top := &e.Layers[s.top()]
	e.head("parameters of the loss unit; r15 returns")
	e.asm(`
		set_loss:
		seti loss src=%d sstep=%d dst=%d dstep=%d n=%d frac=%d
		jr r15`, top.Out, top.OutStep, top.Err, top.ErrStep, top.OutC, top.Fo)
	e.head("forward through all layers; leaves r1 = %d; r14 returns", s.top())
	e.asm(`
		forward:
		sw r14, LINK(zero)
		wait mom, 0`)
	if s.convs() > 0 {
		e.asm(`
			wait norm, 0
			param norm.mu, H_MU
			set norm.nb, r2`)
	}
	for i := 1; i <= s.convs(); i++ {
		e.forwardConv(i)
	}
	if s.Fused {
		e.asm(`
			lw r4, V_PENDING(zero)
			bnez r4, fused`)
	}
	for i := s.convs() + 1; i <= s.top(); i++ {
		e.forwardFC(i)
	}
	if s.Fused {
		e.fused()
	}
	e.asm(`
		li r1, %d
		wait drain, 0
		lw r14, LINK(zero)
		jr r14`, s.top())
	if e.Layers[s.convs()+1].Streamed {
		e.streams()
	}
}

// copied goes from a place in the first copy of the maps to the copy of the batch at hand; offset is a variable, with is used.
func (e *emitter) copied(reg, with, offset string) {
	if e.spec.Fused {
		e.asm(`
			lw %s, %s(zero)
			add %s, %s, %s`, with, offset, reg, reg, with)
	}
}

// setCopied sets a parameter register to a place in the copy of the maps of the batch at hand; r6 and r7 are used.
func (e *emitter) setCopied(register string, at uint32, offset string) {
	if !e.spec.Fused {
		e.asm("seti %s, %d", register, at)
		return
	}
	e.asm("li r6, %d", int32(at))
	e.copied("r6", "r7", offset)
	e.asm("set %s, r6", register)
}

func (e *emitter) forwardConv(i int) {
	l := &e.Layers[i]
	e.head("%s, forward: %d x %d x %d -> %d x %d x %d, window %d x %d, step %d",
		l.Name, l.InC, l.InH, l.InW, l.OutC, l.X, l.Y, l.Kernel, l.Kernel, l.Stride)
	e.pass(passForward, i, "forward_mark", i, "conv_run")
	e.normSetup(l)
	e.asm("seti norm.dst, %#x", l.O)
	if i == e.spec.convs() && e.Layers[i+1].Streamed && e.spec.Fused {
		e.setCopied("norm.dst", l.O, "V_COPY_B")
	}
	if !l.BN {
		e.asm(`
			wait drain, 0
			norm.fwd`)
	} else {
		e.asm(`
			seti norm shift=%d eps=%d
			norm.load
			wait drain, 0`, 26-l.Fo, eps(l.Fz))
		train, done := e.fresh("bn"), e.fresh("bn")
		e.asm(`
			lw r4, V_TESTING(zero)
			beqz r4, %s
			norm.fin eval
			norm.fwd bn
			j %s
			%s:
			norm.stat
			norm.fin
			norm.fwd bn
			norm.store
			%s:`, train, done, train, done)
	}
	e.asm("wait norm, 0")
}

// normSetup sets what all passes of the normalisation unit over a layer have in common.
func (e *emitter) normSetup(l *LayerPlan) {
	e.asm(`
		seti norm src=%#x pos=%#x h=%d w=%d chan=%d pool=%d`,
		l.Z, l.Pos, l.X, l.Y, l.OutC, l.Pool)
	if l.BN {
		e.asm("seti norm.rec, %#x", l.Rec)
	}
}

// inputFC brings the input of the first fully connected layer into OMEM.
func (e *emitter) inputFC(l *LayerPlan) {
	if l.Streamed || e.spec.convs() == 0 {
		return // in blocks, or brought by load_batch
	}
	low := &e.Layers[e.spec.convs()]
	e.asm(`
		# the flattened maps into OMEM
		wait dnnc, 0
		seti dma xaddr=%#x n=%d xstep=%d dst=%d dstep=%d alloc=%d limit=%d`,
		low.O, l.InC, 2*l.InC, l.In, l.InBlocks, l.InAlloc, l.InLimit)
	if e.spec.Fused {
		e.asm("seti dma.chan, HALF_BLOCK")
		e.setCopied("dma.dst", l.In, "V_COPY_P")
		e.setCopied("dma.alloc", l.InAlloc, "V_COPY_W")
		e.setCopied("dma.limit", l.InLimit, "V_COPY_W")
	}
	e.asm(`
		set dma.rows, r2
		dma.map i16, new
		seti dma.rows, 0
		wait dma, 0`)
}

func (e *emitter) forwardFC(i int) {
	l := &e.Layers[i]
	loop := l.Name + "_forward"
	hidden := i < e.spec.top()
	e.head("%s, forward: %d -> %d, %d tiles of %d neurons, %d blocks of 64 inputs",
		l.Name, l.InC, l.OutC, e.spec.LaneTiles(l.OutC), e.spec.Machine.DNNC.Lanes, l.kBlocks())
	e.asm(`
		li r1, %d
		forward_mark`, i)
	if i == e.spec.convs()+1 {
		e.inputFC(l)
	}
	e.asm(`
		seti wld xstep=%d pitch=0
		seti dnnc.sstep, %d
		seti drain.dstep, %d`, l.WStep, l.InBlocks, l.OutStep)
	e.split(e.spec.splitFor(l.OutC))
	e.forwardShift(l, hidden)
	e.asm(`
		li r4, 0
		%s:
		li r5, %d
		call set_lanes
		set drain.lanes, r5
		shri r7, r4, 6
		muli r7, r7, %d
		addi r7, r7, %#x
		li r6, %d`, loop, l.OutC, l.WStep, l.Weights, l.InC)
	if l.Streamed {
		e.asm("call stream_mac")
	} else {
		e.asm(`
			li r8, %d
			li r9, %d`, e.spec.Block()*rowBytes, l.In)
		e.copied("r9", "r10", "V_COPY_P")
		e.asm(`
			li r10, 1
			li r11, 0
			call %s`, map[bool]string{true: "tile_half", false: "tile_mac"}[e.spec.Fused])
	}
	e.endTile(l, hidden)
	e.nextTile(loop, l.OutC)
}

// endTile brings the biases of a tile, and writes its drain: r4 first neuron, r5 neurons.
func (e *emitter) endTile(l *LayerPlan, hidden bool) {
	e.asm(`
		wait drain, 0
		shli r6, r4, 2
		addi r6, r6, %#x
		set dma.xaddr, r6
		addi r6, r5, BLOCK - 1
		andi r6, r6, -BLOCK
		set dma.n, r6
		dma.bias`, l.Biases)
	if hidden {
		e.asm("shri r6, r4, %d", bits.TrailingZeros(uint(e.spec.Block())))
		e.copied("r6", "r7", "V_COPY_P")
	} else {
		e.asm("shri r6, r4, 2")
	}
	e.asm(`
		addi r6, r6, %d
		set drain.dst, r6`, l.Out)
	e.drainFC(l, hidden)
}

// forwardShift sets what the drain of a fully connected layer needs. Dropout doubles, in training only.
func (e *emitter) forwardShift(l *LayerPlan, hidden bool) {
	shift := l.FoIn + l.Fw - l.Fo
	if hidden {
		e.asm("seti drain.mstep, %d", l.MaskStep)
		e.setCopied("drain.alloc", l.OutAlloc, "V_COPY_W")
		e.setCopied("drain.limit", l.OutLimit, "V_COPY_W")
	}
	if !l.Drop {
		e.asm("seti drain.shift, %d", shift)
		return
	}
	done := e.fresh("drop")
	e.asm(`
		li r6, %d
		lw r4, V_TESTING(zero)
		bnez r4, %s
		addi r6, r6, -1
		%s:
		set drain.shift, r6
		seti drain seed=%#x cstep=%d`, shift, done, done, dropSeed(e.spec.Seed), (l.OutC+15)/16)
}

func (e *emitter) drainFC(l *LayerPlan, hidden bool) {
	if !hidden {
		e.asm(`
			wait dma, 0
			drain.logit`)
		return
	}
	e.asm(`
		shri r6, r4, 4
		addi r7, r6, %d
		set drain.mask, r7`, l.Mask)
	if l.Drop {
		e.asm(`
			lw r7, V_STEPS(zero)
			muli r7, r7, %d
			add r7, r7, r6
			addi r7, r7, %d
			set drain.ctr, r7`, e.dropStep, l.DropBase)
	}
	next, keep := e.fresh("tile"), e.fresh("tile")
	e.asm(`
		wait dma, 0
		li r6, F_NEW
		beqz r4, %s
		li r6, 0
		%s:`, next, next)
	if l.Drop {
		e.asm(`
			lw r7, V_TESTING(zero)
			bnez r7, %s
			ori r6, r6, 1 << 10  # flag drop
			%s:`, keep, keep)
	}
	e.asm("drain.act r6")
}

// dropSeed is dseed of section 11.
func dropSeed(seed uint32) uint32 { return firmware.Mix(seed ^ 0x5851F42D) }

// eps is section 8's, for z with f fraction bits.
func eps(f int) uint32 {
	v := 1e-5 * float64(uint64(1)<<(2*f+16))
	return max(1, uint32(v+0.5))
}
