package dma

import (
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

const (
	tag       = activity.Tag(0xa1)
	cmdPC     = 0x60
	xmemBytes = 1 << 14
	places    = 4 // of the encoder and of the write port
)

// bench plays SEQ with its scratch memory, both ports of external memory, OMEM and its encoder, the drain and the DEPC.
type bench struct {
	u       *Unit
	in      In
	out     Out
	bus     port.Bus
	resp    port.XResp
	act     activity.Counts
	rand    *rand.Rand // nil: nothing stalls
	latency int        // a burst lands that many ticks after its request, at least 2

	xmem    []byte
	scratch []byte
	pipe    []port.XRead
	age     []int
	writes  []port.XReq
	encoder int // groups in its FIFO
	encs    []port.EncReq
	bias    [2][256]int32
	signs   [16]port.Burst
	answer  port.ScratchData // SEQ's register
	reads   int
	omem    *porttest.OMEM
	streams []port.ReadReq
	oracle  *porttest.Oracle
}

func newBench(r *rand.Rand) *bench {
	b := &bench{rand: r, latency: 3, xmem: make([]byte, xmemBytes), scratch: make([]byte, 1024)}
	m := machine.Reference()
	m.XMem.Bytes, m.Seq.ScratchBytes, m.DEPC.SignEntries = xmemBytes, len(b.scratch), len(b.signs)
	b.u = New(&m, &b.act)
	b.in.Bus, b.in.Resp = &b.bus, &b.resp
	b.oracle = porttest.NewOracle(activity.DMA, &b.u.State, &b.out)
	b.omem = porttest.New(1<<12, 0, r)
	for i := range b.omem.Words {
		b.omem.Words[i] = 0x0123456789abcdef * uint64(i+1)
	}
	data := rand.New(rand.NewPCG(6, 6))
	for i := range b.xmem {
		b.xmem[i] = byte(data.Uint32())
	}
	for i := range b.scratch {
		b.scratch[i] = byte(data.Uint32())
	}
	return b
}

func (b *bench) chance() bool { return b.rand == nil || b.rand.IntN(3) > 0 }

func (b *bench) tick(t require.TestingT) {
	o := &b.out
	// Read port: in order, one burst a cycle.
	b.resp.Valid = false
	for i := range b.age {
		b.age[i]++
	}
	if len(b.pipe) > 0 && b.age[0] >= b.latency && b.chance() {
		b.resp = port.XResp{Valid: true, Port: port.XPortDMA}
		copy(b.resp.Data[:], b.xmem[b.pipe[0].Addr:])
		b.pipe, b.age = b.pipe[1:], b.age[1:]
	}
	if o.X.Valid {
		b.pipe, b.age = append(b.pipe, o.X), append(b.age, 1)
		b.reads++
	}
	b.in.XRoom = b.chance()
	// Write port and encoder: an entry leaves a cycle after it came, or later. The wires show the cycle before.
	b.in.WIdle, b.in.WRoom = len(b.writes) == 0, len(b.writes) <= places-2
	if len(b.writes) > 0 && b.chance() {
		copy(b.xmem[b.writes[0].Addr:], b.writes[0].Data[:])
		b.writes = b.writes[1:]
	}
	if o.W.Valid {
		b.writes = append(b.writes, o.W)
		require.LessOrEqual(t, len(b.writes), places)
	}
	b.in.EncIdle, b.in.EncRoom = b.encoder == 0, b.encoder <= places-2
	if b.encoder > 0 && b.chance() {
		b.encoder--
	}
	if o.Enc.Valid {
		b.encs = append(b.encs, o.Enc)
		b.encoder++
		require.LessOrEqual(t, b.encoder, places)
	}
	b.sinks()
	b.in.Read, b.in.ReqRoom = b.omem.Read, b.omem.ReqRoom
	b.omem.Tick(&o.Req, o.ReadRoom, &port.WriteReq{})
	if o.Req.Valid {
		b.streams = append(b.streams, o.Req)
	}
	b.u.Tick(&b.in, &b.out)
	require.Empty(t, b.oracle.Check(&b.act))
	require.LessOrEqual(t, int(b.u.N), landDepth, "Land overflows")
	b.bus.Kind = port.BusNone
}

// sinks takes what goes to the scratch memory, the bias buffer and the sign memory.
func (b *bench) sinks() {
	o := &b.out
	s := &o.Scratch
	b.in.Scratch = b.answer
	if b.answer.Valid = s.Valid && !s.Write; b.answer.Valid {
		copy(b.answer.Data[:], b.scratch[s.Addr:])
	}
	if s.Valid && s.Write {
		copy(b.scratch[s.Addr:], s.Data[:s.N])
	}
	if w := &o.Bias; w.Valid {
		for i := range 8 {
			d := w.Data[4*i:]
			b.bias[w.Buf][int(w.Index)+i] = int32(uint32(d[0]) | uint32(d[1])<<8 | uint32(d[2])<<16 | uint32(d[3])<<24)
		}
	}
	if w := &o.Sign; w.Valid {
		b.signs[w.Entry] = w.Data
	}
}

func (b *bench) command(op isa.Op, flags uint16, params ...uint32) {
	b.u.Queue.Params = [port.NumParams]uint32{}
	copy(b.u.Queue.Params[:], params)
	b.oracle.Check(&b.act)
	b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitDMA, Op: op, Flags: flags, Tag: tag, Inst: 5, PC: cmdPC}
}

// finish runs until the command retires and returns the number of ticks.
func (b *bench) finish(t require.TestingT) (ticks int) {
	for {
		b.tick(t)
		ticks++
		require.Equal(t, port.FaultNone, b.out.Fault.Code, port.FaultTexts[b.out.Fault.Code])
		if b.out.Done.Valid {
			require.EqualValues(t, 5, b.out.Done.Inst)
			require.Zero(t, len(b.writes)+b.encoder, "not everything is stored")
			return ticks
		}
		require.Less(t, ticks, 20_000, "does not end")
	}
}
