package study

import (
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"

	"bdfasim/power"
	"bdfasim/rtl/activity"
)

// Work is what is priced: events, cycles in which units leak, and the chip they leak in.
type Work struct {
	Name     string
	Geometry activity.Geometry
	Events   activity.Row
	Cycles   uint64 // of the period over which leakage and background count
	Units    []activity.Unit
}

// Cost is energy in picojoules, by whose account it is on.
type Cost struct {
	Unit       [activity.NumUnits]float64 // events of the units' logic and memories
	Leak       float64
	Clock      float64 // clock tree
	Control    float64
	Wires      float64
	DRAM       float64 // bits to and from external memory
	PHY        float64
	Background float64 // of external memory
}

// OnDie is everything but external memory and its interface.
func (c *Cost) OnDie() float64 {
	sum := c.Leak + c.Clock + c.Control + c.Wires
	for u, v := range c.Unit {
		if !power.External(activity.Unit(u)) {
			sum += v
		}
	}
	return sum
}

// All is the energy with external memory, its interface and its background power.
func (c *Cost) All() float64 { return c.OnDie() + c.DRAM + c.PHY + c.Background }

// whole is all units of the chip.
func whole() (out []activity.Unit) {
	for u := range activity.NumUnits {
		out = append(out, u)
	}
	return out
}

// price prices work with a technology. Only the work's units count, and only they leak.
func (w *Work) price(l *power.PriceList) Cost {
	var c Cost
	pj := func(a power.Attojoules, n uint64) float64 { return float64(a.PJ()) * float64(n) }
	for e, n := range w.Events {
		ev := activity.Event(e)
		u := activity.Events[ev].Unit
		if n == 0 || !slices.Contains(w.Units, u) {
			continue
		}
		c.Clock += pj(l.Account[power.AccountClock].Event[ev], n)
		c.Control += pj(l.Account[power.AccountControl].Event[ev], n)
		c.Wires += pj(l.Account[power.AccountWires].Event[ev], n)
		c.PHY += pj(l.Account[power.AccountPHY].Event[ev], n)
		v := pj(l.Event[ev].AJ, n)
		c.Unit[u] += v
		if power.External(u) {
			if ev == activity.ActiveXMem { // the controller's clock is on the die
				c.Leak += v
				c.Unit[u] -= v
				continue
			}
			c.DRAM += v
		}
	}
	for _, u := range w.Units {
		c.Leak += pj(l.UnitAJ[u], w.Cycles)
		if power.External(u) {
			c.Background += pj(l.Account[power.AccountBackground].CycleAJ, w.Cycles)
		}
	}
	return c
}

// work is a case as a whole chip sees it, over a period of so many cycles.
func (c *Case) work(period uint64) *Work {
	w := &Work{Name: c.Arm, Geometry: c.Geometry, Cycles: period, Units: whole()}
	for p := range c.Counts {
		for e, n := range c.Counts[p] {
			w.Events[e] += n
		}
	}
	return w
}

// withoutMomentum is the work of plain SGD: velocities, three of the five bursts of each chunk both ways, are neither read
// nor written. Derived, not simulated; the lanes are left as they are.
func (w *Work) withoutMomentum() *Work {
	out := *w
	for _, e := range []activity.Event{activity.XReadMom, activity.XWriteMom, activity.ChunkRead, activity.ChunkWrite} {
		out.Events[e] = out.Events[e] * 2 / 5
	}
	return &out
}

// Pair is a comparison: how much less b needs than a.
type Pair struct {
	Name string
	A, B *Work
	Of   func(*Cost) float64 // which part is compared
}

// saving is 1 - b/a in percent.
func saving(a, b float64) float64 { return 100 * (1 - b/a) }

// Interval is a point with a 95 % interval.
type Interval struct{ Point, Low, High float64 }

// Bar is how far a saving moves when one constant goes through its range.
type Bar struct {
	Constant  string
	Low, High float64 // saving with the constant at its low and high end
}

// Samples of the Monte Carlo, and its seed.
const (
	Samples = 1000
	mcSeed  = 20190615
)

// priceBoth returns the saving of a pair under a technology.
func (p *Pair) under(t *power.Tech, lists map[*Work]*power.PriceList) (float64, error) {
	list := func(w *Work) (*power.PriceList, error) {
		if l := lists[w]; l != nil {
			return l, nil
		}
		l, err := t.Prices(w.Geometry)
		if err == nil {
			lists[w] = l
		}
		return l, err
	}
	la, err := list(p.A)
	if err != nil {
		return 0, err
	}
	lb, err := list(p.B)
	if err != nil {
		return 0, err
	}
	a, b := p.A.price(la), p.B.price(lb)
	return saving(p.Of(&a), p.Of(&b)), nil
}

// points are the savings of all pairs with the constants as they are.
func points(t *power.Tech, pairs []*Pair) ([]float64, error) {
	lists := map[*Work]*power.PriceList{}
	out := make([]float64, len(pairs))
	for i, p := range pairs {
		var err error
		if out[i], err = p.under(t, lists); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// intervals draws every constant from its distribution over its range, the same for both sides of a pair, and returns the
// points with the 95 % intervals of what comes out.
func intervals(t *power.Tech, pairs []*Pair) ([]Interval, error) {
	at, err := points(t, pairs)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(mcSeed, 0))
	drawn := make([][]float64, len(pairs))
	for range Samples {
		v, err := points(t.Sample(rng), pairs)
		if err != nil {
			return nil, err
		}
		for i, x := range v {
			drawn[i] = append(drawn[i], x)
		}
	}
	out := make([]Interval, len(pairs))
	for i := range pairs {
		out[i] = quantiles(at[i], drawn[i])
	}
	return out, nil
}

// quantiles is a point with the middle 95 % of what was drawn; it sorts drawn.
func quantiles(point float64, drawn []float64) Interval {
	slices.Sort(drawn)
	return Interval{point, stat.Quantile(0.025, stat.Empirical, drawn, nil), stat.Quantile(0.975, stat.Empirical, drawn, nil)}
}

// tornado moves one constant at a time through its range and sorts by how far the saving moves.
func tornado(t *power.Tech, p *Pair) ([]Bar, error) {
	var out []Bar
	for b := range power.NumBase {
		bar := Bar{Constant: t.Base[b].Name}
		for _, high := range []bool{false, true} {
			v, err := p.under(t.Vary(b, high), map[*Work]*power.PriceList{})
			if err != nil {
				return nil, err
			}
			if high {
				bar.High = v
			} else {
				bar.Low = v
			}
		}
		out = append(out, bar)
	}
	slices.SortStableFunc(out, func(a, b Bar) int {
		da, db := abs(a.High-a.Low), abs(b.High-b.Low)
		switch {
		case da > db:
			return -1
		case da < db:
			return 1
		}
		return 0
	})
	return out, nil
}

func abs(x float64) float64 { return max(x, -x) }
