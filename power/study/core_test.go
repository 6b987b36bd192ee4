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

// TestCoreCountsWhatTheUnitsSay: events of the core's program against the formulas of rtl/epc and
// rtl/depc.
func TestCoreCountsWhatTheUnitsSay(t *testing.T) {
	const nb, groups = 32, coreNeurons / 16
	for _, n := range []int{2, 10, 70, 100} {
		passes := uint64(n+15) / 16
		m := uint64(nb * groups)
		products := map[string]uint64{}
		for _, a := range variants {
			if a.Unit == compile.ArmDNNC || a.Name == "bfa" {
				continue
			}
			c, err := runCore(context.Background(), Key{FanIn: n, Variant: a.Name})
			require.NoError(t, err)
			want := map[activity.Event]uint64{activity.OMEMWrite: 4 * m, activity.MaskRead: m, activity.SeqInstr: c.Total(activity.SeqInstr)}
			if a.Unit == compile.ArmEPC {
				want[activity.XReadEPC], want[activity.EPCWWrite], want[activity.EPCEWrite] = 16*groups*passes, 16*groups*passes, nb*passes
				want[activity.DEPCAdd], want[activity.LFSRStep] = 0, 0
				products[a.Name] = c.Total(activity.EPCMul)
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
				require.Equal(t, v, c.Total(e), "%s, fan-in %d, %v", a.Name, n, e)
			}
			checkWork(t, c)
		}
		require.Equal(t, products["epc/tree"], products["dfa16"])
		require.Equal(t, products["epc/tree-gate"], products["epc/lane-mask"], "both leave out zero errors and neurons whose f' is 0")
		require.InEpsilon(t, coreDensity(n)/2, float64(products["epc/lane-mask"])/float64(products["epc/tree"]), 0.05)
	}
}

// checkWork: OMEM belongs to a core, the sequencer does not; external memory where it is fetched
// from; an SRAM in its place costs a read for each burst.
func checkWork(t *testing.T, c *Case) {
	l, err := power.Default65().Prices(c.Geometry)
	require.NoError(t, err)
	require.NotZero(t, c.Total(activity.SeqInstr))
	var costs []Cost
	for _, b := range boundaries {
		cost := b.work(c, c.Cycles.Sum()).price(l)
		require.Zero(t, cost.Unit[activity.Seq])
		require.Greater(t, cost.Unit[activity.OMEM], 0.0)
		fetched := b.external && c.Total(activity.XReadEPC) > 0
		require.Equal(t, fetched, cost.DRAM > 0)
		require.Equal(t, b.external, cost.Background > 0)
		for _, u := range []activity.Unit{activity.DNNC, activity.WLD, activity.Drain, activity.Loss, activity.Mom, activity.Norm, activity.DMA} {
			require.Zero(t, cost.Unit[u], u)
		}
		costs = append(costs, cost)
	}
	reads := float64(c.Total(activity.XReadEPC))
	shape := boundaries[1].work(c, 1).Store
	if reads == 0 {
		require.Zero(t, shape.Macros)
		return
	}
	require.GreaterOrEqual(t, shape.Macros*shape.Bytes, 2*c.FanIn*coreNeurons)
	m, err := power.SRAMMacro(l.Tech.Cell, shape.Bytes, 256)
	require.NoError(t, err)
	require.InDelta(t, reads*float64(m.ReadPJ), costs[1].Unit[activity.EPC]-costs[0].Unit[activity.EPC], 1e-6*costs[1].OnDie())
	require.Greater(t, costs[1].Leak, costs[0].Leak)
	require.Equal(t, costs[0].Unit, costs[2].Unit)
}
