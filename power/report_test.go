package power

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

var update = flag.Bool("update", false, "write the golden files anew")

// pair is two small runs: a baseline with multiplications and fetched weights in phase ep, and one with additions.
func pair(t *testing.T, l *PriceList) (a, b Run) {
	run := func(name string, steps int, fill func(ff, ep *activity.Row)) Run {
		var c activity.Counts
		ff, ep := &c.Rows[activity.MakeTag(1, 1)], &c.Rows[activity.MakeTag(3, 2)]
		ff[activity.MAC], ff[activity.ActiveDNNC] = 51200, 200
		fill(ff, ep)
		e, err := l.Measure(&c, Cycles{1: 200, 3: 300})
		require.NoError(t, err)
		return Run{name, e, steps}
	}
	a = run("bp", 2, func(ff, ep *activity.Row) { ep[activity.MAC], ep[activity.XReadWLD] = 25600, 100 })
	b = run("bdfa", 1, func(ff, ep *activity.Row) { ep[activity.DEPCAdd], ep[activity.LFSRStep] = 25600, 100 })
	return a, b
}

func TestReportsGolden(t *testing.T) {
	l := prices(t)
	a, b := pair(t, l)
	cmp, err := CompareTable(a, b)
	require.NoError(t, err)
	var got bytes.Buffer
	for _, tab := range []*table.Table{UnitTable(a.Energy), LayerTable(a.Energy), EventTable(l, a.Energy, false), cmp, LeakTable(l, false)} {
		require.NoError(t, tab.Text(&got))
		got.WriteString("\n")
	}
	require.NoError(t, PriceTable(l, false).CSV(&got))
	require.NoError(t, ConstantTable(Default65()).CSV(&got))
	const golden = "testdata/reports.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}

func TestCompareTable(t *testing.T) {
	a, b := pair(t, prices(t))
	tab, err := CompareTable(a, b)
	require.NoError(t, err)
	perStep := func(e *Energy, steps float64) float64 { return e.Total().UJ() / steps }
	last := tab.Rows[len(tab.Rows)-1]
	require.Equal(t, "total", last[0])
	require.InDelta(t, perStep(a.Energy, 2), last[1], 1e-12)
	require.InDelta(t, perStep(b.Energy, 1), last[2], 1e-12)
	require.InDelta(t, 100*(1-perStep(b.Energy, 1)/perStep(a.Energy, 2)), last[4], 1e-9)
	for i, r := range tab.Rows[:activity.NumUnits-1] {
		require.Equal(t, activity.Unit(i).String(), r[0]) // XMEM is last among the units
	}
	b.Steps = 0
	_, err = CompareTable(a, b)
	require.ErrorContains(t, err, "got 2 and 0 training steps")
}

// Every table goes out in every format, of a run in which nothing happened too.
func TestTablesInAllFormats(t *testing.T) {
	l := prices(t)
	a, b := pair(t, l)
	for _, e := range []*Energy{a.Energy, {}} {
		cmp, err := CompareTable(Run{"none", &Energy{}, 1}, b)
		require.NoError(t, err)
		for _, tab := range []*table.Table{UnitTable(e), LayerTable(e), EventTable(l, e, true), cmp, PriceTable(l, true), ConstantTable(&l.Tech), LeakTable(l, true)} {
			for _, f := range table.Formats {
				require.NoError(t, tab.Write(&bytes.Buffer{}, f), tab.Title)
			}
		}
	}
}
