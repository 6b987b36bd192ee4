package compile

import "fmt"

// update writes gradient and update of a fully connected layer.
func (p *Plan) update(t *text, i int) {
	l := &p.Layers[i]
	sh := l.shifts(p)
	loop, block := fmt.Sprintf("%s_update", l.Name), fmt.Sprintf("%s_block", l.Name)
	t.head("%s, gradient and update: %d tiles of 256 neurons, %d blocks of 64 inputs", l.Name, (l.OutC+255)/256, l.kBlocks())
	t.op("li", "r1, %d", i)
	t.op("mark", "wg, r1")
	t.seti("wld", "split", 0, "pitch", 0, "sstep", l.ErrStep)
	inStep := l.InBlocks
	if l.Streamed {
		inStep = 1
	}
	t.seti("dnnc", "split", 0, "sstep", inStep)
	t.op("set", "wld.rows, r2")
	t.seti("mom", "wstep", l.WStep, "vstep", l.VStep, "dshift", sh.decay, "cstep", 32*l.kBlocks())
	t.op("li", "r4, 0")
	t.label("%s", loop)
	t.op("li", "r5, %d", l.OutC)
	t.op("call", "set_lanes")
	t.op("set", "mom.lanes, r5")
	t.op("shri", "r6, r4, 2")
	t.op("addi", "r6, r6, %d", l.Err)
	t.op("set", "wld.src, r6")
	t.op("wld.e", "r3")
	if p.spec.Arm == ArmEPC && p.spec.Rule != DFA {
		t.op("wait", "epc, 0") // it reads the weights
	}
	if l.Bias {
		p.biasFC(t, l, sh)
	}
	t.seti("mom", "gshift", sh.g, "tshift", sh.t)
	p.updateStart(t, l, l.Counter)
	t.op("li", "r10, %d", l.In)
	p.copied(t, "r10", "r12", "V_COPY_P")
	t.op("li", "r6, %d", l.InC)
	p.blocksFC(t, l, block)
	t.op("xori", "r3, r3, F_B1")
	t.op("addi", "r4, r4, TILE")
	t.op("li", "r5, %d", l.OutC)
	t.op("blt", "r4, r5, %s", loop)
}

// updateStart sets r7, r8 and r9 to weights, velocities and random counter of the first block of tile r4; counter is what the layer's has
// beyond the program's. r11 and r12 are used.
func (p *Plan) updateStart(t *text, l *LayerPlan, counter uint32) {
	t.op("shri", "r11, r4, 6")
	t.op("muli", "r7, r11, %d", l.WStep)
	t.op("addi", "r7, r7, %#x", l.Weights)
	t.op("muli", "r8, r11, %d", l.VStep)
	t.op("li", "r12, %#x", l.Velocities)
	t.op("add", "r8, r8, r12")
	t.op("muli", "r9, r11, %d", 32*l.kBlocks())
	t.op("addi", "r9, r9, %d", int32(counter))
	t.op("lw", "r12, V_COUNTER(zero)")
	t.op("add", "r9, r9, r12")
}

// updateHere tells the momentum unit the block at hand.
func updateHere(t *text) {
	t.op("set", "mom.waddr, r7")
	t.op("set", "mom.vaddr, r8")
	t.op("set", "mom.ctr, r9")
}

// updateNext goes to the block behind one of some rows.
func updateNext(t *text, rows int) {
	t.op("addi", "r7, r7, %d", rows*rowBytes)
	t.op("addi", "r8, r8, %d", rows*rowBytes/2*3)
	t.op("addi", "r9, r9, %d", rows/2)
}

// biasFC sums the errors of a tile and updates its biases.
func (p *Plan) biasFC(t *text, l *LayerPlan, sh shifts) {
	t.op("shli", "r6, r4, 2")
	t.op("addi", "r6, r6, %#x", l.Biases)
	t.op("set", "mom.waddr, r6")
	t.op("muli", "r6, r4, 3")
	t.op("li", "r7, %#x", l.BiasVelocities)
	t.op("add", "r6, r6, r7")
	t.op("set", "mom.vaddr, r6")
	t.seti("mom", "gshift", sh.gb, "tshift", sh.tb, "rows", 1)
	t.seti("dnnc", "rows", 1)
	t.op("dnnc.ones", "first, last, r3")
	t.op("mom.b", "")
}

// blocksFC goes through the blocks of 64 inputs of a tile.
func (p *Plan) blocksFC(t *text, l *LayerPlan, block string) {
	if l.Streamed {
		t.op("wait", "dnnc, 0")
		t.op("li", "r11, %#x", p.streamBase())
		p.copied(t, "r11", "r10", "V_COPY_B")
		t.op("li", "r10, 0")
		t.op("call", "stream_fetch")
		t.op("wait", "dma, 0")
	}
	last, rows := t.fresh("last"), p.spec.block()
	t.label("%s", block)
	t.op("mini", "r12, r6, %d", rows)
	t.op("set", "dnnc.rows, r12")
	t.op("set", "mom.rows, r12")
	if l.Streamed {
		p.streamPointer(t)
		t.op("set", "dnnc.src, r12")
	} else {
		t.op("set", "dnnc.src, r10")
	}
	updateHere(t)
	t.op("addi", "r6, r6, -%d", rows)
	t.op("mov", "r12, r3")
	t.op("bgt", "r6, zero, %s", last)
	t.op("ori", "r12, r3, F_FREE")
	t.label("%s", last)
	t.op("dnnc.grad", "first, last, r12")
	t.op("mom.w", "")
	updateNext(t, rows)
	if !l.Streamed {
		t.op("addi", "r10, r10, 1")
		t.op("bgt", "r6, zero, %s", block)
		return
	}
	done := t.fresh("done")
	t.op("ble", "r6, zero, %s", done)
	t.op("xori", "r10, r10, 1")
	t.op("wait", "dnnc, 1")
	t.op("call", "stream_fetch")
	t.op("wait", "dma, 0")
	t.op("j", "%s", block)
	t.label("%s", done)
}
