package study

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/power"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/epc"
)

func variantOf(t *testing.T, name string) Variant {
	for _, a := range variants {
		if a.Name == name {
			return a
		}
	}
	t.Fatal(name)
	return Variant{}
}

// TestCoreCountsWhatTheUnitsSay: events of the core's program against the formulas of rtl/epc and rtl/depc.
func TestCoreCountsWhatTheUnitsSay(t *testing.T) {
	const nb, groups = 32, coreNeurons / 16
	for _, n := range []int{2, 10, 16, 70} {
		passes := uint64(n+15) / 16
		m := uint64(nb * groups)
		products := map[string]uint64{}
		for _, a := range variants {
			if a.Unit == compile.ArmDNNC || a.Name == "bfa" {
				continue
			}
			c, err := runCore(context.Background(), coreRun{a, n, ownInputs()}, coreDensity(n))
			require.NoError(t, err)
			want := map[activity.Event]uint64{activity.OMEMWrite: 4 * m, activity.MaskRead: m, activity.SeqInstr: c.Events[activity.SeqInstr]}
			if a.Unit == compile.ArmEPC {
				want[activity.XReadEPC], want[activity.EPCWWrite], want[activity.EPCEWrite] = 16*groups*passes, 16*groups*passes, nb*passes
				want[activity.DEPCAdd], want[activity.LFSRStep] = 0, 0
				products[a.Name] = c.Events[activity.EPCMul]
			} else {
				want[activity.DEPCAdd], want[activity.EBufRead], want[activity.EBufWrite] = 16*uint64(n)*m, m*passes, nb*passes
				want[activity.DEPCPRead], want[activity.DEPCPWrite] = m*(passes-1), m*(passes-1)
				want[activity.EPCMul], want[activity.XReadEPC] = 0, 0
				if a.Stored {
					want[activity.SignRead], want[activity.LFSRStep] = groups*passes, 0
				} else {
					want[activity.SignRead], want[activity.LFSRStep] = 0, groups*uint64(2*n)
				}
			}
			if a.Kind == epc.Tree || a.Kind == epc.TreeGate {
				want[activity.EPCWRead], want[activity.EPCERead] = 16*groups*passes, m*passes
				want[activity.EPCPRead], want[activity.EPCPWrite] = m*(passes-1), m*(passes-1)
			}
			switch a.Kind {
			case epc.Tree:
				want[activity.EPCMul] = 16 * uint64(n) * m
			case epc.TreeGate:
				want[activity.MaskRead] = m * passes
			case epc.LaneMask:
				delete(want, activity.MaskRead) // one word of f' a swap and group
			}
			for e, v := range want {
				require.Equal(t, v, c.Events[e], "%s, fan-in %d, %v", a.Name, n, e)
			}
			checkWork(t, c)
		}
		require.Equal(t, products["epc/tree"], products["dfa16"])
		require.Equal(t, products["epc/tree-gate"], products["epc/lane-mask"], "both leave out zero errors and neurons whose f' is 0")
		require.InEpsilon(t, coreDensity(n)/2, float64(products["epc/lane-mask"])/float64(products["epc/tree"]), 0.05)
	}
}

// checkWork: OMEM belongs to a core, the sequencer does not.
func checkWork(t *testing.T, c *Core) {
	l, err := power.Default65().Prices(c.Geometry)
	require.NoError(t, err)
	require.NotZero(t, c.Events[activity.SeqInstr])
	cost := c.work(c.Cycles).price(l)
	require.Zero(t, cost.Unit[activity.Seq])
	require.Greater(t, cost.Unit[activity.OMEM], 0.0)
	require.Equal(t, c.Events[activity.XReadEPC] > 0, cost.DRAM > 0)
	for _, u := range []activity.Unit{activity.DNNC, activity.WLD, activity.Drain, activity.Loss, activity.Mom, activity.Norm, activity.DMA} {
		require.Zero(t, cost.Unit[u], u)
	}
}

// TestWideCores: with trees of other widths a core makes the same products from as many errors, and
// takes as many cycles and partial sums as its passes say.
func TestWideCores(t *testing.T) {
	const words, rows = 32 * coreNeurons / 16, 32
	for name, e := range map[string]struct {
		op, read, write, partial activity.Event
		unit                     activity.Unit
	}{
		"epc/tree": {activity.EPCMul, activity.EPCERead, activity.EPCEWrite, activity.EPCPWrite, activity.EPC},
		Headline:   {activity.DEPCAdd, activity.EBufRead, activity.EBufWrite, activity.DEPCPWrite, activity.DEPC},
	} {
		for _, n := range []int{10, 70} {
			regs := 0
			for _, inputs := range treeInputs {
				c, err := runCore(context.Background(), coreRun{variantOf(t, name), n, inputs}, 1)
				require.NoError(t, err)
				require.Equal(t, inputs, c.Inputs)
				groups, tile := uint64(n+15)/16, max(inputs, 16)
				passes := uint64((n + tile - 1) / tile)
				require.Equal(t, uint64(16*n*words), c.Events[e.op])
				require.Equal(t, words*groups, c.Events[e.read])
				require.Equal(t, rows*groups, c.Events[e.write])
				require.Equal(t, words*(passes-1), c.Events[e.partial])
				require.Greater(t, c.Geometry.RegBits(e.unit), regs)
				regs = c.Geometry.RegBits(e.unit)
				require.GreaterOrEqual(t, c.Cycles, words*passes*uint64(tile/inputs))
			}
		}
	}
}
