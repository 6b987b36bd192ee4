package drain

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
	tag   = activity.Tag(0x25)
	cmdPC = 0x80

	xmemBytes = 1 << 20
)

// sink plays an encoder or a writer: a FIFO of four places that empties one entry a cycle.
type sink struct {
	n          int
	room, idle bool
}

func (s *sink) tick(t require.TestingT, push bool, r *rand.Rand) {
	if s.n > 0 && (r == nil || r.IntN(3) > 0) {
		s.n--
	}
	if push {
		s.n++
		require.LessOrEqual(t, s.n, 4, "no room")
	}
	s.room, s.idle = s.n <= 2, s.n == 0
}

// bench plays SEQ, the DNNC's banks, the encoder and the writer.
type bench struct {
	u          *Unit
	in         In
	out        Out
	bus        port.Bus
	acc        []int64 // bank, row, lane
	lanes      int
	mask       []uint16
	act        activity.Counts
	rand       *rand.Rand // nil: no stalls
	enc, write sink
	x          sink
	encs       []port.EncReq
	writes     []port.WriteReq
	bursts     []port.XReq
	frees      int
	oracle     *porttest.Oracle // if there: registers change with a clock only
}

func newBench(accBits int, r *rand.Rand) *bench { return benchOf(accBits, 256, r) }

// benchOf is a bench with a drain of three banks of so many lanes.
func benchOf(accBits, lanes int, r *rand.Rand) *bench {
	b := &bench{rand: r, lanes: lanes, acc: make([]int64, 3*32*lanes), mask: make([]uint16, 4096), enc: sink{room: true, idle: true}, write: sink{room: true, idle: true}, x: sink{room: true, idle: true}}
	c := machine.Reference()
	c.Fused, c.DNNC.Lanes, c.DNNC.AccBits, c.XMem.Bytes, c.OMEM.MaskWords = true, lanes, accBits, xmemBytes, len(b.mask)
	b.u = New(&c, &b.act)
	b.in.Bus = &b.bus
	return b
}

// row is a row of a bank, from a lane on.
func (b *bench) row(bank, row, lane int) []int64 { return b.acc[(32*bank+row)*b.lanes+lane:] }

func (b *bench) tick(t require.TestingT) {
	b.in.EncRoom, b.in.EncIdle, b.in.WriteRoom, b.in.WriteIdle = b.enc.room, b.enc.idle, b.write.room, b.write.idle
	b.in.XRoom, b.in.XIdle = b.x.room, b.x.idle
	b.x.tick(t, b.out.X.Valid, b.rand)
	b.enc.tick(t, b.out.Enc.Valid, b.rand)
	b.write.tick(t, b.out.Write.Valid, b.rand)
	if b.out.Free { // the netlist hides the head
		b.in.Head.Valid = false
	}
	b.memories(t)
	before := b.accesses()
	b.u.Tick(&b.in, &b.out)
	for i, n := range b.accesses() {
		if n > before[i]+1 {
			require.LessOrEqual(t, n, before[i]+1, "a memory has one port")
		}
	}
	if b.oracle != nil {
		require.Empty(t, b.oracle.Check(&b.act))
	}
	b.bus.Kind, b.in.Bias.Valid = port.BusNone, false
	if b.out.Enc.Valid {
		b.encs = append(b.encs, b.out.Enc)
	}
	if b.out.Write.Valid {
		b.writes = append(b.writes, b.out.Write)
	}
	if b.out.X.Valid {
		b.bursts = append(b.bursts, b.out.X)
	}
	if b.out.Free {
		b.frees++
	}
}

// accesses counts those of accumulators, biases and masks.
func (b *bench) accesses() [3]uint64 {
	row := &b.act.Rows[tag]
	return [3]uint64{row[activity.AccRead], row[activity.BiasRead], row[activity.MaskRead] + row[activity.MaskWrite]}
}

// memories answers what the unit asked for in the last cycle: accumulators of the bank that it has,
// and mask words.
func (b *bench) memories(t require.TestingT) {
	if a := &b.out.Acc; a.Valid {
		if a.Bank != b.u.Bank {
			require.Equal(t, b.u.Bank, a.Bank)
		}
		copy(b.in.Acc[:], b.row(int(a.Bank), int(a.Row), 16*int(a.Group)))
	}
	m := &b.out.Mask
	if b.in.Mask.Valid = m.Valid; !m.Valid {
		return
	}
	if m.Write {
		b.mask[m.Addr] = m.Data
	} else {
		b.in.Mask.Data = b.mask[m.Addr]
	}
}

func (b *bench) params(p [isa.NumDrainParams]uint32) {
	copy(b.u.Queue.Params[:], p[:])
}

func (b *bench) command(op isa.Op, flags uint16) {
	b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitDrain, Op: op, Flags: flags, Tag: tag, Inst: 3, PC: cmdPC}
}

func (b *bench) status(t require.TestingT, i uint8) uint32 {
	b.bus = port.Bus{Kind: port.BusGet, Unit: isa.UnitDrain, Index: i}
	b.tick(t)
	return b.out.Stat
}

// finish runs until the command retires and returns the number of ticks.
func (b *bench) finish(t require.TestingT) (ticks int) {
	for {
		b.tick(t)
		ticks++
		require.Equal(t, port.FaultNone, b.out.Fault.Code, port.FaultTexts[b.out.Fault.Code])
		if b.out.Done.Valid {
			require.EqualValues(t, 3, b.out.Done.Inst)
			require.Zero(t, b.enc.n+b.write.n+b.x.n, "not everything is stored")
			return ticks
		}
		require.Less(t, ticks, 20_000, "does not end")
	}
}

// setBias sends biases, one a lane, by bursts of eight.
func (b *bench) setBias(t require.TestingT, buf uint8, bias []int32) {
	for i := 0; i < b.lanes; i += 8 {
		b.in.Bias = port.BiasWrite{Valid: true, Buf: buf, Index: uint16(i), Tag: tag}
		for k := range 8 {
			for byt := range 4 {
				b.in.Bias.Data[4*k+byt] = byte(bias[i+k] >> (8 * byt))
			}
		}
		b.tick(t)
	}
}
