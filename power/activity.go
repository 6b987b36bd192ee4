package power

import (
	"errors"
	"fmt"

	"bdfasim/rtl/activity"
)

// Activity says what the energy of arithmetic follows; docs/power.md, "Two activity models".
type Activity uint8

// The models of activity.
const (
	ByEvents  Activity = iota // every operation costs what it does with random operands
	ByToggles                 // multipliers, adders and the registers of lanes cost by the bits that change
	NumActivities
)

func (m Activity) String() string {
	if m < NumActivities {
		return [NumActivities]string{"events", "operand toggles"}[m]
	}
	return "model?"
}

// Note is what a report says of its model: "activity model: events" or "activity model: operand toggles".
func (m Activity) Note() string { return "activity model: " + m.String() }

// registerData is the part of a register bit's price that goes when its value changes, at random data; the rest goes with
// its clock. Aladdin's power_func.h, whence the price is, has both: 1.063e-3 of 8.999e-3 mW at 1 ns, 0.538e-3 of 4.506e-3 at
// 2 ns.
const registerData = 0.119

// times is a multiple of a term.
func (m Term) times(f float64) Term { return Term{m.Base, f * m.N} }

// clocked are register bits of which only the clock's part counts.
func clocked(bits float64) Term { return Term{RegBit, (1 - registerData) * bits} }

// Energy of one bit that changes, of an operation in which at random data half of all bits do.
var (
	toggledProduct  = mul(16, 16).times(1.0 / 16) // half of the two operands' 32
	toggledRegister = Term{RegBit, 2 * registerData}
)

func toggledSum(bits float64) Term { return add(bits).times(2 / bits) }

// splits are the events that ByToggles splits the arithmetic of an operation into.
var splits = []struct {
	of   activity.Event
	need activity.Memory
	into []activity.Event
}{
	{activity.MAC, "", []activity.Event{activity.ToggleX, activity.ToggleW, activity.ToggleAcc}},
	{activity.DEPCAdd, activity.MemEBuf, []activity.Event{activity.DEPCToggleIn, activity.DEPCToggleOut}},
	{activity.EPCMul, activity.MemEPCW, []activity.Event{activity.EPCToggleIn, activity.EPCToggleW, activity.EPCToggleOut}},
}

// silent are the recipes of toggles in a model that takes no notice of them.
func silent(r *[activity.NumEvents]recipe) {
	const why = "held in the price of %s, which stands for random operands; the model of operand toggles prices it"
	for _, s := range splits {
		for _, e := range s.into {
			r[e] = recipe{zero: true, need: s.need, why: fmt.Sprintf(why, s.of)}
		}
	}
}

// toggleRecipes replaces the recipes of arithmetic by those of the bits that change in it. If half of all operand and result
// bits change with every operation, the sum is that of the model of events.
func toggleRecipes(g activity.Geometry, r *[activity.NumEvents]recipe) {
	acc := float64(g.AccBits)
	set := func(e activity.Event, why string, terms ...Term) {
		r[e] = recipe{terms: terms, why: why, need: r[e].need, zero: terms == nil}
	}
	const operand, register = "a product by its operands: 16 of their 32 bits change at random data", "; the register's part that goes when it changes"
	sum := func(e activity.Event, what string, bits float64) {
		set(e, "an addition "+what+" by its result, of which half of the bits change at random data", toggledSum(bits))
	}
	lane := func(op, in, weight, out activity.Event) {
		set(op, "the lane's accumulator and weight registers without what goes when they change; the rest is in the events of toggles", clocked(acc+16))
		set(in, operand, toggledProduct)
		set(weight, operand+register, toggledProduct, toggledRegister)
		sum(out, "at accumulator width", acc)
		r[out].terms, r[out].why = append(r[out].terms, toggledRegister), r[out].why+register
	}
	const nothing = "no registers of its own; all of it is in the events of toggles"
	lane(activity.MAC, activity.ToggleX, activity.ToggleW, activity.ToggleAcc)
	set(activity.DEPCAdd, nothing)
	set(activity.DEPCToggleIn, "a negation by the operand behind it: 8 of 16 bits change at random data", mux(1).times(1.0/8))
	sum(activity.DEPCToggleOut, "in a tree", depcBits(g))
	lane(activity.EPCMul, activity.EPCToggleIn, activity.EPCToggleW, activity.EPCToggleOut)
	if !epcLanes(g) {
		set(activity.EPCMul, nothing)
		sum(activity.EPCToggleOut, "in a tree", epcBits(g))
		held := &r[activity.EPCWRead]
		held.terms = []Term{clocked(256)}
		held.why = "one read at the macro's width; 16 weight registers at the multipliers, clocked when written, without what goes when they change"
	}
}

var errNoToggles = errors.New("counts without toggles: the model of operand toggles needs a run that counts them (rtl.Config.Toggles)")

// counted refuses, for ByToggles, counts of arithmetic among which there is no toggle at all.
func (m Activity) counted(c *activity.Counts) error {
	if m != ByToggles {
		return nil
	}
	work := uint64(0)
	for _, s := range splits {
		work |= c.Total(s.of)
		for _, e := range s.into {
			if c.Total(e) > 0 {
				return nil
			}
		}
	}
	if work > 0 {
		return fmt.Errorf("power: %w", errNoToggles)
	}
	return nil
}
