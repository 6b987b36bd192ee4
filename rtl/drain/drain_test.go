package drain

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

// wrap keeps n bits, by arithmetic instead of shifts.
func wrap(v *big.Int, n int) *big.Int {
	mod := new(big.Int).Lsh(big.NewInt(1), uint(n))
	v = new(big.Int).Mod(v, mod)
	if v.Bit(n-1) == 1 {
		v.Sub(v, mod)
	}
	return v
}

// away is docs/arithmetic.md section 1.
func away(v *big.Int, s int) *big.Int {
	if s <= 0 {
		return new(big.Int).Lsh(v, uint(-s))
	}
	a := new(big.Int).Abs(v)
	a.Add(a, new(big.Int).Lsh(big.NewInt(1), uint(s-1)))
	a.Rsh(a, uint(s))
	if v.Sign() < 0 {
		a.Neg(a)
	}
	return a
}

// twin keeps the statistics of section 6.
type twin struct {
	sat, max int64
	wraps    uint64
}

// value brings one accumulator to 16 bits.
func (w *twin) value(acc int64, bias *int32, accBits, shift int) int64 {
	v := wrap(big.NewInt(acc), accBits)
	if v.Cmp(big.NewInt(acc)) != 0 {
		w.wraps++
	}
	if bias != nil {
		sum := new(big.Int).Add(v, big.NewInt(int64(*bias)))
		v = wrap(sum, accBits)
		if v.Cmp(sum) != 0 {
			w.wraps++
		}
	}
	v = away(v, shift)
	lo, hi := big.NewInt(-32768), big.NewInt(32767)
	switch {
	case v.Cmp(lo) < 0:
		v = lo
		w.sat++
	case v.Cmp(hi) > 0:
		v = hi
		w.sat++
	}
	w.max = max(w.max, v.Int64(), -v.Int64())
	return v.Int64()
}

// fill draws accumulators that make small, tying, saturating and wrapping values at the given
// shift.
func (b *bench) fill(r *rand.Rand, bank, shift int) {
	acc := b.row(bank, 0, 0)[:32*b.lanes]
	for i := range acc {
		v := int64(r.IntN(200_000) - 100_000)
		switch r.IntN(5) {
		case 0:
			v = int64(r.Uint64()) >> r.IntN(40)
		case 1: // a tie
			if shift > 0 {
				v = v<<shift + 1<<(shift-1)
			}
		case 2:
			if shift > 0 {
				v <<= shift
			} else {
				v >>= -shift
			}
		}
		acc[i] = v
	}
}

const (
	dst, dstep, maskAt, mstep = 416, 96, 7, 19
	dseed, dctr, dcstep       = 0x1234567, 0xfffffff0, 0x51
)

// dropped is docs/arithmetic.md section 11, with the hash of section 5 spelt out.
func dropped(sample, group int) uint16 {
	x := uint32(dseed) ^ (uint32(dctr) + uint32(sample)*dcstep + uint32(group))
	x ^= x >> 16
	x *= 0x7feb352d
	x ^= x >> 15
	x *= 0x846ca68b
	x ^= x >> 16
	return ^uint16(x)
}

// shape is a command of a test.
type shape struct {
	op                                          isa.Op
	flags                                       uint16
	accBits, shift, nb, split, lanes, bank, buf int
	width                                       int // lanes of the array
	block                                       int // parameter
}

func (c *shape) is(op isa.Op, flag uint16) bool { return c.op == op && c.flags&flag != 0 }
func (c *shape) groups() int                    { return (c.lanes + 15) / 16 }

// elems is the number of elements of a block.
func (c *shape) elems() int {
	if c.block == 0 {
		return 64
	}
	return c.block
}

func drawShape(t *rapid.T) shape {
	split := rapid.IntRange(0, 2).Draw(t, "split")
	width := rapid.SampledFrom([]int{64, 128, 256, 512, 1024}).Draw(t, "width")
	c := shape{
		width:   width,
		op:      rapid.SampledFrom([]isa.Op{isa.OpDrainAct, isa.OpDrainLogit, isa.OpDrainErr}).Draw(t, "op"),
		accBits: rapid.SampledFrom([]int{32, 40, 48, 62}).Draw(t, "bits"),
		shift:   rapid.IntRange(isa.OpDrainAct.Limits(isa.DrainShift)).Draw(t, "shift"),
		nb:      rapid.IntRange(1, 32<<split).Draw(t, "nb"), split: split, lanes: rapid.IntRange(1, width>>split).Draw(t, "lanes"),
		bank: rapid.IntRange(0, 2).Draw(t, "bank"), buf: rapid.IntRange(0, 1).Draw(t, "bias buffer"),
	}
	c.flags = uint16(c.buf)
	if c.op == isa.OpDrainAct {
		c.block = rapid.SampledFrom([]int{0, 16, 32, 48, 64}).Draw(t, "block")
	} else { // raw groups have no block
		c.block = rapid.IntRange(0, 100).Draw(t, "block")
	}
	for _, f := range []uint16{isa.FlagNew, isa.FlagX, isa.FlagAll, isa.FlagDrop} {
		if rapid.Bool().Draw(t, "flag") {
			c.flags |= f
		}
	}
	return c
}

// group is what the drain makes of a group, and its mask bits for drain.act.
func (w *twin) group(b *bench, c *shape, bias []int32, mask []uint16, s, g int) (want port.Group, bits uint16) {
	for i := range min(16, c.lanes-16*g) {
		acc := b.row(c.bank, s>>c.split, s%(1<<c.split)*(c.width>>c.split)+16*g+i)[0]
		switch c.op {
		case isa.OpDrainErr:
			if c.flags&isa.FlagAll != 0 || mask[maskAt+s*mstep+g]>>i&1 == 1 {
				want[i] = int16(w.value(acc, nil, c.accBits, c.shift))
			}
		case isa.OpDrainLogit:
			want[i] = int16(w.value(acc, &bias[16*g+i], c.accBits, c.shift))
		default:
			want[i] = int16(max(0, w.value(acc, &bias[16*g+i], c.accBits, c.shift)))
			if c.flags&isa.FlagDrop != 0 && dropped(s, g)>>i&1 == 1 {
				want[i] = 0
			}
			if want[i] != 0 {
				bits |= 1 << i
			}
		}
	}
	return want, bits
}

// sent compares the k-th group on the way out.
func (b *bench) sent(t require.TestingT, c *shape, k, s, g int, want port.Group) {
	switch {
	case c.op == isa.OpDrainAct:
		block, elem := 16*g/c.elems(), 16*g%c.elems()
		require.Equal(t, port.EncReq{
			Valid: true, Last: elem+16 == c.elems() || g == c.groups()-1, New: c.flags&isa.FlagNew != 0 && s == 0 && block == 0,
			Group: uint8(elem / 16), Ptr: uint32(dst + s*dstep + block), Alloc: 1000, Limit: 2000, Tag: tag, PC: cmdPC, Data: want,
		}, b.encs[k], "sample %d group %d", s, g)
	case c.flags&isa.FlagX != 0:
		x := port.XReq{Valid: true, Addr: uint32(dst + s*dstep + 32*g), Tag: tag}
		for i, v := range want {
			x.Data[2*i], x.Data[2*i+1] = byte(v), byte(v>>8)
		}
		require.Equal(t, x, b.bursts[k], "sample %d group %d", s, g)
	default:
		require.Equal(t, port.WriteReq{Valid: true, Addr: uint32(dst + s*dstep + 4*g), Tag: tag, PC: cmdPC, Data: want}, b.writes[k])
	}
}

// events compares the counts of a command.
func (b *bench) events(t require.TestingT, c *shape) {
	row := &b.act.Rows[tag]
	n := uint64(c.nb * c.groups())
	require.Equal(t, n, row[activity.AccRead])
	require.Equal(t, uint64(c.nb*c.lanes), row[activity.DrainLane])
	require.EqualValues(t, c.width/8, row[activity.BiasWrite])
	want := map[isa.Op][4]uint64{isa.OpDrainAct: {n, 0, n, 0}, isa.OpDrainLogit: {n, 0, 0, 0}, isa.OpDrainErr: {0, n, 0, 0}}[c.op]
	if c.is(isa.OpDrainErr, isa.FlagAll) {
		want[1] = 0
	}
	if c.is(isa.OpDrainAct, isa.FlagDrop) {
		want[3] = n
	}
	require.Equal(t, want, [4]uint64{row[activity.BiasRead], row[activity.MaskRead], row[activity.MaskWrite], row[activity.DropRand]})
}

func TestEqualsTheTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		data := rand.New(rand.NewPCG(seed, 1))
		var stalls *rand.Rand
		if rapid.Bool().Draw(t, "stalls") {
			stalls = rand.New(rand.NewPCG(seed, 2))
		}
		c := drawShape(t)
		b := benchOf(c.accBits, c.width, stalls)
		b.fill(data, c.bank, c.shift)
		bias := make([]int32, c.width)
		for i := range bias {
			bias[i] = int32(data.Uint32()) >> data.IntN(32)
		}
		b.setBias(t, uint8(c.buf), bias)
		for i := range b.mask {
			b.mask[i] = uint16(data.Uint32())
		}
		before := append([]uint16{}, b.mask...)
		b.params([isa.NumDrainParams]uint32{
			dst, dstep, 1000, 2000, uint32(c.shift), uint32(c.nb), uint32(c.lanes), maskAt, mstep, uint32(c.split),
			dseed, dctr, dcstep, uint32(c.block),
		})
		b.command(c.op, c.flags)
		b.in.Head = port.BankHead{Valid: true, Bank: uint8(c.bank)}
		b.oracle = porttest.NewOracle(activity.Drain, &b.u.State, &b.out)
		b.finish(t)

		var w twin
		wantMask := append([]uint16{}, before...)
		k := 0
		for s := range c.nb {
			for g := range c.groups() {
				want, bits := w.group(b, &c, bias, before, s, g)
				if c.op == isa.OpDrainAct {
					wantMask[maskAt+s*mstep+g] = bits
				}
				b.sent(t, &c, k, s, g, want)
				k++
			}
		}
		require.Equal(t, wantMask, b.mask)
		require.Equal(t, k, len(b.encs)+len(b.writes)+len(b.bursts))
		require.Equal(t, 1, b.frees)
		if c.op == isa.OpDrainErr { // what the mask drops is looked at by the checking mode too
			w.wraps = b.u.Wraps
		}
		require.Equal(t, w.wraps, b.u.Wraps)
		require.EqualValues(t, w.sat, b.status(t, isa.DrainSat))
		require.EqualValues(t, w.max, b.status(t, isa.DrainMax))
		require.Zero(t, b.status(t, isa.DrainSat), "reading clears")
		require.Zero(t, b.status(t, isa.DrainMax), "reading clears")
		b.events(t, &c)
	})
}

func TestCorners(t *testing.T) {
	// Every shift, with the values around the ties and around saturation.
	for shift := -15; shift <= 47; shift++ {
		b := newBench(48, nil)
		values := []int64{0, 1, -1, 1<<47 - 1, -1 << 47, 32767, -32768}
		if shift > 0 {
			tie := int64(1) << (shift - 1)
			values = append(values, tie, -tie, tie-1, -tie+1, 3*tie, -3*tie)
		}
		copy(b.row(1, 0, 0), values)
		b.params([isa.NumDrainParams]uint32{0, 4, 0, 0, uint32(shift), 1, 16, 0, 1, 0})
		b.command(isa.OpDrainLogit, 0)
		b.in.Head = port.BankHead{Valid: true, Bank: 1}
		b.finish(t)
		var w twin
		for i, v := range values {
			require.EqualValues(t, w.value(v, nil, 48, shift), b.writes[0].Data[i], "%d by %d", v, shift)
		}
	}
}

// TestCycles holds the formulas of the package comment; the sinks store an entry in the cycle after
// it came.
func TestCycles(t *testing.T) {
	for _, c := range []struct {
		op    isa.Op
		flags uint16
		block uint32
	}{
		{isa.OpDrainAct, 0, 0}, {isa.OpDrainAct, isa.FlagDrop, 16}, {isa.OpDrainAct, isa.FlagNew, 48}, {isa.OpDrainLogit, 0, 0},
		{isa.OpDrainErr, 0, 0}, {isa.OpDrainLogit, isa.FlagX, 0}, {isa.OpDrainErr, isa.FlagX, 0},
		{isa.OpDrainErr, isa.FlagX | isa.FlagAll, 0},
	} {
		op, flags, block := c.op, c.flags, c.block
		for _, c := range [][2]int{{1, 1}, {1, 256}, {32, 16}, {32, 255}} {
			b := newBench(48, nil)
			b.params([isa.NumDrainParams]uint32{0, 4, 0, 0, 3, uint32(c[0]), uint32(c[1]), 0, 16, 0})
			b.u.Queue.Params[isa.DrainDStep], b.u.Queue.Params[isa.DrainBlock] = 512, block
			b.in.Head = port.BankHead{Valid: true}
			b.command(op, flags)
			groups := c[0] * ((c[1] + 15) / 16)
			require.Equal(t, groups+6, b.finish(t))
			require.EqualValues(t, groups+6, b.act.Rows[tag][activity.ActiveDrain], "one in which it begins to wait, too")
		}
	}
}

func TestWaits(t *testing.T) {
	b := newBench(48, nil)
	b.params([isa.NumDrainParams]uint32{0, 4, 0, 0, 0, 2, 16, 0, 1, 0})
	b.command(isa.OpDrainLogit, 0)
	b.tick(t)
	require.Equal(t, activity.WaitOperand, b.out.Status, "no bank")
	b.in.Head = port.BankHead{Valid: true, ToMom: true}
	b.tick(t)
	require.Equal(t, activity.WaitOperand, b.out.Status, "a bank of the momentum unit")
	b.in.Head.ToMom = false
	for range 3 {
		b.tick(t)
		require.Equal(t, activity.Busy, b.out.Status)
	}
	b.write.room = false
	b.tick(t)
	require.Equal(t, activity.WaitDrain, b.out.Status)
	b.finish(t)
	b.tick(t)
	require.Equal(t, activity.Idle, b.out.Status)
	require.Len(t, b.writes, 2)
}

// TestWaitsForExternalMemory: a command with flag x looks at its own port only.
func TestWaitsForExternalMemory(t *testing.T) {
	b := newBench(48, nil)
	b.params([isa.NumDrainParams]uint32{isa.DrainNB: 3, isa.DrainLanes: 16, isa.DrainDStep: 32})
	b.in.Head = port.BankHead{Valid: true}
	b.command(isa.OpDrainLogit, isa.FlagX)
	for range 20 {
		b.x.room, b.x.idle, b.write.room = false, false, true
		b.tick(t)
	}
	require.Equal(t, activity.WaitDrain, b.out.Status)
	require.Empty(t, b.bursts)
	for i := range 22 {
		b.x.room, b.x.idle = true, i > 20
		b.write.room, b.write.idle, b.enc.room, b.enc.idle = false, false, false, false
		require.False(t, b.out.Done.Valid)
		b.tick(t)
	}
	require.Len(t, b.bursts, 3)
	require.True(t, b.out.Done.Valid)
}

func TestTickDoesNotAllocate(t *testing.T) {
	b := newBench(48, nil)
	b.params([isa.NumDrainParams]uint32{0, 4, 0, 0, 0, 32, 256, 0, 16, 0})
	b.in.EncRoom, b.in.EncIdle, b.in.WriteIdle = true, true, true
	require.Zero(t, testing.AllocsPerRun(2000, func() {
		b.in.Head = port.BankHead{Valid: true}
		if b.u.Queue.N == 0 {
			b.command(isa.OpDrainAct, 0)
		}
		b.memories(t)
		b.u.Tick(&b.in, &b.out)
		b.bus.Kind = port.BusNone
	}))
	require.Positive(t, b.act.Rows[tag][activity.DrainLane])
}

func BenchmarkTick(b *testing.B) {
	for _, op := range []isa.Op{isa.OpDrainAct, isa.OpDrainLogit, isa.OpDrainErr} {
		b.Run(isa.Lookup(op).Name, func(b *testing.B) {
			x := newBench(48, nil)
			x.fill(rand.New(rand.NewPCG(1, 1)), 0, 8)
			for i := range x.mask {
				x.mask[i] = 0x5a5a
			}
			x.params([isa.NumDrainParams]uint32{0, 4, 0, 0, 8, 32, 256, 0, 16, 0})
			x.in.EncRoom, x.in.EncIdle, x.in.WriteRoom, x.in.WriteIdle = true, true, true, true
			for b.Loop() {
				x.in.Head = port.BankHead{Valid: true}
				if x.u.Queue.N == 0 {
					x.command(op, 0)
				}
				x.memories(b)
				x.u.Tick(&x.in, &x.out)
				x.bus.Kind = port.BusNone
			}
		})
	}
}
