package power

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

func TestAccountsByHand(t *testing.T) {
	l := prices(t)
	area := areaOf(t, reference())
	pitch := func(u activity.Unit) float64 { return math.Sqrt(area.Units(u).UM2/256) / 1000 } // mm
	for _, c := range []struct {
		account Account
		event   activity.Event
		pj      float64
	}{
		{AccountClock, activity.ActiveDEPC, 0.65 * (7000 - 12*20) * 0.018},
		{AccountClock, activity.MAC, 0.65 * 64 * 0.018},
		{AccountClock, activity.DEPCAdd, 0},
		{AccountControl, activity.MAC, 0.068 * 3.002},
		{AccountControl, activity.OMEMRead, 0.068 * 15.027},
		{AccountControl, activity.SeqInstr, 0},
		{AccountControl, activity.XReadDMA, 0},
		{AccountControl, activity.ActiveXMem, 0},
		{AccountWires, activity.MAC, 0.079 * 16 * pitch(activity.DNNC)},
		{AccountWires, activity.DEPCAdd, 0.079 * 16 * pitch(activity.DEPC)},
		{AccountWires, activity.EPCMul, 0.079 * 16 * pitch(activity.EPC)},
		{AccountWires, activity.MomLane, 0},
		{AccountPHY, activity.XWriteDEPC, 256 * 5},
		{AccountPHY, activity.XActivate, 0},
		{AccountPHY, activity.OMEMRead, 0},
		{AccountBackground, activity.XReadDMA, 0},
	} {
		require.InDelta(t, c.pj*1e6, float64(l.Account[c.account].Event[c.event]), 1, "%s of %s", c.account, c.event)
	}
	for a := range NumAccounts {
		require.Equal(t, a == AccountBackground, l.Account[a].CycleAJ > 0)
		require.Equal(t, a == AccountBackground, a.External())
		require.NotEmpty(t, accounts[a].why)
	}
	require.InDelta(t, 38.8e-3*5e-9*1e18, float64(l.Account[AccountBackground].CycleAJ), 1) // W x s
	// An operator's pitch: tens of micrometres for an adder, less than a quarter of a millimetre for a lane with its memories.
	require.Greater(t, pitch(activity.DEPC), 0.02)
	require.Less(t, pitch(activity.DNNC), 0.25)
	require.Less(t, pitch(activity.DEPC), pitch(activity.EPC))
}

func TestAccountOf(t *testing.T) {
	l := prices(t)
	var c activity.Counts
	c.Rows[activity.MakeTag(1, 1)][activity.MAC] = 1000
	c.Rows[activity.MakeTag(3, 1)][activity.XReadEPC] = 3
	e, err := l.Measure(&c, Cycles{1: 10, 3: 20})
	require.NoError(t, err)
	of := func(a Account) Attojoules {
		s, err := l.AccountOf(a, e)
		require.NoError(t, err)
		return s
	}
	require.EqualValues(t, 1000*748_800, of(AccountClock)) // 0.65 x 64 x 0.018 pJ
	require.EqualValues(t, 3*1280_000_000, of(AccountPHY))
	require.Equal(t, 30*l.Account[AccountBackground].CycleAJ, of(AccountBackground))
	tab, err := AccountTable(l, e)
	require.NoError(t, err)
	require.Len(t, tab.Rows, int(NumAccounts))
	for _, f := range table.Formats {
		require.NoError(t, tab.Write(&bytes.Buffer{}, f, 0))
	}

	none := Default65()
	none.DRAM = NoDRAM
	ln, err := none.Prices(reference())
	require.NoError(t, err)
	require.Zero(t, ln.Event[activity.XReadEPC].AJ)
	require.Zero(t, ln.Account[AccountPHY].Event)
	require.Zero(t, ln.Account[AccountBackground].CycleAJ)
}

func TestAccountsSumOverWindows(t *testing.T) {
	l := prices(t)
	rapid.Check(t, func(t *rapid.T) {
		var mid, end activity.Counts
		for range rapid.IntRange(0, 8).Draw(t, "bumps") {
			tag, ev := rapid.Uint8().Draw(t, "tag"), rapid.IntRange(0, int(activity.NumEvents)-1).Draw(t, "event")
			n := rapid.Uint64Range(0, 1<<20).Draw(t, "n")
			mid.Rows[tag][ev] += n
			end.Rows[tag][ev] += n + rapid.Uint64Range(0, 1<<20).Draw(t, "more")
		}
		for p := range mid.Rows {
			for ev := range mid.Rows[p] {
				end.Rows[p][ev] = max(end.Rows[p][ev], mid.Rows[p][ev])
			}
		}
		first, err := l.Measure(&mid, Cycles{2: 5})
		if err != nil {
			t.Fatal(err)
		}
		second, err := l.Window(&mid, &end, Cycles{2: 5}, Cycles{2: 12, 3: 1})
		if err != nil {
			t.Fatal(err)
		}
		whole := plus(first, second)
		for a := range NumAccounts {
			var sum Attojoules
			for _, e := range []*Energy{first, second} {
				s, err := l.AccountOf(a, e)
				if err != nil {
					t.Fatal(err)
				}
				sum += s
			}
			s, err := l.AccountOf(a, whole)
			if err != nil || s != sum {
				t.Fatalf("%s: got %d, %v, want %d", a, s, err, sum)
			}
		}
	})
	e := &Energy{}
	e.Count[0][activity.XReadDMA] = math.MaxUint64
	_, err := l.AccountOf(AccountPHY, e)
	require.ErrorIs(t, err, errOverflow)
}
