package norm

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/port"
)

func TestFaults(t *testing.T) {
	param := func(i int, v uint32) port.Fault {
		return port.Fault{Code: port.FaultParam, PC: 0x120, Arg: uint64(i)<<32 | uint64(v)}
	}
	addr := func(a uint64) port.Fault { return port.Fault{Code: port.FaultXAddr, PC: 0x120, Arg: a} }
	minus := func(n int) uint32 { return uint32(int32(-n)) }
	for _, c := range []struct {
		op    isa.Op
		flags uint16
		index int
		value uint32
		want  port.Fault
	}{
		{isa.OpNormLoad, 0, isa.NormChan, 0, param(isa.NormChan, 0)},
		{isa.OpNormUpdate, 0, isa.NormChan, 81, param(isa.NormChan, 81)},
		{isa.OpNormFin, isa.FlagEval, isa.NormChan, 81, param(isa.NormChan, 81)},
		{isa.OpNormFin, isa.FlagEval, isa.NormEps, 0, param(isa.NormEps, 0)},
		{isa.OpNormFin, 0, isa.NormNB, 33, param(isa.NormNB, 33)},
		{isa.OpNormStat, 0, isa.NormNB, 0, param(isa.NormNB, 0)},
		{isa.OpNormStat, 0, isa.NormH, 4096, param(isa.NormH, 4096)},
		{isa.OpNormGrad, 0, isa.NormW, 0, param(isa.NormW, 0)},
		{isa.OpNormGrad, 0, isa.NormShift, 63, param(isa.NormShift, 63)},
		{isa.OpNormFwd, isa.FlagBN, isa.NormShift, minus(16), param(isa.NormShift, minus(16))},
		{isa.OpNormFwd, 0, isa.NormPool, 0, param(isa.NormPool, 0)},
		{isa.OpNormBack, 0, isa.NormPool, 4, param(isa.NormPool, 4)},
		{isa.OpNormBack, 0, isa.NormH, 1, param(isa.NormH, 1)},
		{isa.OpNormFwd, 0, isa.NormW, 1, param(isa.NormW, 1)},
		{isa.OpNormUpdate, 0, isa.NormEta, 1 << 16, param(isa.NormEta, 1<<16)},
		{isa.OpNormUpdate, 0, isa.NormMu, 1 << 16, param(isa.NormMu, 1<<16)},
		{isa.OpNormUpdate, 0, isa.NormGShift, 63, param(isa.NormGShift, 63)},
		{isa.OpNormUpdate, 0, isa.NormTShift, minus(16), param(isa.NormTShift, minus(16))},
		{isa.OpNormStat, 0, isa.NormSrc, 33, addr(33)},
		{isa.OpNormFwd, 0, isa.NormDst, memBytes, addr(memBytes)},
		{isa.OpNormFwd, 0, isa.NormPos, memBytes - 32, addr(memBytes - 64 + 4*32)}, // 2 x 2 pooled pixels of one block
		{isa.OpNormBack, 0, isa.NormPos, memBytes - 32, addr(memBytes - 64 + 4*32)},
		{isa.OpNormBack, 0, isa.NormAux, memBytes - 32, addr(memBytes - 64 + 8*32)},
		{isa.OpNormBack, 0, isa.NormDst, memBytes - 32, addr(memBytes - 64 + 40*32)},
		{isa.OpNormBack, isa.FlagBN, isa.NormSrc, 0xffffffe0, addr(0xffffffe0)},
		{isa.OpNormGrad, 0, isa.NormAux, 16, addr(16)},
		{isa.OpNormGrad, 0, isa.NormDst, memBytes - 39*32, addr(memBytes)},
		{isa.OpNormLoad, 0, isa.NormRec, memBytes - 32, addr(memBytes - 64 + 40*32)},
		{isa.OpNormStore, 0, isa.NormRec, 1, addr(1)},
		{isa.OpMomW, 0, 0, 0, port.Fault{Code: port.FaultIllegal, PC: 0x120, Arg: uint64(isa.OpMomW)}},
	} {
		t.Run(fmt.Sprintf("%s %s", isa.Lookup(c.op).Name, isa.Units[isa.UnitNorm].Params[c.index].Name), func(t *testing.T) {
			l := &layer{nb: 1, h: 4, w: 5, chans: 20, pool: 2, eps: 1}
			b := newBench(make([]byte, memBytes))
			j := l.job(c.op, c.flags)
			j.p[c.index] = c.value
			b.issue(j)
			require.Equal(t, c.want, b.out.Fault)
			for range 100 {
				b.cycle(port.Bus{})
				require.False(t, b.out.Done.Valid || b.out.Read.Valid || b.out.Write.Valid)
			}
			require.Equal(t, c.want, b.out.Fault, "sticky")
		})
	}
}

func TestLastBurstThatFitsIsNoFault(t *testing.T) {
	l := &layer{nb: 1, h: 4, w: 5, chans: 20, pool: 2, eps: 1}
	b := newBench(make([]byte, memBytes))
	j := l.job(isa.OpNormGrad, 0)
	j.p[isa.NormDst] = memBytes - 40*32
	b.issue(j)
	b.finish(t, 1)
}

func TestUnitThatIsNotBuilt(t *testing.T) {
	b := newBench(make([]byte, memBytes))
	c := machine.Reference()
	b.u = New(&c, &b.act)
	require.Nil(t, b.u.Clocked())
	l := &layer{nb: 1, h: 1, w: 1, chans: 1, pool: 1}
	b.issue(l.job(isa.OpNormStat, 0))
	require.Equal(t, port.FaultIllegal, b.out.Fault.Code)
}
