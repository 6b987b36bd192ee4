package norm

import (
	"bytes"
	"math/rand/v2"
	"slices"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

const (
	tag      = activity.Tag(0x43)
	memBytes = 1 << 19
	latency  = 13
)

// Places of the maps: a map of the tests has at most 64 KiB.
const (
	atZ = iota << 16
	atO
	atPos
	atD
	atRec
	atH
	atE
)

// memory answers after a fixed number of cycles; with stall > 0 it refuses and delays at random.
type memory struct {
	mem    []byte
	delay  int
	stall  int // percent
	rng    *rand.Rand
	now    int
	reads  []uint32
	due    []int
	writes []port.XReq
	resp   port.XResp
	idle   bool // as the unit sees it in the next cycle
	flight int  // most reads under way
}

func (m *memory) ok() bool { return m.stall == 0 || m.rng.IntN(100) >= m.stall }

// connect sets the unit's inputs from the last cycle's outputs.
func (m *memory) connect(in *In) {
	m.now++
	m.resp.Valid = false
	if len(m.due) > 0 && m.due[0] <= m.now && m.ok() {
		m.resp = port.XResp{Valid: true, Port: port.XPortNorm, Data: port.Burst(m.mem[m.reads[0]:])}
		m.reads, m.due = m.reads[:copy(m.reads, m.reads[1:])], m.due[:copy(m.due, m.due[1:])]
	} else if m.stall > 0 && m.rng.IntN(2) == 0 {
		m.resp = port.XResp{Valid: true, Port: port.XPortDMA} // somebody else's
	}
	in.Resp = &m.resp
	in.ReadRoom, in.WriteRoom = m.ok(), m.ok()
	in.WriteIdle = m.idle
	for len(m.writes) > 0 && m.ok() {
		copy(m.mem[m.writes[0].Addr:], m.writes[0].Data[:])
		m.writes = m.writes[:copy(m.writes, m.writes[1:])]
	}
	m.idle = len(m.writes) == 0
}

func (m *memory) step(out *Out) {
	if out.Read.Valid {
		m.reads, m.due = append(m.reads, out.Read.Addr), append(m.due, m.now+m.delay)
		m.flight = max(m.flight, len(m.reads))
	}
	if out.Write.Valid {
		m.writes = append(m.writes, out.Write)
	}
}

// bench plays SEQ and external memory around the unit.
type bench struct {
	u    *Unit
	in   In
	out  Out
	act  activity.Counts
	mem  []byte
	m    *memory
	bus  port.Bus
	t    int
	done int

	oracle *porttest.Oracle // panics when a register changes without its clock
}

func newBench(mem []byte) *bench { return newBenchOf(machine.Reference(), mem) }

func newBenchOf(c machine.Config, mem []byte) *bench {
	b := &bench{mem: mem, m: &memory{mem: mem, delay: latency, idle: true}}
	c.Norm.Channels, c.XMem.Bytes = 80, len(mem)
	b.u = New(&c, &b.act)
	b.in.Bus = &b.bus
	return b
}

// cycle is one cycle with what SEQ puts on the bus.
func (b *bench) cycle(bus port.Bus) {
	b.bus = bus
	b.m.connect(&b.in)
	b.u.Tick(&b.in, &b.out)
	b.m.step(&b.out)
	b.t++
	if b.oracle != nil {
		for _, err := range b.oracle.Check(&b.act) {
			panic(err)
		}
	}
	if b.out.Done.Valid {
		b.done++
	}
}

// issue writes the parameters and queues the command.
func (b *bench) issue(j *job) {
	for i, v := range j.p {
		b.cycle(port.Bus{Kind: port.BusParam, Unit: isa.UnitNorm, Index: uint8(i), Val: v})
	}
	b.cycle(port.Bus{Kind: port.BusCmd, Unit: isa.UnitNorm, Op: j.op, Flags: j.flags, Tag: tag, Inst: 5, PC: 0x120})
}

// get reads and clears a status register.
func (b *bench) get(i int) uint32 {
	b.cycle(port.Bus{Kind: port.BusGet, Unit: isa.UnitNorm, Index: uint8(i)})
	return b.out.Stat
}

// finish runs until all commands have retired.
func (b *bench) finish(t require.TestingT, jobs int) {
	for limit := 0; b.done < jobs; limit++ {
		require.Less(t, limit, 300000, "hangs: %s", b.out.Status)
		require.Zero(t, b.out.Fault.Code)
		b.cycle(port.Bus{})
	}
}

// play runs jobs, at most four outstanding, and compares memory and status with the twin.
func play(t require.TestingT, b *bench, jobs []*job) {
	want := newTwin(slices.Clone(b.mem), len(b.u.Norm))
	for i, j := range jobs {
		want.run(j)
		b.finish(t, i+1-port.QueueDepth)
		b.issue(j)
	}
	b.finish(t, len(jobs))
	if !bytes.Equal(want.mem, b.mem) {
		at := slices.IndexFunc(diff(want.mem, b.mem), func(x byte) bool { return x != 0 })
		require.Equal(t, want.mem[at], b.mem[at], "memory at 0x%x", at)
	}
	require.Equal(t, want.sat, b.get(isa.NormSat), "sat")
	require.Equal(t, want.max, b.get(isa.NormMax), "max")
	require.Zero(t, b.get(isa.NormSat)+b.get(isa.NormMax), "cleared by reading")
}

func diff(a, b []byte) []byte {
	d := make([]byte, len(a))
	for i := range d {
		d[i] = a[i] ^ b[i]
	}
	return d
}

func randomMem(rng *rand.Rand) []byte {
	mem := make([]byte, memBytes)
	for i := range mem {
		mem[i] = byte(rng.Uint32())
	}
	return mem
}

// layer is the geometry and the numbers of one layer.
type layer struct {
	nb, h, w, chans, pool int
	shift, gshift, tshift int
	eps, eta, mu          uint32
}

func (l *layer) job(op isa.Op, flags uint16) *job {
	j := &job{op: op, flags: flags}
	j.p = [isa.NumNormParams]uint32{
		isa.NormSrc: atZ, isa.NormDst: atO, isa.NormPos: atPos, isa.NormAux: atD, isa.NormRec: atRec,
		isa.NormNB: uint32(l.nb), isa.NormH: uint32(l.h), isa.NormW: uint32(l.w), isa.NormChan: uint32(l.chans), isa.NormPool: uint32(l.pool),
		isa.NormShift: uint32(int32(l.shift)), isa.NormEps: l.eps, isa.NormEta: l.eta, isa.NormMu: l.mu,
		isa.NormGShift: uint32(int32(l.gshift)), isa.NormTShift: uint32(int32(l.tshift)),
	}
	switch op {
	case isa.OpNormBack:
		j.p[isa.NormDst] = atH
	case isa.OpNormGrad:
		j.p[isa.NormAux], j.p[isa.NormDst] = atH, atE
	}
	return j
}

// randomLayer has numbers that make every rounding and saturation happen.
func randomLayer(rng *rand.Rand) *layer {
	l := &layer{nb: 1 + rng.IntN(4), pool: 1 + rng.IntN(3), chans: 1 + rng.IntN(70)}
	l.h, l.w = l.pool+rng.IntN(10-l.pool), l.pool+rng.IntN(10-l.pool)
	l.shift, l.gshift, l.tshift = rng.IntN(24)-2, rng.IntN(30)-10, rng.IntN(30)-8
	switch rng.IntN(8) {
	case 0:
		l.shift = -15 + rng.IntN(15)
	case 1:
		l.shift, l.gshift, l.tshift = 62-rng.IntN(9), 62-rng.IntN(9), 62-rng.IntN(9)
	case 2:
		l.gshift, l.tshift = -15, -15
	}
	l.eps = 1 + rng.Uint32()>>rng.IntN(32)&(1<<32-2)
	l.eta, l.mu = rng.Uint32N(1<<16), rng.Uint32N(1<<16)
	return l
}

func put(mem []byte, at int, v int64, bytes int) {
	for i := range bytes {
		mem[at+i] = byte(v >> (8 * i))
	}
}

// fill writes maps and records that look like a layer's: each channel has its own mean and spread, from a constant to the
// whole range.
func (l *layer) fill(rng *rand.Rand, mem []byte) {
	padded := (l.chans + 15) / 16 * 16
	for c := range l.chans {
		mean, spread, spreadD := rng.IntN(40000)-20000, rng.IntN(17), rng.IntN(17)
		for i := range l.nb * l.h * l.w {
			z := mean + int(int16(rng.Uint32()))>>spread
			put(mem, atZ+2*(i*padded+c), int64(max(-32768, min(z, 32767))), 2)
			put(mem, atD+2*(i*padded+c), int64(int16(rng.Uint32()))>>spreadD, 2)
		}
		at := atRec + 64*c
		put(mem, at, int64(int32(rng.Uint32())>>2>>rng.IntN(20)), 4)
		put(mem, at+4, int64(int32(rng.Uint32())>>rng.IntN(20)), 4)
		for i := 8; i < 16; i += 4 {
			put(mem, at+i, int64(int32(rng.Uint32())>>8>>rng.IntN(20)), 4)
		}
		put(mem, at+16, int64(int32(rng.Uint32())>>8), 4)
		put(mem, at+20, int64(int32(rng.Uint32())>>8), 4)
		put(mem, at+24, int64(1<<16+rng.IntN(1<<16)), 4)
		put(mem, at+28, int64(2*(rng.IntN(40)-20)), 4)
		put(mem, at+32, rng.Int64()>>17>>rng.IntN(46), 8)
	}
}
