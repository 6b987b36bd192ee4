package compile

import "fmt"

// A fused schedule (docs/firmware.md): the update of a batch waits for the forward pass of the next
// one and runs inside of it, layer after layer from the bottom.

// fusedBackward writes the errors of all layers; the updates follow only behind the last batch of an epoch.
func (e *emitter) fusedBackward() {
	s := e.spec
	k, top := s.convs(), s.top()
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
	if k > 0 {
		e.backwardConvs()
	}
	e.asm(`
		lw r4, V_LEFT(zero)
		beqz r4, updates
		li r4, 1
		sw r4, V_PENDING(zero)
		jr r13
		updates:`)
	for i := top; i > k; i-- {
		e.update(i)
	}
	e.asm("jr r13")
}

// fused writes the forward pass of the fully connected layers with the last batch's updates inside.
func (e *emitter) fused() {
	s := e.spec
	e.asm("j forward_end")
	e.head("forward through the fully connected layers inside the updates of the last batch, " +
		"which was a full one")
	e.asm(`
		fused:
		sw zero, V_PENDING(zero)
		param mom.eta, H_ETA
		seti wld split=0 pitch=0
		seti dma.chan, HALF_BLOCK`)
	for i := s.convs() + 1; i <= s.top(); i++ {
		e.fusedLayer(i)
	}
	e.asm("wait mom, 0  # the errors may read the new weights")
	short := e.fresh("eta")
	e.asm(`
		lw r4, H_ETA(zero)
		lw r5, H_BATCH(zero)
		beq r2, r5, %s
		lw r4, H_ETA_SHORT(zero)
		%s:
		set mom.eta, r4
		li r3, 0
		forward_end:`, short, short)
}

func (e *emitter) fusedLayer(i int) {
	s, l := e.spec, &e.Layers[i]
	hidden := i < s.top()
	sh := l.shifts()
	split := s.splitFor(l.OutC)
	loop := l.Name + "_fused"
	e.head("%s: %d -> %d, update and forward, %d tiles of %d neurons, %d blocks of %d inputs",
		l.Name, l.InC, l.OutC, s.LaneTiles(l.OutC), s.Machine.DNNC.Lanes, s.mapBlocks(l.InC), s.Block())
	e.asm("li r1, %d", i)
	if i == s.convs()+1 {
		e.asm("mark ff, r1")
		e.inputFC(l)
	}
	e.asm(`
		seti wld sstep=%d rows=%d
		seti dnnc.sstep, %d
		seti mom wstep=%d vstep=%d dshift=%d cstep=%d split=%d
		seti drain dstep=%d split=%d`,
		l.ErrStep, s.Batch, l.InBlocks, l.WStep, l.VStep, sh.decay, 32*l.kBlocks(), split,
		l.OutStep, split)
	e.forwardShift(l, hidden)
	e.asm(`
		li r4, 0
		%s:`, loop)
	e.fusedTile(l, sh)
	e.fusedBlocks(l, split)
	e.asm(`
		wait mom, %d  # the biases are updated
		li r5, %d
		sub r5, r5, r4
		mini r5, r5, TILE`, min(3, s.mapBlocks(l.InC)), l.OutC)
	e.endTile(l, hidden)
	e.nextTile(loop, l.OutC)
}

// fusedTile starts a tile: its errors, its biases, and the places of its weights. Registers: r6 inputs left for gradients, r14
// for products; r7, r8, r9 weights, velocities, random counter; r10, r11 the last batch's map and the present one; r15 half
// of WMEM buffer 1 of the next update; r3, r5 and r12 are used.
func (e *emitter) fusedTile(l *LayerPlan, sh shifts) {
	s := e.spec
	e.asm("mark wg, r1")
	if l.Streamed {
		e.asm("wait dnnc, 0  # the buffers are free")
	}
	e.asm(`
		li r5, %d
		call set_lanes
		set drain.lanes, r5
		set mom.lanes, r5
		shri r6, r4, 2
		addi r6, r6, %d
		set wld.src, r6
		wld.e
		seti dnnc nb=%d split=0`, l.OutC, l.Err, s.Batch)
	if l.Bias {
		e.asm("li r3, 0")
		e.biasFC(l, sh)
	}
	e.asm("seti mom gshift=%d tshift=%d", sh.g, sh.t)
	e.updateStart(l, l.Counter-e.Header.CounterStep) // of the last step
	now, both, offset := l.In, uint32(2*int(l.In)+e.copyPtrs), "V_COPY_P"
	if l.Streamed {
		now, both, offset = e.streamBase(), 2*e.streamBase()+uint32(e.copyBytes), "V_COPY_B"
	}
	e.asm(`
		lw r12, %s(zero)
		li r11, %d
		add r11, r11, r12
		li r10, %d  # the sum of both places
		sub r10, r10, r11
		li r6, %d
		mov r14, r6
		li r15, 0`, offset, int32(now), int32(both), l.InC)
}

// fusedBlocks goes through the blocks of a tile. The gradient of a block is taken before the products with the weights of the
// one before it, so that the momentum unit has it when it has finished with that.
func (e *emitter) fusedBlocks(l *LayerPlan, split uint32) {
	rows := e.spec.Block()
	loop, more, product := l.Name+"_gradient", e.fresh("more"), l.Name+"_product"
	e.asm(`
		%s:
		mark wg, r1`, loop)
	if l.Streamed {
		e.fusedFetch(l, "r6", "r10", 2, fmt.Sprint("seti dma.rows, ", e.spec.Batch))
	}
	e.asm(`
		mini r12, r6, %d
		set dnnc.rows, r12
		set mom.rows, r12
		seti dnnc nb=%d split=0`, rows, e.spec.Batch)
	if !l.Streamed {
		e.asm("set dnnc.src, r10")
	}
	e.updateHere()
	e.asm(`
		addi r6, r6, -%d
		li r12, 0
		bgt r6, zero, %s
		li r12, F_FREE
		%s:
		dnnc.grad first, last, r12
		mom.w upd, r15
		xori r15, r15, F_B1`, rows, more, more)
	e.updateNext(rows)
	e.asm(`
		addi r10, r10, %d
		ble r6, zero, %s
		sub r12, r14, r6
		addi r12, r12, -%d
		blt r12, zero, %s
		%s:`, e.mapStep(l), product, 2*rows, loop, product)
	e.fusedProduct(l, split)
	e.asm(`
		bgt r6, zero, %s
		bgt r14, zero, %s`, loop, product)
}

// fusedProduct writes the products of a block with its new weights.
func (e *emitter) fusedProduct(l *LayerPlan, split uint32) {
	rows := e.spec.Block()
	begun, last := e.fresh("begun"), e.fresh("last")
	e.asm(`
		li r12, %d
		sub r12, r12, r14
		shri r12, r12, 5
		andi r12, r12, F_B1
		li r3, %d
		bne r3, r14, %s
		ori r12, r12, F_FIRST
		bnez r4, %s
		wait drain, 0  # the map below is complete
		%s:
		mark ff, r1`, l.InC, l.InC, begun, begun, begun)
	if l.Streamed {
		e.fusedFetch(l, "r14", "r11", 0, "set dma.rows, r2")
	}
	e.asm(`
		mini r3, r14, %d
		set dnnc.rows, r3
		seti dnnc.split, %d
		set dnnc.nb, r2`, rows, split)
	if !l.Streamed {
		e.asm("set dnnc.src, r11")
	}
	e.asm(`
		addi r14, r14, -%d
		bgt r14, zero, %s
		ori r12, r12, F_LAST
		%s:
		dnnc.mac upd, free, r12
		addi r11, r11, %d`, rows, last, last, e.mapStep(l))
}

// fusedFetch points the MAC array at the block that left inputs of l are left at. They come in pairs of blocks, from external
// address from on: the first of a pair loads both into one of the two buffers that begin with first. Whoever used the
// buffer before is done: of the commands behind it three at the most are left, for the queue has four (between tiles there are
// fewer, and a wait). r3 and r5 are used.
func (e *emitter) fusedFetch(l *LayerPlan, left, from string, first int, rows string) {
	there := e.fresh("there")
	e.asm(`
		li r3, %d
		sub r3, r3, %s
		shri r3, r3, 5
		andi r5, r3, 1
		shri r3, r3, 1
		andi r3, r3, 1
		muli r3, r3, %d
		addi r3, r3, %d
		add r3, r3, r5
		set dnnc.src, r3
		seti dnnc.sstep, 2
		bnez r5, %s
		set dma.dst, r3
		set dma.xaddr, %s
		mini r3, %s, %d
		set dma.n, r3
		%s`,
		l.InC, left, e.streamPtr[1]-e.streamPtr[0], e.streamPtr[first], there, from, left,
		2*e.spec.Block(), rows)
	_, xstep, flags := e.streamed()
	e.asm(`
		seti dma xstep=%d dstep=2
		li r3, %d
		sub r3, r3, %s
		shri r3, r3, 6
		andi r3, r3, 1
		muli r3, r3, %d
		addi r3, r3, %d
		set dma.alloc, r3
		addi r3, r3, %d
		set dma.limit, r3
		dma.map %s
		seti dma.rows, 0
		wait dma, 0
		%s:`,
		xstep, l.InC, left, e.streamAlloc[1]-e.streamAlloc[0], e.streamAlloc[first],
		e.streamAlloc[1]-e.streamAlloc[0], flags, there)
}
