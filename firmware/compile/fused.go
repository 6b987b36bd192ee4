package compile

import "fmt"

// A fused schedule reads each weight of the fully connected layers once less a step. The update of a batch waits for the
// forward pass of the next one and runs inside of it, layer after layer from the bottom: the momentum unit puts the new
// weights into WMEM as well as into external memory, and the forward products take them from there.
//
//	plain   batch t: forward, loss, errors, updates          batch t+1: forward, ...
//	fused   batch t: (updates of t-1 and forward), loss, errors    batch t+1: (updates of t and forward), ...
//
// All errors are made before any update, so it serves every rule. An epoch begins with a forward pass of its own and ends
// with updates of their own.

// fusedBackward writes the errors of all layers; the updates follow only behind the last batch of an epoch.
func (p *Plan) fusedBackward(t *text) {
	s := p.spec
	k, top := s.convs(), s.top()
	first := top - 1
	if s.direct() {
		first = p.firstStarted()
	}
	if first >= p.firstError() {
		p.errorsOf(t, first)
	}
	for i := top - 1; i >= p.firstError(); i-- {
		if i != first {
			p.errorsOf(t, i)
		}
	}
	t.op("wait", "%s, 0", p.errorUnit())
	if k > 0 {
		p.backwardConvs(t)
	}
	t.op("lw", "r4, V_LEFT(zero)")
	t.op("beqz", "r4, updates")
	t.op("li", "r4, 1")
	t.op("sw", "r4, V_PENDING(zero)")
	t.op("jr", "r13")
	t.label("updates")
	for i := top; i > k; i-- {
		p.update(t, i)
	}
	t.op("jr", "r13")
}

// fusedStart branches to the forward pass with updates if there are any to make.
func (p *Plan) fusedStart(t *text) {
	t.op("lw", "r4, V_PENDING(zero)")
	t.op("bnez", "r4, fused")
}

// fused writes the forward pass of the fully connected layers with the last batch's updates inside.
func (p *Plan) fused(t *text) {
	s := p.spec
	t.op("j", "forward_end")
	t.head("forward through the fully connected layers inside the updates of the last batch, which was a full one")
	t.label("fused")
	t.op("sw", "zero, V_PENDING(zero)")
	t.op("param", "mom.eta, H_ETA")
	t.seti("wld", "split", 0, "pitch", 0)
	t.seti("dma", "chan", "HALF_BLOCK")
	for i := s.convs() + 1; i <= s.top(); i++ {
		p.fusedLayer(t, i)
	}
	t.op("wait", "mom, 0") // the errors may read the new weights
	short := t.fresh("eta")
	t.op("lw", "r4, H_ETA(zero)")
	t.op("lw", "r5, H_BATCH(zero)")
	t.op("beq", "r2, r5, %s", short)
	t.op("lw", "r4, H_ETA_SHORT(zero)")
	t.label("%s", short)
	t.op("set", "mom.eta, r4")
	t.op("li", "r3, 0")
	t.label("forward_end")
}

// fusedLayer writes update and forward pass of a layer.
func (p *Plan) fusedLayer(t *text, i int) {
	s, l := p.spec, &p.Layers[i]
	hidden := i < s.top()
	sh := l.shifts(p)
	split := splitFor(l.OutC)
	loop := fmt.Sprintf("%s_fused", l.Name)
	t.head("%s: %d -> %d, update and forward, %d tiles of 256 neurons, %d blocks of %d inputs", l.Name, l.InC, l.OutC, (l.OutC+255)/256, s.mapBlocks(l.InC), s.block())
	t.op("li", "r1, %d", i)
	if i == s.convs()+1 {
		t.op("mark", "ff, r1")
		p.inputFC(t, l)
	}
	t.seti("wld", "sstep", l.ErrStep, "rows", s.Batch)
	t.seti("dnnc", "sstep", l.InBlocks)
	t.seti("mom", "wstep", l.WStep, "vstep", l.VStep, "dshift", sh.decay, "cstep", 32*l.kBlocks(), "split", split)
	t.seti("drain", "dstep", l.OutStep, "split", split)
	p.forwardShift(t, l, hidden)
	t.op("li", "r4, 0")
	t.label("%s", loop)
	p.fusedTile(t, l, sh)
	p.fusedBlocks(t, l, split)
	t.op("wait", "mom, %d", min(3, s.mapBlocks(l.InC))) // the biases are updated
	t.op("li", "r5, %d", l.OutC)
	t.op("sub", "r5, r5, r4")
	t.op("mini", "r5, r5, TILE")
	p.endTile(t, l, hidden)
	t.op("addi", "r4, r4, TILE")
	t.op("li", "r5, %d", l.OutC)
	t.op("blt", "r4, r5, %s", loop)
}

// fusedTile starts a tile: its errors, its biases, and the places of its weights. Registers: r6 inputs left for gradients, r14
// for products; r7, r8, r9 weights, velocities, random counter; r10, r11 the last batch's map and the present one; r15 half
// of WMEM buffer 1 of the next update; r3, r5 and r12 are used.
func (p *Plan) fusedTile(t *text, l *LayerPlan, sh shifts) {
	s := p.spec
	t.op("mark", "wg, r1")
	if l.Streamed {
		t.op("wait", "dnnc, 0") // the buffers are free
	}
	t.op("li", "r5, %d", l.OutC)
	t.op("call", "set_lanes")
	t.op("set", "drain.lanes, r5")
	t.op("set", "mom.lanes, r5")
	t.op("shri", "r6, r4, 2")
	t.op("addi", "r6, r6, %d", l.Err)
	t.op("set", "wld.src, r6")
	t.op("wld.e", "")
	t.seti("dnnc", "nb", s.Batch, "split", 0)
	if l.Bias {
		t.op("li", "r3, 0")
		p.biasFC(t, l, sh)
	}
	t.seti("mom", "gshift", sh.g, "tshift", sh.t)
	p.updateStart(t, l, l.Counter-p.Header.CounterStep) // of the last step
	now, both, offset := l.In, uint32(2*int(l.In)+p.copyPtrs), "V_COPY_P"
	if l.Streamed {
		now, both, offset = p.streamBase(), 2*p.streamBase()+uint32(p.copyBytes), "V_COPY_B"
	}
	t.op("lw", "r12, %s(zero)", offset)
	t.op("li", "r11, %d", int32(now))
	t.op("add", "r11, r11, r12")
	t.op("li", "r10, %d", int32(both)) // the sum of both places
	t.op("sub", "r10, r10, r11")
	t.op("li", "r6, %d", l.InC)
	t.op("mov", "r14, r6")
	t.op("li", "r15, 0")
}

// fusedBlocks goes through the blocks of a tile. The gradient of a block is taken before the products with the weights of the
// one before it, so that the momentum unit has it when it has finished with that.
func (p *Plan) fusedBlocks(t *text, l *LayerPlan, split uint32) {
	rows := p.spec.block()
	loop, more, product := fmt.Sprintf("%s_gradient", l.Name), t.fresh("more"), fmt.Sprintf("%s_product", l.Name)
	t.label("%s", loop)
	t.op("mark", "wg, r1")
	if l.Streamed {
		p.fusedFetch(t, l, "r6", "r10", 2, fmt.Sprint(p.spec.Batch))
	}
	t.op("mini", "r12, r6, %d", rows)
	t.op("set", "dnnc.rows, r12")
	t.op("set", "mom.rows, r12")
	t.seti("dnnc", "nb", p.spec.Batch, "split", 0)
	if !l.Streamed {
		t.op("set", "dnnc.src, r10")
	}
	updateHere(t)
	t.op("addi", "r6, r6, -%d", rows)
	t.op("li", "r12, 0")
	t.op("bgt", "r6, zero, %s", more)
	t.op("li", "r12, F_FREE")
	t.label("%s", more)
	t.op("dnnc.grad", "first, last, r12")
	t.op("mom.w", "upd, r15")
	t.op("xori", "r15, r15, F_B1")
	updateNext(t, rows)
	t.op("addi", "r10, r10, %d", p.mapStep(l))
	t.op("ble", "r6, zero, %s", product)
	t.op("sub", "r12, r14, r6")
	t.op("addi", "r12, r12, -%d", 2*rows)
	t.op("blt", "r12, zero, %s", loop)
	t.label("%s", product)
	p.fusedProduct(t, l, split)
	t.op("bgt", "r6, zero, %s", loop)
	t.op("bgt", "r14, zero, %s", product)
}

// fusedProduct writes the products of a block with its new weights.
func (p *Plan) fusedProduct(t *text, l *LayerPlan, split uint32) {
	rows := p.spec.block()
	begun, last := t.fresh("begun"), t.fresh("last")
	t.op("li", "r12, %d", l.InC)
	t.op("sub", "r12, r12, r14")
	t.op("shri", "r12, r12, 5")
	t.op("andi", "r12, r12, F_B1")
	t.op("li", "r3, %d", l.InC)
	t.op("bne", "r3, r14, %s", begun)
	t.op("ori", "r12, r12, F_FIRST")
	t.op("bnez", "r4, %s", begun)
	t.op("wait", "drain, 0") // the map below is complete
	t.label("%s", begun)
	t.op("mark", "ff, r1")
	if l.Streamed {
		p.fusedFetch(t, l, "r14", "r11", 0, "r2")
	}
	t.op("mini", "r3, r14, %d", rows)
	t.op("set", "dnnc.rows, r3")
	t.seti("dnnc", "split", split)
	t.op("set", "dnnc.nb, r2")
	if !l.Streamed {
		t.op("set", "dnnc.src, r11")
	}
	t.op("addi", "r14, r14, -%d", rows)
	t.op("bgt", "r14, zero, %s", last)
	t.op("ori", "r12, r12, F_LAST")
	t.label("%s", last)
	t.op("dnnc.mac", "upd, free, r12")
	t.op("addi", "r11, r11, %d", p.mapStep(l))
}

// mapStep is the step from a block of a map to the next: a pointer, or bytes of the images that it streams from.
func (p *Plan) mapStep(l *LayerPlan) int {
	if l.Streamed {
		bytes, _, _ := p.streamed()
		return bytes
	}
	return 1
}

// fusedFetch points the MAC array at the block that left inputs of l are left at. They come in pairs of blocks, from external
// address from on: the first of a pair loads both into one of the two buffers that begin with first. Whoever used the
// buffer before is done: of the commands behind it three at the most are left, for the queue has four (between tiles there are
// fewer, and a wait). r3 and r5 are used.
func (p *Plan) fusedFetch(t *text, l *LayerPlan, left, from string, first int, samples string) {
	there := t.fresh("there")
	t.op("li", "r3, %d", l.InC)
	t.op("sub", "r3, r3, %s", left)
	t.op("shri", "r3, r3, 5")
	t.op("andi", "r5, r3, 1")
	t.op("shri", "r3, r3, 1")
	t.op("andi", "r3, r3, 1")
	t.op("muli", "r3, r3, %d", p.streamPtr[1]-p.streamPtr[0])
	t.op("addi", "r3, r3, %d", p.streamPtr[first])
	t.op("add", "r3, r3, r5")
	t.op("set", "dnnc.src, r3")
	t.seti("dnnc", "sstep", 2)
	t.op("bnez", "r5, %s", there)
	t.op("set", "dma.dst, r3")
	t.op("set", "dma.xaddr, %s", from)
	t.op("mini", "r3, %s, %d", left, 2*p.spec.block())
	t.op("set", "dma.n, r3")
	if samples == "r2" {
		t.op("set", "dma.rows, r2")
	} else {
		t.seti("dma", "rows", samples)
	}
	_, xstep, flags := p.streamed()
	t.seti("dma", "xstep", xstep, "dstep", 2)
	t.op("li", "r3, %d", l.InC)
	t.op("sub", "r3, r3, %s", left)
	t.op("shri", "r3, r3, 6")
	t.op("andi", "r3, r3, 1")
	t.op("muli", "r3, r3, %d", p.streamAlloc[1]-p.streamAlloc[0])
	t.op("addi", "r3, r3, %d", p.streamAlloc[first])
	t.op("set", "dma.alloc, r3")
	t.op("addi", "r3, r3, %d", p.streamAlloc[1]-p.streamAlloc[0])
	t.op("set", "dma.limit, r3")
	t.op("dma.map", "%s", flags)
	t.seti("dma", "rows", 0)
	t.op("wait", "dma, 0")
	t.label("%s", there)
}
