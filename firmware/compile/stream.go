package compile

// streams writes the subroutines of an input that does not fit into OMEM: blocks of 64 elements of all samples go through
// two buffers.
func (e *emitter) streams() {
	e.head("an input that does not fit into OMEM: two buffers of a block of 64 elements of all " +
		"samples")
	e.streamFetch()
	e.streamMAC()
}

func (e *emitter) streamFetch() {
	rows := e.spec.Block()
	bytes, xstep, flags := e.streamed()
	e.asm(`
		# load the block at r11 (r6 elements are left) into buffer r10, and go to the next; r15 stays
		stream_fetch:
		set dma.xaddr, r11
		mini r12, r6, %d
		set dma.n, r12
		set dma.rows, r2
		seti dma xstep=%d dstep=1`, rows, xstep)
	e.streamPointer()
	e.asm(`
		set dma.dst, r12
		muli r12, r10, %d
		addi r12, r12, %d
		set dma.alloc, r12
		addi r12, r12, %d
		set dma.limit, r12
		dma.map %s
		seti dma.rows, 0
		addi r11, r11, %d
		jr r15`,
		e.streamAlloc[1]-e.streamAlloc[0], e.streamAlloc[0], e.streamAlloc[1]-e.streamAlloc[0],
		flags, bytes)
}

// streamMAC writes what stands for tile_mac.
func (e *emitter) streamMAC() {
	rows := e.spec.Block()
	e.asm(`
		# as tile_mac: r6 rows, r7 address of the first weight block; a block of inputs is loaded
		# while the one before is worked on
		stream_mac:
		mov r14, r15
		wait dnnc, 0
		seti dnnc.sstep, 1
		li r11, %#x`, e.streamBase())
	e.copied("r11", "r10", "V_COPY_B")
	e.asm(`
		li r10, 0
		li r9, F_FIRST
		call stream_fetch
		stream_block:
		mini r12, r6, %d
		set wld.rows, r12
		set dnnc.rows, r12
		set wld.xaddr, r7
		wld.w r3`, rows)
	e.streamPointer()
	e.asm(`
		set dnnc.src, r12
		addi r6, r6, -%d
		bgt r6, zero, stream_more
		ori r9, r9, F_LAST
		stream_more:
		wait dma, 0
		or r12, r9, r3
		dnnc.mac free, r12
		xori r3, r3, F_B1
		xori r10, r10, 1
		li r9, 0
		addi r7, r7, %d
		ble r6, zero, stream_end
		wait dnnc, 1
		call stream_fetch
		j stream_block
		stream_end:
		mov r15, r14
		jr r15`, rows, rows*rowBytes)
}

// streamPointer writes r12 = the first pointer of buffer r10.
func (e *emitter) streamPointer() {
	e.asm(`
		muli r12, r10, %d
		addi r12, r12, %d`, e.streamPtr[1]-e.streamPtr[0], e.streamPtr[0])
}
