package momentum

import (
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/xmem"
)

const (
	tag   = activity.Tag(0x83)
	cmdPC = 0x120
)

// memory answers the unit's requests: connect sets the unit's inputs from the last cycle's outputs,
// step ticks.
type memory interface {
	connect(in *In)
	step(out *Out)
}

// ideal answers after a fixed number of cycles; with stall > 0 it refuses and delays at random.
type ideal struct {
	mem     []byte
	latency int
	stall   int // percent
	rng     *rand.Rand
	now     int
	reads   []uint32
	due     []int
	writes  []port.XReq
	resp    port.XResp
	idle    bool // as the unit sees it in the next cycle
}

func (m *ideal) connect(in *In) {
	ok := func() bool { return m.stall == 0 || m.rng.IntN(100) >= m.stall }
	m.now++
	m.resp.Valid = false
	if len(m.due) > 0 && m.due[0] <= m.now && ok() {
		m.resp = port.XResp{Valid: true, Port: port.XPortMom, Data: port.Burst(m.mem[m.reads[0]:])}
		m.reads, m.due = m.reads[1:], m.due[1:]
	} else if m.stall > 0 && m.rng.IntN(2) == 0 {
		m.resp = port.XResp{Valid: true, Port: port.XPortDMA} // somebody else's
	}
	in.Resp = &m.resp
	in.ReadRoom, in.WriteRoom = ok(), ok()
	in.WriteIdle = m.idle
	for len(m.writes) > 0 && ok() {
		copy(m.mem[m.writes[0].Addr:], m.writes[0].Data[:])
		m.writes = m.writes[1:]
	}
	m.idle = len(m.writes) == 0
}

func (m *ideal) step(out *Out) {
	if out.Read.Valid {
		m.reads, m.due = append(m.reads, out.Read.Addr), append(m.due, m.now+m.latency)
	}
	if out.Write.Valid {
		m.writes = append(m.writes, out.Write)
	}
}

// real is package xmem, connected by registers as in the chip.
type real struct {
	x    *xmem.Unit
	in   xmem.In
	out  xmem.Out
	resp port.XResp
}

func newReal(mem []byte, act *activity.Counts, split bool) *real {
	c := machine.Reference()
	c.XMem.SplitBanks, c.XMem.Bytes = split, len(mem)
	r := &real{x: xmem.New(&c, mem, act)}
	r.out.Reset()
	return r
}

func (r *real) connect(in *In) {
	r.resp = r.out.Resp[0]
	in.Resp = &r.resp
	in.ReadRoom, in.WriteRoom, in.WriteIdle = r.out.Room[port.XPortMom], r.out.Room[port.XPortMomW], r.out.WriteIdle[port.XPortMomW]
}

func (r *real) step(out *Out) {
	r.x.Tick(&r.in, &r.out)
	r.in.Req[port.XPortMom] = port.XReq{Valid: out.Read.Valid, Addr: out.Read.Addr, Tag: out.Read.Tag}
	r.in.Req[port.XPortMomW] = out.Write
	r.in.Called = 0
	for p := range r.in.Req {
		if r.in.Req[p].Valid {
			r.in.Called |= 1 << p
		}
	}
}

// bench plays SEQ and the DNNC around the unit.
type bench struct {
	u     *Unit
	w     wmem
	lanes int   // of the unit
	banks uint8 // accumulator banks of the DNNC
	in    In
	out   Out
	act   activity.Counts
	acc   [3][32][256]int64 // bank, row, lane
	mem   []byte
	m     memory
	bus   port.Bus
	t     int
	jobs  []*job // banks to hand over: jobs in order, half by half
	half  int
	seq   int
	shown int // seq + 1 of the bank that was shown last
	bank  uint8
	delay func() int // cycles until the next bank is handed over
	wait  int
	done  int
	frees int
	after func() // every cycle
}

func newBench(mem []byte) *bench { return newBenchOf(machine.Reference(), mem) }

func newBenchOf(c machine.Config, mem []byte) *bench {
	now := func() int { return 0 }
	c.XMem.Bytes = len(mem)
	b := &bench{mem: mem, delay: now, w: wmem{delay: now}, banks: uint8(c.Banks())}
	b.u, b.lanes = New(&c, &b.act), c.Momentum.Lanes
	b.w.after = 1 + b.u.write
	b.in.Bus = &b.bus
	return b
}

// cycle is one cycle with what SEQ puts on the bus.
func (b *bench) cycle(bus port.Bus) {
	b.bus = bus
	b.accumulators()
	b.handOver()
	b.m.connect(&b.in)
	b.w.release(&b.in)
	b.u.Tick(&b.in, &b.out)
	b.w.take(&b.out)
	b.m.step(&b.out)
	b.t++
	if b.after != nil {
		b.after()
	}
	if b.out.Done.Valid {
		b.done++
	}
	if b.out.Free {
		b.frees++
		b.wait = b.delay()
		if b.half++; b.half == b.jobs[0].halves() {
			b.jobs, b.half = b.jobs[1:], 0
		}
		b.seq++
		b.bank = (b.bank + 1) % b.banks
	}
}

// handOver shows a bank to the unit; after a Free the next one comes after a while.
func (b *bench) handOver() {
	if b.wait > 0 {
		b.in.Head.Valid = false
		b.wait--
		return
	}
	b.in.Head.Valid = len(b.jobs) > 0
	if !b.in.Head.Valid || b.shown == b.seq+1 {
		return
	}
	b.shown = b.seq + 1
	b.in.Head = port.BankHead{Valid: true, ToMom: true, Bank: b.bank}
	for r := range 32 {
		b.acc[b.bank][r] = b.jobs[0].grads[32*b.half+r]
	}
}

// accumulators answers the request of the last cycle.
func (b *bench) accumulators() {
	if a := &b.out.Acc; a.Valid {
		row := b.acc[a.Bank][a.Row][groupLanes*int(a.Group):]
		b.in.Acc[0] = port.AccData(row)
		if b.lanes > groupLanes {
			b.in.Acc[1] = port.AccData(row[groupLanes:])
		}
	}
}

// issue writes the parameters and queues the command.
func (b *bench) issue(j *job) {
	for i, v := range j.p {
		b.cycle(port.Bus{Kind: port.BusParam, Unit: isa.UnitMom, Index: uint8(i), Val: v})
	}
	b.jobs = append(b.jobs, j)
	if j.upd() {
		b.w.jobs = append(b.w.jobs, j)
	}
	b.cycle(port.Bus{Kind: port.BusCmd, Unit: isa.UnitMom, Op: j.op, Flags: j.flags, Tag: tag, Inst: 5, PC: cmdPC})
}

// finish runs until n commands have retired.
func (b *bench) finish(t require.TestingT, n int) {
	for limit := b.t + 20_000; b.done < n && b.t < limit; {
		b.cycle(port.Bus{})
	}
	require.Equal(t, n, b.done, "hangs: %s", b.out.Status)
}

// get reads and clears a status register.
func (b *bench) get(i int) uint32 {
	b.cycle(port.Bus{Kind: port.BusGet, Unit: isa.UnitMom, Index: uint8(i)})
	return b.out.Stat
}
