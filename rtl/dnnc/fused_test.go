package dnnc

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/rtl/activity"
)

const (
	one  = isa.FlagFirst | isa.FlagLast
	upd0 = isa.FlagUpd // rows 0..31 of buffer 1
	upd1 = isa.FlagUpd | isa.FlagB1
)

func fused(r *rand.Rand) *bench {
	return benchOf(r, fusedSchedules)
}

// nest draws what comes between two commands of a dnnc.mac accumulation: gradients, sums of errors,
// or nothing.
func nest(t *rapid.T, r *rand.Rand, lanes int, next func() uint16) (jobs []*job) {
	for range rapid.IntRange(0, 2).Draw(t, "nested") {
		j := &job{op: isa.OpDNNCOnes, flags: next() | one | isa.FlagFree}
		j.nb, j.rows, j.groups = rapid.IntRange(1, 32).Draw(t, "nb"), 1, rapid.IntRange(1, lanes/16).Draw(t, "groups")
		what := rapid.SampledFrom([]string{"grad", "ones", "both"}).Draw(t, "what")
		if what != "ones" {
			j.op = isa.OpDNNCGrad
			drawWindow(t, j, []int{1, 16, 31, 32})
		}
		jobs = append(jobs, fillJob(j, r, rapid.IntRange(0, 16).Draw(t, "density")))
		if what == "both" {
			ones := *j // from the same errors, before the buffer is released
			ones.op, ones.load = isa.OpDNNCOnes, false
			j.flags &^= isa.FlagFree
			jobs = append(jobs, &ones)
		}
	}
	return jobs
}

// outerSums draws the commands of a dnnc.mac accumulation, some with updated weights, and what is
// nested. The loader fills both buffers, or it leaves buffer 1 to the momentum unit; then the
// nested commands may come between two with the same updated weights.
func outerSums(t *rapid.T, r *rand.Rand, lanes int) (jobs []*job) {
	n := func(lo, hi int, name string) int { return rapid.IntRange(lo, hi).Draw(t, name) }
	both := n(0, 3, "loader in buffer 1") == 0
	buf := uint16(0)
	next := func() uint16 {
		if both {
			buf ^= isa.FlagB1
		}
		return buf
	}
	split, density, commands := n(0, 2, "split"), n(0, 16, "density"), n(1, 4, "commands")
	groups := n(1, lanes/16>>split, "groups")
	half := uint16(n(0, 1, "half"))
	var last *job
	for i := range commands {
		j := &job{op: isa.OpDNNCMac, nb: n(1, 32<<split, "nb"), groups: groups, split: split, flags: isa.FlagFree}
		upd := rapid.Bool().Draw(t, "upd")
		switch {
		case upd && last != nil && !both && last.upd() && rapid.Bool().Draw(t, "again"):
			last.flags &^= isa.FlagFree
			j.flags |= isa.FlagUpd | last.flags&isa.FlagB1
			j.rows = last.rows
			for b := range j.x {
				j.x[b] = last.x[len(j.x)-1-b]
			}
		case upd:
			j.flags |= isa.FlagUpd | half
			half ^= isa.FlagB1
			drawWindow(t, j, []int{1, 16, 31, 32})
			fillJob(j, r, density)
		default:
			j.flags |= next()
			drawWindow(t, j, []int{1, 16, 32, 33, 63, 64})
			fillJob(j, r, density)
		}
		if i == 0 {
			j.flags |= isa.FlagFirst
		} else {
			jobs = append(jobs, nest(t, r, lanes, next)...)
		}
		if i == commands-1 {
			j.flags |= isa.FlagLast
		}
		jobs = append(jobs, j)
		last = j
	}
	return jobs
}

// TestFusedEqualsTheTwin compares all banks, in the order of their handover, and sees to it that
// all that a fused schedule adds did happen.
func TestFusedEqualsTheTwin(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		var stalls *rand.Rand
		if rapid.IntRange(0, 3).Draw(t, "stalls") > 0 {
			stalls = rand.New(rand.NewPCG(seed, 2))
		}
		b := benchOf(stalls, fusedSchedules, ofLanes(rapid.SampledFrom([]int{64, 256, 512}).Draw(t, "lanes")))
		b.late = rapid.SampledFrom([]int{2, 20, 400}).Draw(t, "late")
		b.gap = rapid.IntRange(1, 8).Draw(t, "gap")
		data := rand.New(rand.NewPCG(seed, 1))
		buf := uint16(0)
		for range rapid.IntRange(1, 4).Draw(t, "accumulations") {
			jobs := outerSums(t, data, b.u.lanes)
			if rapid.IntRange(0, 3).Draw(t, "other kind") == 0 {
				jobs = accumulation(t, data, b.u.lanes, &buf)
			}
			for _, j := range jobs {
				b.add(j)
			}
		}
		b.watch = func() { look(b, seen) }
		b.run(t)
	})
	if testing.Short() {
		return // too few cases to see everything
	}
	for _, what := range []string{
		"nested", "nested, with four streams", "nested, waiting for a bank", "three banks handed", "three banks in use",
		"updated weights", "stall", "write to one half while the other is read", "loader in buffer 1",
	} {
		require.Positive(t, seen[what], what)
	}
}

// look notes what happened in a cycle.
func look(b *bench, seen map[string]int) {
	s := &b.u.State
	begun, upd := s.Begun, s.Begun && b.u.cur.upd
	for what, is := range map[string]bool{
		"nested":                     s.Outer.Open,
		"nested, with four streams":  s.Outer.Open && s.Outer.Split == 2,
		"nested, waiting for a bank": s.Outer.Open && b.out.Status == activity.WaitDrain,
		"three banks handed":         s.Lined == 3,
		"three banks in use":         s.Outer.Open && s.Lined == 1 && begun && !s.Opening,
		"updated weights":            upd,
		"stall":                      upd && b.in.Upd.Valid && b.out.Status == activity.WaitWeight,
		"write to one half while the other is read": upd && b.in.Upd.Valid && b.in.Upd.Buf+2 != b.u.cur.buf,
		"loader in buffer 1":                        s.Buffers[1].Part,
	} {
		if is {
			seen[what]++
		}
	}
}

// nestedJobs use updated weights, and gradients between two commands.
func nestedJobs(r *rand.Rand) []*job {
	const free = isa.FlagFree
	return []*job{
		fillJob(&job{op: isa.OpDNNCMac, nb: 5, rows: 9, groups: 2, split: 1, flags: isa.FlagFirst | upd1 | free}, r, 12),
		fillJob(&job{op: isa.OpDNNCGrad, nb: 3, rows: 7, groups: 9, flags: one | free}, r, 9),
		fillJob(&job{op: isa.OpDNNCOnes, nb: 2, rows: 1, groups: 3, flags: one | free}, r, 0),
		fillJob(&job{op: isa.OpDNNCMac, nb: 6, rows: 32, groups: 2, split: 1, flags: upd0 | free}, r, 12),
		fillJob(&job{op: isa.OpDNNCMac, nb: 5, rows: 40, groups: 2, split: 1, flags: isa.FlagLast | free}, r, 12),
	}
}

// TestTogglesOfFusedSchedules recounts toggles with updated weights, and with gradients between two
// commands.
func TestTogglesOfFusedSchedules(t *testing.T) {
	jobs := nestedJobs(rand.New(rand.NewPCG(2, 1)))
	b := counted(rand.New(rand.NewPCG(2, 2)), fusedSchedules)
	for _, j := range jobs {
		b.add(j)
	}
	b.run(t)
	x, w, acc := b.recount()
	row := &b.act.Rows[tag]
	require.Equal(t, [3]uint64{x, w, acc}, [3]uint64{row[activity.ToggleX], row[activity.ToggleW], row[activity.ToggleAcc]})
}

// lastCycles measures the last command of a list, when everything before it is done and its weights
// are there.
func lastCycles(t *testing.T, jobs ...*job) (int, *bench) {
	b := fused(nil)
	for _, j := range jobs {
		b.add(j)
	}
	b.want = b.twin()
	last := len(b.busWords) - 1
	command := b.busWords[last]
	b.busWords = b.busWords[:last]
	until(t, b, func() bool { return b.done == len(jobs)-1 && len(b.busWords)+len(b.tiles)+len(b.upds) == 0 })
	b.busWords = append(b.busWords, command)
	b.ticks = 0
	until(t, b, func() bool { return b.done == len(jobs) })
	ticks := b.ticks
	b.run(t)
	return ticks, b
}

// TestNestedCycles: nested commands take as long as others. The command after them has to swap its
// row back.
func TestNestedCycles(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	dense := func(j *job) *job {
		fillJob(j, r, 16)
		for b := range j.x {
			for e := range j.x[b] {
				j.x[b][e] |= 1
			}
		}
		return j
	}
	first := dense(&job{op: isa.OpDNNCMac, nb: 1, rows: 16, groups: 2, flags: isa.FlagFirst | isa.FlagFree})
	grad := dense(&job{op: isa.OpDNNCGrad, nb: 4, rows: 9, groups: 3, flags: one | isa.FlagFree})
	ones := dense(&job{op: isa.OpDNNCOnes, nb: 7, rows: 1, groups: 3, flags: one | isa.FlagFree})
	last := dense(&job{op: isa.OpDNNCMac, nb: 1, rows: 16, groups: 2, flags: isa.FlagLast | isa.FlagFree})
	for _, c := range []struct {
		cycles int
		jobs   []*job
	}{
		{xDelay + 1 + 36 + 9 + 1 + 2, []*job{first, grad}},
		{7 + 3 + 2, []*job{first, ones}},
		{7 + 3 + 2, []*job{first, grad, ones}},
		{xDelay + 1 + 16 + 1 + 2, []*job{first, last}},
		{xDelay + 1 + 16 + 1 + 1 + 2, []*job{first, ones, last}},
		{xDelay + 1 + 16 + 1 + 1 + 2, []*job{first, grad, ones, last}},
	} {
		cycles, _ := lastCycles(t, slices.Clone(c.jobs)...)
		require.Equal(t, c.cycles, cycles, "the last of %d", len(c.jobs))
	}
}

// TestNestedTraffic: the row registers of all streams are written when the first nested command
// comes, once, and read back.
func TestNestedTraffic(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for split := range 3 {
		mac := func(flags uint16) *job {
			j := fillJob(&job{op: isa.OpDNNCMac, nb: 1 << split, rows: 8, groups: 2, split: split, flags: flags | isa.FlagFree}, r, 16)
			for b := range j.x {
				j.x[b][0] = 1
			}
			return j
		}
		ones := fillJob(&job{op: isa.OpDNNCOnes, nb: 3, rows: 1, groups: 5, flags: one | isa.FlagFree}, r, 0)
		streams := uint64(1) << split
		for nested, want := range [][2]uint64{ // reads, writes
			{0, streams * 2},
			{streams * 2, streams*2 + 5 + streams*2},
			{streams * 2, streams*2 + 2*5 + streams*2},
		} {
			jobs := append([]*job{mac(isa.FlagFirst)}, slices.Repeat([]*job{ones}, nested)...)
			_, b := lastCycles(t, append(jobs, mac(isa.FlagLast))...)
			row := &b.act.Rows[tag]
			require.Equal(t, want, [2]uint64{row[activity.AccRead], row[activity.AccWrite]}, "split %d, %d nested", split, nested)
		}
	}
}
