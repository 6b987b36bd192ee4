package order

import (
	"fmt"

	"bdfasim/isa"
)

// limit is the range of a parameter.
type limit struct {
	param  int
	lo, hi uint32
}

// limits bound what footprints count by; the units fault beyond. A command that no line names has no such parameter.
var limits = map[isa.Op][]limit{
	isa.OpDMAMap:   {{isa.DMAN, 1, 1 << 20}, {isa.DMARows, 0, 1 << 16}},
	isa.OpDMASave:  {{isa.DMAN, 1, 1 << 20}, {isa.DMARows, 0, 1 << 16}},
	isa.OpDMAScr:   {{isa.DMAN, 1, 1 << 20}},
	isa.OpDMAStore: {{isa.DMAN, 1, 1 << 20}},
	isa.OpDMABias:  {{isa.DMAN, 1, 256}},
	isa.OpDMASign:  {{isa.DMAN, 1, 1 << 16}},
	isa.OpDMACopy:  {{isa.DMAN, 1, 1 << 25}},

	isa.OpWLDWeights: {{isa.WLDRows, 1, 64}, {isa.WLDGroups, 1, 16}},
	isa.OpWLDErrors:  {{isa.WLDRows, 1, 64}, {isa.WLDGroups, 1, 16}},
	isa.OpDNNCMac:    {{isa.DNNCNB, 1, 128}, {isa.DNNCRows, 1, 64}},
	isa.OpDNNCGrad:   {{isa.DNNCNB, 1, 32}, {isa.DNNCRows, 1, 64}},
	isa.OpDrainAct:   {{isa.DrainNB, 1, 128}, {isa.DrainLanes, 1, 256}, {isa.DrainBlock, 0, 64}},
	isa.OpDrainLogit: {{isa.DrainNB, 1, 128}, {isa.DrainLanes, 1, 256}},
	isa.OpDrainErr:   {{isa.DrainNB, 1, 128}, {isa.DrainLanes, 1, 256}},
	isa.OpLossCE:     {{isa.LossNB, 1, 32}, {isa.LossN, 1, 1024}},
	isa.OpLossEval:   {{isa.LossNB, 1, 32}, {isa.LossN, 1, 1024}},
	isa.OpDEPCLoad:   {{isa.DEPCNB, 1, 32}, {isa.DEPCN, 1, 4096}},
	isa.OpEPCLoad:    {{isa.EPCNB, 1, 32}, {isa.EPCN, 1, 4096}},
	isa.OpDEPCRun:    {{isa.DEPCNeurons, 1, 1 << 16}},
	isa.OpEPCRun:     {{isa.EPCNeurons, 1, 1 << 16}},
	isa.OpMomW:       {{isa.MomRows, 1, 64}, {isa.MomLanes, 1, 256}},
	isa.OpMomB:       {{isa.MomLanes, 1, 256}},
	isa.OpNormLoad:   {{isa.NormChan, 1, 4096}},
	isa.OpNormStore:  {{isa.NormChan, 1, 4096}},
	isa.OpNormStat:   mapShape,
	isa.OpNormGrad:   mapShape,
	isa.OpNormFwd:    poolShape,
	isa.OpNormBack:   poolShape,
}

var (
	mapShape  = []limit{{isa.NormChan, 1, 4096}, {isa.NormNB, 1, 32}, {isa.NormH, 1, 4095}, {isa.NormW, 1, 4095}}
	poolShape = append([]limit{{isa.NormPool, 1, 3}}, mapShape...)
)

// windows bounds the parameters of a window.
var windows = []limit{{isa.DNNCTaps, 1, 64}, {isa.DNNCChan, 1, 64}}

// checkLimits returns the first parameter of a command that is out of range.
func checkLimits(c *command) error {
	for _, l := range limits[c.info.Op] {
		if err := l.check(c); err != nil {
			return err
		}
	}
	op, p := c.info.Op, c.p
	if op != isa.OpDNNCMac && op != isa.OpDNNCGrad || p[isa.DNNCTaps] == 0 {
		return nil
	}
	for _, l := range windows {
		if err := l.check(c); err != nil {
			return err
		}
	}
	if p[isa.DNNCTap]>>16 == 0 || p[isa.DNNCOut]>>16 == 0 || p[isa.DNNCOut]&0xffff == 0 || p[isa.DNNCIn]>>16 == 0 || p[isa.DNNCIn]&0xffff == 0 {
		return fmt.Errorf("a window or map without a size")
	}
	return nil
}

func (l limit) check(c *command) error {
	if v := c.p[l.param]; v < l.lo || v > l.hi {
		return fmt.Errorf("%s: got %d, want %d to %d", isa.Units[c.info.Unit].Params[l.param].Name, int32(v), l.lo, l.hi)
	}
	return nil
}
