package wld

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
)

// Every group of registers is clocked as often as it is written: once a burst, a column or a load.
func TestClocks(t *testing.T) {
	turned := weights(isa.FlagT, 5, 1, 0)
	errors := load{isa.OpWLDErrors, 0, [isa.NumWLDParams]uint32{0, 0, 3, 2}}
	errors.p[isa.WLDSStep] = 64
	for _, k := range []struct {
		load
		want map[activity.Event]int
	}{
		{weights(0, 3, 4, 0), map[activity.Event]int{clockAsk: 12, clockLand: 12, clockTile: 12}},
		{turned, map[activity.Event]int{clockAsk: 16, clockLand: 16, clockTurn: 16 + 5, clockTile: 5, activity.CornerTurn: 16}},
		{errors, map[activity.Event]int{clockReq: 1, clockLand: 6, clockTile: 6}},
	} {
		b := newBench(nil)
		b.run(t, k.load)
		for _, e := range []activity.Event{clockAsk, clockLand, clockTurn, clockReq, clockTile, activity.CornerTurn} {
			require.EqualValues(t, k.want[e], b.act.Rows[tag][e], "%v: %v", k.op, e)
		}
	}
	groups := func(lanes int) int { return newWideBench(lanes, nil).u.Clocked()[clockTile].Bits }
	require.Equal(t, 1+1+6+4+2+256, groups(256))
	require.Equal(t, 1+1+6+6+2+256, groups(1024))
}
