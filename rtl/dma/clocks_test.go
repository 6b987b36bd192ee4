package dma

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
)

// Every group of registers is clocked as often as it is written: once a burst, a group or a
// command.
func TestClocks(t *testing.T) {
	b := newBench(nil)
	for _, k := range []struct {
		op     isa.Op
		params []uint32
		want   map[activity.Event]int
	}{
		{isa.OpDMAScr, []uint32{0, 100, 64}, map[activity.Event]int{clockAsk: 1 + 4, clockX: 4, clockLand: 4, clockUse: 1 + 4, clockScratch: 4}},
		{isa.OpDMAStore, []uint32{0, 96, 0}, map[activity.Event]int{clockAsk: 1 + 3, clockScratch: 3, clockLand: 3, clockUse: 1 + 3, clockW: 3}},
		{isa.OpDMACopy, []uint32{0, 64, 1024}, map[activity.Event]int{clockAsk: 1 + 2, clockX: 2, clockLand: 2, clockUse: 1 + 2, clockW: 2}},
		{isa.OpDMABias, []uint32{0, 9, 0}, map[activity.Event]int{clockAsk: 1 + 2, clockX: 2, clockLand: 2, clockUse: 1 + 2, clockBias: 2}},
		{isa.OpDMASign, []uint32{0, 3, 0}, map[activity.Event]int{clockAsk: 1 + 3, clockX: 3, clockLand: 3, clockUse: 1 + 3, clockSign: 3}},
		{isa.OpDMAMap, []uint32{0, 80, 0}, map[activity.Event]int{clockAsk: 1 + 3, clockX: 3, clockLand: 3, clockUse: 1 + 3, clockEnc: 5, clockMap: 1 + 5}},
		{isa.OpDMASave, []uint32{0, 80, 0}, map[activity.Event]int{clockAsk: 1 + 1, clockReq: 1, clockLand: 5, clockUse: 1 + 5, clockW: 5}},
	} {
		b.act = activity.Counts{}
		b.command(k.op, 0, k.params...)
		b.finish(t)
		k.want[clockBegin] = 1
		for e := clockBegin; e <= clockReq; e++ {
			require.EqualValues(t, k.want[e], b.act.Rows[tag][e], "%v: %v", k.op, e)
		}
	}
	require.Equal(t, activity.Registers{Bits: 256, Copies: landDepth}, b.u.Clocked()[clockLand])
	require.Equal(t, activity.Registers{Bits: 32, Copies: 1}, b.u.Clocked()[clockX])
}
