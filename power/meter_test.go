package power

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/rtl/activity"
)

func TestEnergyByHand(t *testing.T) {
	l := prices(t)
	var c activity.Counts
	c.Rows[activity.MakeTag(1, 2)][activity.MAC] = 10
	c.Rows[activity.MakeTag(3, 2)][activity.DEPCAdd] = 4
	c.Rows[activity.MakeTag(3, 1)][activity.XReadWLD] = 2
	e, err := l.Measure(&c, Cycles{1: 5, 3: 7})
	require.NoError(t, err)

	leak := func(u activity.Unit, n Attojoules) Attojoules { return n * l.UnitAJ[u] }
	require.Equal(t, 10*3_002_000+leak(activity.DNNC, 5), e.UnitPhase(activity.DNNC, 1))
	require.Equal(t, 4*145_000+leak(activity.DEPC, 7), e.UnitPhase(activity.DEPC, 3))
	require.Equal(t, 4*145_000+leak(activity.DEPC, 12), e.Unit(activity.DEPC))
	require.Equal(t, 2*3_072_000_000+leak(activity.XMem, 12), e.ExternalMemory())
	require.EqualValues(t, 10*3_002_000, e.Layer[2][activity.DNNC])
	require.EqualValues(t, 2*3_072_000_000, e.Layer[1][activity.XMem])
	sum, n := e.Events(activity.MAC)
	require.EqualValues(t, 30_020_000, sum)
	require.EqualValues(t, 10, n)
	var all Attojoules
	for _, k := range l.Leak {
		all += 12 * k.AJ
	}
	require.Equal(t, all+30_020_000+580_000+6_144_000_000, e.Total())
	require.Equal(t, e.Total(), e.OnDie()+e.ExternalMemory())
	require.InDelta(t, 30.02e-18*1e6*200e6/10*1e3, l.MW(30_020_000, 10), 1e-12) // 30.02 pJ in 10 cycles of 5 ns
	require.Zero(t, l.MW(1, 0))
}

func TestGatedUnitLeaksOnly(t *testing.T) {
	l := prices(t)
	var c activity.Counts
	c.Rows[0][activity.ActiveMom] = 100
	e, err := l.Measure(&c, Cycles{0: 100})
	require.NoError(t, err)
	for u := range activity.NumUnits {
		require.Positive(t, l.UnitAJ[u])
		if u == activity.Mom {
			require.Greater(t, e.Unit(u), 100*l.UnitAJ[u])
		} else {
			require.Equal(t, 100*l.UnitAJ[u], e.Unit(u), u.String())
		}
	}
}

func TestWindowsSumToRun(t *testing.T) {
	lists := [NumActivities]*PriceList{prices(t), togglePrices(t, reference())}
	rapid.Check(t, func(t *rapid.T) {
		l := lists[rapid.IntRange(0, int(NumActivities)-1).Draw(t, "model")]
		var now, last activity.Counts
		now.Rows[9][activity.ToggleX] = 1 // counted
		var cycles, lastCycles Cycles
		sum := &Energy{}
		for range rapid.IntRange(1, 6).Draw(t, "windows") {
			for range rapid.IntRange(0, 8).Draw(t, "bumps") {
				tag := rapid.Uint8().Draw(t, "tag")
				ev := rapid.IntRange(0, int(activity.NumEvents)-1).Draw(t, "event")
				now.Rows[tag][ev] += rapid.Uint64Range(0, 1<<24).Draw(t, "n")
			}
			cycles[rapid.IntRange(0, NumPhases-1).Draw(t, "phase")] += rapid.Uint64Range(0, 1<<32).Draw(t, "cycles")
			w, err := l.Window(&last, &now, lastCycles, cycles)
			if err != nil {
				t.Fatal(err)
			}
			sum = plus(sum, w)
			last, lastCycles = now, cycles
		}
		whole, err := l.Measure(&now, cycles)
		if err != nil {
			t.Fatal(err)
		}
		if *sum != *whole {
			t.Fatal("windows do not sum to the run")
		}
		var units, phases, layers, events Attojoules
		for u := range activity.NumUnits {
			units += whole.Unit(u)
			layers += whole.UnitLeak(u)
			events += whole.UnitLeak(u)
			for y := range whole.Layer {
				layers += whole.Layer[y][u]
			}
		}
		for p := range NumPhases {
			d, x := whole.Phase(p)
			phases += d + x
		}
		for ev := range activity.NumEvents {
			a, _ := whole.Events(ev)
			events += a
		}
		for _, got := range []Attojoules{units, phases, layers, events, whole.OnDie() + whole.ExternalMemory()} {
			if got != whole.Total() {
				t.Fatalf("got %d, want the total %d", got, whole.Total())
			}
		}
	})
}

// plus is the energy of two windows together, of one model.
func plus(a, b *Energy) *Energy {
	s := *a
	s.Activity, s.total = b.Activity, s.total+b.total
	for p := range s.Event {
		for ev := range s.Event[p] {
			s.Event[p][ev] += b.Event[p][ev]
			s.Count[p][ev] += b.Count[p][ev]
		}
		for u := range s.Leak[p] {
			s.Leak[p][u] += b.Leak[p][u]
		}
		s.Cycles[p] += b.Cycles[p]
	}
	for y := range s.Layer {
		for u := range s.Layer[y] {
			s.Layer[y][u] += b.Layer[y][u]
		}
	}
	return &s
}

func TestMeterRefuses(t *testing.T) {
	l := prices(t)
	var few, many activity.Counts
	few.Rows[activity.MakeTag(3, 1)][activity.MAC] = 1
	many.Rows[activity.MakeTag(3, 1)][activity.MAC] = 2
	_, err := l.Window(&many, &few, Cycles{}, Cycles{})
	require.ErrorContains(t, err, "mac of phase ep, layer 1: got 1 after 2")
	_, err = l.Window(&few, &many, Cycles{1: 2}, Cycles{1: 1})
	require.ErrorContains(t, err, "cycles of phase ff: got 1 after 2")

	var c activity.Counts
	c.Rows[0][activity.XReadDMA] = 1 << 40 // 3.4e21 aJ: more than 2^64 in the low word
	_, err = l.Measure(&c, Cycles{})
	require.ErrorIs(t, err, errOverflow)
	c.Rows[0][activity.XReadDMA] = uint64(math.MaxInt64/l.Event[activity.XReadDMA].AJ) - 1
	_, err = l.Measure(&c, Cycles{})
	require.NoError(t, err)
	c.Rows[1][activity.XWriteDMA] = 2
	_, err = l.Measure(&c, Cycles{})
	require.ErrorIs(t, err, errOverflow)
	_, err = l.Measure(&activity.Counts{}, Cycles{0: math.MaxUint64})
	require.ErrorIs(t, err, errOverflow)

	for _, n := range []uint64{1 << 63, math.MaxUint64} {
		require.ErrorIs(t, new(Attojoules).Add(1, n), errOverflow)
	}
	most := Attojoules(1)
	require.ErrorIs(t, most.Add(1, math.MaxInt64), errOverflow)
	require.EqualValues(t, 1, most)
	require.NoError(t, most.Add(1, math.MaxInt64-1))
	require.EqualValues(t, math.MaxInt64, most)

	g := reference()
	g.Memories[activity.MemSign] = activity.MemoryShape{Unit: activity.DEPC}
	l, err = Default65().Prices(g)
	require.NoError(t, err)
	require.Zero(t, l.Event[activity.SignRead].AJ)
	c = activity.Counts{}
	c.Rows[0][activity.SignRead] = 1
	_, err = l.Measure(&c, Cycles{})
	require.ErrorContains(t, err, "1 x sign_read: memory SIGN is not built")
}
