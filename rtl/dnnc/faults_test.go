package dnnc

import (
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/rtl/port"
)

func TestFaults(t *testing.T) {
	good := func() *job {
		return &job{op: isa.OpDNNCMac, nb: 1, rows: 1, groups: 1, flags: isa.FlagFirst, load: true, wrows: 1}
	}
	run := func(jobs ...*job) port.Fault {
		b := newBench(nil)
		for _, j := range jobs {
			b.add(j)
		}
		for range 200 {
			b.tick(t)
		}
		require.Equal(t, b.out.Fault, b.u.Fault)
		return b.out.Fault
	}
	param := func(p, v int) port.Fault {
		return port.Fault{Code: port.FaultParam, PC: tilPC, Arg: uint64(p)<<32 | uint64(v)}
	}
	change := func(f func(j *job)) *job { j := good(); f(j); return j }
	require.Equal(t, port.Fault{}, run(good()))
	for _, v := range []int{0, 33} {
		require.Equal(t, param(isa.DNNCNB, v), run(change(func(j *job) { j.nb = v })))
		require.Equal(t, param(isa.DNNCNB, v), run(change(func(j *job) { j.nb = v; j.op = isa.OpDNNCOnes })))
		require.Equal(t, param(isa.DNNCNB, v), run(change(func(j *job) { j.nb = v; j.op = isa.OpDNNCGrad })))
	}
	for split := range 3 {
		require.Equal(t, port.Fault{}, run(change(func(j *job) { j.nb, j.split = 32<<split, split })))
		require.Equal(t, param(isa.DNNCNB, 32<<split+1), run(change(func(j *job) { j.nb, j.split = 32<<split+1, split })))
	}
	for _, v := range []int{0, 65} {
		require.Equal(t, param(isa.DNNCRows, v), run(change(func(j *job) { j.rows = v; j.wrows = 1 })))
	}
	require.Equal(t, param(isa.DNNCSplit, 3), run(change(func(j *job) { j.split = 3 })))
	require.Equal(t, param(isa.DNNCSplit, 1), run(change(func(j *job) { j.split = 1; j.op = isa.OpDNNCGrad })))
	require.Equal(t, param(isa.DNNCGroups, 0), run(change(func(j *job) { j.groups = 0; j.load = false })))
	require.Equal(t, param(isa.DNNCGroups, 5), run(change(func(j *job) { j.groups = 5; j.split = 2 })))

	second := func(flags uint16, op isa.Op, split int) *job {
		return &job{op: op, nb: 1, rows: 1, groups: 1, split: split, flags: flags}
	}
	pairs := func(flags uint16) port.Fault { return port.Fault{Code: port.FaultBank, PC: tilPC, Arg: uint64(flags)} }
	require.Equal(t, pairs(0), run(change(func(j *job) { j.flags = 0 })), "never begun")
	require.Equal(t, pairs(isa.FlagFirst), run(good(), second(isa.FlagFirst, isa.OpDNNCMac, 0)), "begun twice")
	require.Equal(t, param(isa.DNNCSplit, 2), run(good(), second(0, isa.OpDNNCMac, 2)), "another split into an open bank")
	for _, op := range []isa.Op{isa.OpDNNCMac, isa.OpDNNCGrad, isa.OpDNNCOnes} {
		open := change(func(j *job) { j.op = op })
		for _, next := range []isa.Op{isa.OpDNNCMac, isa.OpDNNCGrad, isa.OpDNNCOnes} {
			want := port.Fault{}
			if next != op {
				want = pairs(0)
			}
			require.Equal(t, want, run(open, second(0, next, 0)), "%v goes on as %v", op, next)
		}
		require.Equal(t, pairs(isa.FlagFirst), run(open, second(isa.FlagFirst, op, 0)), "%v begun twice", op)
		require.Equal(t, pairs(isa.FlagLast), run(change(func(j *job) { j.op, j.flags = op, isa.FlagLast })), "%v never begun", op)
	}
	long := second(0, isa.OpDNNCGrad, 0)
	long.rows = 33
	require.Equal(t, pairs(0), run(change(func(j *job) { j.op = isa.OpDNNCGrad }), long), "a second half into an accumulation of one bank")
	require.Equal(t, pairs(0), run(change(func(j *job) { j.op, j.rows = isa.OpDNNCGrad, 33 }), second(0, isa.OpDNNCGrad, 0)))
}

func TestWindowFaults(t *testing.T) {
	good := []uint32{
		isa.DNNCNB: 1, isa.DNNCRows: 36, isa.DNNCGroups: 1, isa.DNNCTaps: 9, isa.DNNCChan: 4, isa.DNNCOut: 1<<16 | 1, isa.DNNCIn: 1<<16 | 1,
		isa.DNNCTap: 255 << 16, isa.DNNCStep: 15 | 2<<4 | 1<<8, isa.DNNCNStep: 0,
	}
	run := func(op isa.Op, p int, v uint32) port.Fault {
		b := newBench(nil)
		c := port.Cmd{Op: op, PC: tilPC}
		copy(c.P[:], good)
		c.P[p] = v
		b.u.limits.Check(&c, nil, &b.u.Fault)
		return b.u.Fault
	}
	for p, bad := range map[int][]uint32{
		isa.DNNCChan: {0, 65}, isa.DNNCRows: {35, 37}, isa.DNNCOut: {1, 1 << 16, 0}, isa.DNNCIn: {1, 1 << 16, 0},
		isa.DNNCTap: {5, 256 << 16, 1 << 31}, isa.DNNCStep: {0, 16, 1 | 3<<4, 1 | 1<<9},
	} {
		for _, op := range []isa.Op{isa.OpDNNCMac, isa.OpDNNCGrad, isa.OpDNNCOnes} {
			require.Equal(t, port.Fault{}, run(op, p, good[p]))
			for _, v := range bad {
				want := port.Fault{Code: port.FaultParam, PC: tilPC, Arg: uint64(p)<<32 | uint64(v)}
				if op == isa.OpDNNCOnes { // takes nothing from OMEM
					want = port.Fault{}
				}
				require.Equal(t, want, run(op, p, v), "%v: %s = %#x", op, isa.Units[isa.UnitDNNC].Params[p].Name, v)
			}
		}
	}
	rows := port.Fault{Code: port.FaultParam, PC: tilPC, Arg: uint64(isa.DNNCRows)<<32 | 36}
	require.Equal(t, rows, run(isa.OpDNNCMac, isa.DNNCTaps, 8))
	require.Equal(t, rows, run(isa.OpDNNCMac, isa.DNNCTaps, 1<<30+9), "not modulo 2^32")
	require.Equal(t, port.Fault{}, run(isa.OpDNNCMac, isa.DNNCTaps, 0), "no window")
}
