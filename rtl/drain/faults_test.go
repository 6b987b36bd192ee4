package drain

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/port"
)

func TestFaults(t *testing.T) {
	good := [isa.NumDrainParams]uint32{0, 4, 0, 0, 0, 32, 256, 4096 - 31*16 - 16, 16, 0}
	for _, c := range []struct {
		p int
		v uint32
	}{
		{isa.DrainSplit, 3}, {isa.DrainLanes, 0}, {isa.DrainLanes, 257}, {isa.DrainNB, 0}, {isa.DrainNB, 33}, {isa.DrainShift, 48},
		{isa.DrainShift, 1<<32 - 16}, {isa.DrainMask, 4096 - 31*16 - 15}, {isa.DrainMask, 1<<32 - 1}, {isa.DrainDst, 0},
		{isa.DrainBlock, 8}, {isa.DrainBlock, 80}, {isa.DrainBlock, 1 << 12}, {isa.DrainBlock, 1<<32 - 16},
	} {
		b := newBench(48, nil)
		p := good
		p[c.p] = c.v
		b.params(p)
		b.in.Head = port.BankHead{Valid: true}
		b.command(isa.OpDrainAct, 0)
		b.tick(t)
		want := port.Fault{Code: port.FaultParam, PC: cmdPC, Arg: uint64(c.p)<<32 | uint64(c.v)}
		if p == good {
			want = port.Fault{}
		}
		require.Equal(t, want, b.out.Fault)
	}
	b := newBench(48, nil)
	good[isa.DrainSplit], good[isa.DrainLanes] = 2, 65
	b.params(good)
	b.in.Head = port.BankHead{Valid: true}
	b.command(isa.OpDrainAct, 0)
	b.tick(t)
	require.Equal(t, port.FaultParam, b.out.Fault.Code, "65 lanes of 64")
}

// TestSizesOfBlocks goes through all values of the parameter near those that are good.
func TestSizesOfBlocks(t *testing.T) {
	for block := range uint32(200) {
		b := newBench(48, nil)
		b.params([isa.NumDrainParams]uint32{isa.DrainNB: 1, isa.DrainLanes: 16, isa.DrainBlock: block})
		b.in.Head = port.BankHead{Valid: true}
		b.command(isa.OpDrainAct, 0)
		b.tick(t)
		switch block {
		case 0, 16, 32, 48, 64:
			require.Equal(t, port.Fault{}, b.out.Fault)
		default:
			require.Equal(t, port.Fault{Code: port.FaultParam, PC: cmdPC, Arg: isa.DrainBlock<<32 | uint64(block)}, b.out.Fault)
		}
	}
}

func TestFaultsOfFlags(t *testing.T) {
	// Bank of 128 pixels of 64 lanes: four bursts each, the last one at the end of external memory.
	good := [isa.NumDrainParams]uint32{
		isa.DrainDst: xmemBytes - 127*128 - 128, isa.DrainDStep: 128, isa.DrainNB: 128, isa.DrainLanes: 64, isa.DrainSplit: 2, isa.DrainMStep: 4,
	}
	for _, c := range []struct {
		op    isa.Op
		flags uint16
		p     int
		v     uint32
		code  port.FaultCode
		arg   uint64
	}{
		{isa.OpDrainLogit, isa.FlagX, isa.DrainShift, 0, port.FaultNone, 0},
		{isa.OpDrainErr, isa.FlagX, isa.DrainShift, 0, port.FaultNone, 0},
		{isa.OpDrainErr, isa.FlagX, isa.DrainDst, 16, port.FaultXAddr, 16},
		{isa.OpDrainErr, isa.FlagX, isa.DrainDStep, 144, port.FaultXAddr, 144},
		{isa.OpDrainErr, isa.FlagX, isa.DrainDst, good[isa.DrainDst] + 32, port.FaultXAddr, xmemBytes},
		{isa.OpDrainErr, isa.FlagX, isa.DrainDStep, 1<<32 - 32, port.FaultXAddr, uint64(good[isa.DrainDst]) + 127*(1<<32-32) + 96},
		{isa.OpDrainErr, isa.FlagX, isa.DrainLanes, 65, port.FaultParam, isa.DrainLanes<<32 | 65},
		{isa.OpDrainErr, isa.FlagX, isa.DrainNB, 129, port.FaultParam, isa.DrainNB<<32 | 129},
		{isa.OpDrainErr, isa.FlagX, isa.DrainMask, 4096 - 511, port.FaultParam, isa.DrainMask<<32 | 4096 - 511},
		{isa.OpDrainErr, isa.FlagX | isa.FlagAll, isa.DrainMask, 1<<32 - 1, port.FaultNone, 0},
		{isa.OpDrainAct, isa.FlagX | isa.FlagAll, isa.DrainMask, 4096 - 511, port.FaultParam, isa.DrainMask<<32 | 4096 - 511},
		{isa.OpDrainAct, isa.FlagX, isa.DrainDst, 16, port.FaultNone, 0},
		{isa.OpDrainAct, isa.FlagX, isa.DrainBlock, 17, port.FaultParam, isa.DrainBlock<<32 | 17},
		{isa.OpDrainLogit, isa.FlagX, isa.DrainBlock, 17, port.FaultNone, 0},
		{isa.OpDrainErr, isa.FlagX, isa.DrainBlock, 17, port.FaultNone, 0},
	} {
		b := newBench(48, nil)
		p := good
		p[c.p] = c.v
		b.params(p)
		b.in.Head = port.BankHead{Valid: true}
		b.command(c.op, c.flags)
		b.tick(t)
		want := port.Fault{Code: c.code, PC: cmdPC, Arg: c.arg}
		if c.code == port.FaultNone {
			want = port.Fault{}
		}
		require.Equal(t, want, b.out.Fault, "%+v", c)
		require.Equal(t, c.code == port.FaultNone, b.u.Running)
	}
}

// TestRegBits: a third accumulator bank, or more groups of lanes, take bits more to name, here and
// in requests.
func TestRegBits(t *testing.T) {
	bits := func(change func(c *machine.Config)) int {
		c := machine.Reference()
		change(&c)
		n := 0
		for _, r := range New(&c, nil).Clocked() {
			n += r.Bits * r.Copies
		}
		return n
	}
	two := bits(func(*machine.Config) {})
	require.Equal(t, two+2, bits(func(c *machine.Config) { c.Fused = true }))
	require.Equal(t, two+2*2, bits(func(c *machine.Config) { c.DNNC.Lanes = 1024 }), "groups")
}
