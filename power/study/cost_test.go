package study

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/power"
	"bdfasim/rtl"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/epc"
)

// both is the geometry of a chip with a DEPC and an EPC of trees.
func both(t *testing.T) activity.Geometry {
	t.Helper()
	cfg := rtl.DefaultConfig()
	cfg.EPC.Kind = epc.Tree
	chip, err := rtl.New(cfg)
	require.NoError(t, err)
	return chip.Geometry()
}

// events are the logic and memories of all units.
func events(c *Cost) (sum float64) {
	for _, v := range c.Unit {
		sum += v
	}
	return sum
}

// pair is 1,000 products in trees against 1,000 additions.
func pair(t *testing.T) *Pair {
	a, b := &Work{Geometry: both(t), Units: whole()}, &Work{Geometry: both(t), Units: whole()}
	a.Events[activity.EPCMul], b.Events[activity.DEPCAdd] = 1000, 1000
	return &Pair{A: a, B: b, Of: events}
}

// TestSavingByHand: 1.55 pJ and a 36-bit addition against a 20-bit addition and a negation; clock, control, PHY, background
// and bits likewise from the constants.
func TestSavingByHand(t *testing.T) {
	tech := power.Default65()
	p := pair(t)
	v, err := points(tech, p)
	require.NoError(t, err)
	mul, add := 1.55+0.2*36/32, 0.2*20/32+0.02
	require.InDelta(t, 100*(1-add/mul), v[0], 1e-4)

	w := &Work{Geometry: both(t), Units: whole(), Cycles: 100}
	w.Events[activity.XReadWLD], w.Events[activity.EPCMul], w.Events[activity.SeqInstr] = 10, 1000, 3
	bits := 0.0 // clocked, in groups of the controller
	for e, r := range w.Geometry.Clocked {
		if activity.Event(e).IsClock() && activity.Events[e].Unit == activity.XMem {
			w.Events[e] = uint64(50 + e)
			bits += float64((50 + e) * r.Bits)
		}
	}
	l, err := tech.Prices(w.Geometry)
	require.NoError(t, err)
	c := w.price(l)
	require.InDelta(t, 10*256*12, c.DRAM, 1e-3)
	require.InDelta(t, 10*256*5, c.PHY, 1e-3)
	require.InDelta(t, 100*38.8/200*1000, c.Background, 1e-3)
	require.InDelta(t, bits*0.018, c.Controller, 1e-3)
	require.InDelta(t, bits*0.018*0.65, c.Clock, 1e-3)
	require.InDelta(t, 1000*mul*0.068, c.Control, 1e-3, "neither SEQ nor external memory")
	require.Greater(t, c.Wires, 0.0)
	require.InDelta(t, c.All(), c.OnDie()+c.DRAM+c.PHY+c.Background, 1e-9)
	require.Zero(t, c.Unit[activity.XMem])
}

// TestPriceEqualsMeter: every event once, priced by the study, costs what package power's meter and accounts say.
func TestPriceEqualsMeter(t *testing.T) {
	w := &Work{Geometry: both(t), Units: whole(), Cycles: 12345}
	l, err := power.Default65().Prices(w.Geometry)
	require.NoError(t, err)
	var counts activity.Counts
	for e := range activity.NumEvents {
		if l.Event[e].NotBuilt == "" {
			w.Events[e] = 1000 + uint64(e)
		}
	}
	counts.Rows[activity.MakeTag(3, 1)] = w.Events
	e, err := l.Measure(&counts, power.Cycles{3: w.Cycles})
	require.NoError(t, err)
	c := w.price(l)
	account := func(a power.Account) float64 {
		s, err := l.AccountOf(a, e)
		require.NoError(t, err)
		return float64(s.PJ())
	}
	all := float64(e.Total().PJ())
	for a := range power.NumAccounts {
		all += account(a)
	}
	require.InEpsilon(t, all, c.All(), 1e-9, "nothing is priced twice and nothing left out")
	require.InEpsilon(t, account(power.AccountPHY), c.PHY, 1e-9)
	// The controller of external memory is on the die here, and on the account of external memory there.
	controller := float64(e.UnitLeak(activity.XMem).PJ()) + c.Controller
	require.InEpsilon(t, float64(e.OnDie().PJ())+controller+account(power.AccountClock)+account(power.AccountControl)+account(power.AccountWires), c.OnDie(), 1e-9)
	require.InEpsilon(t, float64(e.ExternalMemory().PJ())-controller, c.DRAM, 1e-9)
}

// TestOnlyTheWorksUnitsCount: what another unit did, and its leakage, cost nothing; units that are not built do not leak.
func TestOnlyTheWorksUnitsCount(t *testing.T) {
	w := &Work{Geometry: both(t), Units: []activity.Unit{activity.EPC, activity.OMEM}, Cycles: 10}
	for e := range w.Events {
		w.Events[e] = 5
	}
	l, err := power.Default65().Prices(w.Geometry)
	require.NoError(t, err)
	c := w.price(l)
	for u, v := range c.Unit {
		require.Equal(t, u == int(activity.EPC) || u == int(activity.OMEM), v > 0, activity.Unit(u))
	}
	require.Zero(t, c.DRAM+c.PHY+c.Background+c.Controller)
	require.InEpsilon(t, 10*float64((l.UnitAJ[activity.EPC]+l.UnitAJ[activity.OMEM]).PJ()), c.Leak, 1e-9)

	cfg := rtl.DefaultConfig()
	cfg.DEPC.Classes, cfg.DEPC.SignEntries, cfg.Norm.Channels, cfg.EPC.Kind = 0, 0, 0, epc.None
	chip, err := rtl.New(cfg)
	require.NoError(t, err)
	l, err = power.Default65().Prices(chip.Geometry())
	require.NoError(t, err)
	require.Zero(t, l.UnitAJ[activity.DEPC]+l.UnitAJ[activity.EPC]+l.UnitAJ[activity.Norm])
}

func TestDerived(t *testing.T) {
	w := &Work{}
	for e := range w.Events {
		w.Events[e] = 55
	}
	out := w.withoutMomentum()
	for e, n := range out.Events {
		want := uint64(55)
		switch activity.Event(e) {
		case activity.XReadMom, activity.XWriteMom:
			want = 22
		case activity.ChunkRead, activity.ChunkWrite:
			want = 20
		}
		require.Equal(t, want, n, activity.Event(e))
	}
	require.EqualValues(t, 55, w.Events[activity.XReadMom])
}

// TestIntervals: the same draws for every pair and on every call; a saving that grows with one constant and falls with another,
// both drawn about their values, has its point inside.
func TestIntervals(t *testing.T) {
	tech := power.Default65()
	p, back := pair(t), pair(t)
	back.A, back.B = back.B, back.A
	v, err := intervals(tech, 300, []*Pair{p, back})
	require.NoError(t, err)
	again, err := intervals(tech, 300, []*Pair{back, p})
	require.NoError(t, err)
	require.Equal(t, v[0], again[1])
	require.Equal(t, v[1], again[0])
	require.Less(t, v[0].Low, v[0].Point)
	require.Greater(t, v[0].High, v[0].Point)
	require.True(t, v[0].has(v[0].Median))

	// A chip against itself saves nothing, whatever the constants are.
	same := &Pair{A: p.A, B: p.A, Of: events}
	v, err = intervals(tech, 20, []*Pair{same})
	require.NoError(t, err)
	require.Equal(t, []Interval{{}}, v)

	// Constants that are certain leave no interval.
	fixed := *tech
	for b := range fixed.Base {
		fixed.Base[b].Low, fixed.Base[b].High = fixed.Base[b].Value, fixed.Base[b].Value
	}
	v, err = intervals(&fixed, 5, []*Pair{p})
	require.NoError(t, err)
	require.Equal(t, v[0].Low, v[0].High)
	require.Equal(t, v[0].Low, v[0].Point)
}

func TestTornado(t *testing.T) {
	tech := power.Default65()
	bars, err := tornado(tech, pair(t))
	require.NoError(t, err)
	require.Len(t, bars, int(power.NumBase))
	require.Equal(t, []string{"16x16 multiply", "32-bit add", "16-bit negate/xor"}, []string{bars[0].Constant, bars[1].Constant, bars[2].Constant})
	for i := 1; i < len(bars); i++ {
		require.GreaterOrEqual(t, math.Abs(bars[i-1].High-bars[i-1].Low), math.Abs(bars[i].High-bars[i].Low))
	}
	at := func(mul, add, neg float64) float64 { return 100 * (1 - (add*20/32+neg)/(mul+add*36/32)) }
	require.InDelta(t, at(0.8, 0.2, 0.02), bars[0].Low, 1e-3)
	require.InDelta(t, at(3.1, 0.2, 0.02), bars[0].High, 1e-3)
	require.Zero(t, bars[3].High-bars[3].Low, "nothing else is in this pair")
	require.Equal(t, "16-bit add", bars[3].Constant, "equals stay in order")
}
