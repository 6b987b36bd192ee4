package epc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/port"
)

func TestFaults(t *testing.T) {
	type change struct{ index, value int }
	good := layer{n: 70, nb: 4, neurons: 130, shift: 3}
	x := good
	x.x = true
	const lastBlock = 2*kstep + jstep // of 130 neurons and 70 errors, from the first
	for _, c := range []struct {
		name string
		l    layer
		with change
		load bool
		code port.FaultCode
		arg  uint64
	}{
		{"no errors", good, change{isa.EPCN, 0}, true, port.FaultParam, isa.EPCN << 32},
		{"too many errors", good, change{isa.EPCN, 145}, true, port.FaultParam, isa.EPCN<<32 | 145},
		{"no samples", good, change{isa.EPCNB, 0}, true, port.FaultParam, isa.EPCNB << 32},
		{"too many samples", good, change{isa.EPCNB, 33}, true, port.FaultParam, isa.EPCNB<<32 | 33},
		{"no neurons", good, change{isa.EPCNeurons, 0}, false, port.FaultParam, isa.EPCNeurons << 32},
		{"too many neurons", good, change{isa.EPCNeurons, 65536}, false, port.FaultParam, isa.EPCNeurons<<32 | 65536},
		{"shift", good, change{isa.EPCShift, 48}, false, port.FaultParam, isa.EPCShift<<32 | 48},
		{"left shift", good, change{isa.EPCShift, -16}, false, port.FaultParam, isa.EPCShift<<32 | 0xfffffff0},
		{"unaligned", good, change{isa.EPCDst, 8194}, false, port.FaultOMEMAddr, 8194},
		{"unaligned step", good, change{isa.EPCDStep, 13}, false, port.FaultOMEMAddr, 13},
		{"unaligned bytes", x, change{isa.EPCDst, xdst + 16}, false, port.FaultXAddr, xdst + 16},
		{"unaligned byte step", x, change{isa.EPCDStep, 336}, false, port.FaultXAddr, 336},
		{"end of memory", x, change{isa.EPCDst, xbytes - 3*320 - 256}, false, port.FaultXAddr, xbytes},
		{"mask", good, change{isa.EPCMask, 4096 - 3*maskStep - 8}, false, port.FaultOMEMAddr, 4096},
		{"unaligned matrix", good, change{isa.EPCMatrix, 8}, false, port.FaultXAddr, 8},
		{"unaligned block of neurons", good, change{isa.EPCKStep, 8200}, false, port.FaultXAddr, 8200},
		{"unaligned block of errors", good, change{isa.EPCJStep, 8208}, false, port.FaultXAddr, 8208},
		{"matrix past the end", good, change{isa.EPCMatrix, xbytes - 8160 - lastBlock}, false, port.FaultXAddr, xbytes - 8160},
		{"huge step", good, change{isa.EPCKStep, 0xffffffe0}, false, port.FaultXAddr, matrix + 2*0xffffffe0 + jstep},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(config(Tree), nil)
			b.params(&c.l)
			if c.l.x {
				b.set(isa.EPCDStep, 320)
			}
			if !c.load {
				b.command(isa.OpEPCLoad, 0, 0)
				b.finish(t, 0)
			}
			b.set(c.with.index, c.with.value)
			op := isa.OpEPCRun
			if c.load {
				op = isa.OpEPCLoad
			}
			b.command(op, c.l.flags(), 1)
			want := port.Fault{Code: c.code, PC: 0x48, Arg: c.arg}
			b.tick()
			for range 10 {
				b.tick()
				require.Equal(t, want, b.out.Fault)
				require.False(t, b.out.Done.Valid)
				require.False(t, b.out.Req.Valid || b.out.Write.Valid || b.out.W.Valid || b.out.X.Valid)
			}
		})
	}
}

// What just fits is no fault: the last block and the last burst end with the memory, and flag all needs no mask.
func TestEdgesOfTheMemories(t *testing.T) {
	l := layer{n: 70, nb: 4, neurons: 130, x: true, all: true}
	b := newBench(config(Tree), nil)
	b.params(&l)
	b.set(isa.EPCDStep, 320, isa.EPCDst, xbytes-3*320-288, isa.EPCMatrix, xbytes-blockBytes-2*kstep-jstep, isa.EPCMask, 1<<20)
	b.command(isa.OpEPCLoad, 0, 0)
	b.finish(t, 0)
	b.command(isa.OpEPCRun, l.flags(), 1)
	b.finish(t, 1)
}

func TestOtherFaults(t *testing.T) {
	b := newBench(config(LaneMask), nil)
	b.params(&layer{n: 10, nb: 4, neurons: 40})
	b.command(isa.OpEPCRun, 0, 1)
	b.tick()
	b.tick()
	require.Equal(t, port.Fault{Code: port.FaultParam, PC: 0x48, Arg: isa.EPCN << 32}, b.out.Fault, "run before any load")

	b = newBench(config(Tree), nil)
	b.command(isa.OpLossCE, 0, 1)
	b.tick()
	b.tick()
	require.Equal(t, port.Fault{Code: port.FaultIllegal, PC: 0x48, Arg: uint64(isa.OpLossCE)}, b.out.Fault)

	for _, op := range []isa.Op{isa.OpEPCLoad, isa.OpEPCRun} {
		b = newBench(config(None), nil)
		b.command(op, 0, 1)
		b.tick()
		b.tick()
		require.Equal(t, port.Fault{Code: port.FaultIllegal, PC: 0x48, Arg: uint64(op)}, b.out.Fault, "not built")
		require.Empty(t, b.u.Clocked())
	}
}
