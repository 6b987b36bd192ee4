package norm

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

// training is what a program does for a layer with batch normalisation in a training step.
func (l *layer) training(inPlace bool) []*job {
	jobs := []*job{
		l.job(isa.OpNormLoad, 0), l.job(isa.OpNormStat, 0), l.job(isa.OpNormFin, 0), l.job(isa.OpNormFwd, isa.FlagBN),
		l.job(isa.OpNormBack, isa.FlagBN), l.job(isa.OpNormGrad, 0), l.job(isa.OpNormUpdate, 0), l.job(isa.OpNormStore, 0),
	}
	if inPlace {
		jobs[5].p[isa.NormDst] = jobs[5].p[isa.NormAux]
	}
	return jobs
}

// testing is what it does when the network is tested; plain, without batch normalisation.
func (l *layer) testing() []*job {
	return []*job{l.job(isa.OpNormLoad, 0), l.job(isa.OpNormFin, isa.FlagEval), l.job(isa.OpNormFwd, isa.FlagBN), l.job(isa.OpNormStore, 0)}
}

func (l *layer) plain() []*job {
	return []*job{l.job(isa.OpNormFwd, 0), l.job(isa.OpNormBack, 0)}
}

// TestSmallShapes goes through all shapes of a few pixels.
func TestSmallShapes(t *testing.T) {
	for pool := 1; pool <= 3; pool++ {
		for h := pool; h <= pool+2; h++ {
			for w := pool; w <= pool+2; w++ {
				for _, chans := range []int{1, 16, 17, 64, 65} {
					rng := rand.New(rand.NewPCG(uint64(h*w), uint64(chans)))
					l := &layer{nb: 2, h: h, w: w, chans: chans, pool: pool, shift: 14, gshift: 3, tshift: 11, eps: 11, eta: 3000, mu: 58982}
					for _, jobs := range [][]*job{l.training(false), l.testing(), l.plain()} {
						b := newBench(make([]byte, memBytes))
						l.fill(rng, b.mem)
						play(t, b, jobs)
					}
				}
			}
		}
	}
}

func TestRandomLayersWithStalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		cfg := machine.Reference()
		cfg.ClockMHz = rapid.SampledFrom([]float64{50, 100, 200, 400}).Draw(t, "clock")
		b := newBenchOf(cfg, randomMem(rng))
		if rng.IntN(4) == 0 { // it takes its time
			b.oracle = porttest.NewOracle(activity.Norm, &b.u.State, &b.out)
		}
		b.m.rng, b.m.delay = rng, 1+rng.IntN(30)
		b.m.stall = rapid.IntRange(0, 80).Draw(t, "stall")
		var jobs []*job
		for range rapid.IntRange(1, 2).Draw(t, "layers") {
			l := randomLayer(rng)
			l.fill(rng, b.mem)
			switch rng.IntN(4) {
			case 0:
				jobs = append(jobs, l.testing()...)
			case 1:
				jobs = append(jobs, l.plain()...)
			case 2: // positions of any kind
				jobs = append(jobs, l.training(true)...)
				jobs = slices.DeleteFunc(jobs, func(j *job) bool { return j.op == isa.OpNormFwd })
			default:
				jobs = append(jobs, l.training(rng.IntN(2) == 0)...)
			}
		}
		play(t, b, jobs)
	})
}

// TestSaturationHappens keeps the random layers honest.
func TestSaturationHappens(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	counts := map[isa.Op]uint32{}
	for range 10 {
		l := randomLayer(rng)
		tw := newTwin(make([]byte, memBytes), 80)
		l.fill(rng, tw.mem)
		for _, j := range l.training(false) {
			before := tw.sat
			tw.run(j)
			counts[j.op] += tw.sat - before
		}
	}
	for _, op := range []isa.Op{isa.OpNormFwd, isa.OpNormGrad, isa.OpNormUpdate} {
		require.Positive(t, counts[op], isa.Lookup(op).Name)
	}
}

// steps is the number of steps of the walk, from the definition in doc.go.
func (l *layer) steps(j *job) int {
	groups, blocks, pool := (l.chans+15)/16, (l.chans+63)/64, l.pool
	pixels, cells := l.nb*l.h*l.w, l.nb*(l.h/pool)*(l.w/pool)
	switch j.op {
	case isa.OpNormLoad, isa.OpNormStore:
		return 2 * l.chans
	case isa.OpNormFwd:
		return cells * (pool*pool*groups + blocks)
	case isa.OpNormBack:
		return pixels*groups + cells*(groups+blocks)
	case isa.OpNormGrad:
		return 2 * pixels * groups
	}
	return pixels * groups
}

// TestCyclesOfTheFormula holds doc.go to its word.
func TestCyclesOfTheFormula(t *testing.T) {
	for i, l := range []*layer{
		{nb: 2, h: 9, w: 8, chans: 70, pool: 2}, {nb: 1, h: 1, w: 1, chans: 1, pool: 1}, {nb: 3, h: 5, w: 7, chans: 16, pool: 3},
		{nb: 2, h: 4, w: 4, chans: 33, pool: 1}, {nb: 1, h: 3, w: 8, chans: 40, pool: 3},
		{nb: 2, h: 9, w: 9, chans: 33, pool: 3},
	} {
		l.eps = 1
		const r = 3 // registers that cut the lanes
		L := []int{1, 13, 31}[i%3]
		per := func(n int) int { return n * l.chans }
		jobs := append(l.training(false), append(l.testing(), l.plain()...)...)
		for _, j := range jobs {
			s, want := l.steps(j), 0
			switch j.op {
			case isa.OpNormLoad, isa.OpNormStat:
				want = s + L + 2 + r
			case isa.OpNormStore:
				want = s + 4 + r
			case isa.OpNormFwd, isa.OpNormBack:
				want = s + L + 5 + r
			case isa.OpNormFin:
				want = per(104)
				if j.flags&isa.FlagEval != 0 {
					want = per(12)
				}
			case isa.OpNormGrad:
				want = per(54) + s + L + 5 + r
			case isa.OpNormUpdate:
				want = per(10)
			}
			b := newBench(make([]byte, memBytes))
			b.m.delay = L
			require.Len(t, b.u.Stages, r)
			b.issue(j)
			taken := b.t
			b.finish(t, 1)
			require.EqualValues(t, 5, b.out.Done.Inst)
			require.Equal(t, want, b.t-taken, "%s %+v", isa.Lookup(j.op).Name, *l)
			b.cycle(port.Bus{})
			require.Equal(t, activity.Idle, b.out.Status)
			require.False(t, b.out.Done.Valid || b.out.Read.Valid || b.out.Write.Valid)
		}
	}
}

// TestNeverMoreThanLands holds the promise of package port: no more reads under way than have room.
func TestNeverMoreThanLands(t *testing.T) {
	l := &layer{nb: 2, h: 9, w: 9, chans: 20, pool: 1}
	b := newBench(make([]byte, memBytes))
	b.m.delay = 100
	b.issue(l.job(isa.OpNormFwd, 0))
	b.finish(t, 1)
	require.Equal(t, landDepth, b.m.flight)
}

func TestEvents(t *testing.T) {
	l := &layer{nb: 2, h: 5, w: 7, chans: 70, pool: 2, eps: 1, shift: 14, gshift: 3, tshift: 11}
	rng := rand.New(rand.NewPCG(2, 2))
	const groups, cells, pixels = 5, 2 * 2 * 3, 2 * 5 * 7
	const inside = cells * 4 // pixels in windows
	all := l.training(false)
	type counts map[activity.Event]int
	want := []counts{
		{activity.NormWrite: 140},
		{activity.NormStat: pixels * 70, activity.NormSumRead: (pixels - 1) * groups, activity.NormSumWrite: pixels * groups},
		{activity.NormStep: 104 * 70, activity.NormRead: 140, activity.NormWrite: 140, activity.NormSumRead: groups},
		{activity.NormLane: inside * 70, activity.NormPool: inside * 70, activity.NormRead: inside * groups * 10,
			activity.LineRead: cells * 3 * groups, activity.LineWrite: cells * 3 * groups},
		{activity.NormLane: inside * 70, activity.NormBack: inside * 70, activity.NormRead: inside * groups * 6,
			activity.NormSumRead: (inside - 1) * groups, activity.NormSumWrite: inside * groups,
			activity.LineRead: inside * groups, activity.LineWrite: cells * groups},
		{activity.NormStep: 54 * 70, activity.NormLane: pixels * 70, activity.NormGrad: pixels * 70, activity.NormRead: pixels*groups*6 + 70,
			activity.NormSumRead: pixels*groups + groups, activity.NormSumWrite: groups},
		{activity.NormStep: 10 * 70, activity.NormRead: 70, activity.NormWrite: 70, activity.NormSumRead: groups},
		{activity.NormRead: 140},
	}
	b := newBench(make([]byte, memBytes))
	l.fill(rng, b.mem)
	for i, j := range all {
		b.act = activity.Counts{}
		b.issue(j)
		b.finish(t, i+1)
		row := b.act.Rows[tag]
		require.Positive(t, row[activity.ActiveNorm])
		for e, n := range row {
			if activity.Event(e).IsClock() {
				continue
			}
			require.EqualValues(t, want[i][activity.Event(e)], n, "%s: %s", isa.Lookup(j.op).Name, activity.Event(e))
		}
	}
}

// TestWhatNoProgramShouldDo runs records and sums that are no batch's: nothing may panic or hang.
func TestWhatNoProgramShouldDo(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for range 20 {
		b := newBench(randomMem(rng))
		l := randomLayer(rng)
		jobs := append(l.training(false), l.testing()...)
		for i := range b.u.Sums {
			b.u.Sums[i].S1, b.u.Sums[i].S2 = int64(rng.Uint64()), int64(rng.Uint64())
		}
		jobs = slices.DeleteFunc(jobs, func(j *job) bool { return j.op == isa.OpNormStat })
		for i, j := range jobs {
			b.issue(j)
			b.finish(t, i+1)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	l := &layer{nb: 2, h: 5, w: 5, chans: 40, pool: 2, eps: 1, shift: 14}
	rng := rand.New(rand.NewPCG(2, 2))
	b := newBench(make([]byte, memBytes))
	b.m.reads, b.m.due, b.m.writes = make([]uint32, 0, 100), make([]int, 0, 100), make([]port.XReq, 0, 100)
	l.fill(rng, b.mem)
	jobs := l.training(false)
	next := 0
	require.Zero(t, testing.AllocsPerRun(20000, func() {
		if b.u.Queue.N == 0 {
			b.issue(jobs[next%len(jobs)])
			next++
		}
		b.cycle(port.Bus{})
	}))
	require.Greater(t, next, 8)
}

func TestStatusNamesTheReason(t *testing.T) {
	l := &layer{nb: 1, h: 2, w: 2, chans: 16, pool: 1, eps: 1}
	b := newBench(make([]byte, memBytes))
	b.cycle(port.Bus{})
	require.Equal(t, activity.Idle, b.out.Status)
	b.issue(l.job(isa.OpNormFwd, 0))
	require.Equal(t, activity.Busy, b.out.Status, "checked")
	b.cycle(port.Bus{})
	require.Equal(t, activity.WaitMemory, b.out.Status)
	b.finish(t, 1)
}

func BenchmarkTraining(b *testing.B) {
	l := &layer{nb: 4, h: 9, w: 9, chans: 70, pool: 2, eps: 1, shift: 14}
	x := newBench(make([]byte, memBytes))
	l.fill(rand.New(rand.NewPCG(2, 2)), x.mem)
	for _, j := range l.training(false) {
		b.Run(isa.Lookup(j.op).Name, func(b *testing.B) {
			for b.Loop() {
				if x.u.Queue.N == 0 {
					x.issue(j)
				}
				x.cycle(port.Bus{})
			}
			for x.u.Queue.N > 0 {
				x.cycle(port.Bus{})
			}
		})
	}
}
