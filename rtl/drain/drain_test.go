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

// fill draws accumulators that make small, tying, saturating and wrapping values at the given shift.
func fill(acc *port.Banks, r *rand.Rand, bank, shift int) {
	for row := range acc[bank] {
		for l := range acc[bank][row] {
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
			acc[bank][row][l] = v
		}
	}
}

const (
	dst, dstep, maskAt, mstep = 400, 80, 7, 21
)

func TestEqualsTheTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		data := rand.New(rand.NewPCG(seed, 1))
		var stalls *rand.Rand
		if rapid.Bool().Draw(t, "stalls") {
			stalls = rand.New(rand.NewPCG(seed, 2))
		}
		accBits := rapid.SampledFrom([]int{32, 40, 48, 62}).Draw(t, "bits")
		op := rapid.SampledFrom([]isa.Op{isa.OpDrainAct, isa.OpDrainLogit, isa.OpDrainErr}).Draw(t, "op")
		shift := rapid.IntRange(-15, 47).Draw(t, "shift")
		nb := rapid.IntRange(1, 32).Draw(t, "nb")
		split := rapid.IntRange(0, 2).Draw(t, "split")
		lanes := rapid.IntRange(1, 256>>split).Draw(t, "lanes")
		bank := rapid.IntRange(0, 1).Draw(t, "bank")
		buf := rapid.IntRange(0, 1).Draw(t, "bias buffer")

		b := newBench(accBits, stalls)
		fill(&b.acc, data, bank, shift)
		var bias [256]int32
		for i := range bias {
			bias[i] = int32(data.Uint32()) >> data.IntN(32)
		}
		b.setBias(t, uint8(buf), &bias)
		for i := range b.mask {
			b.mask[i] = uint16(data.Uint32())
		}
		before := append([]uint16{}, b.mask...)
		b.params([isa.NumDrainParams]uint32{dst, dstep, 1000, 2000, uint32(shift), uint32(nb), uint32(lanes), maskAt, mstep, uint32(split)})
		b.command(op, uint16(buf)|isa.FlagNew&uint16(data.Uint32()))
		b.in.Head = port.BankHead{Valid: true, Bank: uint8(bank)}
		b.finish(t)

		var w twin
		groups := (lanes + 15) / 16
		wantMask := append([]uint16{}, before...)
		k := 0
		for s := range nb {
			for g := range groups {
				var want port.Group
				bits := uint16(0)
				for i := range min(16, lanes-16*g) {
					acc := b.acc[bank][s][s%(1<<split)*(256>>split)+16*g+i]
					bit := before[maskAt+s*mstep+g] >> i & 1
					switch op {
					case isa.OpDrainErr:
						if bit == 1 {
							want[i] = int16(w.value(acc, nil, accBits, shift))
						}
					case isa.OpDrainLogit:
						want[i] = int16(w.value(acc, &bias[16*g+i], accBits, shift))
					default:
						want[i] = int16(max(0, w.value(acc, &bias[16*g+i], accBits, shift)))
						if want[i] != 0 {
							bits |= 1 << i
						}
					}
				}
				if op == isa.OpDrainAct {
					wantMask[maskAt+s*mstep+g] = bits
					e := b.encs[k]
					require.Equal(t, want, e.Data, "sample %d group %d", s, g)
					require.Equal(t, port.EncReq{
						Valid: true, Last: g%4 == 3 || g == groups-1, New: e.New, Group: uint8(g % 4), Ptr: uint32(dst + s*dstep + g/4),
						Alloc: 1000, Limit: 2000, Tag: tag, PC: cmdPC, Data: want,
					}, e)
					if g < 4 && s == 0 {
						require.Equal(t, b.encs[0].New, e.New)
					} else {
						require.False(t, e.New)
					}
				} else {
					require.Equal(t, port.WriteReq{Valid: true, Addr: uint32(dst + s*dstep + 4*g), Tag: tag, PC: cmdPC, Data: want}, b.writes[k])
				}
				k++
			}
		}
		require.Equal(t, wantMask, b.mask)
		require.Equal(t, k, len(b.encs)+len(b.writes))
		require.Equal(t, 1, b.frees)
		if op == isa.OpDrainErr { // what the mask drops is looked at by the checking mode too
			w.wraps = b.u.State().Wraps
		}
		require.Equal(t, w.wraps, b.u.State().Wraps)
		require.EqualValues(t, w.sat, b.status(t, isa.DrainSat))
		require.EqualValues(t, w.max, b.status(t, isa.DrainMax))
		require.Zero(t, b.status(t, isa.DrainSat), "reading clears")
		require.Zero(t, b.status(t, isa.DrainMax), "reading clears")

		row := &b.act.Rows[tag]
		n := uint64(nb * groups)
		require.Equal(t, n, row[activity.AccRead])
		require.Equal(t, uint64(nb*lanes), row[activity.DrainLane])
		require.EqualValues(t, 32, row[activity.BiasWrite])
		want := map[isa.Op][3]uint64{isa.OpDrainAct: {n, 0, n}, isa.OpDrainLogit: {n, 0, 0}, isa.OpDrainErr: {0, n, 0}}[op]
		require.Equal(t, want, [3]uint64{row[activity.BiasRead], row[activity.MaskRead], row[activity.MaskWrite]})
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
		copy(b.acc[1][0][:], values)
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

// TestCycles holds the formulas of the package comment; the sinks store an entry in the cycle after it came.
func TestCycles(t *testing.T) {
	for _, op := range []isa.Op{isa.OpDrainAct, isa.OpDrainLogit, isa.OpDrainErr} {
		for _, c := range [][2]int{{1, 1}, {1, 256}, {32, 16}, {32, 255}} {
			b := newBench(48, nil)
			b.params([isa.NumDrainParams]uint32{0, 4, 0, 0, 3, uint32(c[0]), uint32(c[1]), 0, 16, 0})
			b.in.Head = port.BankHead{Valid: true}
			b.command(op, 0)
			groups := c[0] * ((c[1] + 15) / 16)
			require.Equal(t, groups+4, b.finish(t))
			require.EqualValues(t, groups+3, b.act.Rows[tag][activity.ActiveDrain], "all but the wait for the last write")
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
	b.tick(t)
	require.Equal(t, activity.Busy, b.out.Status)
	b.write.room = false
	b.tick(t)
	require.Equal(t, activity.WaitDrain, b.out.Status)
	b.finish(t)
	b.tick(t)
	require.Equal(t, activity.Idle, b.out.Status)
	require.Len(t, b.writes, 2)
}

func TestFaults(t *testing.T) {
	good := [isa.NumDrainParams]uint32{0, 4, 0, 0, 0, 32, 256, 4096 - 31*16 - 16, 16, 0}
	for _, c := range []struct {
		p int
		v uint32
	}{
		{isa.DrainSplit, 3}, {isa.DrainLanes, 0}, {isa.DrainLanes, 257}, {isa.DrainNB, 0}, {isa.DrainNB, 33}, {isa.DrainShift, 48},
		{isa.DrainShift, 1<<32 - 16}, {isa.DrainMask, 4096 - 31*16 - 15}, {isa.DrainMask, 1<<32 - 1}, {isa.DrainDst, 0},
	} {
		b := newBench(48, nil)
		p := good
		p[c.p] = c.v
		b.params(p)
		b.in.Head = port.BankHead{Valid: true}
		b.command(isa.OpDrainAct, 0)
		b.tick(t)
		want := port.Fault{Code: port.FaultParam, PC: cmdPC, Arg: uint64(c.p)<<32 | uint64(c.v)}
		if p == good {
			want = port.Fault{}
		}
		require.Equal(t, want, b.out.Fault)
	}
	b := newBench(48, nil)
	good[isa.DrainSplit], good[isa.DrainLanes] = 2, 65
	b.params(good)
	b.in.Head = port.BankHead{Valid: true}
	b.command(isa.OpDrainAct, 0)
	b.tick(t)
	require.Equal(t, port.FaultParam, b.out.Fault.Code, "65 lanes of 64")
}

func TestTickDoesNotAllocate(t *testing.T) {
	b := newBench(48, nil)
	b.params([isa.NumDrainParams]uint32{0, 4, 0, 0, 0, 32, 256, 0, 16, 0})
	b.in.EncRoom, b.in.EncIdle, b.in.WriteIdle = true, true, true
	require.Zero(t, testing.AllocsPerRun(2000, func() {
		b.in.Head = port.BankHead{Valid: true}
		if b.u.s.Queue.N == 0 {
			b.command(isa.OpDrainAct, 0)
		}
		b.u.Tick(&b.in, &b.out)
		b.bus.Kind = port.BusNone
	}))
	require.Positive(t, b.act.Rows[tag][activity.DrainLane])
	require.Positive(t, b.u.RegBits())
}
