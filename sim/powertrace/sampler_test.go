package powertrace

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa/image"
	"bdfasim/power"
	"bdfasim/rtl/activity"
	"bdfasim/sim"
)

// equalEnergy compares a sum of windows with the meter, to the attojoule.
func equalEnergy(t testing.TB, want *power.Energy, got Record) {
	t.Helper()
	for u := range activity.NumUnits {
		require.Equal(t, want.Unit(u), got.Unit[u], "%s", u)
	}
	require.Equal(t, want.OnDie(), got.OnDie)
	require.Equal(t, want.ExternalMemory(), got.External)
	require.Equal(t, want.Total(), got.Total)
}

// TestWindowsAddUp cuts runs into windows, with remainders and as one, and finds the meter's energy of an unobserved run.
func TestWindowsAddUp(t *testing.T) {
	for name, img := range map[string]*image.Image{"layer": layer(t), "training": training(t)} {
		want, energy := plain(t, img)
		for _, window := range []uint64{1, 7, 1000, want.Cycles, want.Cycles + 1, math.MaxUint64} {
			t.Run(fmt.Sprintf("%s/%d", name, window), func(t *testing.T) {
				res, all := traced(t, img, Config{Window: window})
				require.Equal(t, want, res, "the run is the one without observers")
				require.Len(t, all, int((want.Cycles-1)/window+1))
				for i := range all[:len(all)-1] {
					require.Equal(t, window, all[i].To-all[i].From)
				}
				total := sum(t, all)
				require.Zero(t, total.From)
				require.Equal(t, want.Cycles, total.To)
				equalEnergy(t, energy, total)
			})
		}
	}
}

// TestAgainstMeter compares every window with the meter's difference of two snapshots.
func TestAgainstMeter(t *testing.T) {
	e, prices := load(t, training(t))
	var from activity.Counts
	windows := 0
	s := sampler(t, e, prices, Config{Window: 61}, func(r *Record) error {
		to := *e.Chip().Activity()
		want, err := prices.Window(&from, &to, power.Cycles{}, power.Cycles{r.To - r.From})
		require.NoError(t, err)
		equalEnergy(t, want, *r)
		require.Equal(t, e.Chip().Wires().Seq.Tag, r.Tag)
		require.Equal(t, prices.MW(want.Total(), r.To-r.From), r.MW(r.Total))
		from = to
		windows++
		return nil
	})
	_, err := e.Run(context.Background(), 0, sim.Options{OnCycle: s.OnCycle})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Greater(t, windows, 50)
}

// TestToggles: windows add up under the other activity model, too, and a chip that does not count toggles is refused.
func TestToggles(t *testing.T) {
	for _, toggles := range []bool{true, false} {
		e, prices := loadAs(t, training(t), power.ByToggles, toggles)
		var all []Record
		s := sampler(t, e, prices, Config{Window: 9}, keep(&all))
		res, err := e.Run(context.Background(), 0, sim.Options{OnCycle: s.OnCycle})
		require.NoError(t, err)
		if !toggles {
			require.ErrorContains(t, s.Close(), "powertrace: power: ")
			continue
		}
		require.NoError(t, s.Close())
		equalEnergy(t, measured(t, prices, &res), sum(t, all))
	}
}

// TestRange takes windows of any length from any part of a run: they are the difference of the runs up to both ends.
func TestRange(t *testing.T) {
	img := layer(t)
	res, each := traced(t, img, Config{Window: 1})
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Uint64Range(0, res.Cycles-1).Draw(t, "from")
		to := rapid.Uint64Range(from+1, res.Cycles+100).Draw(t, "to")
		cfg := Config{Window: rapid.Uint64Range(1, 300).Draw(t, "window"), From: from, To: to}
		_, got := traced(&tb{T: t}, img, cfg)
		want := sum(&tb{T: t}, each[from:min(to, res.Cycles)])
		require.Equal(t, want, sum(&tb{T: t}, got))
	})
}

// tb lends rapid's T the method that testing.TB has beyond it.
type tb struct {
	testing.TB
	T *rapid.T
}

func (t *tb) Helper()                   {}
func (t *tb) Errorf(f string, a ...any) { t.T.Errorf(f, a...) }
func (t *tb) FailNow()                  { t.T.FailNow() }

// TestGatedUnits: a unit whose registers are not clocked in a cycle, and whose memories nobody reads, costs its leakage.
func TestGatedUnits(t *testing.T) {
	e, prices := load(t, training(t))
	var before activity.Counts
	gated := [activity.NumUnits]int{}
	s := sampler(t, e, prices, Config{Window: 1}, func(r *Record) error {
		now := e.Chip().Activity()
		for u := range activity.NumUnits {
			if worked(prices, &before, now, u) {
				require.Greater(t, r.Unit[u], prices.UnitAJ[u], "%s", u)
			} else {
				require.Equal(t, prices.UnitAJ[u], r.Unit[u], "%s", u)
				gated[u]++
			}
		}
		before = *now
		return nil
	})
	_, err := e.Run(context.Background(), 0, sim.Options{OnCycle: s.OnCycle})
	require.NoError(t, err)
	for u, n := range gated { // the controller of external memory counts to the next refresh
		require.Equal(t, activity.Unit(u) == activity.XMem, n == 0, "%s", activity.Unit(u))
	}
	require.Zero(t, prices.UnitAJ[activity.EPC], "this chip has none")
}

// worked tells whether a unit counted anything that has a price.
func worked(l *power.PriceList, a, b *activity.Counts, u activity.Unit) bool {
	for ev := range activity.NumEvents {
		if activity.Events[ev].Unit == u && l.Event[ev].AJ > 0 && a.Total(ev) != b.Total(ev) {
			return true
		}
	}
	return false
}

// TestMoreMarksThanTheRing has more marks in a window than SEQ remembers, and windows with just as many.
func TestMoreMarksThanTheRing(t *testing.T) {
	text := ""
	for k := range 200 {
		text += fmt.Sprintf("\tli r1, %d\n\tmark %s, r1\n\tnop\n", k%32, []string{"ff", "ep", "wg", "eval"}[k/50])
	}
	img := assemble(t, "_start:\n"+text+"\thalt\n")
	want, energy := plain(t, img)
	for _, window := range []uint64{2, 40, 47, 48, 49, 50, 150, want.Cycles} {
		res, all := traced(t, img, Config{Window: window})
		require.Equal(t, want, res)
		equalEnergy(t, energy, sum(t, all))
	}
}

// TestLastCyclesOfAFault: what a chip used until it stopped is in the last window.
func TestLastCyclesOfAFault(t *testing.T) {
	img := assemble(t, "_start: nop\n nop\n .word 0xffffffff, 0xffffffff\n")
	e, prices := load(t, img)
	var all []Record
	s := sampler(t, e, prices, Config{Window: 1000}, keep(&all))
	res, err := e.Run(context.Background(), 0, sim.Options{OnCycle: s.OnCycle})
	var fault *sim.FaultError
	require.ErrorAs(t, err, &fault)
	require.NoError(t, s.Close())
	require.NoError(t, s.Close(), "once is enough")
	require.Len(t, all, 1)
	equalEnergy(t, measured(t, prices, &res), all[0])
}

// TestNoAllocations: a window costs none, nor does its line of CSV, its point of the plot or its signals.
func TestNoAllocations(t *testing.T) {
	e, prices := load(t, training(t))
	var signals Signals
	csv, plot := NewCSV(discard{}), NewPlot()
	s := sampler(t, e, prices, Config{Window: 1}, csv.Write, plot.Add, signals.Set)
	chip := e.Chip()
	chip.Step()
	require.NoError(t, s.OnCycle(chip.Cycle()))
	require.Zero(t, testing.AllocsPerRun(3*MaxPoints, func() {
		chip.Step()
		if err := s.OnCycle(chip.Cycle()); err != nil {
			t.Fatal(err)
		}
	}))
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

func TestRefuses(t *testing.T) {
	e, prices := load(t, layer(t))
	_, err := New(e.Chip(), prices, Config{})
	require.EqualError(t, err, "powertrace: window: got 0 cycles, want at least 1")
	_, err = New(e.Chip(), prices, Config{Window: 1, From: 7, To: 7})
	require.EqualError(t, err, "powertrace: range: got cycles 7 to 7 at cycle 0, want an end after the beginning")
	e.Chip().Step()
	_, err = New(e.Chip(), prices, Config{Window: 1, To: 1})
	require.EqualError(t, err, "powertrace: range: got cycles 0 to 1 at cycle 1, want an end after the beginning")
}

// TestRefusesCounts puts counts into the chip that it would not make.
func TestRefusesCounts(t *testing.T) {
	ff3 := activity.MakeTag(1, 3)
	for name, c := range map[string]struct {
		tag         activity.Tag
		event       activity.Event
		first, then uint64
		want        string
	}{
		"fall":      {0, activity.MAC, 2, 1, "powertrace: cycles 1 to 2: mac of phase none, layer 0: got 1 after 2, want counts that never fall"},
		"not built": {0, activity.EPCWRead, 0, 5, "powertrace: cycles 1 to 2: 5 x epc_weight_read: memory EPCW is not built"},
		"event":     {0, activity.MAC, 0, 1 << 62, "powertrace: cycles 1 to 2: more than 9.2 J, the most that 64 bits of attojoules hold; measure shorter windows"},
		"no mark":   {ff3, activity.MAC, 0, 1, "powertrace: events of phase ff, layer 3, in no window, want a mark before them"},
	} {
		t.Run(name, func(t *testing.T) {
			e, prices := load(t, layer(t))
			s := sampler(t, e, prices, Config{Window: 1, To: 2})
			row := &e.Chip().Activity().Rows[c.tag]
			var err error
			for _, n := range []uint64{c.first, c.then} {
				require.NoError(t, err)
				e.Chip().Step()
				row[c.event] = n
				err = s.OnCycle(e.Chip().Cycle())
			}
			require.EqualError(t, err, c.want)
			require.Equal(t, uint64(never), s.Next())
		})
	}
}

// TestSumOverflows: parts that fit but not together.
func TestSumOverflows(t *testing.T) {
	r := Record{Unit: [activity.NumUnits]power.Attojoules{activity.DNNC: math.MaxInt64 - 1, activity.XMem: 2}}
	require.ErrorContains(t, r.sum(), "more than 9.2 J")
	r.Unit[activity.XMem] = 1
	require.NoError(t, r.sum())
	require.EqualValues(t, math.MaxInt64, r.Total)
	r.Unit[activity.DMA] = 2
	require.ErrorContains(t, r.sum(), "more than 9.2 J")
}

// TestSinkEndsTheRun: a sink's error comes out of the engine, once.
func TestSinkEndsTheRun(t *testing.T) {
	full := errors.New("disk full")
	e, prices := load(t, layer(t))
	s := sampler(t, e, prices, Config{Window: 10}, func(*Record) error { return full })
	res, err := e.Run(context.Background(), 0, sim.Options{OnCycle: s.OnCycle})
	require.ErrorIs(t, err, full)
	require.EqualValues(t, 10, res.Cycles)
	require.NoError(t, s.Close())
}
