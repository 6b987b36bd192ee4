package lfsr

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port/porttest"
)

// step is the LFSR of docs/arithmetic.md section 4, one bit at a time.
func step(s uint32) (bit, next uint32) {
	fb := s ^ s>>10 ^ s>>30 ^ s>>31
	return s & 1, s>>1 | fb<<31
}

func TestLeapIsSteps(t *testing.T) {
	check := func(s uint32) {
		for _, n := range leaps {
			want := s
			for range n {
				_, want = step(want)
			}
			require.Equal(t, want, leap(s, uint(n)), "leap of %#x by %d", s, n)
		}
	}
	for i := range 32 { // linear over GF(2): a basis decides
		check(1 << i)
	}
	check(0)
	rapid.Check(t, func(t *rapid.T) { check(rapid.Uint32().Draw(t, "s")) })
}

// leaps are the bits that can be made in a cycle.
var leaps = []int{4, 8, 16, 32}

func newUnit() *Unit { return newLeap(8) }

// newLeap is a generator of so many bits a cycle.
func newLeap(n int) *Unit {
	c := machine.Reference()
	c.LFSR.Bits = n
	return New(&c, new(activity.Counts))
}

// bench plays the consumer: it takes a fill `delay` cycles after it may.
type bench struct {
	u     *Unit
	in    In
	out   Out
	cycle int
	took  bool // in the cycle before: Full is stale

	oracle *porttest.Oracle
}

func newBench(in In) *bench { return newBenchOf(8, in) }

func newBenchOf(leap int, in In) *bench {
	b := &bench{u: newLeap(leap), in: in}
	b.oracle = porttest.NewOracle(activity.LFSR, &b.u.State, &b.out)
	b.in.Start = true
	b.tick()
	b.in.Start = false
	return b
}

func (b *bench) tick() {
	b.u.Tick(&b.in, &b.out)
	b.cycle++
	if b.oracle != nil {
		if errs := b.oracle.Check(b.u.act); len(errs) > 0 {
			panic(errors.Join(errs...))
		}
	}
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
		n := rapid.SampledFrom(leaps).Draw(t, "bits")
		b := newBenchOf(n, in)
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
			for i := size; i < 256; i++ { // left from a longer fill
				reg[i/64] &^= 1 << (i % 64)
			}
			require.Equal(t, want, reg, "fill %d", f)
			total += (size + n - 1) / n
		}
		for range 100 { // it stops after the last fill
			b.tick()
			require.False(t, b.out.Full)
			require.Equal(t, activity.Idle, b.out.Status)
		}
		require.EqualValues(t, total, b.u.act.Rows[in.Tag][activity.LFSRStep])
	})
}

// Groups of 256 fills, the most: the last of each is the short one.
func TestManyPasses(t *testing.T) {
	b := newBench(In{Seed: 3, Passes: 256, Bits: 256, Last: 16, Fills: 600})
	for range 600 {
		b.next(t, 0)
	}
	require.EqualValues(t, (598*256+2*16)/8, b.u.act.Total(activity.LFSRStep))
}

// A consumer that takes at once sees a fill every Bits/8 cycles; the first after Bits/8 + 1.
func TestTiming(t *testing.T) {
	for _, n := range leaps {
		for _, bits := range []int{16, 32, 48, 160, 256} {
			b := newBenchOf(n, In{Seed: 1, Passes: 1, Bits: uint16(bits), Last: uint16(bits), Fills: 10})
			for f := range 10 {
				_, seen := b.next(t, 0)
				require.Equal(t, (f+1)*((bits+n-1)/n)+1, seen, "fill %d of %d bits, %d a cycle", f, bits, n)
			}
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
	b.oracle = nil
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		b.in.Take = b.out.Full && !b.in.Take
		b.tick()
	}))
}

// Groups add up to the registers; the fill is clocked by what a leap makes.
func TestClocked(t *testing.T) {
	for _, n := range leaps {
		got := newLeap(n).Clocked()
		piece := max(n, 8)
		require.Equal(t, map[activity.Event]activity.Registers{
			activity.ActiveLFSR: {Bits: 32 + 9 + 1 + 3, Copies: 1}, clockBegin: {Bits: 8 + 9 + 9, Copies: 1},
			clockFill: {Bits: piece, Copies: 256 / piece}, clockReg: {Bits: 256 + 8 + 32, Copies: 1},
		}, got)
	}
	c := machine.Reference()
	c.DEPC.Classes = 0
	require.Nil(t, New(&c, new(activity.Counts)).Clocked(), "not built")
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
