package power

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/power/table"
	"bdfasim/rtl/activity"
	"bdfasim/testbench/expect"
)

// spent is a small run: multiplications, and fetched weights in phase ep.
func spent(t *testing.T, l *PriceList) *Energy {
	var c activity.Counts
	ff, ep := &c.Rows[activity.MakeTag(1, 1)], &c.Rows[activity.MakeTag(3, 2)]
	ff[activity.MAC], ff[activity.ClockDNNCWork] = 51200, 200
	ep[activity.MAC], ep[activity.XReadWLD] = 25600, 100
	e, err := l.Measure(&c, Cycles{1: 200, 3: 300})
	require.NoError(t, err)
	return e
}

func TestReportsGolden(t *testing.T) {
	l := prices(t)
	e := spent(t, l)
	var got bytes.Buffer
	for _, tab := range []*table.Table{UnitTable(e), LayerTable(e), EventTable(l, e, false)} {
		require.NoError(t, tab.Text(&got, 0))
		got.WriteString("\n")
	}
	require.NoError(t, PriceTable(l).CSV(&got))
	require.NoError(t, ConstantTable(Default65()).CSV(&got))
	require.NoError(t, LeakTable(l).CSV(&got))
	expect.File(t, "testdata/reports.golden", got.String())
}

// Every table goes out in every format, of a run in which nothing happened too.
func TestTablesInAllFormats(t *testing.T) {
	l := prices(t)
	for _, e := range []*Energy{spent(t, l), {}} {
		for _, tab := range []*table.Table{UnitTable(e), LayerTable(e), EventTable(l, e, true), PriceTable(l), ConstantTable(&l.Tech), LeakTable(l)} {
			for _, f := range table.Formats {
				require.NoError(t, tab.Write(&bytes.Buffer{}, f, 0), tab.Title)
			}
		}
	}
}
