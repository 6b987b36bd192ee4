package epc

import (
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/toggle"
)

// leafBits are the bits of a sum of two products of 32 bits.
const leafBits = 33

// toggles is what operands and adders held last, for counting the bits that change. It is no part of the chip's state.
type toggles struct {
	e, w  Block              // trees: at a multiplier, a row a tree
	trees [lanes]toggle.Tree //
	sum   [lanes]int64       //

	x     int64                     // LaneMask: on the bus of the lanes
	laneW [tileGroups * lanes]int16 // in the weight register of a lane
}

// countOperands counts the bits that change at the multipliers of the trees with the errors and weights that were just
// issued. A multiplier that is gated keeps its operands.
func (u *Unit) countOperands(cmd *port.Cmd) {
	t := u.toggles
	inE, inW := 0, 0
	for k := range t.e {
		if u.kind == TreeGate && u.Gate.M1>>k&1 == 0 {
			continue
		}
		for j, e := range u.E[:u.passErrors()] {
			if u.kind == TreeGate && e == 0 {
				continue
			}
			w := u.Trees.W[k][j]
			inE += toggle.Int16(t.e[k][j], e)
			inW += toggle.Int16(t.w[k][j], w)
			t.e[k][j], t.w[k][j] = e, w
		}
	}
	row := &u.act.Rows[cmd.Tag]
	row[activity.EPCToggleIn] += uint64(inE)
	row[activity.EPCToggleW] += uint64(inW)
}

// countTrees counts the bits that change behind the adders of the trees whose bit is set in word; the others stand still.
// A product whose error is 0 is 0.
func (u *Unit) countTrees(cmd *port.Cmd, word uint16) {
	n := 0
	for k := range u.toggles.trees {
		if word>>k&1 == 0 {
			continue
		}
		var products [passWidth]int64
		for j, e := range u.E {
			products[j] = int64(e) * int64(u.Trees.W[k][j])
		}
		n += u.toggles.trees[k].Add(&products, leafBits)
	}
	u.act.Rows[cmd.Tag][activity.EPCToggleOut] += uint64(n)
}

// countSums counts the bits that change behind the adders at the roots, which add what the passes before have left.
func (u *Unit) countSums(cmd *port.Cmd) {
	t := u.toggles
	n := 0
	for k, v := range u.Sum {
		n += toggle.Sum(t.sum[k], v, int(u.accBits))
	}
	t.sum = u.Sum
	u.act.Rows[cmd.Tag][activity.EPCToggleOut] += uint64(n)
}

// countLanes counts the bits that change with error x and its row of weights in the lanes of n groups whose f' is 1. It
// comes before the sums are added to.
func (u *Unit) countLanes(cmd *port.Cmd, x int64, w *[tileGroups * lanes]int16, n int) {
	s, t := &u.Lanes, u.toggles
	bus := toggle.Int16(int16(t.x), int16(x))
	inE, inW, out := 0, 0, 0
	for g := range n {
		for l := range lanes {
			if s.Mask[g]>>l&1 == 0 {
				continue
			}
			k := lanes*g + l
			sum := u.Partial[tileGroups*int(s.Row)+g][l]
			inE += bus
			inW += toggle.Int16(t.laneW[k], w[k])
			out += toggle.Sum(sum, sum+x*int64(w[k]), int(u.accBits))
			t.laneW[k] = w[k]
		}
	}
	t.x = x
	row := &u.act.Rows[cmd.Tag]
	row[activity.EPCToggleIn] += uint64(inE)
	row[activity.EPCToggleW] += uint64(inW)
	row[activity.EPCToggleOut] += uint64(out)
}
