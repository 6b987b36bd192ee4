package firmware

import (
	"fmt"
	"strings"

	"bdfasim/isa"
)

// keys names pieces of memory: n of them from addr, in units of size.
func keys(out []string, space string, addr, n, size uint32) []string {
	for a := addr / size; a < (addr+n+size-1)/size; a++ {
		out = append(out, fmt.Sprintf("%s %d", space, a))
	}
	return out
}

// rows names the same pieces for each of nb samples.
func rows(out []string, space string, addr, step, n, size, nb uint32) []string {
	for b := range nb {
		out = keys(out, space, addr+b*step, n, size)
	}
	return out
}

func up(n, unit uint32) uint32 { return (n + unit - 1) / unit }

// footprint lists what a command reads and writes, and checks addresses and sizes. OMEM is counted in groups of 4
// words, external memory in bytes / 32, weights in blocks. Compressed maps are followed by their pointers.
func (k *checker) footprint(c *command) (reads, writes []string, err error) {
	p := &c.p
	h := &k.plan.Header
	switch c.info.Unit {
	case isa.UnitDMA:
		x, n, dst := p[isa.DMAXAddr], p[isa.DMAN], p[isa.DMADst]
		if x%32 != 0 {
			return nil, nil, fmt.Errorf("external address %#x", x)
		}
		bytes := map[isa.Op]uint32{isa.OpDMABias: 4 * n, isa.OpDMASign: 32 * n}[c.info.Op]
		if bytes == 0 {
			bytes = n
		}
		if x+bytes > h.XMemBytes {
			return nil, nil, fmt.Errorf("external memory ends at %#x", h.XMemBytes)
		}
		switch c.info.Op {
		case isa.OpDMAMap:
			if c.is(isa.FlagNew) {
				k.step++
			}
			return keys(nil, "xmem", x, n, 32), keys(nil, "pointer", dst, up(n, 64), 1), nil
		case isa.OpDMAScr:
			return keys(nil, "xmem", x, n, 32), keys(nil, "scratch", dst, n, 32), nil
		case isa.OpDMAStore:
			return keys(nil, "scratch", dst, n, 32), keys(nil, "xmem", x, n, 32), nil
		case isa.OpDMABias:
			return keys(nil, "bias", x, bytes, 256), []string{"biasbuffer"}, nil
		}
		if x != h.Signs || n != h.SignEntries {
			return nil, nil, fmt.Errorf("signs: got %d entries at %#x, want %d at %#x", n, x, h.SignEntries, h.Signs)
		}
		return nil, keys(nil, "sign", dst, n, 1), nil
	case isa.UnitWLD:
		if c.info.Op == isa.OpWLDErrors {
			return rows(nil, "omem", p[isa.WLDSrc], p[isa.WLDSStep], 4*p[isa.WLDGroups], 4, p[isa.WLDRows]), nil, nil
		}
		for g := range up(p[isa.WLDGroups], 4) {
			reads = append(reads, k.block(c, "weights", p[isa.WLDXAddr]+g*p[isa.WLDXStep]))
		}
		return reads, nil, nil
	case isa.UnitDNNC:
		switch {
		case c.info.Op == isa.OpDNNCOnes:
			return nil, nil, nil
		case c.is(isa.FlagRaw):
			return rows(nil, "omem", p[isa.DNNCSrc], p[isa.DNNCSStep], up(p[isa.DNNCRows], 16)*4, 4, p[isa.DNNCNB]), nil, nil
		}
		return rows(nil, "pointer", p[isa.DNNCSrc], p[isa.DNNCSStep], 1, 1, p[isa.DNNCNB]), nil, nil
	case isa.UnitDrain:
		lanes, nb := p[isa.DrainLanes], p[isa.DrainNB]
		mask := rows(nil, "mask", p[isa.DrainMask], p[isa.DrainMStep], up(lanes, 16), 1, nb)
		switch c.info.Op {
		case isa.OpDrainAct:
			return []string{"biasbuffer"}, rows(mask, "pointer", p[isa.DrainDst], p[isa.DrainDStep], up(lanes, 64), 1, nb), nil
		case isa.OpDrainErr:
			return mask, rows(nil, "omem", p[isa.DrainDst], p[isa.DrainDStep], 4*up(lanes, 16), 4, nb), nil
		}
		return []string{"biasbuffer"}, rows(nil, "omem", p[isa.DrainDst], p[isa.DrainDStep], 4*up(lanes, 16), 4, nb), nil
	case isa.UnitLoss:
		nb, n := p[isa.LossNB], 4*up(p[isa.LossN], 16)
		k.correct += int(nb)
		reads = rows(nil, "omem", p[isa.LossSrc], p[isa.LossSStep], n, 4, nb)
		if c.info.Op == isa.OpLossEval {
			return reads, nil, nil
		}
		return reads, rows(nil, "omem", p[isa.LossDst], p[isa.LossDStep], n, 4, nb), nil
	case isa.UnitDEPC:
		nb := p[isa.DEPCNB]
		if c.info.Op == isa.OpDEPCLoad {
			return rows(nil, "omem", p[isa.DEPCSrc], p[isa.DEPCSStep], 4*up(p[isa.DEPCN], 16), 4, nb), nil, nil
		}
		groups := up(p[isa.DEPCNeurons], 16)
		reads = rows(nil, "mask", p[isa.DEPCMask], p[isa.DEPCMStep], groups, 1, nb)
		if c.is(isa.FlagSRAM) {
			reads = keys(reads, "sign", p[isa.DEPCEntry], groups*up(p[isa.DEPCN], 16), 1)
		} else if p[isa.DEPCSeed] == 0 {
			return nil, nil, fmt.Errorf("seed 0")
		}
		return reads, rows(nil, "omem", p[isa.DEPCDst], p[isa.DEPCDStep], 4*groups, 4, nb), nil
	}
	return k.momentum(c)
}

// momentum checks an update and names what it reads and writes.
func (k *checker) momentum(c *command) (reads, writes []string, err error) {
	p, d := &c.p, &k.plan.Layers[c.layer]
	lanes := p[isa.MomLanes]
	if c.info.Op == isa.OpMomB {
		tile := (p[isa.MomWAddr] - d.Biases) / 4
		if want := d.BiasVelocities + 3*tile; p[isa.MomVAddr] != want {
			return nil, nil, fmt.Errorf("bias velocities at %d, want %d", p[isa.MomVAddr], want)
		}
		k.touched[fmt.Sprintf("update b%d step %d", c.layer, k.step)] += int(lanes)
		writes = keys(nil, "bias", p[isa.MomWAddr], 4*lanes, 256)
		return writes, writes, nil
	}
	for g := range up(lanes, 64) {
		block := (p[isa.MomWAddr] + g*p[isa.MomWStep] - d.Weights) / weightBlock
		if want := d.Velocities + block*velBlock; p[isa.MomVAddr]+g*p[isa.MomVStep] != want {
			return nil, nil, fmt.Errorf("velocities at %d, want %d", p[isa.MomVAddr]+g*p[isa.MomVStep], want)
		}
		h := k.plan.Header
		steps := uint32(k.seen["wg 1"] - 1) // training steps before this one, if this is the last layer
		if c.layer > 1 {
			steps = uint32(k.seen["wg 1"])
		}
		if got, want := p[isa.MomCtr]+g*p[isa.MomCStep], steps*h.CounterStep+d.Counter+32*block; got != want {
			return nil, nil, fmt.Errorf("random counter %d, want %d", got, want)
		}
		k.touched[fmt.Sprintf("update w%d step %d", c.layer, k.step)] += int(p[isa.MomRows] * min(lanes-64*g, 64))
		writes = append(writes, k.block(c, "weights", p[isa.MomWAddr]+g*p[isa.MomWStep]))
	}
	return writes, writes, nil
}

// block names a weight block and counts its use; an address outside a block's start shows up as a wrong count.
func (k *checker) block(c *command, name string, addr uint32) string {
	if c.info.Unit == isa.UnitWLD {
		k.touched[fmt.Sprintf("%s block %d step %d", c.phase, addr, k.step)]++
	}
	return fmt.Sprintf("%s %d", name, addr)
}

// expect checks that what a command reads was written for it: in this step, by the right layer.
func (k *checker) expect(e *event, key string, h *history) error {
	var layer int
	if strings.HasPrefix(key, "sign") && h.write == nil {
		return fmt.Errorf("reads %s, which nobody loaded", key)
	}
	switch space, _, _ := strings.Cut(key, " "); {
	case space == "pointer":
		layer = e.layer - 1
	case space == "omem" && e.phase == isa.PhaseEP && e.info.Unit == isa.UnitDEPC:
		layer = len(k.plan.Layers) - 1
	case space == "omem" && e.phase == isa.PhaseEP:
		layer = e.layer + 1
	case space == "omem", space == "mask":
		layer = e.layer
	default:
		return nil
	}
	if h.write == nil || h.write.layer != layer || h.step != k.step {
		return fmt.Errorf("reads %s, want it from layer %d in step %d, got %+v", key, layer, k.step, h)
	}
	return nil
}
