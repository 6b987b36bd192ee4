package dnnc

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// stalled runs a command while a half of buffer 1 is written to: a write in every cycle gap while
// it has operands, until n are written. It returns its cycles, those with status WaitWeight, and
// the writes.
func stalled(t *testing.T, j *job, n, gap int) (cycles, waits, writes int) {
	b := fused(nil)
	b.add(j)
	words := b.busWords
	b.busWords = nil
	until(t, b, func() bool { return len(b.tiles)+len(b.upds) == 0 })
	b.busWords = words
	until(t, b, func() bool { return b.u.Queue.N > 0 })
	b.want = b.twin()
	s := &b.u.State
	start := b.ticks
	b.watch = func() {
		if b.out.Status == activity.WaitWeight {
			waits++
		}
	}
	until(t, b, func() bool {
		ready := s.Begun && b.done == 0
		for i := range 1 << j.split {
			ready = ready && (s.FIFO[i].N > 0 || j.op == isa.OpDNNCOnes)
		}
		if ready && writes < n && (b.ticks-start)%gap == 0 {
			half := 1 - j.buf()
			b.upds = append(b.upds, fill{TileWrite: port.TileWrite{Valid: true, Buf: uint8(half), Row: uint8(writes % 32), Data: port.Group{1, 2, 3}}})
			writes++
		}
		return b.done > 0
	})
	cycles = b.ticks - start
	b.run(t)
	return cycles, waits, writes
}

// TestStall: an updated weight that is written costs the command that reads updated weights a
// cycle, and no other command.
func TestStall(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, flags := range []uint16{upd0, upd1} {
		for split := range 3 {
			j := fillJob(&job{op: isa.OpDNNCMac, nb: 8 << split, rows: 32, groups: 4, split: split, flags: flags | one}, r, 16)
			alone, waits, _ := stalled(t, j, 0, 1)
			require.Zero(t, waits)
			for _, c := range []struct{ n, gap int }{{1, 1}, {2, 1}, {40, 1}, {200, 1}, {40, 2}, {40, 3}, {10, 7}} {
				cycles, waits, writes := stalled(t, j, c.n, c.gap)
				require.Equal(t, c.n, writes)
				require.Equal(t, alone+writes, cycles, "split %d, %d writes", split, writes)
				require.Equal(t, writes, waits)
			}
		}
	}
	for _, op := range []isa.Op{isa.OpDNNCMac, isa.OpDNNCGrad, isa.OpDNNCOnes} {
		j := fillJob(&job{op: op, nb: 32, rows: 32, groups: 4, flags: one}, r, 16)
		alone, _, _ := stalled(t, j, 0, 1)
		cycles, waits, writes := stalled(t, j, 1000, 1)
		require.Equal(t, alone, cycles, op)
		require.Zero(t, waits)
		require.Greater(t, writes, 20)
	}
}

// TestUpdatedWeightsPlace: rows and copies of both halves, the event of a write, and the counts
// that the momentum unit sees.
func TestUpdatedWeightsPlace(t *testing.T) {
	b := fused(nil)
	tile := port.TileWrite{Valid: true, Row: 5, Group: 2, Split: 2, Tag: tag, Full: true}
	tile.Data[3] = 77
	for half := range uint8(2) {
		b.in.Upd = port.UpdWrite{TileWrite: tile, PC: updPC}
		b.in.Upd.Buf = half
		b.u.Tick(&b.in, &b.out)
	}
	want := make([]int16, 2*64*256)
	for _, lane := range []int{35, 99, 163, 227} {
		want[(64+5)*256+lane], want[(64+37)*256+lane] = 77, 77
	}
	require.Equal(t, want, b.u.WMEM)
	require.Equal(t, []buffer{2: {Full: true, Part: true}, 3: {Full: true, Part: true}}, b.u.Buffers)
	require.EqualValues(t, 2*4, b.act.Rows[tag][activity.WMEMWrite])

	r := rand.New(rand.NewPCG(1, 1))
	b = fused(nil)
	for _, flags := range []uint16{upd0, upd1, upd1, 0, isa.FlagB1, upd1, isa.FlagB1, isa.FlagB1} {
		b.add(sums(r, isa.OpDNNCMac, flags|one))
	}
	b.run(t)
	require.Equal(t, [maxBuffers]uint8{1, 3, 1, 3}, b.out.WFreed)
	require.Equal(t, make([]buffer, maxBuffers), b.u.Buffers)
}

// TestBufferHasOneWriter writes to WMEM in some order; the last write is one too many, or none is.
func TestBufferHasOneWriter(t *testing.T) {
	const loader, upd = 0, 2 // and the buffer, or the half
	type write struct {
		buf  int
		full bool
		pc   uint32
	}
	for name, c := range map[string]struct {
		writes []write
		pc     uint32 // of the fault, or none
	}{
		"both halves":                    {[]write{{upd, true, 1}, {upd + 1, true, 2}}, 0},
		"loader in buffer 0":             {[]write{{upd, true, 1}, {loader, true, 0}, {upd + 1, true, 2}, {loader, false, 0}}, 0},
		"loader in both":                 {[]write{{loader + 1, false, 0}, {loader + 1, true, 0}, {loader, true, 0}}, 0},
		"loader over half 0":             {[]write{{upd, true, 8}, {loader + 1, false, 0}}, 8},
		"loader over half 1":             {[]write{{upd + 1, true, 8}, {loader + 1, true, 0}}, 8},
		"loader over a part":             {[]write{{upd, false, 8}, {loader + 1, false, 0}}, 8},
		"the last writer's PC":           {[]write{{upd, true, 8}, {upd + 1, true, 16}, {loader + 1, false, 0}}, 16},
		"update over buffer 1":           {[]write{{loader + 1, true, 0}, {upd, false, 24}}, 24},
		"update over a part of buffer 1": {[]write{{loader, true, 0}, {loader + 1, false, 0}, {upd + 1, true, 24}}, 24},
	} {
		b := fused(nil)
		for i, w := range c.writes {
			require.Zero(t, b.out.Fault, name)
			tile := port.TileWrite{Valid: true, Full: w.full, Buf: uint8(w.buf & 1), Data: port.Group{int16(i + 1)}}
			if b.in.Tile.Valid, b.in.Upd.Valid = false, false; w.buf >= upd {
				b.in.Upd = port.UpdWrite{TileWrite: tile, PC: w.pc}
			} else {
				b.in.Tile = tile
			}
			b.u.Tick(&b.in, &b.out)
		}
		want := port.Fault{}
		if c.pc > 0 {
			want = port.Fault{Code: port.FaultWMEM, PC: c.pc, Arg: 1}
			require.NotContains(t, []int16{b.u.WMEM[64*256], b.u.WMEM[96*256]}, int16(len(c.writes)), "%s: not written", name)
		}
		require.Equal(t, want, b.out.Fault, name)
	}
	b := fused(nil)
	b.in.Tile = port.TileWrite{Valid: true, Buf: 1}
	b.in.Upd = port.UpdWrite{TileWrite: port.TileWrite{Valid: true}, PC: 40}
	b.u.Tick(&b.in, &b.out)
	require.Equal(t, port.Fault{Code: port.FaultWMEM, PC: 40, Arg: 1}, b.out.Fault, "in one cycle")
}

// TestReleasedHalves: the loader may fill buffer 1 when both halves are released, and the other way
// round.
func TestReleasedHalves(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	b := fused(nil)
	b.add(sums(r, isa.OpDNNCMac, one|upd0))
	b.add(sums(r, isa.OpDNNCMac, one|upd1))
	b.run(t)
	write := func() port.Fault {
		b.in.Tile = port.TileWrite{Valid: true, Buf: 1}
		b.u.Tick(&b.in, &b.out)
		return b.out.Fault
	}
	require.Zero(t, write())

	b = fused(nil)
	b.add(sums(r, isa.OpDNNCMac, one|upd0))
	b.add(sums(r, isa.OpDNNCMac, one|upd1))
	b.jobs[1].flags &^= isa.FlagFree
	b.busWords[len(b.busWords)-1].Flags &^= isa.FlagFree
	b.run(t)
	require.Equal(t, port.FaultWMEM, write().Code, "one of them is not")

	b = fused(nil)
	b.add(sums(r, isa.OpDNNCMac, one|isa.FlagB1))
	b.run(t)
	b.in.Upd = port.UpdWrite{TileWrite: port.TileWrite{Valid: true}}
	b.u.Tick(&b.in, &b.out)
	require.Zero(t, b.out.Fault)
}

// TestUpdFaults: flag upd needs the hardware, and rows that a half has.
func TestUpdFaults(t *testing.T) {
	run := func(b *bench, change func(p []uint32)) port.Fault {
		b.in.StreamRoom = true
		j := &job{op: isa.OpDNNCMac, nb: 1, rows: 32, groups: 1}
		p := j.params(0)
		change(p)
		copy(b.u.Queue.Params[:], p)
		b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitDNNC, Op: j.op, Flags: one | upd1, PC: tilPC}
		for range 5 {
			b.u.Tick(&b.in, &b.out)
			b.bus.Kind = port.BusNone
		}
		return b.out.Fault
	}
	built, not := func() *bench { return fused(nil) }, func() *bench { return newBench(nil) }
	require.Zero(t, run(built(), func([]uint32) {}))
	require.Equal(t, port.Fault{Code: port.FaultIllegal, PC: tilPC, Arg: uint64(isa.OpDNNCMac)}, run(not(), func([]uint32) {}))
	for rows := range uint32(66) {
		want := port.Fault{}
		if rows == 0 || rows > 32 {
			want = port.Fault{Code: port.FaultParam, PC: tilPC, Arg: uint64(isa.DNNCRows)<<32 | uint64(rows)}
		}
		require.Equal(t, want, run(built(), func(p []uint32) { p[isa.DNNCRows] = rows }), "%d rows", rows)
	}
	window := func(taps uint32) func(p []uint32) {
		return func(p []uint32) {
			p[isa.DNNCRows], p[isa.DNNCTaps], p[isa.DNNCChan] = 4*taps, taps, 4
			p[isa.DNNCOut], p[isa.DNNCIn], p[isa.DNNCTap], p[isa.DNNCStep] = 1<<16|1, 1<<16|1, 3<<16, 1
		}
	}
	require.Zero(t, run(built(), window(8)))
	require.Equal(t, port.Fault{Code: port.FaultParam, PC: tilPC, Arg: uint64(isa.DNNCRows)<<32 | 36}, run(built(), window(9)), "a window is as many")
}
