package study

import (
	"math/rand/v2"
	"slices"

	"github.com/sourcegraph/conc/iter"
	"gonum.org/v1/gonum/stat"

	"bdfasim/power"
	"bdfasim/rtl/activity"
)

// Work is what is priced: counts, the units that they are counted of, and the time over which those
// leak.
type Work struct {
	Geometry activity.Geometry
	Events   activity.Row
	Units    []activity.Unit
	Period   uint64               // cycles
	Store    activity.MemoryShape // an SRAM on the die; bursts to the EPC are reads of it
	chip     string
}

// Cost is energy in picojoules, by whose account it is on.
type Cost struct {
	Unit       [activity.NumUnits]float64 // events of the units' logic and memories, but for XMEM's
	Leak       float64                    // of all units and the controller of external memory
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

// onDie and all are the parts of a cost that are compared.
var onDie, all = (*Cost).OnDie, (*Cost).All

// whole is all units of the chip.
var whole = func() (out []activity.Unit) {
	for u := range activity.NumUnits {
		out = append(out, u)
	}
	return out
}()

// work is counts as a whole chip sees them, over a period.
func (c *Counts) work(period uint64) *Work {
	w := &Work{Geometry: c.Geometry, Units: whole, Period: period, chip: c.chip}
	for p := range c.Events {
		for e, n := range c.Events[p] {
			w.Events[e] += n
		}
	}
	return w
}

// pj is a price times a number. The conversion keeps a processor with fused operations from
// rounding otherwise.
func pj(a power.Attojoules, n uint64) float64 { return float64(float64(a.PJ()) * float64(n)) }

// price prices work. Only the work's units count, and only they leak; each event stands on one
// account, and its additions on those of clock tree, control, wires and PHY. Sums are made in the
// order of the events.
func (w *Work) price(l *power.PriceList) Cost {
	var c Cost
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
		c.Leak += pj(l.UnitAJ[u], w.Period)
		if power.External(u) {
			c.Background += pj(l.Account[power.AccountBackground].CycleAJ, w.Period)
		}
	}
	w.store(l, &c)
	return c
}

// store adds the reads and the leakage of an SRAM that the chip does not have.
func (w *Work) store(l *power.PriceList, c *Cost) {
	if w.Store.Macros == 0 {
		return
	}
	m, err := power.SRAMMacro(l.Tech.Cell, w.Store.Bytes, w.Store.WidthBit)
	if err != nil {
		panic(err) // its shape is the study's own
	}
	read := float64(m.ReadPJ) * l.Tech.Scaled(power.SRAM).Value
	read = float64(read * float64(w.Events[activity.XReadEPC]))
	c.Unit[activity.EPC] += read
	c.Control += float64(read * l.Tech.Base[power.Control].Value)
	leak := float64(w.Store.Macros) * m.LeakMW * l.Tech.Scaled(power.LeakSRAM).Value // mW
	c.Leak += float64(leak * float64(w.Period) / l.FreqMHz * 1e3)
}

// Pair is a comparison: how much less B needs than A.
type Pair struct {
	A, B  *Work
	Of    func(*Cost) float64 // which part is compared
	Model power.Activity
}

// saving is 1 - b/a in percent.
func saving(a, b float64) float64 { return 100 * (1 - b/a) }

// Interval is a point, with all constants as they are, and what comes out when they are drawn: the
// middle 95 %, the median, and the part of the draws, in percent, that lies below the published
// saving. Some constants have their value near an end of their range, so a point may lie beside its
// interval.
type Interval struct{ Point, Low, High, Median, Percentile float64 }

// Samples of the Monte Carlo, and its seed.
const (
	Samples = 1000
	mcSeed  = 20190615
)

// lists are price lists of a technology, by chip and model, made when they are needed. A list
// depends on nothing else of a work than its chip.
type lists struct {
	tech *power.Tech
	made map[string]*power.PriceList
}

func (p *lists) cost(m power.Activity, w *Work) (Cost, error) {
	key := w.chip + m.String()
	l := p.made[key]
	if l == nil {
		var err error
		if l, err = p.tech.PricesAs(m, w.Geometry); err != nil {
			return Cost{}, err
		}
		p.made[key] = l
	}
	return w.price(l), nil
}

// savings are those of pairs under a technology.
func savings(pairs []*Pair) func(*power.Tech) ([]float64, error) {
	return func(t *power.Tech) ([]float64, error) {
		l := &lists{t, map[string]*power.PriceList{}}
		out := make([]float64, len(pairs))
		for i, p := range pairs {
			a, err := l.cost(p.Model, p.A)
			if err != nil {
				return nil, err
			}
			b, err := l.cost(p.Model, p.B)
			if err != nil {
				return nil, err
			}
			out[i] = saving(p.Of(&a), p.Of(&b))
		}
		return out, nil
	}
}

// intervals are the savings of pairs with every constant drawn, the same for both sides of a pair
// and for all pairs.
func intervals(t *power.Tech, samples int, pairs []*Pair) ([]Interval, error) {
	return drawn(t, samples, savings(pairs))
}

// drawn evaluates figures with the constants as they are and with constants drawn from a fixed
// stream, on all cores of the machine.
func drawn(
	t *power.Tech, samples int, figures func(*power.Tech) ([]float64, error),
) ([]Interval, error) {
	at, err := figures(t)
	if err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(mcSeed, 0))
	techs := make([]*power.Tech, samples)
	for i := range techs {
		techs[i] = t.Sample(rng)
	}
	values, err := iter.MapErr(techs, func(t **power.Tech) ([]float64, error) { return figures(*t) })
	if err != nil {
		return nil, err
	}
	out := make([]Interval, len(at))
	for i := range at {
		v := make([]float64, samples)
		for k := range values {
			v[k] = values[k][i]
		}
		slices.Sort(v)
		q := func(p float64) float64 { return stat.Quantile(p, stat.Empirical, v, nil) }
		below := 100 * stat.CDF(Published, stat.Empirical, v, nil)
		out[i] = Interval{at[i], q(0.025), q(0.975), q(0.5), below}
	}
	return out, nil
}
