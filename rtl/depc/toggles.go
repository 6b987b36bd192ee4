package depc

import (
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/toggle"
)

// leafBits are the bits of a sum of two errors, of which the lowest, -2^15, may be negated.
const leafBits = 18

// toggles is what the inputs and the adders of the trees held last, for counting the bits that change. It is no part of
// the chip's state.
type toggles struct {
	e       port.Group
	sign    [lanes]uint16
	trees   [lanes]toggle.Tree
	sum     [lanes]int32
	sumBits int
}

// countInputs counts the bits that change at the trees with the errors and signs that were just issued. An error that
// keeps its sign in a tree changes as many bits there as the error does, and one that changes it all the others.
func (u *Unit) countInputs(cmd *port.Cmd) {
	t := u.toggles
	n := 0
	for c := range u.passClasses() {
		flips := 0
		for k := range t.sign {
			flips += int((t.sign[k] ^ u.Sign[k]) >> c & 1)
		}
		d := toggle.Int16(t.e[c], u.E[c])
		n += (lanes-flips)*d + flips*(16-d)
	}
	t.e, t.sign = u.E, u.Sign
	u.act.Rows[cmd.Tag][activity.DEPCToggleIn] += uint64(n)
}

// countTrees counts the bits that change behind the adders of the trees.
func (u *Unit) countTrees(cmd *port.Cmd) {
	n := 0
	for k := range u.toggles.trees {
		var leaves [passWidth]int64
		for c, e := range u.E {
			leaves[c] = (int64(u.Sign[k]>>c&1)*2 - 1) * int64(e)
		}
		n += u.toggles.trees[k].Add(&leaves, leafBits)
	}
	u.act.Rows[cmd.Tag][activity.DEPCToggleOut] += uint64(n)
}

// countSums counts the bits that change behind the adders at the roots, which add what the passes before have left.
func (u *Unit) countSums(cmd *port.Cmd) {
	t := u.toggles
	n := 0
	for k, v := range u.Sum {
		n += toggle.Sum(int64(t.sum[k]), int64(v), t.sumBits)
	}
	t.sum = u.Sum
	u.act.Rows[cmd.Tag][activity.DEPCToggleOut] += uint64(n)
}
