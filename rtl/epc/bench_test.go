package epc

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/errors"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

const tag = activity.Tag(0x62) // phase 3, layer 2

const xbytes = 1 << 19

// xmem plays external memory: a burst lands latency ticks after the one that asked for it, or later with rand.
type xmem struct {
	data    []byte
	rand    *rand.Rand // nil: never late, always room
	latency int

	resp, seen  port.XResp
	room        bool
	wroom, idle bool

	now    int
	queue  []uint32 // asked for, not yet on the way
	due    []int
	flight []uint32
	writes []port.XReq
}

const xplaces = 8

func (m *xmem) chance() bool { return m.rand == nil || m.rand.IntN(3) > 0 }

func (m *xmem) tick(x, w *port.XReq) {
	m.now++
	if x.Valid {
		if x.Addr%port.BurstBytes != 0 || int(x.Addr) >= len(m.data) || len(m.queue) == xplaces || x.Tag != tag {
			panic(fmt.Sprintf("read of %#x with %d waiting", x.Addr, len(m.queue)))
		}
		m.queue = append(m.queue, x.Addr)
	}
	if len(m.queue) > 0 && m.chance() {
		m.flight, m.due = append(m.flight, m.queue[0]), append(m.due, m.now+m.latency-2)
		m.queue = append(m.queue[:0], m.queue[1:]...)
	}
	m.resp = port.XResp{Valid: m.rand != nil && m.rand.IntN(3) == 0, Port: port.XPortWLD} // somebody else's
	if len(m.flight) > 0 && m.due[0] <= m.now {
		m.resp = port.XResp{Valid: true, Port: port.XPortEPC, Data: port.Burst(m.data[m.flight[0]:])}
		m.flight, m.due = append(m.flight[:0], m.flight[1:]...), append(m.due[:0], m.due[1:]...)
	}
	m.room = len(m.queue)+2 <= xplaces
	if w.Valid {
		if w.Addr%port.BurstBytes != 0 || int(w.Addr) >= len(m.data) || len(m.writes) == xplaces || w.Tag != tag {
			panic(fmt.Sprintf("write of %#x with %d waiting", w.Addr, len(m.writes)))
		}
		m.writes = append(m.writes, *w)
	}
	if len(m.writes) > 0 && m.chance() {
		copy(m.data[m.writes[0].Addr:], m.writes[0].Data[:])
		m.writes = append(m.writes[:0], m.writes[1:]...)
	}
	m.wroom, m.idle = len(m.writes)+2 <= xplaces, len(m.writes) == 0
}

// bench is the unit among its neighbours.
type bench struct {
	u    *Unit
	in   In
	out  Out
	bus  port.Bus
	mem  *porttest.OMEM
	x    *xmem
	mask []uint16
	act  activity.Counts

	cycles [activity.NumStatus]int

	oracle *porttest.Oracle // nil: registers are not watched
}

const latency = 13

func config(k Kind) machine.Config {
	c := machine.Reference()
	c.EPC.Kind, c.EPC.Errors = k, 144
	return c
}

// trees are the numbers of trees and of their inputs that can be built.
var trees = []int{8, 16, 32}

// with is a machine with so many trees of so many inputs, or so many lanes as their product.
func with(c machine.Config, neurons, inputs int, products machine.Cut) machine.Config {
	c.EPC.Neurons, c.EPC.Inputs, c.EPC.Products = neurons, inputs, products
	return c
}

// watch checks from now on that registers change only when they are clocked, and that no memory is
// accessed more often than it has ports.
func (b *bench) watch() {
	b.oracle = porttest.NewOracle(activity.EPC, &b.u.State, &b.out)
	s := &b.u.core.Shape
	tile := s.TileN * s.TileI / group
	lanes := 1
	if b.u.kind == LaneMask {
		lanes, tile = s.Span, s.Span
	}
	b.oracle.Ports(s.TileI/group, activity.EPCERead, activity.EPCEWrite)
	b.oracle.Ports(lanes, activity.EPCPRead)
	b.oracle.Ports(lanes, activity.EPCPWrite)
	b.oracle.Ports(tile, activity.EPCWRead)
	b.oracle.Ports(1, activity.EPCWWrite)
	b.oracle.Ports(1, activity.MaskRead)
}

// wideConfig is the largest unit, with room for a matrix of 4096 errors and 320 neurons.
func wideConfig(k Kind) machine.Config {
	c := config(k)
	c.EPC.Errors = 4096
	return c
}

func newBench(cfg machine.Config, r *rand.Rand) *bench {
	b := &bench{mem: porttest.New(wideSrc+errors.MaxBatch*(cfg.EPC.Errors/4+4), 0x5a5a5a5a5a5a5a5a, r), mask: make([]uint16, 4096)}
	cfg.OMEM.MaskWords, cfg.XMem.Bytes = len(b.mask), xbytes
	if cfg.EPC.Errors == 4096 {
		cfg.XMem.Bytes = 1 << 22
	}
	data := make([]byte, cfg.XMem.Bytes)
	b.x = &xmem{data: data, rand: r, latency: latency, room: true, wroom: true, idle: true}
	b.u = New(&cfg, &b.act)
	b.in.Bus, b.in.Resp = &b.bus, &b.x.seen
	return b
}

// tick is a cycle of everything: all inputs are registers of the cycle before.
func (b *bench) tick() {
	b.in.Read, b.in.ReqRoom, b.in.WriteRoom, b.in.WriteIdle = b.mem.Read, b.mem.ReqRoom, b.mem.WriteRoom, b.mem.WriteIdle
	b.in.XRoom, b.in.WRoom, b.in.WIdle = b.x.room, b.x.wroom, b.x.idle
	b.x.seen = b.x.resp
	b.in.Mask = port.MaskData{Valid: b.out.Mask.Valid && (b.x.rand == nil || b.x.rand.IntN(4) > 0)}
	if b.in.Mask.Valid {
		b.in.Mask.Data = b.mask[b.out.Mask.Addr]
	}
	b.mem.Tick(&b.out.Req, b.out.ReadRoom, &b.out.Write)
	b.x.tick(&b.out.X, &b.out.W)
	b.u.Tick(&b.in, &b.out)
	b.bus.Kind = port.BusNone
	if b.oracle != nil {
		if errs := b.oracle.Check(&b.act); len(errs) > 0 {
			panic(fmt.Sprint(errs))
		}
	}
	b.cycles[b.out.Status]++
}

// set writes parameter registers, given as index, value, index, value, ...
func (b *bench) set(pairs ...int) {
	for i := 0; i < len(pairs); i += 2 {
		b.bus = port.Bus{Kind: port.BusParam, Unit: isa.UnitEPC, Index: uint8(pairs[i]), Val: uint32(pairs[i+1])}
		b.tick()
	}
}

// command puts a command on the bus; the next tick sees it.
func (b *bench) command(op isa.Op, flags uint16, inst uint8) {
	b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitEPC, Op: op, Flags: flags, Tag: tag, Inst: inst, PC: 0x40 + 8*uint32(inst)}
}

// status reads a status register.
func (b *bench) status(index uint8) uint32 {
	b.bus = port.Bus{Kind: port.BusGet, Unit: isa.UnitEPC, Index: index}
	b.tick()
	return b.out.Stat
}

// finish runs until a command retires and returns the number of ticks.
func (b *bench) finish(t require.TestingT, inst uint8) (ticks int) {
	for {
		b.tick()
		ticks++
		require.Equal(t, port.FaultNone, b.out.Fault.Code, port.FaultTexts[b.out.Fault.Code])
		if b.out.Done.Valid {
			require.Equal(t, inst, b.out.Done.Inst)
			require.False(t, b.mem.Pending() || len(b.x.writes) > 0, "a write is under way")
			require.False(t, b.out.Write.Valid || b.out.W.Valid, "a write is under way")
			require.True(t, !b.out.X.Valid && len(b.x.queue)+len(b.x.flight) == 0, "a read is under way")
			return ticks
		}
		require.Less(t, ticks, 1_000_000, "command does not end")
	}
}

// layer is one epc.load and epc.run.
type layer struct {
	n, nb, neurons, shift int
	x, all                bool
	e                     [][]int16 // [sample][error]
	m                     [][]int16 // [neuron][error]
	f                     [][]bool  // f' [sample][neuron]
}

const (
	src, dst         = 64, 8192
	maskAt, maskStep = 5, 40
	matrix           = 0x2040
	xdst             = 0x60000
	jstep            = blockBytes + 96
	kstep            = 3*jstep + 64

	wideSrc = 1 << 14 // of what does not fit before dst
)

func (l *layer) passes() int { return (l.n + 15) / 16 }
func (l *layer) groups() int { return (l.neurons + 15) / 16 }
func (l *layer) src() (at, step int) {
	if l.n <= 256 {
		return src, 64
	}
	return wideSrc, 4*l.passes() + 4
}
func (l *layer) matrix() (at, kStep int) {
	if l.n <= 192 {
		return matrix, kstep
	}
	return xbytes + 32, (l.n+63)/64*jstep + 64
}
func (l *layer) dst() (at, step int) {
	if l.x {
		return xdst, 32*l.groups() + 32
	}
	return dst, 4*l.groups() + 4
}
func (l *layer) flags() (f uint16) {
	if l.x {
		f |= isa.FlagX
	}
	if l.all {
		f |= isa.FlagAll
	}
	return f
}

// fill makes errors of which a part is not 0, weights and f' bits.
func (l *layer) fill(r *rand.Rand, dense float64, wide bool) *layer {
	value := func() int16 {
		if wide {
			return []int16{-32768, 32767, -1, 16384, -16384, -32767}[r.IntN(6)]
		}
		return int16(1 + r.IntN(600))
	}
	for range l.nb {
		row, f := make([]int16, l.n), make([]bool, l.neurons)
		for j := range row {
			if r.Float64() < dense {
				row[j] = value()
			}
		}
		for k := range f {
			f[k] = l.all || r.IntN(2) == 0
		}
		l.e, l.f = append(l.e, row), append(l.f, f)
	}
	for range l.neurons {
		row := make([]int16, l.n)
		for j := range row {
			row[j] = int16(r.Uint32())
			if wide {
				row[j] = value()
			}
		}
		l.m = append(l.m, row)
	}
	return l
}

// write stores errors, matrix and f' bits, among rubbish.
func (b *bench) write(l *layer) {
	noise := rand.New(rand.NewPCG(uint64(l.n), uint64(l.neurons)))
	for i := 0; i < len(b.x.data); i += 8 {
		binary.LittleEndian.PutUint64(b.x.data[i:], noise.Uint64())
	}
	for i := range b.mask {
		b.mask[i] = uint16(noise.Uint32())
	}
	from, step := l.src()
	for s, row := range l.e {
		for p := range l.passes() {
			g := port.Group{}
			for j := range g {
				g[j] = 999
			}
			copy(g[:], row[16*p:])
			b.mem.Put(uint32(from+s*step+4*p), &g)
		}
		for k, f := range l.f[s] {
			word := &b.mask[maskAt+s*maskStep+k/16]
			if *word &^= 1 << (k % 16); f && !l.all {
				*word |= 1 << (k % 16)
			}
		}
	}
	first, kStep := l.matrix()
	for k, row := range l.m {
		for j, w := range row {
			at := first + k/64*kStep + j/64*jstep + k%64*128 + j%64*2
			binary.LittleEndian.PutUint16(b.x.data[at:], uint16(w))
		}
	}
}

// params sets all parameters of a load and a run.
func (b *bench) params(l *layer) {
	from, sstep := l.src()
	first, kStep := l.matrix()
	at, step := l.dst()
	b.set(isa.EPCSrc, from, isa.EPCSStep, sstep, isa.EPCNB, l.nb, isa.EPCN, l.n, isa.EPCNeurons, l.neurons, isa.EPCShift, l.shift,
		isa.EPCDst, at, isa.EPCDStep, step, isa.EPCMask, maskAt, isa.EPCMStep, maskStep,
		isa.EPCMatrix, first, isa.EPCKStep, kStep, isa.EPCJStep, jstep)
}

// get returns 16 errors of a sample as they lie in memory.
func (b *bench) get(l *layer, sample, group int) (g port.Group) {
	at, step := l.dst()
	if !l.x {
		return b.mem.Get(uint32(at + sample*step + 4*group))
	}
	for i := range g {
		g[i] = int16(binary.LittleEndian.Uint16(b.x.data[at+sample*step+32*group+2*i:]))
	}
	return g
}

// runLayer loads and runs, and returns the cycles of the run.
func (b *bench) runLayer(t require.TestingT, l *layer) (load, run int) {
	b.write(l)
	b.params(l)
	b.command(isa.OpEPCLoad, 0, 3)
	load = b.finish(t, 3)
	b.cycles = [activity.NumStatus]int{}
	b.command(isa.OpEPCRun, l.flags(), 4)
	return load, b.finish(t, 4)
}

func BenchmarkTick(b *testing.B) {
	for _, k := range []Kind{Tree, TreeGate, LaneMask} {
		l := (&layer{n: 128, nb: 32, neurons: 256, shift: 14}).fill(rand.New(rand.NewPCG(1, 2)), 0.5, false)
		busy := newBench(config(k), nil)
		busy.runLayer(b, l)
		b.Run(k.String(), func(b *testing.B) {
			for b.Loop() {
				if busy.u.Queue.N == 0 {
					busy.command(isa.OpEPCRun, 0, 0)
				}
				busy.tick()
			}
		})
	}
	idle := newBench(config(Tree), nil)
	b.Run("idle", func(b *testing.B) {
		for b.Loop() {
			idle.u.Tick(&idle.in, &idle.out)
		}
	})
}
