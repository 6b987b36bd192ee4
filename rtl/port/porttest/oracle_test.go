package porttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/rtl/activity"
)

// unit is a unit with two groups of registers, an array clocked by elements, and a memory.
type unit struct {
	Own  uint8    `bits:"8"`
	Fill uint16   `bits:"9" clk:"fill"`
	Each [4]uint8 `bits:"8" clk:"reg" each:"1"`
	Mem  []uint8  `mem:"M"`
}

// TestOracle: whatever the unit does wrong with its clocks is found, and nothing else.
func TestOracle(t *testing.T) {
	const fill, reg = activity.ClockLFSR + 1, activity.ClockLFSR + 2
	for _, c := range []struct {
		name string
		tick func(u *unit, n *[activity.NumEvents]uint64)
		want []string
	}{
		{"nothing", func(*unit, *[activity.NumEvents]uint64) {}, nil},
		{"clocked", func(u *unit, n *[activity.NumEvents]uint64) { u.Fill = 3; n[fill]++ }, nil},
		{"clocked in vain", func(_ *unit, n *[activity.NumEvents]uint64) { n[fill]++ }, nil},
		{"elements", func(u *unit, n *[activity.NumEvents]uint64) { u.Each = [4]uint8{1, 1}; n[reg] += 2 }, nil},
		{"memory", func(u *unit, _ *[activity.NumEvents]uint64) { u.Mem[0] = 9 }, nil},
		{"never enabled", func(u *unit, _ *[activity.NumEvents]uint64) { u.Fill = 3 },
			[]string{"Fill: went from 0 to 3 in a cycle without clock_lfsr_fill"}},
		{"element not enabled", func(u *unit, _ *[activity.NumEvents]uint64) { u.Each[2] = 1 },
			[]string{"Each: went from [0 0 0 0] to [0 0 1 0] in a cycle without clock_lfsr_reg"}},
		{"other group enabled", func(u *unit, n *[activity.NumEvents]uint64) { u.Own = 1; n[fill]++ },
			[]string{"Own: went from 0 to 1 in a cycle without clock_lfsr"}},
		{"enabled twice", func(u *unit, n *[activity.NumEvents]uint64) { u.Fill = 3; n[fill] += 2 },
			[]string{"Fill: got clock_lfsr_fill 2 times in a cycle"}},
		{"port", func(_ *unit, n *[activity.NumEvents]uint64) { n[activity.LFSRStep] += 2 },
			[]string{"[lfsr_step]: got 2 accesses in a cycle, want 1 at most"}},
	} {
		u, act := &unit{Mem: make([]uint8, 4)}, &activity.Counts{}
		o := NewOracle(activity.LFSR, u)
		o.Ports(1, activity.LFSRStep)
		require.Empty(t, o.Check(act), c.name)
		c.tick(u, (*[activity.NumEvents]uint64)(&act.Rows[0]))
		got := o.Check(act)
		require.Len(t, got, len(c.want), "%s: %v", c.name, got)
		for i, want := range c.want {
			require.ErrorContains(t, got[i], want, c.name)
		}
		require.Empty(t, o.Check(act), "%s: the tick after", c.name)
	}
}
