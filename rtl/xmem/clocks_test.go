package xmem

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// A group is clocked with what writes it; counters have the bits of their longest time.
func TestClocks(t *testing.T) {
	b := newBench(small())
	for i := range uint32(3) { // one row, then another one, which is looked ahead
		b.send(port.XPortDMA, i/2*0x10000, port.Burst{})
		b.step()
	}
	for !b.drained() {
		b.step()
	}
	row := &b.act.Rows[port.XPortDMA]
	for e, n := range map[activity.Event]int{clockBank: 2, clockAhead: 1, clockResp: 3} {
		require.EqualValues(t, n, row[e], "%v", e)
	}
	busy := row[activity.ActiveXMem]
	for range 9 {
		b.step()
	}
	require.Equal(t, busy+1, row[activity.ActiveXMem], "the wire of the last answer falls")

	m := machine.Reference()
	bits := func() map[activity.Event]activity.Registers {
		return New(&m, make([]byte, m.XMem.Bytes), &b.act).Clocked()
	}
	require.Equal(t, activity.Registers{Bits: 26 - 12 - 2, Copies: 8}, bits()[clockBank])
	require.Equal(t, activity.Registers{Bits: 10, Copies: 1}, bits()[clockRefresh])
	require.Equal(t, activity.Registers{Bits: 4 + 256, Copies: 1}, bits()[clockResp])
	before := bits()[activity.ActiveXMem].Bits
	m.ClockMHz = 400
	require.Equal(t, 11, bits()[clockRefresh].Bits)
	require.Greater(t, bits()[activity.ActiveXMem].Bits, before)
	m.ClockMHz, m.XMem.PortBytes = 50, 64
	require.Equal(t, 2, bits()[clockResp].Copies)
}
