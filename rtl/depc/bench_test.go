package depc

import (
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

// generator plays the LFSR: bits one by one from docs/arithmetic.md section 4, 8 a cycle, a fill and an output register.
type generator struct {
	rand                     *rand.Rand // nil: never late
	s                        uint32
	fill, reg                [signWords]uint64
	full                     bool
	pos, pass, passes, fills int
	bits, last               int
	taken                    int
}

func (g *generator) tick(o *Out) {
	if o.RNGStart {
		*g = generator{rand: g.rand, s: o.RNGSeed, passes: int(o.RNGPasses), fills: int(o.RNGFills), bits: int(o.RNGBits), last: int(o.RNGLast)}
		return
	}
	if o.RNGTake {
		if !g.full {
			panic("take of an empty register")
		}
		g.full = false
		g.taken++
	}
	if g.fills == 0 || g.rand != nil && g.rand.IntN(4) == 0 {
		return
	}
	size := g.bits
	if g.pass == g.passes-1 {
		size = g.last
	}
	for i := 0; i < 8 && g.pos < size; i++ {
		bit := g.s & 1
		fb := (g.s ^ g.s>>10 ^ g.s>>30 ^ g.s>>31) & 1
		g.s = g.s>>1 | fb<<31
		g.fill[g.pos/64] |= uint64(bit) << (g.pos % 64)
		g.pos++
	}
	if g.pos == size && !g.full {
		g.reg, g.full, g.fill, g.pos = g.fill, true, [signWords]uint64{}, 0
		g.pass = (g.pass + 1) % g.passes
		g.fills--
	}
}

// bench is the unit among its neighbours.
type bench struct {
	u       *Unit
	machine machine.Config
	in      In
	out     Out
	bus     port.Bus
	mem     *porttest.OMEM
	gen     generator
	mask    []uint16
	act     activity.Counts

	x            []port.XReq // external memory's write port, four places
	xmem         []byte
	xRand        *rand.Rand
	xRoom, xIdle bool
	busy, waits  int // cycles of the commands since reset, by status

	oracle *porttest.Oracle // nil: registers are not watched
}

// config is the reference machine with room for classes and stored signs.
func config(classes, entries int) machine.Config {
	c := machine.Reference()
	c.DEPC.Classes, c.DEPC.SignEntries = classes, entries
	return c
}

// trees are the numbers of trees and of their inputs that can be built.
var trees = []int{8, 16, 32}

// with is a machine with so many trees of so many inputs.
func with(c machine.Config, neurons, inputs int) machine.Config {
	c.DEPC.Neurons, c.DEPC.Inputs = neurons, inputs
	if neurons > 16 {
		c.DEPC.Classes = min(c.DEPC.Classes, 16)
	}
	return c
}

// watch checks from now on that registers change only when they are clocked, and that no memory is
// accessed more often than it has ports.
func (b *bench) watch() {
	b.oracle = porttest.NewOracle(activity.DEPC, &b.u.State, &b.out)
	b.oracle.Ports(b.u.core.TileI/errors.Group, activity.EBufRead, activity.EBufWrite)
	b.oracle.Ports(1, activity.SignRead, activity.SignWrite)
	for _, e := range []activity.Event{activity.DEPCPRead, activity.DEPCPWrite, activity.MaskRead} {
		b.oracle.Ports(1, e)
	}
}

func newBench(cfg machine.Config, r *rand.Rand) *bench {
	b := &bench{mem: porttest.New(wideSrc+errors.MaxBatch*(cfg.DEPC.Classes/4+4), 0x5a5a5a5a5a5a5a5a, r), gen: generator{rand: r}, mask: make([]uint16, 4096)}
	b.xmem, b.xRand, b.xRoom, b.xIdle = make([]byte, xmemBytes), r, true, true
	for i := range b.xmem {
		b.xmem[i] = 0x5a
	}
	b.machine = cfg
	b.machine.OMEM.MaskWords, b.machine.XMem.Bytes = len(b.mask), xmemBytes
	b.u = New(&b.machine, &b.act)
	b.in.Bus = &b.bus
	return b
}

// sized gives external memory another size.
func (b *bench) sized(bytes int) {
	b.machine.XMem.Bytes = bytes
	b.u = New(&b.machine, &b.act)
}

// tick is a cycle of everything: all inputs are registers of the cycle before.
func (b *bench) tick() {
	b.in.Read, b.in.ReqRoom, b.in.WriteRoom, b.in.WriteIdle = b.mem.Read, b.mem.ReqRoom, b.mem.WriteRoom, b.mem.WriteIdle
	b.in.RNGFull, b.in.RNGReg = b.gen.full, b.gen.reg
	b.in.WRoom, b.in.WIdle = b.xRoom, b.xIdle
	b.in.Mask = port.MaskData{Valid: b.out.Mask.Valid && (b.xRand == nil || b.xRand.IntN(4) > 0)}
	if b.in.Mask.Valid {
		b.in.Mask.Data = b.mask[b.out.Mask.Addr]
	}
	b.mem.Tick(&b.out.Req, b.out.ReadRoom, &b.out.Write)
	b.external()
	b.gen.tick(&b.out)
	b.u.Tick(&b.in, &b.out)
	b.bus.Kind, b.in.Sign.Valid = port.BusNone, false
	if b.oracle != nil {
		if errs := b.oracle.Check(&b.act); len(errs) > 0 {
			panic(fmt.Sprint(errs))
		}
	}
	switch b.out.Status {
	case activity.Busy:
		b.busy++
	case activity.WaitOperand:
		b.waits++
	}
}

// external takes a burst and stores one, or stalls.
func (b *bench) external() {
	if b.out.W.Valid {
		if len(b.x) == xPlaces || b.out.W.Tag != tag || b.out.W.Addr%32 != 0 {
			panic("burst without room, tag or alignment")
		}
		b.x = append(b.x, b.out.W)
	}
	if len(b.x) > 0 && (b.xRand == nil || b.xRand.IntN(3) == 0) {
		copy(b.xmem[b.x[0].Addr:], b.x[0].Data[:])
		b.x = append(b.x[:0], b.x[1:]...)
	}
	b.xRoom, b.xIdle = len(b.x) <= xPlaces-2, len(b.x) == 0
}

// set writes parameter registers, given as index, value, index, value, ...
func (b *bench) set(pairs ...int) {
	for i := 0; i < len(pairs); i += 2 {
		b.bus = port.Bus{Kind: port.BusParam, Unit: isa.UnitDEPC, Index: uint8(pairs[i]), Val: uint32(pairs[i+1])}
		b.tick()
	}
}

// command puts a command on the bus; the next tick sees it.
func (b *bench) command(op isa.Op, flags uint16, inst uint8) {
	b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitDEPC, Op: op, Flags: flags, Tag: tag, Inst: inst, PC: 0x40 + 8*uint32(inst)}
}

// status reads a status register.
func (b *bench) status(index uint8) uint32 {
	b.bus = port.Bus{Kind: port.BusGet, Unit: isa.UnitDEPC, Index: index}
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
			require.False(t, b.mem.Pending(), "a write is under way")
			require.False(t, b.out.Write.Valid || b.out.W.Valid || len(b.x) > 0, "a write is under way")
			return ticks
		}
		require.Less(t, ticks, 100_000, "command does not end")
	}
}

// layer is one depc.load and depc.run.
type layer struct {
	n, nb, neurons, shift int
	seed                  uint32
	sram                  bool
	x, all                bool
	entry                 int
	e                     [][]int16 // [sample][class]
}

const (
	src, dst         = 64, 8192
	wideSrc          = 1 << 14 // of errors that do not fit before dst
	maskAt, maskStep = 5, 20

	xmemBytes = 1 << 16
	xPlaces   = 4
)

func (l *layer) passes() int { return (l.n + 15) / 16 }
func (l *layer) groups() int { return (l.neurons + 15) / 16 }
func (l *layer) src() (at, step int) {
	if l.n <= 256 {
		return src, 64
	}
	return wideSrc, 4*l.passes() + 4
}
func (l *layer) dstep() int {
	if l.x {
		return 32*l.groups() + 32
	}
	return 4*l.groups() + 4
}
func (l *layer) flags() (f uint16) {
	if l.sram {
		f |= isa.FlagSRAM
	}
	if l.x {
		f |= isa.FlagX
	}
	if l.all {
		f |= isa.FlagAll
	}
	return f
}

// write stores the errors in OMEM, with rubbish in the padding, and the signs in the sign memory.
func (b *bench) write(l *layer, signs []port.Burst) {
	at, step := l.src()
	for s, row := range l.e {
		for p := range l.passes() {
			g := port.Group{}
			for c := range g {
				g[c] = 999
			}
			copy(g[:], row[16*p:])
			b.mem.Put(uint32(at+s*step+4*p), &g)
		}
	}
	for i, data := range signs {
		b.in.Sign = port.SignWrite{Valid: true, Entry: uint16(l.entry + i), Tag: tag, Data: data}
		b.tick()
	}
}

// params sets all parameters of a load and a run.
func (b *bench) params(l *layer) {
	at, step := l.src()
	b.set(isa.DEPCSrc, at, isa.DEPCSStep, step, isa.DEPCNB, l.nb, isa.DEPCN, l.n, isa.DEPCNeurons, l.neurons, isa.DEPCShift, l.shift,
		isa.DEPCDst, dst, isa.DEPCDStep, l.dstep(), isa.DEPCMask, maskAt, isa.DEPCMStep, maskStep, isa.DEPCSeed, int(l.seed), isa.DEPCEntry, l.entry)
}

func BenchmarkTick(b *testing.B) {
	idle := newBench(machine.Reference(), nil)
	b.Run("idle", func(b *testing.B) {
		for b.Loop() {
			idle.u.Tick(&idle.in, &idle.out)
		}
	})
	busy := newBench(machine.Reference(), nil)
	busy.params(&layer{n: 10, nb: 32, neurons: 160, shift: 14, sram: true})
	busy.command(isa.OpDEPCLoad, 0, 0)
	busy.finish(b, 0)
	for i := range busy.mask {
		busy.mask[i] = 0x5555
	}
	busy.in.WriteRoom, busy.in.WriteIdle, busy.in.Mask = true, true, port.MaskData{Valid: true, Data: 0x5555}
	b.Run("run", func(b *testing.B) {
		for b.Loop() {
			if busy.u.Queue.N == 0 {
				busy.command(isa.OpDEPCRun, isa.FlagSRAM, 0)
			}
			busy.u.Tick(&busy.in, &busy.out)
			busy.bus.Kind = port.BusNone
		}
	})
}
