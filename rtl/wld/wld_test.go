package wld

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

const (
	tag       = activity.Tag(0x41)
	xmemBytes = 1 << 18
)

// load is one command with its parameters.
type load struct {
	op    isa.Op
	flags uint16
	p     [isa.NumWLDParams]uint32
}

// bench plays SEQ, external memory, OMEM and the DNNC's weight buffers.
type bench struct {
	u     *Unit
	in    In
	out   Out
	bus   port.Bus
	resp  port.XResp
	act   activity.Counts
	rand  *rand.Rand // nil: nothing stalls
	omem  *porttest.OMEM
	watch *porttest.Oracle // nil: nobody watches
	xmem  []byte

	latency  int // of external memory without stalls: a burst lands that many ticks after its request, at least 2
	pipe     []port.XRead
	age      []int
	requests int

	lanes      int
	wmem, twin [2][]int16 // by row and lane
	coming     []load
	checks     []load // loads whose buffer is not yet full, in order
	users      [2]int // ticks until the DNNC releases a full buffer, 0: it has none
	queued     int
	done       int
	ticks      int
}

func newBench(r *rand.Rand) *bench { return newWideBench(256, r) }

func newWideBench(lanes int, r *rand.Rand) *bench {
	b := &bench{rand: r, omem: porttest.New(1<<14, 0, r), xmem: make([]byte, 0, xmemBytes), latency: 3}
	for _, w := range rubbish {
		b.xmem = binary.LittleEndian.AppendUint64(b.xmem, w)
	}
	copy(b.omem.Words, rubbish[:])
	m := machine.Reference()
	m.XMem.Bytes, m.DNNC.Lanes, b.lanes = xmemBytes, lanes, lanes
	for i := range b.wmem {
		b.wmem[i], b.twin[i] = make([]int16, 64*lanes), make([]int16, 64*lanes)
	}
	b.u = New(&m, &b.act)
	b.in.Bus, b.in.Resp = &b.bus, &b.resp
	return b
}

// rubbish is the content of both memories.
var rubbish = func() (words [xmemBytes / 8]uint64) {
	r := rand.New(rand.NewPCG(1, 1))
	for i := range words {
		words[i] = r.Uint64()
	}
	return words
}()

// memory answers in order, at most one burst a cycle, latency ticks after the request at the earliest.
func (b *bench) memory(t require.TestingT) {
	b.resp.Valid = false
	for i := range b.age {
		b.age[i]++
	}
	if len(b.pipe) > 0 && b.age[0] >= b.latency && (b.rand == nil || b.rand.IntN(3) > 0) {
		b.resp = port.XResp{Valid: true, Port: port.XPortWLD}
		copy(b.resp.Data[:], b.xmem[b.pipe[0].Addr:])
		b.pipe, b.age = b.pipe[1:], b.age[1:]
	}
	if x := &b.out.X; x.Valid {
		require.Zero(t, x.Addr%32)
		require.LessOrEqual(t, int(x.Addr)+32, xmemBytes)
		b.pipe, b.age = append(b.pipe, *x), append(b.age, 1)
		b.requests++
	}
	b.in.XRoom = len(b.pipe) < 30 && (b.rand == nil || b.rand.IntN(4) > 0)
}

func (b *bench) tick(t require.TestingT) {
	b.bus.Kind = port.BusNone
	if len(b.coming) > 0 && b.queued-b.done < port.QueueDepth {
		l := &b.coming[0]
		b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitWLD, Op: l.op, Flags: l.flags, Tag: tag, Inst: uint8(b.queued % 16), PC: 0x40}
		b.u.Queue.Params = [port.NumParams]uint32{}
		copy(b.u.Queue.Params[:], l.p[:])
		if b.watch != nil {
			b.watch.Check(&b.act)
		}
		b.coming = b.coming[1:]
		b.queued++
	}
	b.memory(t)
	b.in.Read, b.in.ReqRoom = b.omem.Read, b.omem.ReqRoom
	b.omem.Tick(&b.out.Req, b.out.ReadRoom, &port.WriteReq{})
	b.dnnc()
	b.u.Tick(&b.in, &b.out)
	if b.watch != nil {
		require.Empty(t, b.watch.Check(&b.act))
	}
	b.ticks++
	b.land(t)
}

// dnnc releases full buffers after a while.
func (b *bench) dnnc() {
	for i := range b.users {
		if b.users[i] > 0 {
			if b.users[i]--; b.users[i] == 0 {
				b.in.Freed[i]++
			}
		}
	}
}

// land stores a tile write and, with the last one, compares the buffer.
func (b *bench) land(t require.TestingT) {
	w := &b.out.Tile
	require.Equal(t, w.Valid && w.Full, b.out.Done.Valid, "a load retires with its last write")
	if !w.Valid {
		return
	}
	require.Zero(t, b.users[w.Buf], "write into a buffer in use")
	require.Equal(t, tag, w.Tag)
	width := b.lanes >> w.Split
	for lane := 16 * int(w.Group); lane < b.lanes; lane += width {
		copy(b.wmem[w.Buf][int(w.Row)*b.lanes+lane:][:16], w.Data[:])
	}
	if !w.Full {
		return
	}
	require.EqualValues(t, b.done%16, b.out.Done.Inst)
	b.done++
	l := b.checks[0]
	b.checks = b.checks[1:]
	buf := l.flags & isa.FlagB1
	require.EqualValues(t, buf, w.Buf)
	b.naive(l, b.twin[buf])
	require.True(t, slices.Equal(b.twin[buf], b.wmem[buf]))
	b.users[buf] = 1
	if b.rand != nil {
		b.users[buf] += b.rand.IntN(40)
	}
}

// naive loads a buffer element by element.
func (b *bench) naive(l load, w []int16) {
	p := &l.p
	for row := range p[isa.WLDRows] {
		for lane := range 16 * p[isa.WLDGroups] {
			var v int16
			if l.op == isa.OpWLDErrors {
				word := b.omem.Words[p[isa.WLDSrc]+row*p[isa.WLDSStep]+lane/4]
				v = int16(word >> (16 * (lane % 4)))
			} else {
				i, j := row, lane%64 // row and column in the block
				if l.flags&isa.FlagT != 0 {
					i, j = j, i
				}
				pitch := p[isa.WLDPitch]
				if pitch == 0 || l.flags&isa.FlagT != 0 {
					pitch = 128
				}
				v = int16(binary.LittleEndian.Uint16(b.xmem[p[isa.WLDXAddr]+lane/64*p[isa.WLDXStep]+pitch*i+2*j:]))
			}
			for k := uint32(0); k < 1<<p[isa.WLDSplit]; k++ {
				w[int(row)*b.lanes+int(lane)+int(k)*b.lanes>>p[isa.WLDSplit]] = v
			}
		}
	}
}

func (b *bench) run(t require.TestingT, loads ...load) {
	b.coming = append(b.coming, loads...)
	b.checks = append(b.checks, loads...)
	for len(b.checks) > 0 {
		b.tick(t)
		require.Equal(t, port.FaultNone, b.out.Fault.Code, port.FaultTexts[b.out.Fault.Code])
		require.Less(t, b.ticks, 100_000, "does not end")
	}
}

// weights is a load of rows x 16*groups weights.
func weights(flags uint16, rows, groups, split int) load {
	return load{isa.OpWLDWeights, flags, [isa.NumWLDParams]uint32{8192, 3 * 8192, uint32(rows), uint32(groups), uint32(split)}}
}

func drawLoad(t *rapid.T, lanes int) load {
	split := rapid.IntRange(0, 2).Draw(t, "split")
	l := weights(0, rapid.IntRange(1, 64).Draw(t, "rows"), rapid.IntRange(1, lanes/16>>split).Draw(t, "groups"), split)
	l.p[isa.WLDXAddr] = 32 * uint32(rapid.IntRange(0, 3000).Draw(t, "xaddr"))
	l.p[isa.WLDXStep] = 32 * uint32(rapid.IntRange(0, min(1000, 192_000/lanes)).Draw(t, "xstep"))
	switch rapid.IntRange(0, 3).Draw(t, "op") {
	case 0:
		l.op = isa.OpWLDErrors
		l.p[isa.WLDSrc], l.p[isa.WLDSStep] = 4*uint32(rapid.IntRange(0, 64).Draw(t, "src")), 4*uint32(rapid.IntRange(0, 60).Draw(t, "sstep"))
	case 1, 2:
		l.flags = isa.FlagT
	}
	if rapid.Bool().Draw(t, "pitched") {
		l.p[isa.WLDPitch] = 32 * uint32(rapid.IntRange(1, 30).Draw(t, "pitch"))
	}
	if rapid.Bool().Draw(t, "b1") {
		l.flags |= isa.FlagB1
	}
	return l
}

func TestEqualsTheTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stalls *rand.Rand
		if rapid.Bool().Draw(t, "stalls") {
			stalls = rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		}
		b := newWideBench(rapid.SampledFrom([]int{64, 128, 256, 512, 1024}).Draw(t, "lanes"), stalls)
		b.latency = rapid.IntRange(1, 20).Draw(t, "latency")
		if rapid.IntRange(0, 9).Draw(t, "watched") == 0 {
			b.watch = porttest.NewOracle(activity.WLD, &b.u.State, &b.out)
		}
		var loads []load
		bursts, errors := uint64(0), uint64(0)
		for range rapid.IntRange(1, 6).Draw(t, "loads") {
			l := drawLoad(t, b.lanes)
			loads = append(loads, l)
			rows, groups := uint64(l.p[isa.WLDRows]), uint64(l.p[isa.WLDGroups])
			switch {
			case l.op == isa.OpWLDErrors:
				errors += rows * groups
			case l.flags&isa.FlagT != 0:
				bursts += (rows + 15) / 16 * 16 * groups
			default:
				bursts += rows * groups
			}
		}
		b.run(t, loads...)
		require.EqualValues(t, bursts, b.requests, "no burst is fetched in vain")
		for range 3 {
			b.tick(t)
		}
		require.Equal(t, activity.Idle, b.out.Status)
	})
}

// TestEveryOrder runs straight, transposed and error loads in every order of three, small ones and large ones.
func TestEveryOrder(t *testing.T) {
	b := newBench(nil)
	for n := range 27 {
		for _, size := range [][2]int{{1, 1}, {16, 1}, {20, 3}} {
			for latency := range 12 {
				b.latency = 1 + latency
				var loads []load
				for i, k := range []int{n % 3, n / 3 % 3, n / 9} {
					l := weights(uint16(i%2)*isa.FlagB1, size[0], size[1], 0)
					switch k {
					case 1:
						l.flags |= isa.FlagT
					case 2:
						l.op = isa.OpWLDErrors
						l.p[isa.WLDSStep] = 64
					}
					loads = append(loads, l)
				}
				b.ticks = 0
				b.run(t, loads...)
			}
		}
	}
}

// TestCycles holds the formulas of the package comment.
func TestCycles(t *testing.T) {
	measure := func(latency int, loads ...load) int {
		b := newBench(nil)
		b.latency = latency
		b.run(t, loads...)
		return b.ticks
	}
	for _, latency := range []int{2, 3, 12, 17} {
		for _, c := range [][2]int{{1, 1}, {64, 4}, {64, 16}, {10, 5}} {
			rows, groups := c[0], c[1]
			require.Equal(t, rows*groups+latency, measure(latency, weights(0, rows, groups, 0)), "a burst a cycle")
			turned := (rows + 15) / 16 * groups // arrays
			if turned == 1 {
				require.Equal(t, 16+latency+rows, measure(latency, weights(isa.FlagT, rows, groups, 0)))
			}
			e := weights(0, rows, groups, 0)
			e.op = isa.OpWLDErrors
			require.Equal(t, rows*groups+porttest.FirstGroup, measure(latency, e), "a group a cycle")
		}
		// Full arrays: 4 x 8 of them, a burst a cycle.
		require.Equal(t, 16*32+16+latency, measure(latency, weights(isa.FlagT, 64, 8, 0)))
		// The second of two straight loads follows without a gap.
		require.Equal(t, 2*256+latency, measure(latency, weights(0, 64, 4, 0), weights(isa.FlagB1, 64, 4, 0)))
	}
}

func TestThirdLoadIsAskedForAhead(t *testing.T) {
	// The first buffer is free again one tick after it was filled. From then on the third load's bursts are asked for,
	// although the second one's are still to come.
	b := newBench(nil)
	b.latency = 12
	b.run(t, weights(0, 8, 1, 0), weights(isa.FlagB1, 8, 1, 0), weights(0, 8, 1, 0))
	require.Equal(t, 2*(8+12), b.ticks)
}

func TestWaitsForTheBuffer(t *testing.T) {
	b := newBench(nil)
	b.run(t, weights(0, 1, 1, 0))
	b.users[0] = 0 // the DNNC keeps it
	b.coming = []load{weights(0, 1, 1, 0)}
	for range 10 {
		b.tick(t)
	}
	require.Equal(t, activity.WaitWeight, b.out.Status)
	e := weights(isa.FlagB1, 1, 1, 0)
	e.op = isa.OpWLDErrors
	require.Equal(t, 1, b.requests)
	b.users[0] = 1
	b.checks = []load{weights(0, 1, 1, 0)}
	b.run(t, e)
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		op   isa.Op
		p, v int
		code port.FaultCode
	}{
		{isa.OpWLDWeights, isa.WLDRows, 0, port.FaultParam}, {isa.OpWLDWeights, isa.WLDRows, 65, port.FaultParam},
		{isa.OpWLDWeights, isa.WLDGroups, 0, port.FaultParam}, {isa.OpWLDWeights, isa.WLDGroups, 17, port.FaultParam},
		{isa.OpWLDWeights, isa.WLDSplit, 3, port.FaultParam}, {isa.OpWLDErrors, isa.WLDRows, 65, port.FaultParam},
		{isa.OpWLDWeights, isa.WLDXAddr, 16, port.FaultXAddr}, {isa.OpWLDWeights, isa.WLDXAddr, xmemBytes - 8160, port.FaultXAddr},
		{isa.OpWLDWeights, isa.WLDXStep, 8, port.FaultXAddr}, {isa.OpWLDWeights, isa.WLDXStep, 1 << 31, port.FaultXAddr},
		{isa.OpWLDWeights, isa.WLDPitch, 16, port.FaultXAddr}, {isa.OpWLDWeights, isa.WLDPitch, 1<<32 - 32, port.FaultXAddr},
	} {
		b := newBench(nil)
		l := weights(0, 64, 16, 0)
		l.op = c.op
		l.p[c.p] = uint32(c.v)
		b.coming = []load{l}
		b.tick(t)
		arg := uint64(c.p)<<32 | uint64(c.v)
		if c.code == port.FaultXAddr {
			arg = uint64(l.p[isa.WLDXAddr])
		}
		require.Equal(t, port.Fault{Code: c.code, PC: 0x40, Arg: arg}, b.out.Fault)
		require.False(t, b.out.X.Valid || b.out.Req.Valid)
	}
	b := newBench(nil)
	l := weights(0, 64, 4, 0)
	l.p[isa.WLDXAddr] = xmemBytes - 8192
	b.run(t, l) // exactly at the end
	l.flags, l.p[isa.WLDPitch] = isa.FlagT, 1<<32-1
	newBench(nil).run(t, l) // a transposed load has no pitch
}

// TestExtent holds the check of addresses against the bursts that a load reads: with a pitch, what is read must lie inside
// and no more.
func TestExtent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := weights(0, rapid.IntRange(1, 64).Draw(t, "rows"), rapid.IntRange(1, 16).Draw(t, "groups"), 0)
		l.p[isa.WLDXStep] = 32 * uint32(rapid.IntRange(0, 300).Draw(t, "xstep"))
		l.p[isa.WLDPitch] = 32 * uint32(rapid.IntRange(1, 30).Draw(t, "pitch"))
		end := uint32(0)
		for g := range l.p[isa.WLDGroups] {
			end = max(end, g/4*l.p[isa.WLDXStep]+g%4*32+32+(l.p[isa.WLDRows]-1)*l.p[isa.WLDPitch])
		}
		l.p[isa.WLDXAddr] = xmemBytes - end
		newBench(nil).run(t, l)
		l.p[isa.WLDXAddr] += 32
		b := newBench(nil)
		b.coming = []load{l}
		b.tick(t)
		require.Equal(t, port.Fault{Code: port.FaultXAddr, PC: 0x40, Arg: uint64(l.p[isa.WLDXAddr])}, b.out.Fault)
	})
}

func TestTickDoesNotAllocate(t *testing.T) {
	b := newBench(nil)
	copy(b.u.Queue.Params[:], []uint32{0, 8192, 64, 16, 0})
	b.in.XRoom = true
	b.resp.Port = port.XPortWLD
	require.Zero(t, testing.AllocsPerRun(3000, func() {
		b.resp.Valid = b.out.X.Valid
		b.in.Freed = b.u.Filled
		b.bus.Kind = port.BusNone
		if b.u.Queue.N < 2 {
			b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitWLD, Op: isa.OpWLDWeights, Flags: isa.FlagT}
		}
		b.u.Tick(&b.in, &b.out)
	}))
	require.Positive(t, b.act.Rows[0][activity.CornerTurn])
}
