package dnnc

import (
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/dnnc/lanes"
	"bdfasim/rtl/port"
	"bdfasim/rtl/toggle"
)

// toggles is what the array's wires and registers held last, for counting the bits that change. It
// is no part of the chip's state: an accumulator's last value is the accumulator itself.
type toggles struct {
	x    [port.NumStreams]int16 // on the operand bus of a stream
	w    []int16                // in the weight register of a lane
	bits int                    // of an accumulator
}

func newToggles(c *machine.DNNC) *toggles {
	return &toggles{w: make([]int16, c.Lanes), bits: c.AccBits}
}

// applyCounted does what lanes.Accumulate does for one stream, operand after operand in the order
// in which they came, and counts the bits that change. Putting operands off does not disturb that:
// they all belong to one row of accumulators, and no other stream reaches these lanes.
func (u *Unit) applyCounted(i int, pairs []lanes.Pair) {
	s, k, t := &u.State, &u.cur, u.toggles
	lo, n := i*k.width, group*k.groups
	acc := u.row(s.Bank, s.Row[i], lo, n)
	held := t.w[lo : lo+n]
	inX, inW, out := 0, 0, 0
	for _, p := range pairs {
		inX += n * toggle.Int16(p.X, t.x[i])
		t.x[i] = p.X
		for l, w := range k.w[int(p.Row)*u.lanes+lo:][:n] {
			sum := acc[l] + int64(p.X)*int64(w)
			inW += toggle.Int16(w, held[l])
			out += toggle.Sum(sum, acc[l], t.bits)
			held[l], acc[l] = w, sum
		}
	}
	k.row[activity.ToggleX] += uint64(inX)
	k.row[activity.ToggleW] += uint64(inW)
	k.row[activity.ToggleAcc] += uint64(out)
}
