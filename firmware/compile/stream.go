package compile

// streamBase is where a streamed input lies, sample after sample.
func (p *Plan) streamBase() uint32 {
	if k := p.spec.convs(); k > 0 {
		return p.Layers[k].O
	}
	return p.BatchBuffer
}

// streamed tells how the blocks lie: bytes of one, bytes from a sample to the next, and the flags of dma.map.
func (p *Plan) streamed() (bytes, xstep int, flags string) {
	if k := p.spec.convs(); k > 0 {
		return 2 * p.spec.block(), 2 * p.Layers[k].mapElems(), "new, i16"
	}
	return p.spec.block(), int(p.Header.ImageStride), "new"
}

// streams writes the subroutines of an input that does not fit into OMEM: blocks of 64 elements of all samples go through
// two buffers.
func (p *Plan) streams(t *text) {
	t.head("an input that does not fit into OMEM: two buffers of a block of 64 elements of all samples")
	p.streamFetch(t)
	p.streamMAC(t)
}

// streamFetch writes the subroutine that loads a block.
func (p *Plan) streamFetch(t *text) {
	rows := p.spec.block()
	bytes, xstep, flags := p.streamed()
	t.comment("load the block at r11 (r6 elements are left) into buffer r10, and go to the next; r15 stays")
	t.label("stream_fetch")
	t.op("set", "dma.xaddr, r11")
	t.op("mini", "r12, r6, %d", rows)
	t.op("set", "dma.n, r12")
	t.op("set", "dma.rows, r2")
	t.seti("dma", "xstep", xstep, "dstep", 1)
	p.streamPointer(t)
	t.op("set", "dma.dst, r12")
	t.op("muli", "r12, r10, %d", p.streamAlloc[1]-p.streamAlloc[0])
	t.op("addi", "r12, r12, %d", p.streamAlloc[0])
	t.op("set", "dma.alloc, r12")
	t.op("addi", "r12, r12, %d", p.streamAlloc[1]-p.streamAlloc[0])
	t.op("set", "dma.limit, r12")
	t.op("dma.map", "%s", flags)
	t.seti("dma", "rows", 0)
	t.op("addi", "r11, r11, %d", bytes)
	t.op("jr", "r15")
}

// streamMAC writes what stands for tile_mac.
func (p *Plan) streamMAC(t *text) {
	rows := p.spec.block()
	t.comment("as tile_mac: r6 rows, r7 address of the first weight block; a block of inputs is loaded while the one before is worked on")
	t.label("stream_mac")
	t.op("mov", "r14, r15")
	t.op("wait", "dnnc, 0")
	t.seti("dnnc", "sstep", 1)
	t.op("li", "r11, %#x", p.streamBase())
	p.copied(t, "r11", "r10", "V_COPY_B")
	t.op("li", "r10, 0")
	t.op("li", "r9, F_FIRST")
	t.op("call", "stream_fetch")
	t.label("stream_block")
	t.op("mini", "r12, r6, %d", rows)
	t.op("set", "wld.rows, r12")
	t.op("set", "dnnc.rows, r12")
	t.op("set", "wld.xaddr, r7")
	t.op("wld.w", "r3")
	p.streamPointer(t)
	t.op("set", "dnnc.src, r12")
	t.op("addi", "r6, r6, -%d", rows)
	t.op("bgt", "r6, zero, stream_more")
	t.op("ori", "r9, r9, F_LAST")
	t.label("stream_more")
	t.op("wait", "dma, 0")
	t.op("or", "r12, r9, r3")
	t.op("dnnc.mac", "free, r12")
	t.op("xori", "r3, r3, F_B1")
	t.op("xori", "r10, r10, 1")
	t.op("li", "r9, 0")
	t.op("addi", "r7, r7, %d", rows*rowBytes)
	t.op("ble", "r6, zero, stream_end")
	t.op("wait", "dnnc, 1")
	t.op("call", "stream_fetch")
	t.op("j", "stream_block")
	t.label("stream_end")
	t.op("mov", "r15, r14")
	t.op("jr", "r15")
}

// streamPointer writes r12 = the first pointer of buffer r10.
func (p *Plan) streamPointer(t *text) {
	t.op("muli", "r12, r10, %d", p.streamPtr[1]-p.streamPtr[0])
	t.op("addi", "r12, r12, %d", p.streamPtr[0])
}
