package firmware

import (
	"fmt"
	"maps"
	"slices"

	"bdfasim/isa"
)

// known refuses what the training programs have no use for and the checker does not follow: units of compiled programs,
// transfers between memories, windows, rows of their own pitch, dropout, and errors that go to external memory or ignore f'.
func known(c *command) error {
	unused := map[isa.Unit][]int{
		isa.UnitDMA:   {isa.DMARows, isa.DMAXStep, isa.DMADStep, isa.DMAChan},
		isa.UnitWLD:   {isa.WLDPitch},
		isa.UnitDNNC:  {isa.DNNCTaps, isa.DNNCChan, isa.DNNCOut, isa.DNNCIn, isa.DNNCAt, isa.DNNCTap, isa.DNNCStep, isa.DNNCOff, isa.DNNCNStep},
		isa.UnitDrain: {isa.DrainSeed, isa.DrainCtr, isa.DrainCStep},
	}
	switch op := c.info.Op; {
	case c.info.Unit == isa.UnitNorm, c.info.Unit == isa.UnitEPC, op == isa.OpDMACopy, op == isa.OpDMASave:
		return fmt.Errorf("no command of a training program")
	case op == isa.OpDMAMap && c.is(isa.FlagI16):
		return fmt.Errorf("images are bytes")
	case c.is(isa.FlagX), c.is(isa.FlagDrop), c.is(isa.FlagAll):
		return fmt.Errorf("flags: got %#x", c.flags)
	}
	want := map[int]int32{}
	for _, p := range unused[c.info.Unit] {
		want[p] = 0
	}
	return differ(c, want)
}

// operands compares the parameters of a command that do not follow from its footprint with the plan.
func (k *checker) operands(c *command) error {
	h := &k.plan.Header
	if c.info.Op == isa.OpDMAMap {
		if k.nb++; c.is(isa.FlagNew) {
			k.nb = 1
		}
		s := &k.samples[len(k.samples)-1]
		s.image = c.p[isa.DMAXAddr]
		return differ(c, map[int]int32{isa.DMAN: int32(h.Inputs), isa.DMADst: int32(h.InPtr + uint32(k.nb-1)*h.InBlocks),
			isa.DMAAlloc: int32(h.InAlloc), isa.DMALimit: int32(h.InLimit)})
	}
	if c.info.Unit == isa.UnitDMA {
		return nil
	}
	d := &k.plan.Layers[c.layer]
	nb := int32(k.nb)
	low := d // the descriptor with the error of layer c.layer in its Low fields
	if c.layer+1 < len(k.plan.Layers) {
		low = &k.plan.Layers[c.layer+1]
	}
	switch c.info.Op {
	case isa.OpWLDErrors:
		return differ(c, map[int]int32{isa.WLDRows: nb, isa.WLDSplit: 0, isa.WLDSStep: int32(d.ErrStep)})
	case isa.OpDNNCMac:
		if c.phase == isa.PhaseEP {
			return differ(c, map[int]int32{isa.DNNCNB: nb, isa.DNNCSStep: int32(low.ErrStep), isa.DNNCSplit: int32(low.LowSplit)})
		}
		return differ(c, map[int]int32{isa.DNNCNB: nb, isa.DNNCSStep: int32(d.InBlocks), isa.DNNCSplit: int32(d.Split)})
	case isa.OpDNNCGrad:
		return differ(c, map[int]int32{isa.DNNCNB: nb, isa.DNNCSStep: int32(d.InBlocks), isa.DNNCSplit: 0})
	case isa.OpDNNCOnes:
		return differ(c, map[int]int32{isa.DNNCNB: nb, isa.DNNCSplit: 0})
	case isa.OpDrainAct:
		if first := c.p[isa.DrainDst] == d.Out; first != c.is(isa.FlagNew) {
			return fmt.Errorf("flag new: %v", !first)
		}
		return differ(c, map[int]int32{isa.DrainNB: nb, isa.DrainDStep: int32(d.OutStep), isa.DrainAlloc: int32(d.OutAlloc),
			isa.DrainLimit: int32(d.OutLimit), isa.DrainShift: d.FFShift, isa.DrainMStep: int32(d.MaskStep), isa.DrainSplit: int32(d.Split)})
	case isa.OpDrainLogit:
		return differ(c, map[int]int32{isa.DrainNB: nb, isa.DrainDStep: int32(d.OutStep), isa.DrainShift: d.FFShift, isa.DrainSplit: int32(d.Split)})
	case isa.OpDrainErr:
		return differ(c, map[int]int32{isa.DrainNB: nb, isa.DrainDStep: int32(low.LowErrStep), isa.DrainShift: low.LowShift,
			isa.DrainMStep: int32(low.LowMaskStep), isa.DrainSplit: int32(low.LowSplit)})
	case isa.OpLossCE, isa.OpLossEval:
		if last := len(k.plan.Layers) - 1; c.layer != last {
			return fmt.Errorf("not under layer %d", last)
		}
		return differ(c, map[int]int32{isa.LossN: int32(d.NOut), isa.LossNB: nb, isa.LossFrac: d.Fo})
	case isa.OpDEPCLoad:
		return differ(c, map[int]int32{isa.DEPCNB: nb, isa.DEPCN: int32(h.classes(k.plan))})
	case isa.OpDEPCRun:
		if c.is(isa.FlagSRAM) != (h.SRAM == 1) {
			return fmt.Errorf("flag sram: %v", c.is(isa.FlagSRAM))
		}
		return differ(c, map[int]int32{isa.DEPCNB: nb, isa.DEPCN: int32(h.classes(k.plan)), isa.DEPCNeurons: int32(low.NIn),
			isa.DEPCShift: low.LowShift, isa.DEPCSeed: int32(low.LowSeed), isa.DEPCEntry: int32(low.LowEntry)})
	case isa.OpMomW:
		return differ(c, k.momentumOperands(d.GShift, d.TShift, map[int]int32{isa.MomDShift: d.DecayShift}))
	case isa.OpMomB:
		return differ(c, k.momentumOperands(d.GBShift, d.TBShift, map[int]int32{isa.MomRows: 1}))
	}
	return nil
}

// classes returns N_L.
func (h *Header) classes(p *Plan) uint32 { return p.Layers[h.Layers].NOut }

func (k *checker) momentumOperands(gshift, tshift int32, more map[int]int32) map[int]int32 {
	h := &k.plan.Header
	epoch := (k.seen[fmt.Sprintf("wg %d", h.Layers)] - 1) / k.plan.Steps()
	m := map[int]int32{isa.MomGShift: gshift, isa.MomTShift: tshift, isa.MomEta: int32(k.plan.EtaAt(epoch, k.nb)),
		isa.MomMu: int32(h.Mu), isa.MomLambda: int32(h.Lambda), isa.MomSeed: int32(h.Seed)}
	maps.Copy(m, more)
	return m
}

// differ reports the first parameter that is not as wanted.
func differ(c *command, want map[int]int32) error {
	for _, i := range slices.Sorted(maps.Keys(want)) {
		if got := int32(c.p[i]); got != want[i] {
			return fmt.Errorf("%s: got %d, want %d", isa.Units[c.info.Unit].Params[i].Name, got, want[i])
		}
	}
	return nil
}
