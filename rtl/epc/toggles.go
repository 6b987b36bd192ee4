package epc

import (
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
	"bdfasim/rtl/toggle"
)

// leafBits are the bits of a sum of two products of 32 bits.
const leafBits = 33

// toggles is what operands held last, for counting the bits that change. It is no part of the chip's
// state.
type toggles struct {
	e, w   [][]int16 // trees: at a multiplier, a row a tree
	leaves []int64

	x     int64   // LaneMask: on the bus of the lanes
	laneW []int16 // in the weight register of a lane
}

func newToggles(s errors.Shape) *toggles {
	t := &toggles{leaves: make([]int64, s.Inputs), laneW: make([]int16, group*s.Span)}
	for range s.Neurons {
		t.e, t.w = append(t.e, make([]int16, s.Inputs)), append(t.w, make([]int16, s.Inputs))
	}
	return t
}

// countOperands counts the bits that change at the multipliers of the trees whose bit is set in f,
// with the errors that were just issued, which begin at input of the tile. A multiplier that is gated
// keeps its operands.
func (u *Unit) countOperands(cmd *port.Cmd, neuron int, errors []int16, input int, f uint32) {
	t := u.toggles
	inE, inW := 0, 0
	for k := range t.e {
		if f>>k&1 == 0 {
			continue
		}
		for j, e := range errors {
			if u.kind == TreeGate && e == 0 {
				continue
			}
			w := u.Trees.W[(neuron+k)*u.core.TileI+input+j]
			inE += toggle.Int16(t.e[k][j], e)
			inW += toggle.Int16(t.w[k][j], w)
			t.e[k][j], t.w[k][j] = e, w
		}
	}
	u.core.Count(cmd, activity.EPCToggleIn, inE)
	u.core.Count(cmd, activity.EPCToggleW, inW)
}

// countTrees counts the bits that change behind the adders of the trees whose bit is set in f; the
// others stand still. A product whose error is 0 is 0.
func (u *Unit) countTrees(cmd *port.Cmd, f uint32, product func(tree, input int) int64) {
	for k := range u.core.Neurons {
		if f>>k&1 == 0 {
			continue
		}
		for j := range u.toggles.leaves {
			u.toggles.leaves[j] = product(k, j)
		}
		u.core.CountTree(cmd, k, u.toggles.leaves, leafBits)
	}
}

// countLanes counts the bits that change with error x and its row of weights in the lanes of n groups
// whose f' is 1. It comes before the sums are added to.
func (u *Unit) countLanes(cmd *port.Cmd, x int64, w []int16, n int) {
	s, t := &u.Lanes, u.toggles
	bus := toggle.Int16(int16(t.x), int16(x))
	inE, inW, out := 0, 0, 0
	sums := u.sums(s.Row)
	for k := range group * n {
		if s.Mask[k/group]>>(k%group)&1 == 0 {
			continue
		}
		inE += bus
		inW += toggle.Int16(t.laneW[k], w[k])
		out += toggle.Sum(sums[k], sums[k]+x*int64(w[k]), u.core.SumBits)
		t.laneW[k] = w[k]
	}
	t.x = x
	u.core.Count(cmd, activity.EPCToggleIn, inE)
	u.core.Count(cmd, activity.EPCToggleW, inW)
	u.core.Count(cmd, activity.EPCToggleOut, out)
}
