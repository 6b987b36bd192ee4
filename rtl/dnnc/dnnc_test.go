package dnnc

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// fillJob draws the operands: x with about density/16 non-zeros, full-range weights.
func fillJob(j *job, r *rand.Rand, density int) *job {
	for b := range j.x {
		for e := range j.x[b] {
			if r.IntN(16) < density {
				j.x[b][e] = int16(r.Uint32())
			}
		}
	}
	if j.wrows = j.rows; j.op != isa.OpDNNCMac {
		j.wrows = j.nb
	}
	for row := range j.wrows {
		for l := range j.tile[row] {
			j.tile[row][l] = int16(r.Uint32())
		}
	}
	j.load = true
	return j
}

// accumulation draws the commands of one bank, or of two.
func accumulation(t *rapid.T, r *rand.Rand, buf *uint16) (jobs []*job) {
	nb, density := rapid.IntRange(1, 32).Draw(t, "nb"), rapid.IntRange(0, 16).Draw(t, "density")
	op := rapid.SampledFrom([]isa.Op{isa.OpDNNCMac, isa.OpDNNCGrad, isa.OpDNNCOnes}).Draw(t, "op")
	if op != isa.OpDNNCMac {
		rows := rapid.SampledFrom([]int{1, 16, 31, 32, 33, 64}).Draw(t, "rows")
		j := fillJob(&job{op: op, nb: nb, rows: rows, groups: rapid.IntRange(1, 16).Draw(t, "groups"), flags: *buf | isa.FlagFree}, r, density)
		if op == isa.OpDNNCGrad && rapid.Bool().Draw(t, "bias") {
			ones := *j // the bias gradient from the same errors, before the buffer is released
			ones.op, ones.load = isa.OpDNNCOnes, false
			j.flags &^= isa.FlagFree
			jobs = append(jobs, j, &ones)
		} else {
			jobs = append(jobs, j)
		}
		*buf ^= isa.FlagB1
		return jobs
	}
	split := rapid.IntRange(0, 2).Draw(t, "split")
	groups := rapid.IntRange(1, 16>>split).Draw(t, "groups")
	tiles := rapid.IntRange(1, 3).Draw(t, "tiles")
	for i := range tiles {
		j := &job{op: op, nb: nb, rows: rapid.IntRange(1, 64).Draw(t, "rows"), groups: groups, split: split, flags: *buf | isa.FlagFree}
		if i == 0 {
			j.flags |= isa.FlagFirst
		}
		if i == tiles-1 {
			j.flags |= isa.FlagLast
		}
		if rapid.Bool().Draw(t, "raw") {
			j.flags |= isa.FlagRaw
		}
		jobs = append(jobs, fillJob(j, r, density))
		*buf ^= isa.FlagB1
	}
	return jobs
}

func TestEqualsTheTwin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		var stalls *rand.Rand
		if rapid.Bool().Draw(t, "stalls") {
			stalls = rand.New(rand.NewPCG(seed, 2))
		}
		b := newBench(stalls)
		data := rand.New(rand.NewPCG(seed, 1))
		buf := uint16(0)
		for range rapid.IntRange(1, 3).Draw(t, "accumulations") {
			for _, j := range accumulation(t, data, &buf) {
				b.add(j)
			}
		}
		b.run(t)
	})
}

// TestFlushIsExact looks at the open bank after every cycle: it must hold every operand taken so far and no other.
func TestFlushIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	b := newBench(rand.New(rand.NewPCG(8, 9)))
	j := fillJob(&job{op: isa.OpDNNCMac, nb: 3, rows: 64, groups: 4, split: 2, flags: isa.FlagFirst | isa.FlagLast}, r, 16)
	b.add(j)
	b.want = twin(b.jobs)
	taken := 0
	for b.done == 0 {
		before := b.act.Rows[tag][activity.MAC]
		b.tick(t)
		b.u.Flush() // events, too
		if b.act.Rows[tag][activity.MAC] == before || taken > 40 {
			continue
		}
		taken++
		s := b.u.State()
		for i := range 3 {
			if s.Row[i] == noRow {
				continue
			}
			// The operands of sample i that have left its FIFO are the first ones of the list.
			list := j.items()[i]
			gone := len(list) - len(b.asked[0][i]) - int(s.FIFO[i].N)
			want := int64(0)
			for _, x := range list[:gone] {
				want += int64(x.X) * int64(j.tile[x.Elem][5])
			}
			require.Equal(t, want, b.acc[s.Bank][i][64*i+5], "stream %d after %d operands", i, gone)
		}
	}
	require.Positive(t, taken)
}

// TestCycles holds the formulas of the package comment, with OMEM's first item after xDelay.
func TestCycles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	measure := func(j *job) int {
		b := newBench(nil)
		b.add(j)
		b.want = twin(b.jobs)
		words := b.busWords
		for b.busWords = nil; len(b.tiles) > 0; { // the weights are there first
			b.tick(t)
		}
		for _, w := range words[:len(words)-1] {
			b.busWords = append(b.busWords, w)
			b.tick(t)
		}
		b.busWords = words[len(words)-1:]
		b.ticks = 0
		for b.done == 0 {
			b.tick(t)
		}
		ticks := b.ticks
		b.run(t)
		row := &b.act.Rows[tag]
		nonzeros := uint64(0)
		for i := range port.NumStreams {
			for _, x := range j.items()[i] {
				if !x.EOS {
					nonzeros++
				}
			}
		}
		if j.op == isa.OpDNNCOnes {
			nonzeros = uint64(j.nb)
		}
		require.Equal(t, nonzeros*uint64(16*j.groups), row[activity.MAC])
		require.Equal(t, nonzeros*uint64(j.groups), row[activity.WMEMRead])
		require.Zero(t, row[activity.AccRead], "each row is met once in an accumulation of one command")
		return ticks
	}
	longest := func(j *job) int {
		n := 0
		for _, list := range j.items() {
			swaps, ends, row := 0, 0, -1
			for _, x := range list {
				switch at := int(x.Sample); {
				case x.EOS:
					ends++
					row = -1
				case j.op == isa.OpDNNCGrad && int(x.Elem) != row:
					swaps++
					row = int(x.Elem)
				case j.op != isa.OpDNNCGrad && at != row:
					swaps++
					row = at
				}
			}
			n = max(n, len(list)+swaps)
		}
		return n // operands, ends and swaps of the longest stream
	}
	both := uint16(isa.FlagFirst | isa.FlagLast)
	for _, density := range []int{0, 1, 8, 16} {
		for split := range 3 {
			j := fillJob(&job{op: isa.OpDNNCMac, nb: 32, rows: 64, groups: 16 >> split, split: split, flags: both}, r, density)
			require.Equal(t, xDelay+1+longest(j), measure(j), "mac, split %d", split)
		}
		for _, rows := range []int{16, 32, 33, 64} {
			j := fillJob(&job{op: isa.OpDNNCGrad, nb: 32, rows: rows, groups: 16}, r, density)
			require.Equal(t, xDelay+1+longest(j), measure(j), "grad, %d rows", rows)
		}
	}
	for _, nb := range []int{1, 32} {
		j := fillJob(&job{op: isa.OpDNNCOnes, nb: nb, rows: 1, groups: 16}, r, 0)
		require.Equal(t, nb+2, measure(j), "ones")
	}
}

func TestAccumulatorTraffic(t *testing.T) {
	// Two tiles of one accumulation over three samples: each row is written twice, and read when the second tile meets it.
	r := rand.New(rand.NewPCG(3, 3))
	b := newBench(nil)
	b.add(fillJob(&job{op: isa.OpDNNCMac, nb: 3, rows: 8, groups: 2, flags: isa.FlagFirst | isa.FlagFree}, r, 16))
	b.add(fillJob(&job{op: isa.OpDNNCMac, nb: 3, rows: 8, groups: 2, flags: isa.FlagLast | isa.FlagFree | isa.FlagB1}, r, 16))
	b.run(t)
	require.EqualValues(t, 3*2, b.act.Rows[tag][activity.AccRead])
	require.EqualValues(t, 6*2, b.act.Rows[tag][activity.AccWrite])
	require.EqualValues(t, 2*8*2, b.act.Rows[tag][activity.WMEMWrite])
}

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
		require.Equal(t, b.out.Fault, b.u.State().Fault)
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
	require.Equal(t, pairs(0), run(good(), second(0, isa.OpDNNCGrad, 0)), "a gradient into an open bank")
	require.Equal(t, pairs(0), run(good(), second(0, isa.OpDNNCOnes, 0)))
	require.Equal(t, param(isa.DNNCSplit, 2), run(good(), second(0, isa.OpDNNCMac, 2)), "another split into an open bank")
}

func TestStatus(t *testing.T) {
	b := newBench(nil)
	j := fillJob(&job{op: isa.OpDNNCMac, nb: 1, rows: 1, groups: 1, flags: isa.FlagFirst | isa.FlagLast | isa.FlagFree}, rand.New(rand.NewPCG(1, 1)), 16)
	j.load = false
	b.add(j)
	b.want = twin(b.jobs)
	b.tick(t)
	require.Equal(t, activity.Idle, b.out.Status)
	for range 20 {
		b.tick(t)
	}
	require.Equal(t, activity.WaitWeight, b.out.Status)
	b.u.s.WFull[0] = true
	b.u.s.Handed = [2]bool{true, true}
	b.u.Tick(&b.in, &b.out)
	require.Equal(t, activity.WaitDrain, b.out.Status)
}

func TestTickDoesNotAllocate(t *testing.T) {
	b := newBench(nil)
	s := b.u.State()
	b.in.StreamRoom = true
	n := 0
	require.Zero(t, testing.AllocsPerRun(2000, func() {
		s.WFull[0] = true
		b.bus = port.Bus{Kind: port.BusParam, Unit: isa.UnitDNNC, Index: uint8(n % 6), Val: []uint32{0, 0, 4, 64, 16, 0}[n%6]}
		if n > 6 && s.Queue.N == 0 {
			b.bus = port.Bus{Kind: port.BusCmd, Unit: isa.UnitDNNC, Op: isa.OpDNNCMac, Flags: isa.FlagFirst | isa.FlagLast | isa.FlagFree}
		}
		b.in.X[0] = port.XItem{Valid: b.out.XRoom[0], X: 3, Elem: uint8(n % 64), Sample: uint8(n / 8 % 4), EOS: n%100 == 99}
		b.in.FreeDrain = b.out.Head.Valid && n%4 == 0
		b.u.Tick(&b.in, &b.out)
		n++
	}))
	require.Equal(t, port.FaultNone, b.out.Fault.Code)
	require.Positive(t, b.act.Rows[0][activity.MAC])
	require.Positive(t, b.u.RegBits())
}

func TestValidate(t *testing.T) {
	require.NoError(t, DefaultConfig().Validate())
	require.Error(t, Config{AccBits: 31}.Validate())
	require.Error(t, Config{AccBits: 63}.Validate())
}
