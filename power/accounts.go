package power

import (
	"fmt"
	"math"

	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// Account numbers the costs that stand beside the totals: no event of the simulator counts them, so they are derived from
// events and cycles, each by one constant. A report adds those that its question asks for, and says so.
type Account uint8

// The accounts.
const (
	AccountClock      Account = iota // clock tree
	AccountControl                   // control beyond SEQ and the units' own state machines
	AccountWires                     // wires that carry one operand to all lanes of a core
	AccountPHY                       // physical interface of external memory, on the die
	AccountBackground                // background power of external memory
	NumAccounts
)

// accounts is how each is called, and how its constant is applied.
var accounts = [NumAccounts]struct{ name, why string }{
	AccountClock:      {"clock tree", "a factor on the energy of the register bits that an event clocks"},
	AccountControl:    {"control", "a factor on the energy of every event, but for those of SEQ, which is control, and of external memory"},
	AccountWires:      {"operand wires", "16 bits over the pitch of an operator for each MAC, tree addition and EPC multiplication (by operand toggles: 2 bits for each that changes): a broadcast to n operators is a wire of n pitches, the pitch being the square root of the unit's area an operator"},
	AccountPHY:        {"PHY", "256 bits a burst"},
	AccountBackground: {"external memory background", "a power times the time, on the account of external memory"},
}

func (a Account) String() string { return accounts[a].name }

// External says whether an account belongs to external memory rather than to the die.
func (a Account) External() bool { return a == AccountBackground }

// AccountPrice is what an account adds to every event and every cycle.
type AccountPrice struct {
	Constant Constant // at the supply; of external memory that costs nothing it has only a source
	Event    [activity.NumEvents]Attojoules
	CycleAJ  Attojoules // booked under unit XMEM
}

// accounts fills in l.Account; the prices of the events are known.
func (t *Tech) accounts(g activity.Geometry, l *PriceList) error {
	area, err := t.Area(g)
	if err != nil {
		return err
	}
	clock := recipes(g) // the clock does not know what changes
	external, costs := memories[g.DRAM]
	for a, base := range [NumAccounts]Base{ClockTree, Control, Wire, external.phy, external.background} {
		a, c := Account(a), t.Scaled(base)
		if a >= AccountPHY && !costs {
			c = Constant{Source: free[g.DRAM]}
		}
		l.Account[a].Constant = c
		for e := range activity.NumEvents {
			aj, err := toAttojoules(1e6 * c.Value * t.accountUnits(a, g, area, l, clock[e].terms, e))
			if err != nil {
				return fmt.Errorf("power: account of %s: %s: %w", a, e, err)
			}
			l.Account[a].Event[e] = aj
		}
	}
	background := &l.Account[AccountBackground]
	background.CycleAJ, err = l.cycle(background.Constant.Value)
	if err != nil {
		err = fmt.Errorf("power: account of %s: %w", AccountBackground, err)
	}
	return err
}

// accountUnits returns what an account's constant is to be multiplied with for an event: pJ for the factors, bits for the
// PHY, bit x mm for the wires; clocked is what the event is made of in the model of events.
func (t *Tech) accountUnits(a Account, g activity.Geometry, area *AreaList, l *PriceList, clocked []Term, e activity.Event) float64 {
	p, unit := &l.Event[e], activity.Events[e].Unit
	if p.NotBuilt != "" {
		return 0
	}
	switch a {
	case AccountClock:
		return bitsOf(clocked, RegBit) * t.Scaled(RegBit).Value
	case AccountControl:
		if unit != activity.Seq && !External(unit) {
			return float64(p.PJ)
		}
	case AccountWires:
		if bits := operandBits(l.Activity, e); bits > 0 {
			const umPerMM = 1000
			return bits * math.Sqrt(area.Units(unit).UM2/logicOf(g, unit).ops) / umPerMM
		}
	case AccountPHY:
		return bitsOf(p.Terms, memories[g.DRAM].bit)
	}
	return 0
}

func bitsOf(terms []Term, b Base) (bits float64) {
	for _, m := range terms {
		if m.Base == b {
			bits += m.N
		}
	}
	return bits
}

// operandBits is how many bits an event moves over the wire that brings an operator its operand. The constant is for random
// bits, half of which change: a bit that does counts as two.
func operandBits(m Activity, e activity.Event) float64 {
	switch e {
	case activity.MAC, activity.DEPCAdd, activity.EPCMul:
		if m == ByEvents {
			return 16
		}
	case activity.ToggleX, activity.DEPCToggleIn, activity.EPCToggleIn:
		if m == ByToggles {
			return 2
		}
	}
	return 0
}

// AccountOf returns what an account adds to e, which must be measured with l; it refuses an energy of another model.
// Windows add up to the run exactly.
func (l *PriceList) AccountOf(a Account, e *Energy) (sum Attojoules, err error) {
	if l.Activity != e.Activity && !e.empty() {
		return 0, fmt.Errorf("power: account of %s: got activity models %s and %s, want one",
			a, l.Activity, e.Activity)
	}
	for phase := range NumPhases {
		err := sum.Add(l.Account[a].CycleAJ, e.Cycles[phase])
		for ev, n := range e.Count[phase] {
			if err == nil {
				err = sum.Add(l.Account[a].Event[ev], n)
			}
		}
		if err != nil {
			return 0, fmt.Errorf("power: account of %s: %w", a, err)
		}
	}
	return sum, nil
}

// AccountTable is the accounts beside the totals of e in uJ, and what they would add to the sum on whose side they are.
func AccountTable(l *PriceList, e *Energy) (*table.Table, error) {
	t := table.New("Accounts beside the totals", "account", "whose",
		"uJ|energy_uj", "% of its side", "constant", "low", "high", "unit", "applied as", "source")
	for a := range NumAccounts {
		sum, err := l.AccountOf(a, e)
		if err != nil {
			return nil, err
		}
		whose, side := "on-die", e.OnDie()
		if a.External() {
			whose, side = "external memory", e.ExternalMemory()
		}
		c := l.Account[a].Constant
		t.Row(a.String(), whose, sum.UJ(), percent(sum, side), c.Value, c.Low, c.High, c.Unit,
			accounts[a].why, c.Name+": "+c.Source)
	}
	t.Note("none of these is in the totals of the other tables; %s", e.Activity.Note())
	return t, nil
}
