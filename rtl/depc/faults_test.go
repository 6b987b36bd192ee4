package depc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/port"
)

func TestFaults(t *testing.T) {
	type change struct{ index, value int }
	good := layer{n: 10, nb: 4, neurons: 40, shift: 3, seed: 1}
	sram := good
	sram.sram = true
	x := good
	x.x, x.all = true, true
	for _, c := range []struct {
		name string
		l    layer
		with change
		load bool
		code port.FaultCode
		arg  uint64
	}{
		{"no classes", good, change{isa.DEPCN, 0}, true, port.FaultParam, isa.DEPCN << 32},
		{"too many classes", good, change{isa.DEPCN, 33}, true, port.FaultParam, isa.DEPCN<<32 | 33},
		{"no samples", good, change{isa.DEPCNB, 0}, true, port.FaultParam, isa.DEPCNB << 32},
		{"too many samples", good, change{isa.DEPCNB, 33}, true, port.FaultParam, isa.DEPCNB<<32 | 33},
		{"no neurons", good, change{isa.DEPCNeurons, 0}, false, port.FaultParam, isa.DEPCNeurons << 32},
		{"too many neurons", good, change{isa.DEPCNeurons, 65536}, false, port.FaultParam, isa.DEPCNeurons<<32 | 65536},
		{"shift", good, change{isa.DEPCShift, 48}, false, port.FaultParam, isa.DEPCShift<<32 | 48},
		{"left shift", good, change{isa.DEPCShift, -16}, false, port.FaultParam, isa.DEPCShift<<32 | 0xfffffff0},
		{"unaligned", good, change{isa.DEPCDst, 8194}, false, port.FaultOMEMAddr, 8194},
		{"unaligned step", good, change{isa.DEPCDStep, 13}, false, port.FaultOMEMAddr, 13},
		{"mask", good, change{isa.DEPCMask, 4096 - 3*maskStep - 2}, false, port.FaultOMEMAddr, 4096},
		{"seed", good, change{isa.DEPCSeed, 0}, false, port.FaultSeed, 0},
		{"entry", sram, change{isa.DEPCEntry, 6}, false, port.FaultParam, isa.DEPCEntry<<32 | 6},
		{"unaligned burst", x, change{isa.DEPCDst, 8196}, false, port.FaultXAddr, 8196},
		{"unaligned step of bursts", x, change{isa.DEPCDStep, 100}, false, port.FaultXAddr, 100},
		{"burst past the end", x, change{isa.DEPCDst, xmemBytes - 3*128 - 64}, false, port.FaultXAddr, xmemBytes},
		{"step past the end", x, change{isa.DEPCDStep, 1 << 31}, false, port.FaultXAddr, 3<<31 + dst + 64},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(config(32, 8), nil)
			b.params(&c.l)
			if !c.load {
				b.command(isa.OpDEPCLoad, 0, 0)
				b.finish(t, 0)
			}
			b.set(c.with.index, c.with.value)
			op, pc := isa.OpDEPCRun, uint32(0x48)
			if c.load {
				op = isa.OpDEPCLoad
			}
			b.command(op, c.l.flags(), 1)
			want := port.Fault{Code: c.code, PC: pc, Arg: c.arg}
			b.tick()
			for range 10 {
				b.tick()
				require.Equal(t, want, b.out.Fault)
				require.False(t, b.out.Done.Valid)
				require.False(t, b.out.Req.Valid || b.out.Write.Valid || b.out.W.Valid || b.out.RNGStart)
			}
		})
	}
}

func TestOtherFaults(t *testing.T) {
	b := newBench(machine.Reference(), nil)
	b.params(&layer{n: 10, nb: 4, neurons: 40, seed: 1})
	b.command(isa.OpDEPCRun, 0, 1)
	b.tick()
	b.tick()
	require.Equal(t, port.Fault{Code: port.FaultParam, PC: 0x48, Arg: isa.DEPCN << 32}, b.out.Fault, "run before any load")

	b = newBench(machine.Reference(), nil)
	b.in.Sign = port.SignWrite{Valid: true, Entry: 512, PC: 0x80}
	b.tick()
	require.Equal(t, port.Fault{Code: port.FaultParam, PC: 0x80, Arg: isa.DEPCEntry<<32 | 512}, b.out.Fault, "sign memory")

	b = newBench(machine.Reference(), nil)
	b.command(isa.OpLossCE, 0, 1)
	b.tick()
	b.tick()
	require.Equal(t, port.Fault{Code: port.FaultIllegal, PC: 0x48, Arg: uint64(isa.OpLossCE)}, b.out.Fault)
}

// The last burst may be the last of external memory; without a look at the mask memory its address is free.
func TestEndOfExternalMemory(t *testing.T) {
	b := newBench(machine.Reference(), nil)
	l := &layer{n: 10, nb: 4, neurons: 40, shift: 3, seed: 1, x: true, all: true}
	b.params(l)
	b.command(isa.OpDEPCLoad, 0, 0)
	b.finish(t, 0)
	b.set(isa.DEPCDst, xmemBytes-3*128-96, isa.DEPCMask, 1<<32-1)
	b.command(isa.OpDEPCRun, l.flags(), 1)
	b.finish(t, 1)
	require.Zero(t, b.xmem[xmemBytes-1])
	b.sized(64) // what goes to OMEM does not ask for external memory
	b.params(l)
	b.command(isa.OpDEPCLoad, 0, 0)
	b.finish(t, 0)
	b.set(isa.DEPCDst, dst, isa.DEPCDStep, 12, isa.DEPCMask, 1<<32-1)
	b.command(isa.OpDEPCRun, isa.FlagAll, 1)
	b.finish(t, 1)
	b.command(isa.OpDEPCRun, 0, 1)
	b.tick()
	b.tick()
	require.Equal(t, port.FaultOMEMAddr, b.out.Fault.Code, "without all the mask is checked")
}
