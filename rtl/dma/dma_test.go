package dma

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/machine"
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

// drawShape draws rows of pixels: n elements a row, chans of them a pixel (0: all), what is left a shorter one, wide ones or
// bytes.
func drawShape(t *rapid.T) (rows, n, chans int, wide bool) {
	rows, wide = rapid.IntRange(0, 4).Draw(t, "rows"), rapid.Bool().Draw(t, "i16")
	if rapid.Bool().Draw(t, "pixels") {
		chans = rapid.OneOf(rapid.IntRange(1, 20), rapid.IntRange(1, 200)).Draw(t, "chan")
		if wide {
			chans = (chans + 15) / 16 * 16
		}
		n = chans * rapid.IntRange(1, 12).Draw(t, "pixels of a row")
		if rapid.Bool().Draw(t, "shorter") {
			n -= rapid.IntRange(0, chans-1).Draw(t, "missing")
		}
		return rows, n, chans, wide
	}
	return rows, rapid.IntRange(1, 200).Draw(t, "n"), 0, wide
}

// TestMap compares with a twin that goes from pixel to block to element.
func TestMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const xstep, dstep = 96, 1000
		b := drawBench(t)
		x := drawXAddr(t) % 8192
		rows, n, chans, wide := drawShape(t)
		flags, width := uint16(0), 1
		if wide {
			flags, width = isa.FlagI16, 2
		}
		isNew := rapid.Bool().Draw(t, "new")
		if isNew {
			flags |= isa.FlagNew
		}
		b.command(isa.OpDMAMap, flags, x, uint32(n), 70, 300, 900, uint32(rows), xstep, dstep, uint32(chans))
		b.finish(t)
		var want []port.EncReq
		size := n
		if chans > 0 {
			size = chans
		}
		for r := range max(1, rows) {
			for first := 0; first < n; first += size {
				left := min(size, n-first)
				for at := 0; at < left; at += 16 {
					block := first/size*((size+63)/64) + at/64
					e := port.EncReq{
						Valid: true, Last: at%64 == 48 || at+16 >= left, New: isNew && r == 0 && block == 0, Group: uint8(at % 64 / 16),
						Ptr: uint32(70 + r*dstep + block), Alloc: 300, Limit: 900, Tag: tag, PC: cmdPC,
					}
					for i := range min(16, left-at) {
						d := b.xmem[int(x)+r*xstep+width*(first+at+i):]
						e.Data[i] = int16(d[0])
						if wide {
							e.Data[i] |= int16(d[1]) << 8
						}
					}
					want = append(want, e)
				}
			}
		}
		require.Equal(t, want, b.encs)
		require.Equal(t, max(1, rows)*((n*width+31)/32), b.reads, "no burst is fetched in vain")
	})
}

// TestEveryPixelSize goes through all numbers of channels, so that groups lie across the ends of bursts in every way.
func TestEveryPixelSize(t *testing.T) {
	for chans := 1; chans <= 130; chans++ {
		b := newBench(nil)
		const pixels = 7
		b.command(isa.OpDMAMap, 0, 64, uint32(pixels*chans), 0, 0, 0, 2, 4096, 500, uint32(chans))
		b.finish(t)
		groups := (chans + 15) / 16
		require.Len(t, b.encs, 2*pixels*groups)
		for k, e := range b.encs {
			r, p, g := k/(pixels*groups), k/groups%pixels, k%groups
			require.EqualValues(t, 500*r+p*((chans+63)/64)+g/4, e.Ptr)
			for i, v := range e.Data {
				if 16*g+i < chans {
					require.EqualValues(t, b.xmem[64+4096*r+p*chans+16*g+i], v, "chan %d pixel %d element %d", chans, p, 16*g+i)
				} else {
					require.Zero(t, v)
				}
			}
		}
	}
}

func TestCopy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBench(t)
		bursts, from, to := rapid.IntRange(1, 100).Draw(t, "bursts"), rapid.IntRange(0, 100).Draw(t, "from"), rapid.IntRange(200, 400).Draw(t, "to")
		if rapid.Bool().Draw(t, "down") {
			from, to = to, from
		}
		want := bytes.Clone(b.xmem)
		copy(want[32*to:], b.xmem[32*from:32*(from+bursts)])
		b.command(isa.OpDMACopy, 0, uint32(32*from), uint32(32*bursts), uint32(32*to), 0, 0, 9, 9, 9, 9) // rows and steps are not its own
		b.finish(t)
		require.True(t, bytes.Equal(want, b.xmem))
		require.Equal(t, bursts, b.reads)
	})
}

// TestSave compares all of external memory with a twin that goes element by element.
func TestSave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBench(t)
		n, rows := rapid.IntRange(1, 200).Draw(t, "n"), rapid.IntRange(0, 5).Draw(t, "rows")
		src, dstep, x := 4*rapid.IntRange(0, 100).Draw(t, "dst"), 4*rapid.IntRange(0, 60).Draw(t, "dstep"), int(drawXAddr(t)%8192)
		xstep := 32 * rapid.IntRange((n+15)/16, 20).Draw(t, "xstep")
		b.save(t, n, rows, src, dstep, x, xstep)
	})
	b := newBench(nil)
	b.save(t, 255*16+5, 2, 8, 1400, 0, 8192-32) // a row is more than one stream
	require.Len(t, b.streams, 4)
}

// TestSaveWaits: while the write port takes nothing, groups land until two places are left, and none is lost.
func TestSaveWaits(t *testing.T) {
	b := newBench(nil)
	b.command(isa.OpDMASave, 0, 64, 16*40)
	for range 40 {
		b.writes = append(b.writes[:0], make([]port.XReq, places+1)...)
		b.tick(t)
	}
	require.Equal(t, activity.WaitDrain, b.out.Status)
	require.GreaterOrEqual(t, b.u.N, uint8(landDepth-1))
	b.finish(t)
	for i := range 160 {
		require.Equal(t, b.omem.Words[i], binary.LittleEndian.Uint64(b.xmem[64+8*i:]))
	}
}

func (b *bench) save(t require.TestingT, n, rows, src, dstep, x, xstep int) {
	want := bytes.Clone(b.xmem)
	for r := range max(1, rows) {
		row := want[x+r*xstep:]
		clear(row[:(n+15)/16*32])
		for i := range n {
			v := b.omem.Words[src+r*dstep+i/4] >> (16 * (i % 4))
			row[2*i], row[2*i+1] = byte(v), byte(v>>8)
		}
	}
	b.command(isa.OpDMASave, 0, uint32(x), uint32(n), uint32(src), 0, 0, uint32(rows), uint32(xstep), uint32(dstep))
	b.finish(t)
	require.True(t, bytes.Equal(want, b.xmem))
	for _, q := range b.streams {
		require.Equal(t, port.ReadReq{Valid: true, Addr: q.Addr, Groups: q.Groups, Rows: 1, Tag: tag, PC: cmdPC}, q)
	}
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
			require.Equal(t, bursts+latency+5, measure(latency, isa.OpDMACopy, 0, 32*n, 8192))
		}
		for _, c := range [][4]int{{1, 1, 1, 0}, {5, 33, 1, 11}, {3, 240, 2, 80}, {32, 27, 1, 3}, {4, 96, 2, 48}, {2, 64, 1, 0},
			{1, 1, 1, 2}, {3, 50, 1, 20}, {4, 33, 1, 16}, {2, 7, 1, 20}, {2, 200, 1, 72}, {5, 100, 2, 48}, {2, 33, 2, 16}, {3, 5, 2, 64}} {
			rows, n, width, chans := c[0], c[1], c[2], c[3]
			b := newBench(nil)
			b.latency = latency
			flags, groups := uint16(0), rows*((n+15)/16)
			if width == 2 {
				flags = isa.FlagI16
			}
			if chans > 0 {
				groups = rows * (n/chans*((chans+15)/16) + (n%chans+15)/16)
			}
			b.command(isa.OpDMAMap, flags, 0, uint32(n), 0, 0, 0, uint32(rows), 256, 9, uint32(chans))
			require.Equal(t, groups+latency+5, b.finish(t), "a group a cycle: %v", c)
		}
	}
	for _, c := range [][2]int{{1, 1}, {1, 20}, {6, 4}, {3, 255}, {2, 256}, {1, 511}} {
		rows, groups := c[0], c[1]
		b := newBench(nil)
		b.command(isa.OpDMASave, 0, 0, uint32(16*groups), 0, 0, 0, uint32(rows), 0, 4)
		require.Equal(t, rows*(groups+(groups+254)/255)+5, b.finish(t), "a group a cycle, and one a stream: %v", c)
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
	m := machine.Reference()
	m.XMem.Bytes = 1 << 30
	b.u = New(&m, &b.act)
	b.command(isa.OpDMAMap, 0, 0, 1<<20+1)
	b.tick(t)
	require.Equal(t, port.FaultParam, b.out.Fault.Code)
}

func TestFaultsOfRows(t *testing.T) {
	const n, dst, rows, xstep, chans = isa.DMAN, isa.DMADst, isa.DMARows, isa.DMAXStep, isa.DMAChan
	type params map[int]uint32
	for _, c := range []struct {
		op    isa.Op
		flags uint16
		p     params
		code  port.FaultCode
		arg   uint64
	}{
		{isa.OpDMAMap, 0, params{n: 32, rows: 1<<16 + 1}, port.FaultParam, rows<<32 | 1<<16 + 1},
		{isa.OpDMAMap, 0, params{n: 32, rows: 1 << 16}, port.FaultNone, 0},
		{isa.OpDMAMap, 0, params{n: 32, rows: 2, xstep: 16}, port.FaultXAddr, 0},
		{isa.OpDMAMap, 0, params{n: 32, rows: 1, xstep: 16}, port.FaultNone, 0},
		{isa.OpDMAMap, 0, params{n: 32, rows: 4, xstep: xmemBytes / 4}, port.FaultNone, 0},
		{isa.OpDMAMap, 0, params{n: 32, rows: 5, xstep: xmemBytes / 4}, port.FaultXAddr, 0},
		{isa.OpDMAMap, 0, params{n: 33, rows: 2, xstep: xmemBytes - 32}, port.FaultXAddr, 0},
		{isa.OpDMAMap, 0, params{n: 32, rows: 1 << 16, xstep: 1<<32 - 32}, port.FaultXAddr, 0},
		{isa.OpDMAMap, 0, params{n: 32, chans: 33}, port.FaultNone, 0},
		{isa.OpDMAMap, 0, params{n: 50, chans: 24}, port.FaultNone, 0},
		{isa.OpDMAMap, isa.FlagI16, params{n: 50, chans: 1<<32 - 16}, port.FaultNone, 0},
		{isa.OpDMAMap, isa.FlagI16, params{n: 50, chans: 17}, port.FaultParam, chans<<32 | 17},
		{isa.OpDMAMap, isa.FlagI16, params{n: 48, chans: 24}, port.FaultParam, chans<<32 | 24},
		{isa.OpDMAMap, 0, params{n: 48, chans: 24}, port.FaultNone, 0},
		{isa.OpDMACopy, 0, params{n: 33, dst: 1024}, port.FaultParam, n<<32 | 33},
		{isa.OpDMACopy, 0, params{n: 32, dst: 1040}, port.FaultXAddr, 1040},
		{isa.OpDMACopy, 0, params{n: 64, dst: xmemBytes - 32}, port.FaultXAddr, xmemBytes - 32},
		{isa.OpDMACopy, 0, params{n: 64, dst: 32}, port.FaultXAddr, 32},
		{isa.OpDMACopy, 0, params{n: 64, dst: 64, rows: 9, xstep: 1, chans: 7}, port.FaultNone, 0},
		{isa.OpDMASave, 0, params{n: 17, rows: 2, xstep: xmemBytes - 32}, port.FaultXAddr, 0},
		{isa.OpDMASave, 0, params{n: 16, rows: 2, xstep: xmemBytes - 32}, port.FaultNone, 0},
		{isa.OpDMASave, 0, params{n: 0, rows: 2}, port.FaultParam, n << 32},
	} {
		b := newBench(nil)
		var p [port.NumParams]uint32
		for i, v := range c.p {
			p[i] = v
		}
		b.command(c.op, c.flags, p[:]...)
		b.tick(t)
		want := port.Fault{Code: c.code, PC: cmdPC, Arg: c.arg}
		if c.code == port.FaultNone {
			want = port.Fault{}
		}
		require.Equal(t, want, b.out.Fault, "%+v", c)
	}
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
	ops := []isa.Op{isa.OpDMAMap, isa.OpDMACopy, isa.OpDMASave}
	next := 0
	copy(b.u.Queue.Params[:], []uint32{0, 192, 1024})
	b.u.Queue.Params[isa.DMAChan] = 24
	b.in.XRoom, b.in.EncRoom, b.in.EncIdle, b.in.WRoom, b.in.WIdle, b.in.ReqRoom = true, true, true, true, true, true
	b.resp.Port = port.XPortDMA
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		b.resp.Valid = b.out.X.Valid
		b.in.Read.Valid = b.out.ReadRoom && b.u.Flown > 0
		b.bus.Kind = port.BusNone
		if b.u.Queue.N == 0 {
			b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitDMA, Op: ops[next%len(ops)], Tag: tag}
			next++
		}
		b.u.Tick(&b.in, &b.out)
	}))
	require.Equal(t, port.FaultNone, b.out.Fault.Code)
	require.Greater(t, next, 20)
	require.Greater(t, b.act.Rows[tag][activity.ActiveDMA], uint64(500))
}
