package momentum

import (
	"fmt"
	"math/bits"
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

const memBytes = 1 << 18

func randomMem(rng *rand.Rand) []byte {
	mem := make([]byte, memBytes)
	for i := range mem {
		mem[i] = byte(rng.Uint32())
	}
	return mem
}

// place gives a job addresses: weights below, velocities above, at one of a few places so that jobs
// meet.
func place(rng *rand.Rand, j *job, places int) {
	at := uint32(rng.IntN(places))
	j.p[isa.MomWAddr] = at * 16384
	j.p[isa.MomVAddr] = 1<<17 + at*16384
}

// play runs jobs, at most four outstanding, and compares memory and status with the twin.
func play(t require.TestingT, b *bench, jobs []*job) {
	want, st := slices.Clone(b.mem), stats{}
	for _, j := range jobs {
		j.run(want, &st)
	}
	for issued, limit := 0, 0; b.done < len(jobs) && b.w.bad == ""; limit++ {
		require.Less(t, limit, 200000, "hangs: %s", b.out.Status)
		require.Zero(t, b.out.Fault.Code)
		if issued < len(jobs) && issued-b.done < port.QueueDepth {
			b.issue(jobs[issued])
			issued++
			continue
		}
		b.cycle(port.Bus{})
	}
	require.Empty(t, b.w.bad)
	require.True(t, slices.Equal(want, b.mem), "memory differs from the twin")
	require.Empty(t, b.w.jobs, "tiles that are not complete")
	for i, v := range st {
		require.Equal(t, v, b.get(i), isa.Units[isa.UnitMom].Status[i].Name)
		require.Zero(t, b.get(i), "cleared by reading")
	}
}

func TestAgainstTheTwin(t *testing.T) {
	for _, rows := range []int{1, 33, 64} {
		for _, lanes := range []int{10, 40, 100, 256} {
			t.Run(fmt.Sprintf("%dx%d", rows, lanes), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(uint64(rows), uint64(lanes)))
				b := newBench(randomMem(rng))
				b.m = &ideal{mem: b.mem, latency: 13, idle: true}
				w, v := randomJob(rng, isa.OpMomW, rows, lanes), randomJob(rng, isa.OpMomB, 1, lanes)
				w.p[isa.MomVAddr] = 1 << 17
				v.p[isa.MomWAddr], v.p[isa.MomVAddr] = 1<<18-8192, 1<<18-4096
				v.p[isa.MomWStep], v.p[isa.MomVStep] = 256, 192
				play(t, b, []*job{w, v})
			})
		}
	}
}

func TestRandomJobsWithStalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		stall := rapid.IntRange(0, 90).Draw(t, "stall")
		coupled := rapid.Bool().Draw(t, "coupled")
		n := rapid.IntRange(1, 6).Draw(t, "jobs")
		cfg := machine.Reference()
		cfg.Fused = rapid.Bool().Draw(t, "fused")
		cfg.ClockMHz = rapid.SampledFrom([]float64{50, 100, 200, 400}).Draw(t, "clock")
		cfg.Momentum.Lanes = rapid.SampledFrom([]int{8, 16, 32}).Draw(t, "lanes")
		cfg.Momentum.Chunks = rapid.IntRange(2, 16).Draw(t, "chunks")
		b := newBenchOf(cfg, randomMem(rng))
		b.oracle(t)
		b.delay = func() int { return rng.IntN(1 + 2*stall) }
		b.w.slow(&b.u.State, &b.in, rng)
		b.m = &ideal{mem: b.mem, latency: 1 + rng.IntN(30), stall: stall, rng: rng, idle: true}
		if coupled {
			b.m = newReal(b.mem, &b.act, true)
		}
		jobs := make([]*job, n)
		for i := range jobs {
			jobs[i] = randomJob(rng, isa.OpMomW, 1+rng.IntN(1<<rng.IntN(7)), 1+rng.IntN(1<<rng.IntN(9)))
			if rng.IntN(3) == 0 {
				jobs[i].op = isa.OpMomB
				jobs[i].p[isa.MomWStep], jobs[i].p[isa.MomVStep] = 256, 192
			} else if cfg.Fused && rng.IntN(3) > 0 {
				jobs[i] = randomUpd(rng)
			}
			place(rng, jobs[i], 3)
		}
		play(t, b, jobs)
	})
}

// TestCyclesOfTheFormula holds doc.go to its word.
func TestCyclesOfTheFormula(t *testing.T) {
	const latency = 13
	for _, c := range []struct {
		op                  isa.Op
		rows, lanes, chunks int
		bursts              int
	}{
		{isa.OpMomW, 64, 256, 512, 5}, {isa.OpMomW, 34, 100, 34 * 4, 5}, {isa.OpMomW, 64, 10, 64, 5}, {isa.OpMomW, 2, 64, 4, 5}, {isa.OpMomW, 1, 32, 1, 5},
		{isa.OpMomB, 1, 256, 8, 7}, {isa.OpMomB, 1, 10, 1, 7}, {isa.OpMomB, 1, 60, 2, 7}, {isa.OpMomB, 1, 100, 4, 7},
	} {
		rng := rand.New(rand.NewPCG(1, 1))
		b := newBench(randomMem(rng))
		b.m = &ideal{mem: b.mem, latency: latency, idle: true}
		j := randomJob(rng, c.op, c.rows, c.lanes)
		j.p[isa.MomVAddr] = 1 << 17
		b.issue(j)
		taken := b.t
		b.finish(t, 1)
		require.EqualValues(t, 5, b.out.Done.Inst)
		extra := 8
		switch {
		case c.chunks > 1 && c.op == isa.OpMomB:
			extra = 11
		case c.chunks > 1:
			extra = 9
		}
		require.Equal(t, c.bursts*c.chunks+c.bursts+latency+extra, b.t-taken, "%s %dx%d", isa.Lookup(c.op).Name, c.rows, c.lanes)
	}
}

func TestEvents(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	b := newBench(randomMem(rng))
	b.m = newReal(b.mem, &b.act, true)
	j := randomJob(rng, isa.OpMomW, 33, 70) // three chunks a row: 32, 32 and 6 lanes
	j.p[isa.MomVAddr] = 1 << 17
	play(t, b, []*job{j})
	row := &b.act.Rows[tag]
	require.EqualValues(t, 33*70, row[activity.MomLane])
	require.EqualValues(t, 33*5, row[activity.AccRead])
	require.EqualValues(t, 33*(2*2*16+2*6), row[activity.MomRand])
	require.EqualValues(t, 33*3*5, row[activity.XReadMom])
	require.EqualValues(t, 33*3*5, row[activity.XWriteMom])
	require.EqualValues(t, 33*(3*5+6*3), row[activity.ChunkRead])
	require.EqualValues(t, 33*(3*5+6*3), row[activity.ChunkWrite])
	require.Positive(t, row[activity.ActiveMom])
	require.Equal(t, 2, b.frees)
}

func TestFaults(t *testing.T) {
	type change func(*job)
	set := func(i int, v uint32) change { return func(j *job) { j.p[i] = v } }
	param := func(i int, v uint32) port.Fault {
		return port.Fault{Code: port.FaultParam, PC: cmdPC, Arg: uint64(i)<<32 | uint64(v)}
	}
	addr := func(a uint64) port.Fault { return port.Fault{Code: port.FaultXAddr, PC: cmdPC, Arg: a} }
	for _, c := range []struct {
		name string
		op   isa.Op
		do   change
		want port.Fault
	}{
		{"no lanes", isa.OpMomW, set(isa.MomLanes, 0), param(isa.MomLanes, 0)},
		{"too many lanes", isa.OpMomB, set(isa.MomLanes, 257), param(isa.MomLanes, 257)},
		{"rows", isa.OpMomW, set(isa.MomRows, 65), param(isa.MomRows, 65)},
		{"eta", isa.OpMomW, set(isa.MomEta, 1<<16), param(isa.MomEta, 1<<16)},
		{"mu", isa.OpMomW, set(isa.MomMu, 1<<16), param(isa.MomMu, 1<<16)},
		{"lambda", isa.OpMomW, set(isa.MomLambda, 1<<16), param(isa.MomLambda, 1<<16)},
		{"gshift", isa.OpMomW, set(isa.MomGShift, 0xfffffff1), param(isa.MomGShift, 0xfffffff1)},
		{"dshift", isa.OpMomW, set(isa.MomDShift, 63), param(isa.MomDShift, 63)},
		{"left shift of a weight step", isa.OpMomW, set(isa.MomTShift, 0xffffffff), param(isa.MomTShift, 0xffffffff)},
		{"tshift of a bias", isa.OpMomB, set(isa.MomTShift, 0xffffffe9), param(isa.MomTShift, 0xffffffe9)},
		{"unaligned", isa.OpMomW, set(isa.MomWAddr, 33), addr(33)},
		{"outside", isa.OpMomW, set(isa.MomVAddr, memBytes), addr(memBytes)},
		{"second block unaligned", isa.OpMomW, set(isa.MomVStep, 100), addr(1<<17 + 100)},
		{"end outside", isa.OpMomW, set(isa.MomWAddr, memBytes-8192-128), addr(memBytes + 8192 - 128 - 32)},
		{"end of biases outside", isa.OpMomB, set(isa.MomWAddr, memBytes-256), addr(memBytes)},
	} {
		t.Run(c.name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(3, 3))
			b := newBench(randomMem(rng))
			b.m = &ideal{mem: b.mem, latency: 5, idle: true}
			j := randomJob(rng, c.op, 64, 100)
			j.p[isa.MomVAddr] = 1 << 17
			c.do(j)
			b.issue(j)
			require.Equal(t, c.want, b.out.Fault)
			before := slices.Clone(b.mem)
			for range 200 {
				b.cycle(port.Bus{})
			}
			require.Equal(t, c.want, b.out.Fault, "sticky")
			require.Zero(t, b.done)
			require.True(t, slices.Equal(before, b.mem))
		})
	}
}

func TestLastBlockThatFitsIsNoFault(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	b := newBench(randomMem(rng))
	b.m = &ideal{mem: b.mem, latency: 5, idle: true}
	j := randomJob(rng, isa.OpMomW, 3, 32) // the last row needs only its first chunk
	j.p[isa.MomWAddr], j.p[isa.MomVAddr] = memBytes-2*128-64, 0
	play(t, b, []*job{j})
}

func TestStatusNamesTheReason(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	b := newBench(randomMem(rng))
	b.m = &ideal{mem: b.mem, latency: 20, idle: true}
	b.cycle(port.Bus{})
	require.Equal(t, activity.Idle, b.out.Status)
	b.wait = 100
	j := randomJob(rng, isa.OpMomW, 4, 64)
	j.p[isa.MomVAddr] = 1 << 17
	b.issue(j)
	for b.wait > 0 {
		b.cycle(port.Bus{})
	}
	require.Equal(t, activity.WaitOperand, b.out.Status, "no bank")
	require.EqualValues(t, machine.Reference().Momentum.Chunks, b.u.Used, "all chunks read ahead")
	b.cycle(port.Bus{})
	require.Equal(t, activity.Busy, b.out.Status)
}

func TestLeapIsSixteenSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.Uint32().Draw(t, "s")
		want := s
		for range 16 {
			want = want>>1 | (want^want>>10^want>>30^want>>31)<<31
		}
		require.Equal(t, want, leap(s))
	})
}

func TestTickDoesNotAllocate(t *testing.T) {
	for _, flags := range []uint16{0, isa.FlagUpd} {
		rng := rand.New(rand.NewPCG(6, 6))
		b := newFused(randomMem(rng))
		b.m = newReal(b.mem, &b.act, true)
		j := randomJob(rng, isa.OpMomW, 32, 256)
		j.flags, j.p[isa.MomVAddr] = flags, 1<<17
		j.run(slices.Clone(b.mem), &stats{})
		b.issue(j)
		require.Zero(t, testing.AllocsPerRun(3000, func() { b.cycle(port.Bus{}) }))
		require.Positive(t, b.act.Total(activity.MomLane))
		require.Empty(t, b.w.bad)
	}
}

// TestBandwidth measures what external memory lets through, wherever the velocities lie; the doc.go
// files quote it.
func TestBandwidth(t *testing.T) {
	for _, split := range []bool{true, false} {
		least, most := 1<<30, 0
		for vAddr := uint32(1 << 17); vAddr+4*12288 <= memBytes; vAddr += 4096 {
			rng := rand.New(rand.NewPCG(7, 7))
			b := newBench(randomMem(rng))
			b.m = newReal(b.mem, &b.act, split)
			j := randomJob(rng, isa.OpMomW, 64, 256)
			j.p[isa.MomVAddr] = vAddr
			b.issue(j)
			start := b.t
			b.finish(t, 1)
			least, most = min(least, b.t-start), max(most, b.t-start)
		}
		t.Logf("split %v: %.1f to %.1f cycles a chunk of ten bursts", split, float64(least)/512, float64(most)/512)
		if split {
			require.Less(t, most, 512*12)
		}
	}
}

func BenchmarkIdle(b *testing.B) {
	x := newBench(make([]byte, memBytes))
	x.m = newReal(x.mem, &x.act, true)
	x.m.connect(&x.in)
	for b.Loop() {
		x.u.Tick(&x.in, &x.out)
	}
}

func BenchmarkUpdateWithMemory(b *testing.B) {
	rng := rand.New(rand.NewPCG(8, 8))
	x := newBench(randomMem(rng))
	x.m = newReal(x.mem, &x.act, true)
	j := randomJob(rng, isa.OpMomW, 64, 256)
	j.p[isa.MomVAddr] = 1 << 17
	for b.Loop() {
		if len(x.jobs) == 0 {
			x.issue(j)
		}
		x.cycle(port.Bus{})
	}
}

// oracle fails in the first cycle in which a register changes without its clock, a part is not
// counted on its way through the stages, or a macro of a chunk memory has two accesses.
func (b *bench) oracle(t require.TestingT) {
	u, s := b.u, &b.u.State
	o := porttest.NewOracle(activity.Mom, s, &b.out)
	was := snapshot(u, &b.act)
	b.after = func() {
		for _, err := range o.Check(&b.act) {
			require.NoError(t, err)
		}
		now := snapshot(u, &b.act)
		require.Equal(t, u.Stages[0].Valid, now.clocks == was.clocks+1, "parts that enter the stages")
		require.True(t, u.Stages[0].Valid || now.clocks == was.clocks)
		for i := range u.Stages[1:] {
			if to := u.Stages[i+1].Part; was.parts[i].Valid || to.Valid {
				require.Equal(t, was.parts[i], to, "no stage stands still")
			}
		}
		reads, writes, landed := uint64(0), uint64(0), uint8(0)
		if b.in.Resp.Valid && b.in.Resp.Port == port.XPortMom {
			landed = was.recv
		}
		if u.Asked.Valid {
			require.Zero(t, u.touches(&u.Asked)&landed, "a burst lands where operands are read")
			reads = uint64(bits.OnesCount8(u.touches(&u.Asked)))
		}
		writes += uint64(bits.OnesCount8(landed))
		shown := s.Shown &^ was.shown
		if b.out.Write.Valid {
			shown |= s.Shown & was.burst
		}
		if p := was.result; p.Valid {
			require.Zero(t, u.touches(&p)&shown, "a result goes where a burst is read")
			writes += uint64(bits.OnesCount8(u.touches(&p)))
		}
		require.Equal(t, reads+uint64(bits.OnesCount8(shown)), now.reads-was.reads)
		require.Equal(t, writes, now.writes-was.writes)
		was = now
	}
}

// ports is what tells of the accesses to the chunk memories in the next cycle.
type ports struct {
	clocks        uint64 // of the stages
	parts         []Part // in them
	reads, writes uint64
	shown         uint8
	burst, recv   uint8 // macros of the bursts that are sent and received next
	result        Part
}

func snapshot(u *Unit, act *activity.Counts) *ports {
	p := &ports{shown: u.Shown}
	p.clocks = act.Total(activity.ClockMomLanes)
	for i := range u.Stages {
		if p.parts = append(p.parts, u.Stages[i].Part); !u.Stages[i].Valid {
			p.parts[i] = Part{}
		}
	}
	p.reads, p.writes = act.Total(activity.ChunkRead), act.Total(activity.ChunkWrite)
	p.burst = 1 << u.Ring[u.Send].macro(u.Burst)
	p.result = u.Asked
	if u.write > 0 {
		p.result = u.Stages[u.write-1].Part
	}
	p.recv = 1 << u.Ring[u.Recv].macro(u.Got)
	return p
}
