package dma

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// drawBench draws whether and how the neighbours stall.
func drawBench(t *rapid.T) *bench {
	var r *rand.Rand
	if rapid.Bool().Draw(t, "stalls") {
		r = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	}
	b := newBench(r)
	b.latency = rapid.IntRange(2, 20).Draw(t, "latency")
	return b
}

func drawXAddr(t *rapid.T) uint32 { return 32 * uint32(rapid.IntRange(0, 400).Draw(t, "xaddr")) }

func TestMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBench(t)
		n, x := rapid.IntRange(1, 200).Draw(t, "n"), drawXAddr(t)
		flags, wide := uint16(0), rapid.Bool().Draw(t, "i16")
		if wide {
			flags |= isa.FlagI16
		}
		isNew := rapid.Bool().Draw(t, "new")
		if isNew {
			flags |= isa.FlagNew
		}
		b.command(isa.OpDMAMap, flags, x, uint32(n), 70, 300, 900)
		b.finish(t)
		groups := (n + 15) / 16
		require.Len(t, b.encs, groups)
		for g, e := range b.encs {
			var want port.Group
			for i := range want {
				switch at := 16*g + i; {
				case at >= n:
				case wide:
					want[i] = int16(binary.LittleEndian.Uint16(b.xmem[int(x)+2*at:]))
				default:
					want[i] = int16(b.xmem[int(x)+at])
				}
			}
			require.Equal(t, port.EncReq{
				Valid: true, Last: g%4 == 3 || g == groups-1, New: isNew && g < 4, Group: uint8(g % 4), Ptr: uint32(70 + g/4),
				Alloc: 300, Limit: 900, Tag: tag, PC: cmdPC, Data: want,
			}, e, "group %d", g)
		}
		size := n
		if wide {
			size = 2 * n
		}
		require.Equal(t, (size+31)/32, b.reads, "no burst is fetched in vain")
	})
}

func TestScratchAndStore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBench(t)
		before := bytes.Clone(b.scratch)
		n, x, dst := rapid.IntRange(1, 200).Draw(t, "n"), drawXAddr(t), 4*rapid.IntRange(0, 200).Draw(t, "dst")
		b.command(isa.OpDMAScr, 0, x, uint32(n), uint32(dst))
		b.finish(t)
		copy(before[dst:], b.xmem[x:int(x)+n])
		require.Equal(t, before, b.scratch)

		want := bytes.Clone(b.xmem)
		size, from, to := 32*rapid.IntRange(1, 12).Draw(t, "bursts"), 4*rapid.IntRange(0, 160).Draw(t, "from"), drawXAddr(t)
		copy(want[to:], b.scratch[from:from+size])
		b.command(isa.OpDMAStore, 0, to, uint32(size), uint32(from))
		b.finish(t)
		require.True(t, bytes.Equal(want, b.xmem))
	})
}

func TestBiasAndSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBench(t)
		n, x, buf := rapid.IntRange(1, 256).Draw(t, "n"), drawXAddr(t), rapid.Uint16Range(0, 1).Draw(t, "buffer")
		b.command(isa.OpDMABias, buf*isa.FlagB1, x, uint32(n))
		b.finish(t)
		for i := range n {
			require.Equal(t, int32(binary.LittleEndian.Uint32(b.xmem[int(x)+4*i:])), b.bias[buf][i])
		}
		require.Zero(t, b.bias[buf^1])
		count, entry := rapid.IntRange(1, 10).Draw(t, "entries"), rapid.IntRange(0, 6).Draw(t, "entry")
		b.command(isa.OpDMASign, 0, x, uint32(count), uint32(entry))
		b.finish(t)
		for i := range b.signs {
			want := make([]byte, 32)
			if i >= entry && i < entry+count {
				copy(want, b.xmem[int(x)+32*(i-entry):])
			}
			require.Equal(t, want, b.signs[i][:])
		}
	})
}

// TestCycles holds the formulas of the package comment; encoder and write port store an entry in the cycle after it came.
func TestCycles(t *testing.T) {
	measure := func(latency int, op isa.Op, flags uint16, n, dst uint32) int {
		b := newBench(nil)
		b.latency = latency
		b.command(op, flags, 0, n, dst)
		return b.finish(t)
	}
	require.Equal(t, 20+1+4+20+5, measure(20, isa.OpDMABias, 0, 160, 0), "sixteen bursts under way hide 15 cycles only")
	for _, latency := range []int{2, 7, 15} {
		for _, bursts := range []int{1, 2, 20} {
			n := uint32(bursts)
			require.Equal(t, bursts+latency+5, measure(latency, isa.OpDMAScr, 0, 32*n, 0))
			require.Equal(t, bursts+latency+5, measure(latency, isa.OpDMABias, 0, 8*n, 0))
			require.Equal(t, bursts+latency+5, measure(latency, isa.OpDMAMap, isa.FlagI16, 16*n, 0))
			require.Equal(t, 2*bursts+latency+5, measure(latency, isa.OpDMAMap, 0, 32*n, 0), "pixels: two groups a burst")
			require.Equal(t, bursts+6, measure(latency, isa.OpDMAStore, 0, 32*n, 0))
		}
	}
}

func TestFaults(t *testing.T) {
	const top = 1<<32 - 32
	for _, c := range []struct {
		op        isa.Op
		flags     uint16
		x, n, dst uint32
		code      port.FaultCode
		arg       uint64
	}{
		{isa.OpDMAMap, 0, 16, 1, 0, port.FaultXAddr, 16},
		{isa.OpDMAMap, 0, xmemBytes - 32, 33, 0, port.FaultXAddr, xmemBytes - 32},
		{isa.OpDMAMap, isa.FlagI16, xmemBytes - 32, 17, 0, port.FaultXAddr, xmemBytes - 32},
		{isa.OpDMASign, 0, top, 1<<32 - 1, 0, port.FaultXAddr, top},
		{isa.OpDMAMap, 0, 0, 0, 0, port.FaultParam, isa.DMAN << 32},
		{isa.OpDMABias, 0, 0, 257, 0, port.FaultParam, isa.DMAN<<32 | 257},
		{isa.OpDMAStore, 0, 0, 33, 0, port.FaultParam, isa.DMAN<<32 | 33},
		{isa.OpDMAScr, 0, 0, 1, 1024, port.FaultScratch, 1024},
		{isa.OpDMAScr, 0, 0, 4, 2, port.FaultScratch, 2},
		{isa.OpDMAStore, 0, 0, 32, 996, port.FaultScratch, 996},
		{isa.OpDMASign, 0, 0, 2, 15, port.FaultParam, isa.DMADst<<32 | 15},
		{isa.OpDMAMap, 0, xmemBytes - 32, 32, 0, port.FaultNone, 0},
		{isa.OpDMAScr, 0, 0, 4, 1020, port.FaultNone, 0},
		{isa.OpDMASign, 0, 0, 2, 14, port.FaultNone, 0},
	} {
		b := newBench(nil)
		b.command(c.op, c.flags, c.x, c.n, c.dst, 0, 1000)
		b.tick(t)
		want := port.Fault{Code: c.code, PC: cmdPC, Arg: c.arg}
		if c.code == port.FaultNone {
			want = port.Fault{}
		}
		require.Equal(t, want, b.out.Fault, "%+v", c)
	}
	b := newBench(nil)
	b.u = New(Config{XMemBytes: 1 << 30}, &b.act)
	b.command(isa.OpDMAMap, 0, 0, 1<<20+1)
	b.tick(t)
	require.Equal(t, port.FaultParam, b.out.Fault.Code)
}

func TestStatus(t *testing.T) {
	b := newBench(nil)
	b.latency = 10
	b.tick(t)
	require.Equal(t, activity.Idle, b.out.Status)
	b.command(isa.OpDMAMap, 0, 0, 32)
	b.tick(t)
	require.Equal(t, activity.Busy, b.out.Status)
	b.tick(t)
	require.Equal(t, activity.WaitMemory, b.out.Status)
	b.encoder = places
	for range 12 {
		b.encoder = places
		b.tick(t)
	}
	require.Equal(t, activity.WaitDrain, b.out.Status)
	b.finish(t)
}

func TestTickDoesNotAllocate(t *testing.T) {
	b := newBench(nil)
	copy(b.u.s.Queue.Params[:], []uint32{0, 200})
	b.in.XRoom, b.in.EncRoom, b.in.EncIdle = true, true, true
	b.resp.Port = port.XPortDMA
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		b.resp.Valid = b.out.X.Valid
		b.bus.Kind = port.BusNone
		if b.u.s.Queue.N == 0 {
			b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitDMA, Op: isa.OpDMAMap, Tag: tag}
		}
		b.u.Tick(&b.in, &b.out)
	}))
	require.Greater(t, b.act.Rows[tag][activity.ActiveDMA], uint64(500))
	require.Positive(t, b.u.RegBits())
}
