package depc

import (
	"math/bits"

	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// leafBits are the bits of a sum of two errors, of which the lowest, -2^15, may be negated.
const leafBits = 18

// toggles is what the inputs and the adders of the trees held last, for counting the bits that change. It is no part of
// the chip's state.
type toggles struct {
	e       port.Group
	sign    [lanes]uint16
	trees   [lanes]adders
	sum     [lanes]int32
	sumBits int
}

// adders is what the fifteen adders of a tree put out last: eight behind the leaves, then four, two and one.
type adders [passWidth - 1]int64

// add gives the tree new leaves and returns how many bits change behind its adders; each level has one bit more than the
// one before.
func (a *adders) add(leaves *[passWidth]int64) (n int) {
	below, at, width := leaves[:], 0, leafBits
	for len(below) > 1 {
		level := a[at : at+len(below)/2]
		for i := range level {
			sum := below[2*i] + below[2*i+1]
			n += changed(level[i], sum, width)
			level[i] = sum
		}
		below, at, width = level, at+len(level), width+1
	}
	return n
}

// changed is the number of the low bits, so many, in which two sums differ.
func changed(old, now int64, width int) int { return bits.OnesCount64(uint64(old^now) << (64 - width)) }

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
		d := bits.OnesCount16(uint16(t.e[c] ^ u.E[c]))
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
		n += u.toggles.trees[k].add(&leaves)
	}
	u.act.Rows[cmd.Tag][activity.DEPCToggleOut] += uint64(n)
}

// countSums counts the bits that change behind the adders at the roots, which add what the passes before have left.
func (u *Unit) countSums(cmd *port.Cmd) {
	t := u.toggles
	n := 0
	for k, v := range u.Sum {
		n += changed(int64(t.sum[k]), int64(v), t.sumBits)
	}
	t.sum = u.Sum
	u.act.Rows[cmd.Tag][activity.DEPCToggleOut] += uint64(n)
}
