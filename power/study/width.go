package study

import (
	"fmt"
	"maps"
	"math"

	"bdfasim/power"
	"bdfasim/power/table"
	"bdfasim/rtl/activity"
)

// treeWidth is how many inputs a tree of the DEPC and of the EPC has.
const treeWidth = 16

// treeCore says which events and memories of a core follow the width of its trees.
type treeCore struct {
	unit                                 activity.Unit
	op, read, write, partRead, partWrite activity.Event
	errors                               activity.Memory
	operandBits                          int // registers an input, beside those that are priced with an event
	generator                            bool
}

var treeCores = map[string]treeCore{
	"epc/tree": {unit: activity.EPC, op: activity.EPCMul, read: activity.EPCERead, write: activity.EPCEWrite, partRead: activity.EPCPRead, partWrite: activity.EPCPWrite,
		errors: activity.MemEPCE, operandBits: 16}, // an error
	Headline: {unit: activity.DEPC, op: activity.DEPCAdd, read: activity.EBufRead, write: activity.EBufWrite, partRead: activity.DEPCPRead, partWrite: activity.DEPCPWrite,
		errors: activity.MemEBuf, operandBits: 16 + 2*16, generator: true}, // an error; 16 signs in use and 16 to come
}

// wide is a core's work with trees of so many inputs, a power of two, derived from the run with 16 by the formulas of
// rtl/depc and rtl/epc, as the notes of the table say (report.tmpl). There are ceil(F/inputs) passes.
func (c *Core) wide(inputs int) (*Work, error) {
	k, ok := treeCores[c.Variant]
	if !ok {
		return nil, fmt.Errorf("study: core %s has no trees", c.Variant)
	}
	const nb = 32
	passes := func(inputs int) uint64 { return uint64((c.FanIn + inputs - 1) / inputs) }
	groups := uint64(nb * coreNeurons / 16)
	old, now := passes(treeWidth), passes(inputs)
	w := c.work(0)
	w.Events[k.read], w.Events[k.write] = groups*now, nb*now
	w.Events[k.partRead], w.Events[k.partWrite] = groups*(now-1), groups*(now-1)
	issued := (groups + nb) * old // cycles that the passes take, those of the load among them
	active := activity.Active(k.unit)
	w.Events[active] = w.Events[active] - issued + (groups+nb)*now
	w.Cycles = c.Cycles - issued + (groups+nb)*now

	w.Geometry.Memories = maps.Clone(w.Geometry.Memories)
	m := w.Geometry.Memories[k.errors]
	m.WidthBit = m.WidthBit * inputs / treeWidth
	w.Geometry.Memories[k.errors] = m
	w.Geometry.Clocked[active].Bits += (inputs-treeWidth)*k.operandBits + 16*levels(inputs) // operands, and a bit a level of each sum
	if k.generator {
		w.Geometry.Clocked[activity.ActiveLFSR].Bits += (inputs - treeWidth) * 16 // a fill
	}
	return w, nil
}

// levels is how many levels more than the trees of 16 inputs a tree has.
func levels(inputs int) int { return int(math.Log2(float64(inputs))) - 4 }

// wideCost prices such a work over a period. Each level makes the adders a bit wider, as the prices take the last one's
// width; the unit's operators leak as many times as they are.
func (st *Study) wideCost(c *Core, inputs int, w *Work, period uint64) (Cost, error) {
	l, err := st.Tech.Prices(w.Geometry)
	if err != nil {
		return Cost{}, err
	}
	w.Cycles = period
	cost, k := w.price(l), treeCores[c.Variant]
	bit := float64(levels(inputs)) * st.Tech.Scaled(power.Add32).Value / 32 * float64(w.Events[k.op])
	cost.Unit[k.unit] += bit
	cost.Control += float64(bit * st.Tech.Scaled(power.Control).Value)
	for _, leak := range l.Leak {
		if leak.Unit == k.unit && leak.Name == "logic" {
			cost.Leak += float64(float64(leak.AJ.PJ()) * float64(period) * (float64(inputs)/treeWidth - 1))
		}
	}
	return cost, nil
}

// widthTable is the energy of the cores and the saving against the width of their trees.
func (st *Study) widthTable() (*table.Table, error) {
	t := newTable("width", nil)
	for _, f := range st.scope.fanIns {
		for _, inputs := range []int{8, 16, 32} {
			var period uint64
			var works [2]*Work
			cores := [2]*Core{st.core("epc/tree", f), st.core(Headline, f)}
			for k, c := range cores {
				var err error
				if works[k], err = c.wide(inputs); err != nil {
					return nil, err
				}
				period = max(period, works[k].Cycles)
			}
			var each [2]float64 // pJ an operation
			for k, c := range cores {
				cost, err := st.wideCost(c, inputs, works[k], period)
				if err != nil {
					return nil, err
				}
				each[k] = cost.OnDie() / operations(f)
			}
			t.Row(product(f), inputs, (f+inputs-1)/inputs, each[0], each[1],
				round1(saving(each[0], each[1])))
		}
	}
	return t, nil
}
