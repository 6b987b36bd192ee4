package errors

import (
	"bdfasim/rtl/port"
	"bdfasim/rtl/toggle"
)

// toggles is what the adders held last, for counting the bits that change. It is no part of the
// chip's state.
type toggles struct {
	trees [][]int64 // behind the adders of a tree
	sum   []int64   // behind its root
}

func newToggles(s Shape) *toggles {
	t := &toggles{sum: make([]int64, s.Neurons)}
	for range s.Neurons {
		t.trees = append(t.trees, make([]int64, s.Inputs-1))
	}
	return t
}

// Toggles reports whether bits that change are counted.
func (c *Core) Toggles() bool { return c.toggles != nil }

// CountTree counts the bits that change behind the adders of a tree with new operands; sums of two
// of them have so many bits.
func (c *Core) CountTree(cmd *port.Cmd, tree int, operands []int64, width int) {
	n := toggle.Tree(c.toggles.trees[tree]).Add(operands, width)
	c.act.Rows[cmd.Tag][c.kit.ToggleOut] += uint64(n)
}

// countSums counts the bits that change behind the adders at the roots, which add what the passes
// before have left.
func (c *Core) countSums(cmd *port.Cmd) {
	n := 0
	for k, v := range c.Sum {
		n += toggle.Sum(c.toggles.sum[k], v, c.SumBits)
	}
	copy(c.toggles.sum, c.Sum)
	c.act.Rows[cmd.Tag][c.kit.ToggleOut] += uint64(n)
}
