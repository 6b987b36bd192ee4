package study

import (
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
	a, b := &Work{Geometry: both(t), Units: whole}, &Work{Geometry: both(t), Units: whole}
	a.Events[activity.EPCMul], b.Events[activity.DEPCAdd] = 1000, 1000
	return &Pair{A: a, B: b, Of: events}
}

// TestSavingByHand: 1.55 pJ and a 36-bit addition against a 20-bit addition and a negation; clock,
// control, PHY, background and bits likewise from the constants.
func TestSavingByHand(t *testing.T) {
	tech := power.Default65()
	p := pair(t)
	v, err := savings([]*Pair{p})(tech)
	require.NoError(t, err)
	mul, add := 1.55+0.2*36/32, 0.2*20/32+0.02
	require.InDelta(t, 100*(1-add/mul), v[0], 1e-4)

	w := &Work{Geometry: both(t), Units: whole, Period: 100}
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

// TestPriceEqualsMeter: every event once, priced by the study, costs what package power's meter and
// accounts say.
func TestPriceEqualsMeter(t *testing.T) {
	w := &Work{Geometry: both(t), Units: whole, Period: 12345}
	l, err := power.Default65().Prices(w.Geometry)
	require.NoError(t, err)
	var counts activity.Counts
	for e := range activity.NumEvents {
		if l.Event[e].NotBuilt == "" {
			w.Events[e] = 1000 + uint64(e)
		}
	}
	counts.Rows[activity.MakeTag(3, 1)] = w.Events
	e, err := l.Measure(&counts, power.Cycles{3: w.Period})
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
	// The controller of external memory is on the die here, and on the account of external memory
	// there.
	controller := float64(e.UnitLeak(activity.XMem).PJ()) + c.Controller
	require.InEpsilon(t, float64(e.OnDie().PJ())+controller+account(power.AccountClock)+account(power.AccountControl)+account(power.AccountWires), c.OnDie(), 1e-9)
	require.InEpsilon(t, float64(e.ExternalMemory().PJ())-controller, c.DRAM, 1e-9)
}

// TestOnlyTheWorksUnitsCount: what another unit did, and its leakage, cost nothing; units that are
// not built do not leak.
func TestOnlyTheWorksUnitsCount(t *testing.T) {
	w := &Work{Geometry: both(t), Units: []activity.Unit{activity.EPC, activity.OMEM}, Period: 10}
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

// TestDerived: plain SGD from counts.
func TestDerived(t *testing.T) {
	c := &Counts{}
	for p := range c.Events {
		c.Cycles[p] = 7
		for e := range c.Events[p] {
			c.Events[p][e] = 55
		}
	}
	plain := c.withoutVelocities()
	for e := range activity.NumEvents {
		want := uint64(55)
		switch e {
		case activity.XReadMom, activity.XWriteMom:
			want = 22
		case activity.ChunkRead, activity.ChunkWrite:
			want = 20
		}
		require.Equal(t, want*power.NumPhases, plain.Total(e), e)
	}
	require.EqualValues(t, 55*power.NumPhases, c.Total(activity.XReadMom))
}

// TestIntervals: the same draws for every pair and on every call; a saving that grows with one
// constant and falls with another, both drawn about their values, has its point inside.
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
	require.Less(t, v[0].Low, v[0].Median)
	require.Greater(t, v[0].High, v[0].Median)

	// A chip against itself saves nothing, whatever the constants are.
	same := &Pair{A: p.A, B: p.A, Of: events}
	v, err = intervals(tech, 20, []*Pair{same})
	require.NoError(t, err)
	require.Equal(t, []Interval{{Percentile: 100}}, v)

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

// TestTornado: constants of one source move together.
func TestTornado(t *testing.T) {
	tech := power.Default65()
	bars, err := tornado(tech, pair(t))
	require.NoError(t, err)
	sources := map[string]bool{}
	alone := 0
	for _, c := range tech.Base {
		if sources[c.Shares] = true; c.Shares == "" {
			alone++
		}
	}
	require.Len(t, bars, alone+len(sources)-1)
	require.Equal(t, []string{"all 10 of aladdin", "16x16 multiply; 16-bit add; 32-bit add"}, []string{bars[0].Constants, bars[1].Constants})
	for i := 1; i < len(bars); i++ {
		require.GreaterOrEqual(t, bars[i-1].span(), bars[i].span())
	}
	at := func(mul, add, neg float64) float64 { return 100 * (1 - (add*20/32+neg)/(mul+add*36/32)) }
	require.InDelta(t, at(1.55, 0.2, 0.01), bars[0].Low, 1e-3)
	require.InDelta(t, at(1.55, 0.2, 0.04), bars[0].High, 1e-3)
	require.InDelta(t, at(0.8, 0.1, 0.02), bars[1].Low, 1e-3)
	require.InDelta(t, at(3.1, 0.4, 0.02), bars[1].High, 1e-3)
	require.Zero(t, bars[2].span(), "nothing else is in this pair")
}
