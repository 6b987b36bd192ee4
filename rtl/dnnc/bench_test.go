package dnnc

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

const (
	tag    = activity.Tag(0x83) // phase 4, layer 3
	tilPC  = 0x100
	updPC  = 0x700
	xDelay = 2 // ticks from the one that sends a request to the one that sees its first item
)

// fill is a write to WMEM that comes when so many commands are done.
type fill struct {
	port.TileWrite
	after int
}

// bench plays SEQ, OMEM, the loader, the drain and the momentum unit.
type bench struct {
	u    *Unit
	in   In
	out  Out
	bus  port.Bus
	act  activity.Counts
	rand *rand.Rand // nil: nobody stalls
	late int        // cycles that a consumer keeps a bank, on average
	stop bool       // nobody frees a bank
	gap  int        // cycles between two writes of the momentum unit, on average

	watch func() // called after every cycle, if there

	jobs, streams []*job // all; those whose stream is still to be asked for
	asked         [][port.NumStreams][]port.XItem
	tiles, upds   []fill // of the loader and the momentum unit
	filled        [maxBuffers]uint8
	users         [2]int // jobs up to the last one that has weights of the loader, or updated ones, in buffer 1
	want          []given
	room          bool // OMEM's register
	busWords      []port.Bus
	queued, done  int
	ticks         int
}

func newBench(r *rand.Rand) *bench { return benchOf(r) }

// benchOf is a bench with an array of the reference machine, changed.
func benchOf(r *rand.Rand, changes ...func(*machine.Config)) *bench {
	b := &bench{rand: r, late: 20, gap: 1}
	c := machine.Reference()
	for _, change := range changes {
		change(&c)
	}
	b.u = New(&c, &b.act)
	b.in.Bus = &b.bus
	for i := range b.u.Acc {
		b.u.Acc[i] = -12345 // rubbish
	}
	return b
}

// ofLanes sets the width of the array, fusedSchedules builds their hardware.
func ofLanes(n int) func(*machine.Config) { return func(c *machine.Config) { c.DNNC.Lanes = n } }

func fusedSchedules(c *machine.Config) { c.Fused = true }

// bank is the content of a bank.
func (b *bench) bank(n uint8) []int64 { return b.u.row(n, 0, 0, AccRows*b.u.lanes) }

func (b *bench) chance() bool { return b.rand == nil || b.rand.IntN(3) > 0 }

// add queues a job for all players.
func (b *bench) add(j *job) {
	b.jobs = append(b.jobs, j)
	if j.op != isa.OpDNNCOnes {
		b.streams = append(b.streams, j)
	}
	for i, v := range j.params(uint32(1000 + len(b.jobs))) {
		b.busWords = append(b.busWords, port.Bus{Kind: port.BusParam, Unit: isa.UnitDNNC, Index: uint8(i), Val: v})
	}
	b.busWords = append(b.busWords, port.Bus{Kind: port.BusCmd, Unit: isa.UnitDNNC, Op: j.op, Flags: j.flags, Tag: tag, Inst: uint8(len(b.jobs) % 16), PC: tilPC})
	b.addWeights(j)
}

// addWeights queues the writes of a job's weights. Buffer 1 passes from the loader to the momentum
// unit, and back, when the last command with weights of the other one is done.
func (b *bench) addWeights(j *job) {
	list, kind, after := &b.tiles, 0, 0
	if j.upd() {
		list, kind = &b.upds, 1
	}
	if buf, _ := j.place(); buf == 1 {
		b.users[kind], after = len(b.jobs), b.users[1-kind]
	}
	if !j.load {
		return
	}
	for r := range j.wrows {
		for g := range j.groups {
			w := port.TileWrite{Valid: true, Full: r == j.wrows-1 && g == j.groups-1, Buf: uint8(j.buf()), Row: uint8(r), Group: uint8(g), Split: uint8(j.split), Tag: tag}
			copy(w.Data[:], j.tile[r][16*g:])
			*list = append(*list, fill{w, after})
		}
	}
}

// tick is one cycle of everybody; what the unit drove in the last cycle is in b.out.
func (b *bench) tick(t require.TestingT) {
	b.bus.Kind = port.BusNone
	if len(b.busWords) > 0 && (b.busWords[0].Kind != port.BusCmd || b.queued-b.done < port.QueueDepth) {
		if b.bus = b.busWords[0]; b.bus.Kind == port.BusCmd {
			b.queued++
		}
		b.busWords = b.busWords[1:]
	}
	b.in.Tile.Valid, b.in.Upd.Valid = false, false
	b.write(&b.tiles, 0, &b.in.Tile)
	if b.rand == nil || b.rand.IntN(b.gap) == 0 {
		b.write(&b.upds, 2, &b.in.Upd.TileWrite)
	}
	b.in.Upd.PC = updPC
	b.omem(t)
	b.consumer(t)
	b.u.Tick(&b.in, &b.out)
	b.ticks++
	if b.out.Done.Valid {
		b.done++
		require.EqualValues(t, b.done%16, b.out.Done.Inst)
	}
	if b.watch != nil {
		b.watch()
	}
}

// write sends the next 16 weights of a list when their buffer, one from first on, is free.
func (b *bench) write(list *[]fill, first uint8, to *port.TileWrite) {
	if len(*list) == 0 || !b.chance() {
		return
	}
	f := &(*list)[0]
	if buf := first + f.Buf; b.out.WFreed[buf] == b.filled[buf] && b.done >= f.after {
		*to = f.TileWrite
		*list = (*list)[1:]
		if f.Full {
			b.filled[buf]++
		}
	}
}

// omem takes two requests and sends the items of the older one.
func (b *bench) omem(t require.TestingT) {
	for i := range b.in.X {
		b.in.X[i].Valid = false
	}
	if len(b.asked) > 0 {
		left := 0
		for i := range b.asked[0] {
			if len(b.asked[0][i]) > 0 && b.out.XRoom[i] && b.chance() {
				b.in.X[i] = b.asked[0][i][0]
				b.asked[0][i] = b.asked[0][i][1:]
			}
			left += len(b.asked[0][i])
		}
		if left == 0 {
			b.asked = b.asked[1:]
		}
	}
	if s := &b.out.Stream; s.Valid {
		require.Less(t, len(b.asked), 2, "a third request")
		j := b.streams[0]
		b.streams = b.streams[1:]
		kind := port.StreamRLC
		if j.op == isa.OpDNNCGrad {
			kind = port.StreamGrad
		} else if j.flags&isa.FlagRaw != 0 {
			kind = port.StreamRaw
		}
		require.Equal(t, port.StreamReq{
			Valid: true, Kind: kind, Src: s.Src, SStep: 3, NB: uint8(j.nb), Rows: uint8(j.rows), Split: uint8(j.split), Win: j.win, Tag: tag, PC: tilPC,
		}, *s)
		b.asked = append(b.asked, j.items())
	}
	b.in.StreamRoom, b.room = b.room, len(b.asked) <= 1
}

// consumer compares the bank at the head, spoils it and frees it.
func (b *bench) consumer(t require.TestingT) {
	b.in.FreeDrain, b.in.FreeMom = false, false
	h := &b.out.Head
	if !h.Valid || b.stop || b.rand != nil && b.rand.IntN(b.late) > 0 {
		return
	}
	require.NotEmpty(t, b.want, "a bank that nobody expects")
	require.Equal(t, b.want[0].toMom, h.ToMom)
	require.Equal(t, b.want[0].data, b.bank(h.Bank))
	b.want = b.want[1:]
	for row := range uint8(AccRows) {
		b.u.row(h.Bank, row, int(row), 1)[0] = 777
	}
	b.in.FreeDrain, b.in.FreeMom = !h.ToMom, h.ToMom
}

// run works through all jobs, or through what is left of them.
func (b *bench) run(t require.TestingT) {
	if b.want == nil {
		b.want = b.twin()
	}
	for b.done < len(b.jobs) || len(b.want) > 0 {
		b.tick(t)
		require.Equal(t, port.FaultNone, b.out.Fault.Code, port.FaultTexts[b.out.Fault.Code])
		require.Less(t, b.ticks, 200_000, "does not end")
	}
	require.Empty(t, b.tiles)
	require.Empty(t, b.upds)
	require.Empty(t, b.asked)
}

// BenchmarkTick runs one command over and over: dense streams of 32 << split pixels with a row of
// 64 operands each, or of fewer.
func BenchmarkTick(b *testing.B) {
	for _, c := range []struct{ lanes, split, elements int }{
		{256, 0, 64}, {256, 1, 64}, {256, 2, 64}, {256, 2, 8}, {64, 0, 64}, {1024, 0, 64}, {1024, 2, 64},
	} {
		b.Run(fmt.Sprintf("lanes=%d/split=%d/elements=%d", c.lanes, c.split, c.elements), func(b *testing.B) {
			m := benchOf(nil, ofLanes(c.lanes))
			j := &job{op: isa.OpDNNCMac, nb: 32 << c.split, rows: 64, groups: c.lanes / 16 >> c.split, split: c.split, flags: isa.FlagFirst | isa.FlagLast}
			r := rand.New(rand.NewPCG(1, 1))
			fillJob(j, r, 16)
			for i := range j.x {
				for e := range j.x[i] {
					j.x[i][e] >>= 6 // as small as real operands
				}
				clear(j.x[i][c.elements:])
			}
			j.load = true
			j.put(m.u.WMEM, c.lanes)
			copy(m.u.Queue.Params[:], j.params(0))
			m.u.Buffers[0].Full = true
			m.in.StreamRoom = true
			items := j.items()
			var next [port.NumStreams]int
			for b.Loop() {
				m.bus.Kind = port.BusNone
				if m.queued-m.done < 2 {
					m.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitDNNC, Op: j.op, Flags: j.flags}
					m.queued++
				}
				for i := range 1 << c.split {
					if m.in.X[i].Valid = m.out.XRoom[i]; m.in.X[i].Valid {
						m.in.X[i] = items[i][next[i]]
						if next[i]++; next[i] == len(items[i]) {
							next[i] = 0
						}
					}
				}
				m.in.FreeDrain = m.out.Head.Valid && !m.in.FreeDrain
				m.u.Tick(&m.in, &m.out)
				if m.out.Done.Valid {
					m.done++
				}
			}
			b.ReportMetric(float64(m.act.Rows[0][activity.MAC])/float64(16*j.groups)/float64(b.N), "operands/op")
			if m.out.Fault.Code != port.FaultNone {
				b.Fatal(m.out.Fault)
			}
		})
	}
}
