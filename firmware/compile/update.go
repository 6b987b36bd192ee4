package compile

func (e *emitter) update(i int) {
	l := &e.Layers[i]
	sh := l.shifts()
	loop, block := l.Name+"_update", l.Name+"_block"
	e.head("%s, gradient and update: %d tiles of %d neurons, %d blocks of 64 inputs",
		l.Name, e.spec.LaneTiles(l.OutC), e.spec.Machine.DNNC.Lanes, l.kBlocks())
	e.asm(`
		li r1, %d
		mark wg, r1
		seti wld split=0 pitch=0 sstep=%d`, i, l.ErrStep)
	inStep := l.InBlocks
	if l.Streamed {
		inStep = 1
	}
	e.asm(`
		seti dnnc split=0 sstep=%d
		set wld.rows, r2
		seti mom wstep=%d vstep=%d dshift=%d cstep=%d
		li r4, 0
		%s:
		li r5, %d
		call set_lanes
		set mom.lanes, r5
		shri r6, r4, 2
		addi r6, r6, %d
		set wld.src, r6
		wld.e r3`, inStep, l.WStep, l.VStep, sh.decay, 32*l.kBlocks(), loop, l.OutC, l.Err)
	if e.spec.Arm == ArmEPC && e.spec.Rule != DFA {
		e.asm("wait epc, 0  # it reads the weights")
	}
	if l.Bias {
		e.biasFC(l, sh)
	}
	e.asm("seti mom gshift=%d tshift=%d", sh.g, sh.t)
	e.updateStart(l, l.Counter)
	e.asm("li r10, %d", l.In)
	e.copied("r10", "r12", "V_COPY_P")
	e.asm("li r6, %d", l.InC)
	e.blocksFC(l, block)
	e.asm(`
		xori r3, r3, F_B1`)
	e.nextTile(loop, l.OutC)
}

// updateStart sets r7, r8 and r9 to weights, velocities and random counter of the first block of tile r4; counter is what the layer's has
// beyond the program's. r11 and r12 are used.
func (e *emitter) updateStart(l *LayerPlan, counter uint32) {
	e.asm(`
		shri r11, r4, 6
		muli r7, r11, %d
		addi r7, r7, %#x
		muli r8, r11, %d
		li r12, %#x
		add r8, r8, r12
		muli r9, r11, %d
		addi r9, r9, %d
		lw r12, V_COUNTER(zero)
		add r9, r9, r12`,
		l.WStep, l.Weights, l.VStep, l.Velocities, 32*l.kBlocks(), int32(counter))
}

// updateHere tells the momentum unit the block at hand.
func (e *emitter) updateHere() {
	e.asm(`
		set mom.waddr, r7
		set mom.vaddr, r8
		set mom.ctr, r9`)
}

// updateNext goes to the block behind one of some rows.
func (e *emitter) updateNext(rows int) {
	e.asm(`
		addi r7, r7, %d
		addi r8, r8, %d
		addi r9, r9, %d`, rows*rowBytes, rows*rowBytes/2*3, rows/2)
}

// biasFC sums the errors of a tile and updates its biases.
func (e *emitter) biasFC(l *LayerPlan, sh shifts) {
	e.asm(`
		shli r6, r4, 2
		addi r6, r6, %#x
		set mom.waddr, r6
		muli r6, r4, 3
		li r7, %#x
		add r6, r6, r7
		set mom.vaddr, r6
		seti mom gshift=%d tshift=%d rows=1
		seti dnnc.rows, 1
		dnnc.ones first, last, r3
		mom.b`, l.Biases, l.BiasVelocities, sh.gb, sh.tb)
}

// blocksFC goes through the blocks of 64 inputs of a tile.
func (e *emitter) blocksFC(l *LayerPlan, block string) {
	if l.Streamed {
		e.asm(`
			wait dnnc, 0
			li r11, %#x`, e.streamBase())
		e.copied("r11", "r10", "V_COPY_B")
		e.asm(`
			li r10, 0
			call stream_fetch
			wait dma, 0`)
	}
	last, rows := e.fresh("last"), e.spec.Block()
	e.asm(`
		%s:
		mini r12, r6, %d
		set dnnc.rows, r12
		set mom.rows, r12`, block, rows)
	if l.Streamed {
		e.streamPointer()
		e.asm("set dnnc.src, r12")
	} else {
		e.asm("set dnnc.src, r10")
	}
	e.updateHere()
	e.asm(`
		addi r6, r6, -%d
		mov r12, r3
		bgt r6, zero, %s
		ori r12, r3, F_FREE
		%s:
		dnnc.grad first, last, r12
		mom.w`, rows, last, last)
	e.updateNext(rows)
	if !l.Streamed {
		e.asm(`
			addi r10, r10, 1
			bgt r6, zero, %s`, block)
		return
	}
	done := e.fresh("done")
	e.asm(`
		ble r6, zero, %s
		xori r10, r10, 1
		wait dnnc, 1
		call stream_fetch
		wait dma, 0
		j %s
		%s:`, done, block, done)
}
