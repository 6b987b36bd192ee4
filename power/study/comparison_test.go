package study

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/firmware/compile"
	"bdfasim/rtl/activity"
)

// TestComparisons: which runs stand in each row, over the time of the slower one, and what of them is compared.
func TestComparisons(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	chip := st.chipPairs()
	require.Len(t, chip, 2*4*6+4*2, "traces x baselines x scopes, and the short ones")
	for _, r := range chip {
		short, rule := r.Trace == shortTrace, compile.BP
		if r.Trace == "native" {
			rule = compile.BDFA
		}
		v := schedule{Short: short, Fused: strings.HasSuffix(r.Scope, "fused")}
		a, b := st.find("tiny", r.Baseline, compile.BP, v), st.find("tiny", Headline, rule, v)
		require.Equal(t, [2]string{r.Baseline, Headline}, [2]string{r.pair.A.Name, r.pair.B.Name})
		require.Equal(t, a.Geometry, r.pair.A.Geometry)
		for w, c := range map[*Work]*Case{r.pair.A: a, r.pair.B: b} {
			require.Equal(t, max(a.Cycles, b.Cycles), w.Cycles)
			require.Len(t, w.Units, int(activity.NumUnits))
			want := c.Total(activity.XReadMom)
			if strings.HasSuffix(r.Scope, "plain SGD") {
				want = want * 2 / 5
			}
			require.Equal(t, want, w.Events[activity.XReadMom], r.Scope)
			require.Equal(t, c.Total(activity.MAC), w.Events[activity.MAC])
		}
		cost := Cost{Leak: 1, DRAM: 10}
		require.Equal(t, strings.HasPrefix(r.Scope, "with external"), r.pair.Of(&cost) == 11, r.Scope)
	}
	core := st.corePairs()
	require.Len(t, core, 2*3*2+3*2)
	for _, r := range core {
		fanIn, own := 512, 512
		if strings.Contains(r.What, "32 x 10 ") {
			fanIn, own = 10, 10
		} else if r.Trace != sameProduct {
			own = 10
		}
		a, b := st.core(r.Baseline, fanIn), st.core(Headline, own)
		require.Equal(t, a.Events, r.pair.A.Events)
		require.Equal(t, b.Events, r.pair.B.Events)
		require.Equal(t, max(a.Cycles, b.Cycles), r.pair.A.Cycles)
		require.Equal(t, r.pair.A.Cycles, r.pair.B.Cycles)
	}
}

// TestAccuracyTable: the target is what both reached, and energies are epochs x steps x that of an iteration.
func TestAccuracyTable(t *testing.T) {
	st, err := studied()
	require.NoError(t, err)
	made := *st
	bp, bdfa := *st.Traces["tiny"][compile.BP], *st.Traces["tiny"][compile.BDFA]
	bp.Accuracy, bdfa.Accuracy = []float64{0.5, 0.8, 0.9}, []float64{0.3, 0.7, 0.6}
	made.Traces = map[string]map[string]*Trace{"tiny": {compile.BP: &bp, compile.BDFA: &bdfa}}
	table, err := made.accuracyTable()
	require.NoError(t, err)
	require.Len(t, table.Rows, 2)
	for _, row := range table.Rows {
		require.Equal(t, 70.0, row[1])
		require.Equal(t, 2, row[4])
		require.InEpsilon(t, 2*2*row[5].(float64), row[6].(float64), 1e-12, "two epochs of two steps")
	}
	base, own := table.Rows[0][6].(float64), table.Rows[1][6].(float64)
	require.Equal(t, round1(saving(base, own)), table.Rows[1][7])

	bdfa.Accuracy = []float64{0.2, 0.3, 0.32}
	table, err = made.accuracyTable()
	require.NoError(t, err)
	require.Equal(t, "-", table.Rows[1][7], "four classes: 0.325 is what a comparison needs")
}
