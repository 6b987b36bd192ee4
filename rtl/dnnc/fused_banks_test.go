package dnnc

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// until ticks until something is so, and nothing is wrong.
func until(t *testing.T, b *bench, is func() bool) {
	for start := b.ticks; !is(); {
		b.tick(t)
		require.Zero(t, b.out.Fault)
		require.Less(t, b.ticks-start, 10_000, "does not come")
	}
}

// sums is a small accumulation, or a part of one.
func sums(r *rand.Rand, op isa.Op, flags uint16) *job {
	return fillJob(&job{op: op, nb: 2, rows: 8, groups: 2, flags: flags | isa.FlagFree}, r, 16)
}

// TestBanksWaitInLine hands three banks over while the consumers sleep, and then wakes them for one
// bank after the other.
func TestBanksWaitInLine(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	b := fused(nil)
	b.stop = true
	b.add(sums(r, isa.OpDNNCMac, isa.FlagFirst)) // bank 1
	b.add(sums(r, isa.OpDNNCGrad, one))          // bank 2
	b.add(sums(r, isa.OpDNNCOnes, one))          // bank 0
	b.add(sums(r, isa.OpDNNCMac, isa.FlagLast))
	b.add(sums(r, isa.OpDNNCMac, one)) // bank 2 again
	b.add(sums(r, isa.OpDNNCGrad, one))
	b.want = b.twin()
	s := &b.u.State
	until(t, b, func() bool { return b.done == 4 })
	for range 50 {
		b.tick(t)
	}
	require.Equal(t, []uint8{2, 0, 1}, s.Line)
	require.Equal(t, []bool{true, true, true}, handed(s))
	require.Equal(t, activity.WaitDrain, b.out.Status)
	next := func(head port.BankHead) {
		require.Equal(t, head, b.out.Head)
		b.stop = false
		b.tick(t)
		b.stop = true
	}
	next(port.BankHead{Valid: true, ToMom: true, Bank: 2})
	require.EqualValues(t, 2, s.Bank, "free in the cycle after")
	until(t, b, func() bool { return b.done == 5 })
	for range 50 {
		b.tick(t)
	}
	require.Equal(t, []uint8{0, 1, 2}, s.Line)
	next(port.BankHead{Valid: true, ToMom: true, Bank: 0})
	next(port.BankHead{Valid: true, Bank: 1})
	next(port.BankHead{Valid: true, Bank: 2})
	b.stop = false
	b.run(t)
	require.Zero(t, s.Lined)
	require.False(t, b.out.Head.Valid)
}

// TestNestedWaitsForABank: gradients take turns with the two banks that the open forward sums leave
// them.
func TestNestedWaitsForABank(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	b := fused(nil)
	b.stop = true
	b.add(sums(r, isa.OpDNNCMac, isa.FlagFirst))
	for range 3 {
		b.add(sums(r, isa.OpDNNCGrad, one))
	}
	b.add(sums(r, isa.OpDNNCMac, isa.FlagLast))
	b.want = b.twin()
	s := &b.u.State
	until(t, b, func() bool { return b.done == 3 })
	until(t, b, func() bool { return b.out.Status == activity.WaitDrain })
	for range 50 {
		b.tick(t)
		require.Equal(t, activity.WaitDrain, b.out.Status)
	}
	require.Equal(t, outer{Open: true, Bank: 1}, s.Outer)
	require.Equal(t, []bool{true, false, true}, handed(s))
	b.stop = false
	b.run(t)
}

// TestTwoBanks: without the hardware for fused schedules the third bank is never used.
func TestTwoBanks(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	b := newBench(nil)
	b.stop = true
	for range 3 {
		b.add(sums(r, isa.OpDNNCMac, one))
	}
	b.want = b.twin()
	until(t, b, func() bool { return b.out.Status == activity.WaitDrain })
	for range 50 {
		b.tick(t)
	}
	require.Equal(t, 2, b.done)
	require.Equal(t, []bool{true, true}, handed(&b.u.State))
	require.Len(t, fused(nil).u.Banks, 3)
	b.stop = false
	b.run(t)
}

// TestNestedFaults: nothing but one gradient of a bank, or one sum of errors, in one command, may
// be nested, and only in forward sums.
func TestNestedFaults(t *testing.T) {
	const mac, grad, ones = isa.OpDNNCMac, isa.OpDNNCGrad, isa.OpDNNCOnes
	run := func(b *bench, rows int, ops []isa.Op, flags []uint16) port.Fault {
		for i, op := range ops {
			j := &job{op: op, nb: 1, rows: 1, groups: 1, flags: flags[i] | isa.FlagFree, load: true, wrows: 1}
			if i == len(ops)-1 {
				j.rows = rows
			}
			b.add(j)
		}
		b.stop = true
		for range 400 {
			b.tick(t)
		}
		return b.out.Fault
	}
	for _, c := range []struct {
		rows  int
		ops   []isa.Op
		flags []uint16
		ok    bool
	}{
		{32, []isa.Op{mac, grad}, []uint16{isa.FlagFirst, one}, true},
		{1, []isa.Op{mac, ones}, []uint16{isa.FlagFirst, one}, true},
		{1, []isa.Op{mac, ones, grad}, []uint16{isa.FlagFirst, one, one}, true},
		{33, []isa.Op{mac, grad}, []uint16{isa.FlagFirst, one}, false},
		{1, []isa.Op{mac, mac}, []uint16{isa.FlagFirst, one}, false},
		{1, []isa.Op{mac, grad}, []uint16{isa.FlagFirst, isa.FlagFirst}, false},
		{1, []isa.Op{mac, grad}, []uint16{isa.FlagFirst, isa.FlagLast}, false},
		{1, []isa.Op{mac, grad}, []uint16{isa.FlagFirst, 0}, false},
		{1, []isa.Op{mac, ones}, []uint16{isa.FlagFirst, isa.FlagFirst}, false},
		{1, []isa.Op{mac, ones}, []uint16{isa.FlagFirst, isa.FlagLast}, false},
		{1, []isa.Op{mac, ones}, []uint16{isa.FlagFirst, 0}, false},
		{1, []isa.Op{mac, ones, mac}, []uint16{isa.FlagFirst, one, isa.FlagFirst}, false},
		{1, []isa.Op{grad, grad}, []uint16{isa.FlagFirst, one}, false},
		{1, []isa.Op{grad, ones}, []uint16{isa.FlagFirst, one}, false},
		{1, []isa.Op{ones, grad}, []uint16{isa.FlagFirst, one}, false},
		{1, []isa.Op{ones, ones}, []uint16{isa.FlagFirst, one}, false},
		{1, []isa.Op{grad, mac}, []uint16{isa.FlagFirst, one}, false},
	} {
		want := port.Fault{}
		if !c.ok {
			want = port.Fault{Code: port.FaultBank, PC: tilPC, Arg: uint64(c.flags[len(c.flags)-1] | isa.FlagFree)}
		}
		require.Equal(t, want, run(fused(nil), c.rows, c.ops, c.flags), "%+v", c)
		if c.ok {
			got := run(newBench(nil), c.rows, c.ops, c.flags)
			require.Equal(t, port.Fault{Code: port.FaultBank, PC: tilPC, Arg: one | isa.FlagFree}, got, "not built: %+v", c)
		}
	}
}

// TestSplitOfTheOuterSums: nested commands have no split of their own, and that of the sums around
// them stays.
func TestSplitOfTheOuterSums(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for _, split := range []int{0, 1, 2} {
		b := fused(nil)
		b.add(fillJob(&job{op: isa.OpDNNCMac, nb: 8, rows: 3, groups: 2, split: 1, flags: isa.FlagFirst | isa.FlagFree}, r, 16))
		b.add(sums(r, isa.OpDNNCGrad, one))
		b.add(fillJob(&job{op: isa.OpDNNCMac, nb: 8, rows: 3, groups: 2, split: split, flags: isa.FlagLast | isa.FlagFree}, r, 16))
		if split == 1 {
			b.run(t)
			continue
		}
		b.want = b.twin()
		for range 400 {
			b.tick(t)
		}
		require.Equal(t, port.Fault{Code: port.FaultParam, PC: tilPC, Arg: uint64(isa.DNNCSplit)<<32 | uint64(split)}, b.out.Fault)
	}
}

// TestRegBits: the registers of the third bank and of the updated weights are those of a chip that
// has them.
func TestRegBits(t *testing.T) {
	const (
		bank   = 1 + 1 + 4*32              // handed, to whom, rows that hold something
		names  = 1 + 2 + 1 + 3*2 - 2*1 + 2 // banks by number: the open one, those of a gradient's halves, of outer sums, the line, ends
		halves = 2 * (1 + 1 + 8)           // full, written to, releases
	)
	require.Equal(t, bank+names+halves, regBits(fused(nil))-regBits(newBench(nil)))
}

// regBits is the number of flip-flops of an array.
func regBits(b *bench) (n int) {
	for _, r := range b.u.Clocked() {
		n += r.Bits * r.Copies
	}
	return n
}
