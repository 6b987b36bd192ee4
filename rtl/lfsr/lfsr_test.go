package lfsr

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
)

// step is the LFSR of docs/arithmetic.md section 4, one bit at a time.
func step(s uint32) (bit, next uint32) {
	fb := s ^ s>>10 ^ s>>30 ^ s>>31
	return s & 1, s>>1 | fb<<31
}

func TestLeapIsEightSteps(t *testing.T) {
	check := func(s uint32) {
		got, out := leap(s), s&0xff
		want, bits := s, uint32(0)
		for i := range LeapBits {
			var b uint32
			b, want = step(want)
			bits |= b << i
		}
		require.Equal(t, want, got, "leap of %#x", s)
		require.Equal(t, bits, out, "bits of %#x", s)
	}
	for i := range 32 { // linear over GF(2): a basis decides
		check(1 << i)
	}
	check(0)
	rapid.Check(t, func(t *rapid.T) { check(rapid.Uint32().Draw(t, "s")) })
}

func newUnit() *Unit {
	c := machine.Reference()
	return New(&c, new(activity.Counts))
}

// bench plays the consumer: it takes a fill `delay` cycles after it may.
type bench struct {
	u     *Unit
	in    In
	out   Out
	cycle int
	took  bool // in the cycle before: Full is stale
}

func newBench(in In) *bench {
	b := &bench{u: newUnit(), in: in}
	b.in.Start = true
	b.tick()
	b.in.Start = false
	return b
}

func (b *bench) tick() {
	b.u.Tick(&b.in, &b.out)
	b.cycle++
}

// next waits for a fill, lets `delay` cycles pass and takes it; it returns the cycle in which it was first seen.
func (b *bench) next(t require.TestingT, delay int) (reg [RegWords]uint64, seen int) {
	if b.took {
		b.tick()
		b.in.Take = false
	}
	for !b.out.Full {
		require.Less(t, b.cycle, 1_000_000, "no fill")
		b.tick()
	}
	seen = b.cycle
	for range delay {
		b.tick()
	}
	require.True(t, b.out.Full)
	b.took, b.in.Take = true, true
	reg = b.out.Reg
	b.tick()
	b.in.Take = false
	b.took = false
	return reg, seen
}

func TestBitsEqualSingleSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := In{
			Seed: rapid.Uint32Min(1).Draw(t, "seed"), Passes: rapid.Uint16Range(1, 8).Draw(t, "passes"),
			Bits: 16 * rapid.Uint16Range(1, 16).Draw(t, "bits/16"), Last: 16 * rapid.Uint16Range(1, 16).Draw(t, "last/16"),
			Fills: 20, Tag: activity.MakeTag(3, 2),
		}
		b := newBench(in)
		s, total := in.Seed, 0
		for f := range int(in.Fills) {
			reg, _ := b.next(t, rapid.IntRange(0, 40).Draw(t, "delay"))
			size := int(in.Bits)
			if f%int(in.Passes) == int(in.Passes)-1 {
				size = int(in.Last)
			}
			var want [RegWords]uint64
			for i := range size {
				var bit uint32
				bit, s = step(s)
				want[i/64] |= uint64(bit) << (i % 64)
			}
			require.Equal(t, want, reg, "fill %d", f)
			total += size
		}
		for range 100 { // it stops after the last fill
			b.tick()
			require.False(t, b.out.Full)
			require.Equal(t, activity.Idle, b.out.Status)
		}
		require.EqualValues(t, total/LeapBits, b.u.act.Rows[in.Tag][activity.LFSRStep])
	})
}

// Groups of 256 fills, the most: the last of each is the short one.
func TestManyPasses(t *testing.T) {
	b := newBench(In{Seed: 3, Passes: 256, Bits: 256, Last: 16, Fills: 600})
	for f := range 600 {
		reg, _ := b.next(t, 0)
		long := reg[3] != 0 || reg[2] != 0 || reg[1] != 0
		require.Equal(t, f%256 != 255, long, "fill %d", f)
	}
	require.EqualValues(t, (598*256+2*16)/LeapBits, b.u.act.Total(activity.LFSRStep))
}

// A consumer that takes at once sees a fill every Bits/8 cycles; the first after Bits/8 + 1.
func TestTiming(t *testing.T) {
	for _, bits := range []uint16{16, 32, 160, 256} {
		b := newBench(In{Seed: 1, Passes: 1, Bits: bits, Last: bits, Fills: 10})
		for f := range 10 {
			_, seen := b.next(t, 0)
			require.Equal(t, (f+1)*int(bits)/LeapBits+1, seen, "fill %d of %d bits", f, bits)
		}
	}
}

// When both registers are full the generator waits, and a Take is followed by a new Full without a gap of more than the
// handshake's.
func TestWaitsForTheConsumer(t *testing.T) {
	b := newBench(In{Seed: 7, Passes: 1, Bits: 256, Last: 256, Fills: 3})
	for range 70 {
		b.tick()
	}
	require.Equal(t, activity.WaitDrain, b.out.Status)
	require.EqualValues(t, 64, b.u.act.Total(activity.LFSRStep))
	clocked := b.u.act.Total(activity.ActiveLFSR)
	b.tick()
	require.Equal(t, clocked, b.u.act.Total(activity.ActiveLFSR), "gated while it waits")
	first := b.out.Reg
	b.in.Take = true
	b.tick()
	require.True(t, b.out.Full, "the second fill moved over")
	require.NotEqual(t, first, b.out.Reg)
}

func TestStartClears(t *testing.T) {
	b := newBench(In{Seed: 7, Passes: 1, Bits: 256, Last: 256, Fills: 3})
	for range 50 {
		b.tick()
	}
	require.True(t, b.out.Full)
	b.in.Start, b.in.Seed = true, 9
	b.tick()
	b.in.Start = false
	require.False(t, b.out.Full)
	for range 33 {
		b.tick()
	}
	require.True(t, b.out.Full)
	require.EqualValues(t, 9, b.out.Reg[0]&0xffffffff, "the first 32 bits are the seed")
}

func TestAllocatesNothing(t *testing.T) {
	b := newBench(In{Seed: 7, Passes: 1, Bits: 256, Last: 256, Fills: 1 << 30})
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		b.in.Take = b.out.Full && !b.in.Take
		b.tick()
	}))
}

func TestRegBits(t *testing.T) {
	require.Equal(t, 32+256+9+8+256+1+8+9+9+32+8, newUnit().RegBits())
}

func BenchmarkTick(b *testing.B) {
	for _, busy := range []bool{false, true} {
		name := map[bool]string{false: "idle", true: "busy"}[busy]
		b.Run(name, func(b *testing.B) {
			u, in, out := newUnit(), In{}, Out{}
			if busy {
				in = In{Start: true, Seed: 1, Passes: 1, Bits: 256, Last: 256, Fills: 1 << 31}
				u.Tick(&in, &out)
				in.Start = false
			}
			for b.Loop() {
				in.Take = out.Full && !in.Take
				u.Tick(&in, &out)
			}
		})
	}
}
