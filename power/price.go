package power

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bdfasim/rtl/activity"
)

// Price is what one event costs, and why.
type Price struct {
	Event         activity.Event
	AJ            Attojoules // what the meter multiplies with
	PJ, Low, High Picojoules // unrounded; low and high have all constants at that end
	Terms         []Term     // PJ is the sum of N x the scaled constant
	Formula       string     // the terms in words
	Why           string     // what the terms stand for
	Source        string     // where the constants come from, separated by " | "
	Rule          string     // how the constants follow the supply
	NotBuilt      activity.Memory
}

// PriceList holds the prices of one chip in one technology and activity model: all that the meter needs.
type PriceList struct {
	Activity Activity
	Event    [activity.NumEvents]Price
	Leak     []Leakage                     // every memory and every unit's logic
	Account  [NumAccounts]AccountPrice     // costs beside the totals
	UnitAJ   [activity.NumUnits]Attojoules // leakage a cycle: the sum of the unit's Leak
	FreqMHz  float64                       // the machine's clock
	Tech     Tech                          // the constants behind the prices
}

// Prices returns the price of every event and the leakage of every memory and unit of a chip with geometry g. It refuses
// an event without a price, a constant without a source, a supply out of range and a geometry with holes. Events of
// what is not built cost nothing, and the meter refuses to see them counted.
func (t *Tech) Prices(g activity.Geometry) (*PriceList, error) { return t.PricesAs(ByEvents, g) }

// PricesAs is Prices under an activity model. The meter refuses counts that the model cannot price.
func (t *Tech) PricesAs(m Activity, g activity.Geometry) (*PriceList, error) {
	if m >= NumActivities {
		return nil, fmt.Errorf("power: activity model: got %d, want below %d", m, NumActivities)
	}
	if t.DRAM != "" {
		g.DRAM = t.DRAM
	}
	rs := recipes(g)
	if m == ByToggles {
		toggleRecipes(g, &rs)
	}
	return t.prices(m, g, rs)
}

func (t *Tech) prices(m Activity, g activity.Geometry, rs [activity.NumEvents]recipe) (*PriceList, error) {
	if err := t.check(g); err != nil {
		return nil, err
	}
	l := &PriceList{Activity: m, FreqMHz: g.ClockMHz, Tech: *t}
	for e := range activity.NumEvents {
		p, err := t.price(g, rs[e])
		if err != nil {
			return nil, fmt.Errorf("power: price of %s: %w", e, err)
		}
		p.Event = e
		l.Event[e] = p
	}
	if err := t.leakage(g, l); err != nil {
		return nil, err
	}
	if err := t.accounts(g, l); err != nil {
		return nil, err
	}
	return l, nil
}

// price adds up a recipe. Event is left to the caller.
func (t *Tech) price(g activity.Geometry, r recipe) (Price, error) {
	p := Price{Why: r.why, Terms: r.terms}
	if r.why == "" {
		return p, fmt.Errorf("no price, or one without a reason")
	}
	if r.mem.mem != "" {
		shape, ok := g.Memories[r.mem.mem]
		if !ok {
			return p, fmt.Errorf("memory %s: not in the geometry", r.mem.mem)
		}
		if shape.Macros == 0 {
			return notBuilt("memory not built", r.mem.mem), nil
		}
		term, err := t.accessTerm(shape, r.mem)
		if err != nil {
			return p, fmt.Errorf("memory %s: %w", r.mem.mem, err)
		}
		p.Terms = append([]Term{term}, r.terms...)
	}
	if r.need != "" && g.Memories[r.need].Macros == 0 {
		return notBuilt("unit not built", r.need), nil
	}
	if r.zero {
		p.Formula, p.Source, p.Rule = "0", r.why, RuleSupply.String()
		return p, nil
	}
	if len(p.Terms) == 0 {
		return p, fmt.Errorf("no constants in its sum")
	}
	return p, t.sum(&p)
}

func notBuilt(why string, m activity.Memory) Price {
	return Price{Why: why, Formula: "0", Source: "geometry: no macros", Rule: RuleSupply.String(),
		NotBuilt: m}
}

// accessTerm prices an access of a memory: as many macro accesses as its bits need, at least one.
func (t *Tech) accessTerm(s activity.MemoryShape, a access) (Term, error) {
	m, err := SRAMMacro(t.Cell, s.Bytes, s.WidthBit)
	if err != nil {
		return Term{}, err
	}
	times := math.Max(1, float64(a.bits)/float64(s.WidthBit))
	pj := m.ReadPJ
	if a.write {
		pj = m.WritePJ
	}
	return Term{SRAM, times * float64(pj)}, nil
}

// sum fills in the numbers and the words of a price from its terms.
func (t *Tech) sum(p *Price) (err error) {
	var formula, rules []string
	var used []Base
	for _, m := range p.Terms {
		if m.Base >= NumBase || !(m.N >= 0) || math.IsInf(m.N, 0) {
			return fmt.Errorf("a term of %v times constant %d, want a finite number of one below %d", m.N, m.Base, NumBase)
		}
		c := t.Base[m.Base]
		if c.Unit != "pJ" && m.Base != SRAM {
			return fmt.Errorf("constant %q is in %s, want pJ", c.Name, c.Unit)
		}
		k := m.N * t.scale(c.Rule)
		p.PJ += Picojoules(k * c.Value)
		p.Low += Picojoules(k * c.Low)
		p.High += Picojoules(k * c.High)
		n := strconv.FormatFloat(m.N, 'g', 6, 64)
		if m.Base == SRAM {
			n += " pJ" // the table's entry; the constant is a factor
		}
		formula = append(formula, n+" x "+c.Name)
		used = append(used, m.Base)
	}
	slices.Sort(used)
	used = slices.Compact(used)
	for _, b := range used {
		if rule := t.Base[b].Rule.String(); !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	p.Formula, p.Source, p.Rule = strings.Join(formula, " + "), t.sources(used), strings.Join(rules, ", ")
	p.AJ, err = toAttojoules(float64(p.PJ) * 1e6)
	return err
}

// sources says where some constants come from.
func (t *Tech) sources(of []Base) string {
	var out []string
	for _, b := range of {
		out = append(out, t.Base[b].Name+": "+t.Base[b].Source)
	}
	return strings.Join(out, " | ")
}

// toAttojoules rounds half away from zero.
func toAttojoules(aj float64) (Attojoules, error) {
	if r := math.Round(aj); r >= 0 && r < math.MaxInt64 {
		return Attojoules(r), nil
	}
	return 0, fmt.Errorf("got %g aJ, want 0 to %d", aj, int64(math.MaxInt64))
}

// cycle is a power in milliwatts over a cycle of the machine: mW / MHz = nJ.
func (l *PriceList) cycle(mw float64) (Attojoules, error) { return toAttojoules(mw / l.FreqMHz * 1e9) }

func checkGeometry(g activity.Geometry) error {
	if g.Lanes <= 0 || g.AccBits <= 0 {
		return fmt.Errorf("power: geometry: got %d lanes of %d accumulator bits, want more than 0", g.Lanes, g.AccBits)
	}
	if min(g.DEPC.N, g.DEPC.Inputs, g.EPC.N, g.EPC.Inputs, g.MomLanes, g.LFSRBits) <= 0 {
		return fmt.Errorf("power: geometry: got trees of %v and %v, %d momentum lanes, an LFSR of %d "+
			"bits a leap, want more than 0", g.DEPC, g.EPC, g.MomLanes, g.LFSRBits)
	}
	if !(g.ClockMHz > 0) || math.IsInf(g.ClockMHz, 0) {
		return fmt.Errorf("power: clock: got %v MHz, want more than 0", g.ClockMHz)
	}
	if _, ok := memories[g.DRAM]; !ok && free[g.DRAM] == "" {
		return fmt.Errorf("power: external memory: got kind %q, want one with prices", g.DRAM)
	}
	for e, r := range g.Clocked {
		if n := r.Bits; n < 0 {
			return fmt.Errorf("power: geometry: got %d register bits in %s, want 0 or more", n, activity.Event(e))
		}
	}
	for name, s := range g.Memories {
		if s.Macros < 0 || s.Unit >= activity.NumUnits {
			return fmt.Errorf("power: geometry: memory %s: got %d macros in unit %d, want 0 or more in a unit below %d", name, s.Macros, s.Unit, activity.NumUnits)
		}
	}
	return nil
}
