package order

import (
	"fmt"

	"bdfasim/isa"
	"bdfasim/rtl/port"
)

const (
	burstBytes = port.BurstBytes
	groupLanes = 16
	groupWords = 4
	blockElems = 64 // of a compressed map
)

// footprint collects the spans of a command. The slice is used again by the next one.
type footprint struct {
	spans    []span
	spaces   *[numSpaces]*space
	err      error
	followed *region // whose words the command reads already
}

func up(n, unit uint64) uint64 { return (n + unit - 1) / unit }

// add adds n addresses of a memory.
func (f *footprint) add(act action, in int, from uint32, n uint64) {
	s := f.spaces[in]
	first, end := uint64(from)/s.unit, up(uint64(from)+n, s.unit)
	switch {
	case f.err != nil:
	case uint64(from)%s.unit != 0:
		f.err = fmt.Errorf("address 0x%x of %s is no multiple of %d", from, s.name, s.unit)
	case end > s.size:
		f.err = fmt.Errorf("leaves %s: %d from 0x%x on, it ends at 0x%x", s.name, n, from, s.size*s.unit)
	case end > first:
		if last := len(f.spans) - 1; last >= 0 {
			if b := &f.spans[last]; b.act == act && b.space == in && b.to == first {
				b.to = end
				return
			}
		}
		f.spans = append(f.spans, span{act, in, first, end})
	}
}

// rows adds n addresses for each of some rows, step addresses apart; addresses wrap as the units' do.
func (f *footprint) rows(act action, in int, from, step uint32, n uint64, rows uint32) {
	for r := uint32(0); r < rows && f.err == nil; r++ {
		f.add(act, in, from+r*step, n)
	}
}

// footprint lists what a command reads and writes, reads first: a command that writes where it has read does so later.
func (k *checker) footprint(c *command) error {
	f := &k.print
	*f = footprint{spans: f.spans[:0], spaces: &k.spaces}
	switch c.info.Unit {
	case isa.UnitDMA:
		k.dma(c, f)
	case isa.UnitWLD:
		loader(c, f)
	case isa.UnitDNNC:
		array(c, f)
	case isa.UnitDrain:
		k.drain(c, f)
	case isa.UnitLoss:
		loss(c, f)
	case isa.UnitDEPC, isa.UnitEPC:
		k.errors(c, f)
	case isa.UnitMom:
		momentum(c, f)
	case isa.UnitNorm:
		norm(c, f)
	}
	return f.err
}

// compress adds the words of a compressed map that a command writes. With flag new its encoder starts a region, otherwise it goes
// on behind what it has written.
func (k *checker) compress(c *command, f *footprint, alloc, limit int) {
	g := k.encoder[c.info.Unit]
	act := goOn
	if c.is(isa.FlagNew) || g == nil {
		from, to := uint64(c.p[alloc]), uint64(c.p[limit])
		if !c.is(isa.FlagNew) {
			from = 0 // the encoder's state after reset
		}
		g, act = &region{min(from, to), to}, write
		k.encoder[c.info.Unit] = g
	}
	c.region = g
	f.add(act, wordSpace, uint32(g.from), g.to-g.from)
}

// dma: docs of package rtl/dma. A command starts when the one before is complete.
func (k *checker) dma(c *command, f *footprint) {
	p := c.p
	x, n, dst, rows := p[isa.DMAXAddr], uint64(p[isa.DMAN]), p[isa.DMADst], max(1, p[isa.DMARows])
	switch c.info.Op {
	case isa.OpDMAMap:
		bytes := n
		if c.is(isa.FlagI16) {
			bytes = 2 * n
		}
		pixel := n
		if p[isa.DMAChan] > 0 {
			pixel = uint64(p[isa.DMAChan])
		}
		f.rows(readEarly, externalSpace, x, p[isa.DMAXStep], bytes, rows)
		f.rows(write, pointerSpace, dst, p[isa.DMADStep], n/pixel*up(pixel, blockElems)+up(n%pixel, blockElems), rows)
		k.compress(c, f, isa.DMAAlloc, isa.DMALimit)
	case isa.OpDMAScr:
		f.add(fetch, externalSpace, x, n)
		f.add(write, scratchSpace, dst, n)
	case isa.OpDMAStore:
		f.add(readEarly, scratchSpace, dst, n)
		f.add(write, externalSpace, x, n)
	case isa.OpDMABias:
		f.add(readEarly, externalSpace, x, 4*n)
		f.add(write, biasSpace, uint32(c.flags&isa.FlagB1), 1)
	case isa.OpDMASign:
		f.add(readEarly, externalSpace, x, burstBytes*n)
		f.add(write, signSpace, dst, n)
	case isa.OpDMACopy:
		f.add(readEarly, externalSpace, x, n)
		f.add(write, externalSpace, dst, n)
	case isa.OpDMASave:
		f.rows(readEarly, wordSpace, dst, p[isa.DMADStep], groupWords*up(n, groupLanes), rows)
		f.rows(write, externalSpace, x, p[isa.DMAXStep], 2*n, rows)
	}
}

// drain: package rtl/drain. It looks at biases and masks when it has its bank, one command after the other.
func (k *checker) drain(c *command, f *footprint) {
	p := c.p
	lanes, nb := uint64(p[isa.DrainLanes]), p[isa.DrainNB]
	groups := up(lanes, groupLanes)
	if c.info.Op != isa.OpDrainErr {
		f.add(readLate, biasSpace, uint32(c.flags&isa.FlagB1), 1)
	}
	switch {
	case c.info.Op == isa.OpDrainAct:
		block := uint64(p[isa.DrainBlock])
		if block == 0 {
			block = blockElems
		}
		f.rows(write, maskSpace, p[isa.DrainMask], p[isa.DrainMStep], groups, nb)
		f.rows(write, pointerSpace, p[isa.DrainDst], p[isa.DrainDStep], up(lanes, block), nb)
		k.compress(c, f, isa.DrainAlloc, isa.DrainLimit)
		return
	case c.info.Op == isa.OpDrainErr && !c.is(isa.FlagAll):
		f.rows(readLate, maskSpace, p[isa.DrainMask], p[isa.DrainMStep], groups, nb)
	}
	f.raw(c, p[isa.DrainDst], p[isa.DrainDStep], groups, nb)
}

// raw adds rows of groups that are written to OMEM or, with flag x, to external memory.
func (f *footprint) raw(c *command, dst, step uint32, groups uint64, rows uint32) {
	if c.is(isa.FlagX) {
		f.rows(write, externalSpace, dst, step, burstBytes*groups, rows)
		return
	}
	f.rows(write, wordSpace, dst, step, groupWords*groups, rows)
}

func loss(c *command, f *footprint) {
	p := c.p
	words := groupWords * up(uint64(p[isa.LossN]), groupLanes)
	f.rows(readEarly, wordSpace, p[isa.LossSrc], p[isa.LossSStep], words, p[isa.LossNB])
	if c.info.Op == isa.OpLossCE {
		f.rows(write, wordSpace, p[isa.LossDst], p[isa.LossDStep], words, p[isa.LossNB])
	}
}

// errors: the DEPC and the EPC, whose parameters have the same numbers up to mstep. A run works on what the last load brought.
func (k *checker) errors(c *command, f *footprint) {
	p, got := c.p, &k.loaded[c.info.Unit]
	if c.info.Op == isa.OpDEPCLoad || c.info.Op == isa.OpEPCLoad {
		got.n, got.samples = p[isa.DEPCN], p[isa.DEPCNB]
		f.rows(readEarly, wordSpace, p[isa.DEPCSrc], p[isa.DEPCSStep], groupWords*up(uint64(got.n), groupLanes), got.samples)
		return
	}
	groups, passes := up(uint64(p[isa.DEPCNeurons]), groupLanes), up(uint64(got.n), groupLanes)
	if !c.is(isa.FlagAll) {
		f.rows(readEarly, maskSpace, p[isa.DEPCMask], p[isa.DEPCMStep], groups, got.samples)
	}
	switch {
	case c.info.Op == isa.OpEPCRun:
		matrix(c, f, groups, passes)
	case c.is(isa.FlagSRAM):
		f.add(readEarly, signSpace, p[isa.DEPCEntry], groups*passes)
	}
	f.raw(c, p[isa.DEPCDst], p[isa.DEPCDStep], groups, got.samples)
}
