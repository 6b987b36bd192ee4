package dnnc

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

const (
	tag    = activity.Tag(0x83) // phase 4, layer 3
	tilPC  = 0x100
	xDelay = 2 // ticks from the one that sends a request to the one that sees its first item
)

// job is one command with its operands: x[sample][element], and the WMEM tile that is loaded before it. How OMEM finds the
// operands of a window is OMEM's: here it is the request that is checked.
type job struct {
	op                      isa.Op
	flags                   uint16
	nb, rows, groups, split int
	x                       [128][64]int16
	win                     port.Window
	load                    bool // a new tile comes before this command
	tile                    [64][256]int16
	wrows                   int
}

func (j *job) buf() int { return int(j.flags & isa.FlagB1) }

// params lists the parameter registers.
func (j *job) params(src uint32) []uint32 {
	w := &j.win
	flip := uint32(0)
	if w.Flip {
		flip = 1
	}
	return []uint32{
		isa.DNNCSrc: src, isa.DNNCSStep: 3, isa.DNNCNB: uint32(j.nb), isa.DNNCRows: uint32(j.rows), isa.DNNCGroups: uint32(j.groups),
		isa.DNNCSplit: uint32(j.split), isa.DNNCTaps: uint32(w.Taps), isa.DNNCChan: uint32(w.Chan),
		isa.DNNCOut: uint32(w.OH)<<16 | uint32(w.OW), isa.DNNCIn: uint32(w.IH)<<16 | uint32(w.IW), isa.DNNCAt: uint32(w.Y)<<16 | uint32(w.X),
		isa.DNNCTap: uint32(w.KW)<<16 | uint32(w.KY)<<8 | uint32(w.KX), isa.DNNCStep: uint32(w.Stride) | uint32(w.Div)<<4 | flip<<8,
		isa.DNNCOff: uint32(uint16(w.YOff))<<16 | uint32(uint16(w.XOff)), isa.DNNCNStep: w.NStep,
	}
}

// items lists what OMEM sends for a job.
func (j *job) items() (list [port.NumStreams][]port.XItem) {
	end := port.XItem{Valid: true, EOS: true, Sample: 17, Elem: 40, X: 99}
	add := func(i, b, e int) {
		if j.x[b][e] != 0 {
			list[i] = append(list[i], port.XItem{Valid: true, X: j.x[b][e], Elem: uint8(e), Sample: uint8(b)})
		}
	}
	if j.op == isa.OpDNNCGrad {
		for e := range j.rows {
			if e == 32 {
				list[0] = append(list[0], end)
			}
			for b := range j.nb {
				add(0, b, e)
			}
		}
		list[0] = append(list[0], end)
		return list
	}
	for b := range j.nb {
		for e := range j.rows {
			add(b%(1<<j.split), b, e)
		}
	}
	for i := range 1 << j.split {
		list[i] = append(list[i], end)
	}
	return list
}

// bank is a bank as the twin expects it at its handover.
type bank struct {
	toMom bool
	data  [32][256]int64
}

// twin computes all banks with plain loops.
func twin(jobs []*job) (banks []bank) {
	var w [2][64][256]int16
	var acc bank
	var half [2]bank
	for _, j := range jobs {
		t := &w[j.buf()]
		width := 256 >> j.split
		if j.load {
			for r := range j.wrows {
				for lane := range 256 {
					if lane%width < 16*j.groups {
						t[r][lane] = j.tile[r][lane%width]
					}
				}
			}
		}
		switch j.op {
		case isa.OpDNNCMac:
			if j.flags&isa.FlagFirst != 0 {
				acc = bank{}
			}
			for b := range j.nb {
				for e := range j.rows {
					for l := range 16 * j.groups {
						lane := b%(1<<j.split)*width + l
						acc.data[b>>j.split][lane] += int64(j.x[b][e]) * int64(t[e][lane])
					}
				}
			}
			if j.flags&isa.FlagLast != 0 {
				banks = append(banks, acc)
			}
		case isa.OpDNNCGrad:
			for h := range (j.rows + 31) / 32 {
				if j.flags&isa.FlagFirst != 0 {
					half[h] = bank{toMom: true}
				}
				for e := 32 * h; e < min(j.rows, 32*h+32); e++ {
					for b := range j.nb {
						for l := range 16 * j.groups {
							half[h].data[e%32][l] += int64(j.x[b][e]) * int64(t[b][l])
						}
					}
				}
				if j.flags&isa.FlagLast != 0 {
					banks = append(banks, half[h])
				}
			}
		case isa.OpDNNCOnes:
			if j.flags&isa.FlagFirst != 0 {
				acc = bank{toMom: true}
			}
			for b := range j.nb {
				for l := range 16 * j.groups {
					acc.data[0][l] += int64(t[b][l])
				}
			}
			if j.flags&isa.FlagLast != 0 {
				banks = append(banks, acc)
			}
		}
	}
	return banks
}

// bench plays SEQ, OMEM, the loader, the drain and the momentum unit.
type bench struct {
	u    *Unit
	in   In
	out  Out
	bus  port.Bus
	acc  port.Banks
	act  activity.Counts
	rand *rand.Rand // nil: nobody stalls

	jobs, streams []*job // all; those whose stream is still to be asked for
	asked         [][port.NumStreams][]port.XItem
	tiles         []port.TileWrite
	filled        [2]uint8
	want          []bank
	room          bool // OMEM's register
	busWords      []port.Bus
	queued, done  int
	ticks         int
}

func newBench(r *rand.Rand) *bench {
	b := &bench{rand: r}
	b.u = New(DefaultConfig(), &b.acc, &b.act)
	b.in.Bus = &b.bus
	for i := range b.acc {
		for row := range b.acc[i] {
			for l := range b.acc[i][row] {
				b.acc[i][row][l] = -12345 // rubbish
			}
		}
	}
	return b
}

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
	if !j.load {
		return
	}
	for r := range j.wrows {
		for g := range j.groups {
			w := port.TileWrite{Valid: true, Full: r == j.wrows-1 && g == j.groups-1, Buf: uint8(j.buf()), Row: uint8(r), Group: uint8(g), Split: uint8(j.split), Tag: tag}
			copy(w.Data[:], j.tile[r][16*g:])
			b.tiles = append(b.tiles, w)
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
	b.loader()
	b.omem(t)
	b.consumer(t)
	b.u.Tick(&b.in, &b.out)
	b.ticks++
	if b.out.Done.Valid {
		b.done++
		require.EqualValues(t, b.done%16, b.out.Done.Inst)
	}
}

// loader writes 16 lanes a cycle into a buffer that is free.
func (b *bench) loader() {
	b.in.Tile.Valid = false
	if len(b.tiles) == 0 || !b.chance() || b.out.WFreed[b.tiles[0].Buf] != b.filled[b.tiles[0].Buf] {
		return
	}
	b.in.Tile = b.tiles[0]
	b.tiles = b.tiles[1:]
	if b.in.Tile.Full {
		b.filled[b.in.Tile.Buf]++
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
	if !h.Valid || b.rand != nil && b.rand.IntN(20) > 0 {
		return
	}
	require.NotEmpty(t, b.want, "a bank that nobody expects")
	require.Equal(t, b.want[0].toMom, h.ToMom)
	require.Equal(t, b.want[0].data, b.acc[h.Bank])
	b.want = b.want[1:]
	for row := range b.acc[h.Bank] {
		b.acc[h.Bank][row][row] = 777
	}
	b.in.FreeDrain, b.in.FreeMom = !h.ToMom, h.ToMom
}

// run works through all jobs, or through what is left of them.
func (b *bench) run(t require.TestingT) {
	if b.want == nil {
		b.want = twin(b.jobs)
	}
	for b.done < len(b.jobs) || len(b.want) > 0 {
		b.tick(t)
		require.Equal(t, port.FaultNone, b.out.Fault.Code, port.FaultTexts[b.out.Fault.Code])
		require.Less(t, b.ticks, 200_000, "does not end")
	}
	require.Empty(t, b.tiles)
	require.Empty(t, b.asked)
}

// BenchmarkTick runs one command over and over: dense streams of 32 << split pixels with a row of 64 operands each, or of
// fewer.
func BenchmarkTick(b *testing.B) {
	for _, c := range []struct{ split, elements int }{{0, 64}, {1, 64}, {2, 64}, {2, 8}} {
		b.Run(fmt.Sprintf("split=%d/elements=%d", c.split, c.elements), func(b *testing.B) {
			m := newBench(nil)
			j := &job{op: isa.OpDNNCMac, nb: 32 << c.split, rows: 64, groups: 16 >> c.split, split: c.split, flags: isa.FlagFirst | isa.FlagLast}
			r := rand.New(rand.NewPCG(1, 1))
			fillJob(j, r, 16)
			for i := range j.x {
				for e := range j.x[i] {
					j.x[i][e] >>= 6 // as small as real operands
				}
				clear(j.x[i][c.elements:])
			}
			m.u.s.WMEM[0] = j.tile
			copy(m.u.s.Queue.Params[:], j.params(0))
			m.u.s.WFull[0] = true
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
