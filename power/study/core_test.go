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
			c, err := runCore(context.Background(), a, n, coreDensity(n))
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

// TestWidthOfTheRunIsTheRun: the derivation gives at 16 inputs what was simulated, and is of tree cores only.
func TestWidthOfTheRunIsTheRun(t *testing.T) {
	for _, n := range []int{10, 70} {
		for _, name := range []string{"epc/tree", Headline} {
			c, err := runCore(context.Background(), variantOf(t, name), n, 1)
			require.NoError(t, err)
			w, err := c.wide(treeWidth)
			require.NoError(t, err)
			require.Equal(t, c.work(c.Cycles), w)

			w, err = c.wide(8)
			require.NoError(t, err)
			k := treeCores[name]
			passes := uint64(n+7) / 8
			require.Equal(t, 1024*passes, w.Events[k.read])
			require.Equal(t, 1024*(passes-1), w.Events[k.partWrite])
			require.Equal(t, c.Events[k.op], w.Events[k.op])
			require.Equal(t, 128, w.Geometry.Memories[k.errors].WidthBit)
			require.Equal(t, 256, c.Geometry.Memories[k.errors].WidthBit, "the run's own geometry stays")
			require.Less(t, w.Geometry.RegBits(k.unit), c.Geometry.RegBits(k.unit))
			require.Greater(t, w.Cycles, c.Cycles)
		}
	}
	_, err := (&Core{Variant: "epc/lane-mask"}).wide(8)
	require.EqualError(t, err, "study: core epc/lane-mask has no trees")
}
