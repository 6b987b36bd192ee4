package study

import (
	"cmp"
	"fmt"
	"math"
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
	Unit       [activity.NumUnits]float64 // events of the units' logic and memories, but for XMEM's
	Leak       float64                    // of all units, the controller of external memory among them
	Controller float64                    // its clocked registers
	Clock      float64                    // clock tree
	Control    float64
	Wires      float64
	DRAM       float64 // bits to and from external memory
	PHY        float64
	Background float64 // of external memory
}

// OnDie is everything but external memory and its interface.
func (c *Cost) OnDie() float64 {
	sum := c.Leak + c.Controller + c.Clock + c.Control + c.Wires
	for _, v := range c.Unit {
		sum += v
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

// price prices work with a technology. Only the work's units count, and only they leak; each event stands on one account,
// and its additions on those of clock tree, control, wires and PHY. Sums are made in the order of the events.
func (w *Work) price(l *power.PriceList) Cost {
	var c Cost
	// The conversion keeps a processor with fused operations from rounding otherwise.
	pj := func(a power.Attojoules, n uint64) float64 { return float64(float64(a.PJ()) * float64(n)) }
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
		switch {
		case !power.External(u):
			c.Unit[u] += v
		case ev.IsClock():
			c.Controller += v
		default:
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
	w := &Work{Name: c.Variant, Geometry: c.Geometry, Cycles: period, Units: whole()}
	for p := range c.Counts {
		for e, n := range c.Counts[p] {
			w.Events[e] += n
		}
	}
	return w
}

// withoutMomentum is the work of plain SGD: velocities, three of the five bursts of each chunk both ways, are neither read
// nor written. Of the chunk memories' eleven accesses a chunk each way (five for the bursts, three for each of two groups
// of lanes) seven are theirs. Derived, not simulated: lanes and cycles are left as they are, and the few chunks of biases count
// as chunks of weights.
func (w *Work) withoutMomentum() *Work {
	out := *w
	for _, e := range []activity.Event{activity.XReadMom, activity.XWriteMom} {
		out.Events[e] = out.Events[e] * 2 / 5
	}
	for _, e := range []activity.Event{activity.ChunkRead, activity.ChunkWrite} {
		out.Events[e] = out.Events[e] * 4 / 11
	}
	return &out
}

// Pair is a comparison: how much less b needs than a.
type Pair struct {
	A, B *Work
	Of   func(*Cost) float64 // which part is compared
}

// saving is 1 - b/a in percent.
func saving(a, b float64) float64 { return 100 * (1 - b/a) }

// Interval is a point, with all constants as they are, and what comes out when they are drawn: the middle 95 % and the
// median. Some constants have their value near an end of their range, so a point may lie beside its interval.
type Interval struct{ Point, Low, High, Median float64 }

// has tells whether the published saving lies in an interval.
func (v Interval) has(x float64) bool { return v.Low <= x && x <= v.High }

// Bar is how far a saving moves when one constant goes through its range.
type Bar struct {
	Constant  string
	Low, High float64 // saving with the constant at its low and high end
}

func (b Bar) span() float64 { return math.Abs(b.High - b.Low) }

// Samples of the Monte Carlo, and its seed.
const (
	Samples = 1000
	mcSeed  = 20190615
)

// savings are those of the pairs under a technology. A price list depends on nothing else of a work than its chip, so each
// different chip is priced once.
func savings(pairs []*Pair) func(*power.Tech) ([]float64, error) {
	chips, of := map[string]activity.Geometry{}, map[*Work]string{}
	for _, p := range pairs {
		for _, w := range []*Work{p.A, p.B} {
			of[w] = fmt.Sprint(w.Geometry) // maps are printed in the order of their keys
			chips[of[w]] = w.Geometry
		}
	}
	return func(t *power.Tech) (out []float64, err error) {
		lists := map[string]*power.PriceList{}
		for key, g := range chips {
			if lists[key], err = t.Prices(g); err != nil {
				return nil, err
			}
		}
		for _, p := range pairs {
			a, b := p.A.price(lists[of[p.A]]), p.B.price(lists[of[p.B]])
			out = append(out, saving(p.Of(&a), p.Of(&b)))
		}
		return out, nil
	}
}

// points are the savings of pairs with the constants as they are.
func points(t *power.Tech, pairs ...*Pair) ([]float64, error) { return savings(pairs)(t) }

// intervals are the savings of pairs with every constant drawn by itself, the same for both sides of a pair and for all pairs.
func intervals(t *power.Tech, samples int, pairs []*Pair) ([]Interval, error) {
	return drawn(t, samples, 0, savings(pairs))
}

// drawn evaluates figures with the constants as they are and with constants drawn from a fixed stream.
func drawn(t *power.Tech, samples int, stream uint64, figures func(*power.Tech) ([]float64, error)) ([]Interval, error) {
	at, err := figures(t)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(mcSeed, stream))
	values := make([][]float64, len(at))
	for range samples {
		v, err := figures(t.Sample(rng))
		if err != nil {
			return nil, err
		}
		for i, x := range v {
			values[i] = append(values[i], x)
		}
	}
	out := make([]Interval, len(at))
	for i := range at {
		slices.Sort(values[i])
		q := func(p float64) float64 { return stat.Quantile(p, stat.Empirical, values[i], nil) }
		out[i] = Interval{at[i], q(0.025), q(0.975), q(0.5)}
	}
	return out, nil
}

// tornado moves one constant at a time through its range and sorts by how far the saving moves.
func tornado(t *power.Tech, p *Pair) ([]Bar, error) {
	var out []Bar
	at := savings([]*Pair{p})
	for b := range power.NumBase {
		low, err := at(t.Vary(b, false))
		if err != nil {
			return nil, err
		}
		high, err := at(t.Vary(b, true))
		if err != nil {
			return nil, err
		}
		out = append(out, Bar{t.Base[b].Name, low[0], high[0]})
	}
	slices.SortStableFunc(out, func(a, b Bar) int { return cmp.Compare(b.span(), a.span()) })
	return out, nil
}
