package dnnc

import (
	"math/rand/v2"
	"slices"
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

// drawWindow draws the window of a command, or none, and sets the job's rows.
func drawWindow(t *rapid.T, j *job, rows []int) {
	n := func(lo, hi int, name string) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	j.rows = rapid.SampledFrom(rows).Draw(t, "rows")
	if !rapid.Bool().Draw(t, "window") {
		return
	}
	taps := n(1, j.rows, "taps")
	for j.rows%taps != 0 {
		taps--
	}
	j.win = port.Window{
		Taps: uint8(taps), Chan: uint8(j.rows / taps), KW: uint8(n(1, 255, "kw")), KY: uint8(n(0, 255, "ky")), KX: uint8(n(0, 255, "kx")),
		OH: uint16(n(1, 65535, "oh")), OW: uint16(n(1, 65535, "ow")), IH: uint16(n(1, 65535, "ih")), IW: uint16(n(1, 65535, "iw")),
		Y: uint16(n(0, 65535, "y")), X: uint16(n(0, 65535, "x")), Stride: uint8(n(1, 15, "stride")), Div: uint8(n(0, 2, "div")),
		Flip: rapid.Bool().Draw(t, "flip"), YOff: int16(n(-32768, 32767, "yoff")), XOff: int16(n(-32768, 32767, "xoff")),
		NStep: rapid.Uint32().Draw(t, "nstep"),
	}
}

// accumulation draws the commands of one bank, or of two.
func accumulation(t *rapid.T, r *rand.Rand, lanes int, buf *uint16) (jobs []*job) {
	density := rapid.IntRange(0, 16).Draw(t, "density")
	op := rapid.SampledFrom([]isa.Op{isa.OpDNNCMac, isa.OpDNNCGrad, isa.OpDNNCOnes}).Draw(t, "op")
	split, rows, nb := 0, []int{1, 16, 31, 32}, 32
	switch {
	case op == isa.OpDNNCMac:
		split = rapid.IntRange(0, 2).Draw(t, "split")
		rows, nb = append(rows, 33, 48, 63, 64), 32<<split
	case rapid.Bool().Draw(t, "halves"):
		rows = []int{33, 48, 63, 64}
	}
	groups := rapid.IntRange(1, lanes/16>>split).Draw(t, "groups")
	commands := rapid.IntRange(1, 3).Draw(t, "commands")
	for i := range commands {
		j := &job{op: op, nb: rapid.IntRange(1, nb).Draw(t, "nb"), groups: groups, split: split, flags: *buf | isa.FlagFree}
		drawWindow(t, j, rows)
		if i == 0 {
			j.flags |= isa.FlagFirst
		}
		if i == commands-1 {
			j.flags |= isa.FlagLast
		}
		if op == isa.OpDNNCMac && rapid.Bool().Draw(t, "raw") {
			j.flags |= isa.FlagRaw
		}
		jobs = append(jobs, fillJob(j, r, density))
		if op == isa.OpDNNCGrad && commands == 1 && rapid.Bool().Draw(t, "bias") {
			ones := *j // the bias gradient from the same errors, before the buffer is released
			ones.op, ones.load = isa.OpDNNCOnes, false
			j.flags &^= isa.FlagFree
			jobs = append(jobs, &ones)
		}
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
		b := benchOf(stalls, ofLanes(rapid.SampledFrom([]int{64, 128, 256, 512, 1024}).Draw(t, "lanes")))
		data := rand.New(rand.NewPCG(seed, 1))
		buf := uint16(0)
		for range rapid.IntRange(1, 3).Draw(t, "accumulations") {
			for _, j := range accumulation(t, data, b.u.lanes, &buf) {
				b.add(j)
			}
		}
		b.run(t)
	})
}

// TestFlushIsExact looks at the open bank after every cycle: it must hold every operand taken so
// far and no other.
func TestFlushIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	b := newBench(rand.New(rand.NewPCG(8, 9)))
	j := fillJob(&job{op: isa.OpDNNCMac, nb: 3, rows: 64, groups: 4, split: 2, flags: isa.FlagFirst | isa.FlagLast}, r, 16)
	b.add(j)
	b.want = b.twin()
	taken := 0
	for b.done == 0 {
		before := b.act.Rows[tag][activity.MAC]
		b.tick(t)
		b.u.Flush() // events, too
		if b.act.Rows[tag][activity.MAC] == before || taken > 40 {
			continue
		}
		taken++
		s := &b.u.State
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
			require.Equal(t, want, b.u.row(s.Bank, 0, 64*i+5, 1)[0], "stream %d after %d operands", i, gone)
		}
	}
	require.Positive(t, taken)
}

// TestMoreThanCanBePutOff sends a row more operands than a command has, and than can be put off.
func TestMoreThanCanBePutOff(t *testing.T) {
	for split := range 3 {
		b := newBench(nil)
		j := fillJob(&job{op: isa.OpDNNCMac, nb: 1 << split, rows: 64, groups: 3, split: split, flags: isa.FlagFirst | isa.FlagLast}, rand.New(rand.NewPCG(9, 9)), 16)
		b.add(j)
		b.want = b.twin()
		for i := range b.want[0].data {
			b.want[0].data[i] *= 3
		}
		for len(b.asked) == 0 {
			b.tick(t)
		}
		for i := range 1 << split {
			list := b.asked[0][i]
			once := list[:len(list)-1]
			b.asked[0][i] = slices.Concat(once, once, list)
		}
		b.run(t)
	}
}

// TestCycles holds the formulas of the package comment, with OMEM's first item after xDelay.
func TestCycles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	measure := func(j *job) int {
		b := newBench(nil)
		b.add(j)
		b.want = b.twin()
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
				switch at := int(x.Sample) >> j.split; {
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
			j := fillJob(&job{op: isa.OpDNNCMac, nb: 32 << split, rows: 64, groups: 16 >> split, split: split, flags: both}, r, density)
			require.Equal(t, xDelay+1+longest(j)+2, measure(j), "mac, split %d", split)
		}
		for _, rows := range []int{16, 32, 33, 64} {
			j := fillJob(&job{op: isa.OpDNNCGrad, nb: 32, rows: rows, groups: 16, flags: both}, r, density)
			require.Equal(t, xDelay+1+longest(j)+2, measure(j), "grad, %d rows", rows)
		}
	}
	for _, nb := range []int{1, 32} {
		j := fillJob(&job{op: isa.OpDNNCOnes, nb: nb, rows: 1, groups: 16, flags: both}, r, 0)
		require.Equal(t, nb+3+2, measure(j), "ones")
	}
}

func TestAccumulatorTraffic(t *testing.T) {
	// Two tiles of one accumulation over three samples: each row is written twice, and read when
	// the second tile meets it.
	r := rand.New(rand.NewPCG(3, 3))
	b := newBench(nil)
	b.add(fillJob(&job{op: isa.OpDNNCMac, nb: 3, rows: 8, groups: 2, flags: isa.FlagFirst | isa.FlagFree}, r, 16))
	b.add(fillJob(&job{op: isa.OpDNNCMac, nb: 3, rows: 8, groups: 2, flags: isa.FlagLast | isa.FlagFree | isa.FlagB1}, r, 16))
	b.run(t)
	require.EqualValues(t, 3*2, b.act.Rows[tag][activity.AccRead])
	require.EqualValues(t, 6*2, b.act.Rows[tag][activity.AccWrite])
	require.EqualValues(t, 2*8*2, b.act.Rows[tag][activity.WMEMWrite])
}

// TestGradientsGoOn counts what commands of one accumulation cost beyond one: a row is written when
// its half ends, and read when the next command meets it again.
func TestGradientsGoOn(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, rows := range []int{16, 32, 64} {
		b := newBench(nil)
		for i, flags := range []uint16{isa.FlagFirst, isa.FlagB1, isa.FlagLast} {
			b.add(fillJob(&job{op: isa.OpDNNCGrad, nb: 2, rows: rows, groups: 3, flags: flags | isa.FlagFree}, r, 16))
			for e := range rows {
				b.jobs[i].x[0][e] = 1 // every element has a non-zero
			}
		}
		b.run(t)
		row := &b.act.Rows[tag]
		require.EqualValues(t, 3*2*rows, row[activity.AccRead], "rows are read in the second and third command")
		require.EqualValues(t, 3*3*rows, row[activity.AccWrite], "and written in each")
		require.False(t, b.u.Open)
	}
	// The row register stays where it is between two commands on one row.
	b := newBench(nil)
	for _, flags := range []uint16{isa.FlagFirst, isa.FlagB1, isa.FlagLast} {
		b.add(fillJob(&job{op: isa.OpDNNCOnes, nb: 5, rows: 1, groups: 3, flags: flags | isa.FlagFree}, r, 0))
	}
	b.run(t)
	require.Zero(t, b.act.Rows[tag][activity.AccRead])
	require.EqualValues(t, 3, b.act.Rows[tag][activity.AccWrite])
	require.EqualValues(t, 15*3, b.act.Rows[tag][activity.WMEMRead])
}

// TestCyclesWithoutFirst measures commands that go on with an accumulation: the row in the
// registers saves a swap.
func TestCyclesWithoutFirst(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, c := range []struct {
		op         isa.Op
		nb, cycles int
	}{{isa.OpDNNCOnes, 7, 7 + 2 + 2}, {isa.OpDNNCMac, 1, xDelay + 1 + 16 + 1 + 2}, {isa.OpDNNCMac, 2, xDelay + 1 + 32 + 2 + 1 + 2}} {
		b := newBench(nil)
		b.add(fillJob(&job{op: c.op, nb: c.nb, rows: 16, groups: 3, flags: isa.FlagFirst}, r, 20))
		b.add(fillJob(&job{op: c.op, nb: c.nb, rows: 16, groups: 3, flags: isa.FlagLast | isa.FlagB1}, r, 20))
		for _, j := range b.jobs {
			for i := range j.x {
				for e := range j.x[i] {
					j.x[i][e] |= 1
				}
			}
		}
		b.want = b.twin()
		last := len(b.busWords) - 1
		command := b.busWords[last]
		for b.busWords = b.busWords[:last]; b.done < 1 || len(b.busWords)+len(b.tiles) > 0; {
			b.tick(t)
		}
		b.busWords = []port.Bus{command}
		b.ticks = 0
		for b.done < 2 {
			b.tick(t)
		}
		require.Equal(t, c.cycles, b.ticks, "%v of %d", c.op, c.nb)
		b.run(t)
	}
}

// TestSecondHalfWaits holds the second half of a long accumulation until the bank before is freed.
func TestSecondHalfWaits(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	b := newBench(nil)
	one := uint16(isa.FlagFirst | isa.FlagLast)
	b.add(fillJob(&job{op: isa.OpDNNCMac, nb: 2, rows: 8, groups: 2, flags: one | isa.FlagFree}, r, 16))
	b.add(fillJob(&job{op: isa.OpDNNCGrad, nb: 2, rows: 64, groups: 2, flags: isa.FlagFirst | isa.FlagB1 | isa.FlagFree}, r, 16))
	b.add(fillJob(&job{op: isa.OpDNNCGrad, nb: 2, rows: 64, groups: 2, flags: isa.FlagLast | isa.FlagFree}, r, 16))
	b.want = b.twin()
	s := &b.u.State
	for s.Half == 0 {
		b.out.Head.Valid = false // the drain is asleep
		b.tick(t)
		require.Less(t, b.ticks, 10_000)
	}
	first := s.Bank
	for range 20 {
		b.out.Head.Valid = false
		b.tick(t)
	}
	require.Equal(t, activity.WaitDrain, b.out.Status)
	require.Equal(t, []bool{first == 1, first == 0}, handed(s))
	b.out.Head = port.BankHead{Valid: true, Bank: first ^ 1}
	b.tick(t)
	require.Equal(t, first^1, s.Bank)
	b.run(t)
}

func TestStatus(t *testing.T) {
	b := newBench(nil)
	j := fillJob(&job{op: isa.OpDNNCMac, nb: 1, rows: 1, groups: 1, flags: isa.FlagFirst | isa.FlagLast | isa.FlagFree}, rand.New(rand.NewPCG(1, 1)), 16)
	j.load = false
	b.add(j)
	b.want = b.twin()
	b.tick(t)
	require.Equal(t, activity.Idle, b.out.Status)
	for range 20 {
		b.tick(t)
	}
	require.Equal(t, activity.WaitWeight, b.out.Status)
	b.u.Buffers[0].Full = true
	b.u.Banks[0].Handed, b.u.Banks[1].Handed = true, true
	b.u.Tick(&b.in, &b.out)
	require.Equal(t, activity.WaitDrain, b.out.Status)
}

func TestTickDoesNotAllocate(t *testing.T) {
	b := newBench(nil)
	s := &b.u.State
	b.in.StreamRoom = true
	n := 0
	require.Zero(t, testing.AllocsPerRun(2000, func() {
		s.Buffers[0].Full = true
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
}

// handed lists the banks that are at the drain or the momentum unit.
func handed(s *State) (list []bool) {
	for i := range s.Banks {
		list = append(list, s.Banks[i].Handed)
	}
	return list
}
