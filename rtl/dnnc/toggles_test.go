package dnnc

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// counted is a bench whose unit counts toggles.
func counted(r *rand.Rand, changes ...func(*machine.Config)) *bench {
	return benchOf(r, append(changes, func(c *machine.Config) { c.Toggles = true })...)
}

// toggleEvents are those that Config.Toggles adds.
var toggleEvents = []activity.Event{activity.ToggleX, activity.ToggleW, activity.ToggleAcc}

// differ compares two numbers digit by digit.
func differ(a, b int64, width int) (n uint64) {
	for i := range width {
		n += uint64((a>>i ^ b>>i) & 1)
	}
	return n
}

// recount counts toggles from the operands of all jobs, one lane and one digit at a time.
func (b *bench) recount() (x, w, acc uint64) {
	lanes, accBits := b.u.lanes, b.u.toggles.bits
	tile := make([]int16, 2*64*lanes)
	var bus [port.NumStreams]int16
	held := make([]int16, lanes)
	var open [3][]int64 // of each kind of command: a row an accumulator row, of both halves of a gradient
	for _, j := range b.jobs {
		width := lanes >> j.split
		j.put(tile, lanes)
		buf, base := j.place()
		if j.flags&isa.FlagFirst != 0 {
			open[j.op-isa.OpDNNCMac] = make([]int64, 64*lanes)
		}
		sums := open[j.op-isa.OpDNNCMac]
		product := func(stream int, v int16, arow, wrow int) {
			for lane := stream * width; lane < stream*width+16*j.groups; lane++ {
				now := tile[(64*buf+base+wrow)*lanes+lane]
				at := arow*lanes + lane
				x += differ(int64(bus[stream]), int64(v), 16)
				w += differ(int64(held[lane]), int64(now), 16)
				held[lane] = now
				sum := sums[at] + int64(v)*int64(now)
				acc += differ(sums[at], sum, accBits)
				sums[at] = sum
			}
			bus[stream] = v
		}
		if j.op == isa.OpDNNCOnes {
			for b := range j.nb {
				product(0, 1, 0, b)
			}
			continue
		}
		for i, list := range j.items() {
			for _, o := range list {
				switch {
				case o.EOS:
				case j.op == isa.OpDNNCGrad:
					product(0, o.X, int(o.Elem), int(o.Sample))
				default:
					product(i, o.X, int(o.Sample)>>j.split, int(o.Elem))
				}
			}
		}
	}
	return x, w, acc
}

// toggleJobs use all commands, splits, both halves of a gradient, several commands an accumulation
// and lanes that rest.
func toggleJobs(r *rand.Rand) []*job {
	const first, last = isa.FlagFirst | isa.FlagFree, isa.FlagLast | isa.FlagFree
	return []*job{
		fillJob(&job{op: isa.OpDNNCMac, nb: 3, rows: 9, groups: 2, flags: first}, r, 12),
		fillJob(&job{op: isa.OpDNNCMac, nb: 2, rows: 64, groups: 2, flags: last | isa.FlagB1}, r, 16), // rows beyond what is put off
		fillJob(&job{op: isa.OpDNNCMac, nb: 7, rows: 5, groups: 1, split: 2, flags: first | last}, r, 9),
		fillJob(&job{op: isa.OpDNNCMac, nb: 3, rows: 4, groups: 5, split: 1, flags: first | last | isa.FlagB1}, r, 16),
		fillJob(&job{op: isa.OpDNNCGrad, nb: 3, rows: 40, groups: 2, flags: first}, r, 5),
		fillJob(&job{op: isa.OpDNNCGrad, nb: 2, rows: 40, groups: 2, flags: last | isa.FlagB1}, r, 5),
		fillJob(&job{op: isa.OpDNNCGrad, nb: 3, rows: 4, groups: 3, flags: first | last}, r, 16),
		fillJob(&job{op: isa.OpDNNCOnes, nb: 6, rows: 1, groups: 3, flags: first | last | isa.FlagB1}, r, 0),
	}
}

func TestTogglesEqualARecount(t *testing.T) {
	for seed := range uint64(4) {
		accBits := []int{48, 32, 62, 33}[seed]
		lanes := []int{256, 512, 1024, 256}[seed]
		var stalls *rand.Rand
		if seed > 0 {
			stalls = rand.New(rand.NewPCG(seed, 2))
		}
		b := counted(stalls, ofLanes(lanes), func(c *machine.Config) { c.DNNC.AccBits = accBits })
		for _, j := range toggleJobs(rand.New(rand.NewPCG(seed, 1))) {
			b.add(j)
		}
		b.run(t)
		x, w, acc := b.recount()
		row := &b.act.Rows[tag]
		require.Equal(t, [3]uint64{x, w, acc}, [3]uint64{row[activity.ToggleX], row[activity.ToggleW], row[activity.ToggleAcc]})
		require.LessOrEqual(t, x, 16*row[activity.MAC])
		require.LessOrEqual(t, w, 16*row[activity.MAC])
		require.LessOrEqual(t, acc, uint64(accBits)*row[activity.MAC])
	}
}

// Counting changes nothing: registers, memories, wires and other counts are equal in every cycle. A
// unit that does not count has counts of 0.
func TestTogglesChangeNothing(t *testing.T) {
	var on, off *bench
	for seed := range uint64(2) {
		benches := [2]*bench{}
		for i := range benches {
			r := rand.New(rand.NewPCG(seed, 3))
			if benches[i] = newBench(r); i == 1 {
				benches[i] = counted(r)
			}
			for _, j := range toggleJobs(rand.New(rand.NewPCG(seed, 1))) {
				benches[i].add(j)
			}
			benches[i].want = benches[i].twin()
		}
		off, on = benches[0], benches[1]
		for off.done < len(off.jobs) || len(off.want) > 0 {
			off.tick(t)
			on.tick(t)
			require.Equal(t, off.out, on.out)
			if off.ticks%16 == 0 { // when nothing is put off, sums are equal, too
				off.u.Flush()
				on.u.Flush()
				require.Equal(t, off.u.State, on.u.State)
			}
		}
		require.Empty(t, on.want)
		a, b := off.act, on.act
		for _, e := range toggleEvents {
			require.Zero(t, a.Total(e), e)
			require.NotZero(t, b.Total(e), e)
			b.Rows[tag][e] = 0
		}
		require.Equal(t, a, b)
	}
	require.Equal(t, off.u.Clocked(), on.u.Clocked())
}

// One lane group, two operands, numbers by hand.
func TestTogglesByHand(t *testing.T) {
	b := counted(nil)
	j := &job{op: isa.OpDNNCMac, nb: 1, rows: 2, groups: 1, flags: isa.FlagFirst | isa.FlagLast, load: true, wrows: 2}
	j.x[0][0], j.x[0][1] = 3, -1 // 0 -> 0b11: 2 bits; 0b11 -> all ones: 14
	for l := range 16 {
		j.tile[0][l], j.tile[1][l] = 1, 4 // 1 bit; 0b001 -> 0b100: 2
	}
	b.add(j)
	b.run(t)
	row := &b.act.Rows[tag]
	require.EqualValues(t, 32, row[activity.MAC])
	require.EqualValues(t, 16*(2+14), row[activity.ToggleX])
	require.EqualValues(t, 16*(1+2), row[activity.ToggleW])
	require.EqualValues(t, 16*(2+46), row[activity.ToggleAcc]) // 0 -> 3: 2 bits; 3 -> -1: all but the lowest two
}

func TestCountingDoesNotAllocate(t *testing.T) {
	b := counted(nil)
	for _, j := range toggleJobs(rand.New(rand.NewPCG(1, 1))) {
		b.add(j)
	}
	b.run(t)
	s := &b.u.State
	require.Zero(t, testing.AllocsPerRun(100, func() {
		s.putOff(0, b.u.Pairs[0][0])
		b.u.Row[0] = 0
		b.u.Flush()
	}))
}
