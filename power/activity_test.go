package power

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

func togglePrices(t testing.TB, g activity.Geometry) *PriceList {
	l, err := Default65().PricesAs(ByToggles, g)
	require.NoError(t, err)
	return l
}

func TestTogglePricesByHand(t *testing.T) {
	l, lanes := togglePrices(t, reference()), togglePrices(t, laneChip())
	const data = 2 * 0.119 * 0.018
	check := func(l *PriceList, e activity.Event, want float64) {
		t.Helper()
		require.InDelta(t, want*1e6, float64(l.Event[e].AJ), 1, e.String())
		require.LessOrEqual(t, l.Event[e].Low, l.Event[e].PJ)
		require.LessOrEqual(t, l.Event[e].PJ, l.Event[e].High)
	}
	check(l, activity.MAC, 0.881*64*0.018)
	check(l, activity.ToggleX, 1.55/16)
	check(l, activity.ToggleW, 1.55/16+data)
	check(l, activity.ToggleAcc, 0.30/24+data)
	check(l, activity.DEPCAdd, 0)
	check(l, activity.DEPCToggleIn, 0.02/8)
	check(l, activity.DEPCToggleOut, 0.125/10)
	check(l, activity.EPCMul, 0)
	check(l, activity.EPCToggleIn, 1.55/16)
	check(l, activity.EPCToggleW, 1.55/16+data)
	check(l, activity.EPCToggleOut, 0.225/18)
	check(l, activity.EPCWRead, 17.9531+0.881*256*0.018)
	check(lanes, activity.EPCMul, 0.881*64*0.018)
	check(lanes, activity.EPCToggleOut, 0.30/24+data)
	check(lanes, activity.EPCWRead, 17.9531)

	events := prices(t)
	for e := range activity.NumEvents { // all others cost the same, and everything has its reason
		p, q := &l.Event[e], &events.Event[e]
		for _, words := range []string{p.Source, p.Formula, p.Why, p.Rule, q.Source, q.Why} {
			require.NotEmpty(t, words, e.String())
		}
		split := e >= activity.ToggleX && e <= activity.EPCToggleOut || e == activity.MAC || e == activity.DEPCAdd || e == activity.EPCMul || e == activity.EPCWRead
		if !split {
			require.Equal(t, *q, *p, e.String())
		}
	}
	require.Equal(t, events.Leak, l.Leak)
	require.Equal(t, events.UnitAJ, l.UnitAJ)
}

// energy is the energy of counts in attojoules.
func energy(t *testing.T, l *PriceList, counts map[activity.Event]uint64) float64 {
	var c activity.Counts
	for e, n := range counts {
		c.Rows[33][e] = n
	}
	e, err := l.Measure(&c, Cycles{})
	require.NoError(t, err)
	return float64(e.Total())
}

// Where half of all bits change, both models agree; where all do, arithmetic costs twice as much and no more; where none
// does, only clocked registers cost.
func TestModelsAgreeAtRandomData(t *testing.T) {
	type counts = map[activity.Event]uint64
	const n = 1000
	for name, c := range map[string]struct {
		g        activity.Geometry
		work     counts
		toggles  counts  // at random data
		idle     float64 // pJ an operation without any
		arith    float64 // pJ of arithmetic and of the registers' part that goes with changes
		register float64
	}{
		"mac":  {g: reference(), work: counts{activity.MAC: n}, toggles: counts{activity.ToggleX: 8, activity.ToggleW: 8, activity.ToggleAcc: 24}, idle: 0.881 * 64 * 0.018, arith: 1.55 + 0.30, register: 0.119 * 64 * 0.018},
		"lane": {g: laneChip(), work: counts{activity.EPCMul: n}, toggles: counts{activity.EPCToggleIn: 8, activity.EPCToggleW: 8, activity.EPCToggleOut: 24}, idle: 0.881 * 64 * 0.018, arith: 1.55 + 0.30, register: 0.119 * 64 * 0.018},
		"tree": {g: reference(), work: counts{activity.EPCMul: n, activity.EPCWRead: n / 16}, toggles: counts{activity.EPCToggleIn: 8, activity.EPCToggleW: 8, activity.EPCToggleOut: 18},
			idle: 17.9531*62/n + 0.881*256*0.018*62/n, arith: 1.55 + 0.225, register: 0.119 * 16 * 0.018},
		"depc": {g: reference(), work: counts{activity.DEPCAdd: n}, toggles: counts{activity.DEPCToggleIn: 8, activity.DEPCToggleOut: 10}, arith: 0.02 + 0.125},
	} {
		t.Run(name, func(t *testing.T) {
			events, err := Default65().Prices(c.g)
			require.NoError(t, err)
			l := togglePrices(t, c.g)
			all := func(times float64) counts {
				sum := counts{activity.ToggleX: 1} // so that there is one
				for e, k := range c.work {
					sum[e] += k
				}
				for e, k := range c.toggles {
					sum[e] += uint64(times * float64(k*n))
				}
				return sum
			}
			one := energy(t, l, counts{activity.ToggleX: 1})
			require.InEpsilon(t, 1e6*n*c.idle+1, energy(t, l, all(0))-one+1, 1e-6)
			require.InEpsilon(t, energy(t, events, c.work), energy(t, l, all(1))-one, 1e-3)
			require.InEpsilon(t, 1e6*n*(c.idle+2*(c.arith+c.register)), energy(t, l, all(2))-one, 1e-3)
		})
	}
}

func TestModelRefuses(t *testing.T) {
	_, err := Default65().PricesAs(NumActivities, reference())
	require.ErrorContains(t, err, "activity model: got 2, want below 2")
	l := togglePrices(t, reference())
	for _, ev := range []activity.Event{activity.MAC, activity.DEPCAdd, activity.EPCMul} {
		var c activity.Counts
		c.Rows[3][ev] = 1
		_, err := l.Measure(&c, Cycles{})
		require.ErrorIs(t, err, errNoToggles)
		c.Rows[4][activity.DEPCToggleIn] = 1
		_, err = l.Measure(&c, Cycles{})
		require.NoError(t, err)
		later := c
		later.Rows[3][ev] = 2 // a window in which no bit changed, of a run that counts them
		_, err = l.Window(&c, &later, Cycles{}, Cycles{})
		require.NoError(t, err)
	}
	var c activity.Counts
	c.Rows[3][activity.OMEMRead] = 1
	_, err = l.Measure(&c, Cycles{1: 1})
	require.NoError(t, err, "no arithmetic, no toggles")

	other, err := prices(t).Measure(&c, Cycles{1: 1})
	require.NoError(t, err)
	_, err = l.AccountOf(AccountClock, other)
	require.ErrorContains(t, err, "account of clock tree: got activity models operand toggles and events")

	without, err := Default65().PricesAs(ByToggles, depcChip())
	require.NoError(t, err)
	c.Rows[3][activity.EPCToggleIn] = 1
	_, err = without.Measure(&c, Cycles{})
	require.ErrorContains(t, err, "epc_toggle_in: memory EPCW is not built")
	without, err = Default65().PricesAs(ByToggles, epcChip())
	require.NoError(t, err)
	c.Rows[3][activity.DEPCAdd] = 1
	_, err = without.Measure(&c, Cycles{})
	require.ErrorContains(t, err, "depc_add: memory EBUF is not built")
}

// The clock tree follows what is clocked, in both models; wires follow what changes, with the same energy at random data.
func TestAccountsOfToggles(t *testing.T) {
	events, l := prices(t), togglePrices(t, reference())
	require.Equal(t, events.Account[AccountClock], l.Account[AccountClock])
	require.Equal(t, events.Account[AccountPHY], l.Account[AccountPHY])
	wires := func(l *PriceList, e activity.Event) float64 { return float64(l.Account[AccountWires].Event[e]) }
	for of, in := range map[activity.Event]activity.Event{activity.MAC: activity.ToggleX, activity.DEPCAdd: activity.DEPCToggleIn, activity.EPCMul: activity.EPCToggleIn} {
		require.Zero(t, wires(l, of))
		require.Zero(t, wires(events, in))
		require.InDelta(t, wires(events, of), 8*wires(l, in), 8)
		require.NotZero(t, wires(l, in))
	}
	require.InDelta(t, 0.068*1e6*1.55/16, float64(l.Account[AccountControl].Event[activity.ToggleX]), 1)
}

// Every report of an energy names its model.
func TestReportsNameTheirModel(t *testing.T) {
	for _, l := range []*PriceList{prices(t), togglePrices(t, reference())} {
		var c activity.Counts
		c.Rows[33][activity.MAC], c.Rows[33][activity.ToggleX] = 10, 20
		e, err := l.Measure(&c, Cycles{1: 3})
		require.NoError(t, err)
		accounts, err := AccountTable(l, e)
		require.NoError(t, err)
		for _, tab := range []*table.Table{UnitTable(e), LayerTable(e), EventTable(l, e, true), PriceTable(l), accounts} {
			require.Contains(t, strings.Join(tab.Notes, "\n"), "activity model: "+l.Activity.String(), tab.Title)
			for _, f := range table.Formats {
				require.NoError(t, tab.Write(&bytes.Buffer{}, f, 0))
			}
		}
	}
	require.Equal(t, "model?", NumActivities.String())
}
