package sim

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// A row of the table by hand, and what is left out: phases that were not asked for, tags without anything.
func TestLayerTable(t *testing.T) {
	ff2, eval1 := activity.MakeTag(uint8(isa.PhaseFF), 2), activity.MakeTag(uint8(isa.PhaseEval), 1)
	r := &Result{Lanes: 512}
	r.Tags[ff2] = TagResult{Cycles: 1000, Dense: 256_000}
	r.Tags[eval1] = TagResult{Cycles: 7}
	row := &r.Counts.Rows[ff2]
	row[activity.MAC], row[activity.ClockDNNCWork] = 64_000, 400
	row[activity.XReadWLD], row[activity.XReadNorm], row[activity.XWriteDrain] = 1, 10, 100
	row[activity.OMEMRead], row[activity.OMEMWrite], row[activity.RLCEncode] = 30, 20, 160
	table := r.Metrics(Training).LayerTable(Column{"uJ", func(tag activity.Tag) any { return float64(tag) }})
	require.Equal(t, [][]any{{"ff", 2, uint64(1000), uint64(400), 12.5, 75.0, uint64(888), uint64(50), 2.0, float64(ff2)}}, table.Rows)
	require.Len(t, table.Header, 10)
	require.Len(t, r.Metrics(All).LayerTable().Rows, 2)
}

// drive gives a follower parameters and then a command.
func drive(f *follower, op isa.Op, params map[uint8]uint32) uint64 {
	for i, v := range params {
		f.follow(&port.Bus{Kind: port.BusParam, Index: i, Val: v})
	}
	return f.follow(&port.Bus{Kind: port.BusCmd, Op: op})
}

// Operands of commands by hand.
func TestDenseByHand(t *testing.T) {
	var f follower
	block := map[uint8]uint32{isa.DNNCNB: 5, isa.DNNCRows: 30, isa.DNNCGroups: 2}
	require.EqualValues(t, 5*30*32, drive(&f, isa.OpDNNCMac, block))
	require.EqualValues(t, 5*30*32, drive(&f, isa.OpDNNCGrad, nil))
	require.EqualValues(t, 5*32, drive(&f, isa.OpDNNCOnes, nil))
	require.Zero(t, f.follow(&port.Bus{Kind: port.BusGet}))

	// All taps of a 3 x 3 window with padding 1 over 4 x 4 pixels: 16*9 places, 44 of them outside.
	window := map[uint8]uint32{
		isa.DNNCNB: 16, isa.DNNCGroups: 1, isa.DNNCTaps: 9, isa.DNNCChan: 4, isa.DNNCRows: 36, isa.DNNCOut: 4<<16 | 4, isa.DNNCIn: 4<<16 | 4,
		isa.DNNCTap: 3 << 16, isa.DNNCStep: 1, isa.DNNCOff: 0xffff_ffff,
	}
	require.EqualValues(t, 100*4*16, drive(&f, isa.OpDNNCMac, window))
	require.EqualValues(t, 100*4*16, drive(&f, isa.OpDNNCGrad, nil))
	// The same pixels, from the last row of one image to the one before it of the next.
	require.EqualValues(t, 100*4*16, drive(&f, isa.OpDNNCMac, map[uint8]uint32{isa.DNNCAt: 3 << 16}))
	// Taps (1, 2) and (2, 0): one column of the outputs sees outside with each, and the last row with the second.
	part := map[uint8]uint32{isa.DNNCAt: 0, isa.DNNCTaps: 2, isa.DNNCTap: 3<<16 | 1<<8 | 2, isa.DNNCRows: 8}
	require.EqualValues(t, (12+9)*4*16, drive(&f, isa.OpDNNCMac, part))
	// The error of a stride of 2: 3 x 3 turned taps over 4 x 4 inputs, those that meet one of 2 x 2 outputs. As seen from these,
	// with padding 1: rows -1..1 and 1..3 of the inputs, of which 2 and 3 exist, and as many columns.
	turned := map[uint8]uint32{
		isa.DNNCTaps: 9, isa.DNNCTap: 3 << 16, isa.DNNCRows: 36, isa.DNNCIn: 2<<16 | 2, isa.DNNCStep: 1 | 1<<4 | 1<<8, isa.DNNCOff: 1<<16 | 1,
	}
	require.EqualValues(t, 25*4*16, drive(&f, isa.OpDNNCMac, turned))
}

// What inputs see of outputs is what outputs see of inputs, whatever kernel, stride and padding; within the 128 pixels of a command.
func TestDenseBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		edge, kernel := rapid.IntRange(1, 7).Draw(t, "edge"), rapid.IntRange(1, 5).Draw(t, "kernel")
		div := rapid.IntRange(0, 2).Draw(t, "log2 of the stride")
		pad := rapid.IntRange(0, kernel-1).Draw(t, "pad")
		out := (edge+2*pad-kernel)>>div + 1
		if edge+2*pad < kernel {
			t.Skip("no output")
		}
		side := func(n int) uint32 { return uint32(n<<16 | n) }
		common := map[uint8]uint32{isa.DNNCGroups: 1, isa.DNNCTaps: uint32(kernel * kernel), isa.DNNCChan: 1, isa.DNNCTap: uint32(kernel) << 16}
		var f, g follower
		drive(&f, isa.OpNop, common)
		drive(&g, isa.OpNop, common)
		forward := drive(&f, isa.OpDNNCMac, map[uint8]uint32{isa.DNNCNB: uint32(out * out), isa.DNNCOut: side(out), isa.DNNCIn: side(edge),
			isa.DNNCStep: 1 << div, isa.DNNCOff: uint32(-pad)<<16 | uint32(-pad)&0xffff})
		backward := drive(&g, isa.OpDNNCMac, map[uint8]uint32{isa.DNNCNB: uint32(edge * edge), isa.DNNCOut: side(edge), isa.DNNCIn: side(out),
			isa.DNNCStep: uint32(1 | div<<4 | 1<<8), isa.DNNCOff: side(pad)})
		require.Equal(t, forward, backward)
	})
}
