package momentum

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
)

// wmem plays the halves of WMEM buffer 1 and the forward pass, which releases a half some time
// after it is full. It compares every write with the tile of the command that it belongs to, and
// keeps the first thing that is wrong.
type wmem struct {
	jobs  []*job // with flag upd, whose tiles are not complete
	got   [32][16]bool
	n     int
	busy  [2]bool // full, not yet released
	at    [2]int  // cycle of the release
	delay func() int
	after int // cycles from a release to the first write
	now   int
	bad   string
}

// slow begins with some number of releases, about 256, the same for the unit, and lets the later
// ones take a while.
func (m *wmem) slow(s *State, in *In, rng *rand.Rand) {
	in.Freed = [2]uint8{uint8(253 + rng.IntN(4)), uint8(253 + rng.IntN(4))}
	copy(s.Filled, in.Freed[:])
	longest := 1 + rng.IntN(400)
	m.delay = func() int { return rng.IntN(longest) }
}

// release sets the unit's input for a cycle.
func (m *wmem) release(in *In) {
	m.now++
	for h := range m.busy {
		if m.busy[h] && m.now >= m.at[h] {
			m.busy[h] = false
			in.Freed[h]++
		}
	}
}

// take looks at what the unit did in a cycle.
func (m *wmem) take(out *Out) {
	if out.Status == activity.WaitWeight && (len(m.jobs) == 0 || !m.busy[m.jobs[0].half()]) {
		m.complain("waits for a half that is free")
	}
	if u := &out.Upd; u.Valid && len(m.jobs) == 0 {
		m.complain("a write that no command asks for: %+v", *u)
	} else if u.Valid {
		m.write(u, m.jobs[0])
	}
}

// write takes a group of the tile of j.
func (m *wmem) write(u *port.UpdWrite, j *job) {
	row, group, half := int(u.Row), int(u.Group), j.half()
	if row >= j.rows() || group >= j.groups() {
		m.complain("row %d group %d of %d x %d", row, group, j.rows(), j.lanes())
		return
	}
	m.n++
	want := port.UpdWrite{PC: cmdPC}
	want.Valid, want.Full, want.Buf, want.Row, want.Group = true, m.n == j.rows()*j.groups(), half, u.Row, u.Group
	want.Split, want.Tag, want.Data = uint8(j.p[isa.MomSplit]), tag, port.Group(j.tile[row][16*group:])
	switch {
	case m.got[row][group]:
		m.complain("row %d group %d comes twice", row, group)
	case *u != want:
		m.complain("got %+v, want %+v", *u, want)
	case m.busy[half] || m.now < m.at[half]+m.after:
		m.complain("a write to a half that was not free")
	}
	m.got[row][group] = true
	if want.Full {
		m.jobs, m.n, m.got = m.jobs[1:], 0, [32][16]bool{}
		m.busy[half], m.at[half] = true, m.now+1+m.delay()
	}
}

func (m *wmem) complain(format string, args ...any) {
	if m.bad == "" {
		m.bad = fmt.Sprintf("cycle %d: ", m.now) + fmt.Sprintf(format, args...)
	}
}

func (j *job) half() uint8 { return uint8(j.flags & isa.FlagB1) }

// randomUpd is a command with flag upd for either half and any split.
func randomUpd(rng *rand.Rand) *job {
	split := rng.IntN(3)
	j := randomJob(rng, isa.OpMomW, 1+rng.IntN(32), 1+rng.IntN(256>>split))
	j.flags = isa.FlagUpd | uint16(rng.IntN(2))*isa.FlagB1
	j.p[isa.MomSplit], j.p[isa.MomVAddr] = uint32(split), 1<<17
	return j
}

// fused is the reference machine, with hardware for fused schedules if yes.
func fused(yes bool) machine.Config {
	c := machine.Reference()
	c.Fused = yes
	return c
}

func newFused(mem []byte) *bench {
	b := newBenchOf(fused(true), mem)
	b.m = &ideal{mem: b.mem, latency: 13, idle: true}
	return b
}

// TestHalvesOfABlock: a block of up to 64 rows in one command, and half by half, the second with a
// counter 16 on.
func TestHalvesOfABlock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		whole := randomJob(rng, isa.OpMomW, rapid.IntRange(33, 64).Draw(t, "rows"), rapid.IntRange(1, 140).Draw(t, "lanes"))
		whole.p[isa.MomVAddr] = 1 << 17
		lower, upper := &job{op: isa.OpMomW, flags: isa.FlagUpd, p: whole.p}, &job{op: isa.OpMomW, flags: isa.FlagUpd | isa.FlagB1, p: whole.p}
		lower.p[isa.MomRows], upper.p[isa.MomRows] = 32, whole.p[isa.MomRows]-32
		upper.p[isa.MomWAddr] += 32 * 64 * 2
		upper.p[isa.MomVAddr] += 32 * 64 * 3
		upper.p[isa.MomCtr] += 16
		copy(lower.grads[:], whole.grads[:32])
		copy(upper.grads[:], whole.grads[32:])
		mem := randomMem(rng)
		one, two := newFused(slices.Clone(mem)), newFused(mem)
		one.issue(whole)
		one.finish(t, 1)
		play(t, two, []*job{lower, upper})
		require.True(t, slices.Equal(one.mem, two.mem))
	})
}

// TestUpdTakesNoCycles: a command with flag upd whose half is free takes the cycles, and makes the
// events, of one without.
func TestUpdTakesNoCycles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		coupled := rapid.Bool().Draw(t, "coupled")
		run := func(flags uint16) *bench {
			rng := rand.New(rand.NewPCG(seed, 3))
			b := newFused(randomMem(rng))
			if coupled {
				b.m = newReal(b.mem, &b.act, true)
			}
			j := randomUpd(rng)
			j.flags = flags
			play(t, b, []*job{j})
			return b
		}
		plain, upd := run(0), run(isa.FlagUpd)
		require.Equal(t, plain.t, upd.t)
		upd.act.Rows[tag][activity.ClockMomUpd] = 0 // but for the wires that they leave on
		require.Equal(t, plain.act.Rows[tag], upd.act.Rows[tag])
		require.Equal(t, []uint8{1, 0}, upd.u.Filled)
		require.Equal(t, []uint8{0, 0}, plain.u.Filled)
	})
}

// TestUpdWaitsForItsHalf: with everything else there, nothing happens until its own half is free;
// then the first group leaves three ticks after its operands were asked for.
func TestUpdWaitsForItsHalf(t *testing.T) {
	for half := range uint16(2) {
		rng := rand.New(rand.NewPCG(9, uint64(half)))
		b := newFused(randomMem(rng))
		j := randomUpd(rng)
		j.flags = isa.FlagUpd | half*isa.FlagB1
		j.p[isa.MomRows], j.p[isa.MomLanes] = 32, 64
		j.run(slices.Clone(b.mem), &stats{})
		b.w.busy[half], b.w.at[half] = true, 200
		b.in.Freed[half] = 255 // and filled 256 times
		b.issue(j)
		for b.t < 199 {
			b.cycle(port.Bus{})
			require.False(t, b.out.Upd.Valid)
			if b.t > 60 {
				require.Equal(t, activity.WaitWeight, b.out.Status)
				require.EqualValues(t, machine.Reference().Momentum.Chunks, b.u.ToWork)
			}
		}
		for range 4 {
			b.cycle(port.Bus{})
			require.Equal(t, b.t == 203, b.out.Upd.Valid)
			require.Equal(t, activity.Busy, b.out.Status)
		}
		b.finish(t, 1)
		require.Empty(t, b.w.bad)
		require.Empty(t, b.w.jobs)
		require.EqualValues(t, 1, b.u.Filled[half])
		require.Zero(t, b.u.Filled[half^1])
		require.Equal(t, 1, b.frees)
	}
}

// TestPlainCommandsDoNotWait: neither half is free, flag b1 alone means nothing, and split is not
// looked at.
func TestPlainCommandsDoNotWait(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	b := newFused(randomMem(rng))
	copy(b.u.Filled, []uint8{1, 1})
	jobs := []*job{randomJob(rng, isa.OpMomW, 40, 100), randomJob(rng, isa.OpMomB, 1, 100)}
	jobs[0].flags = isa.FlagB1
	for i, j := range jobs {
		j.p[isa.MomSplit], j.p[isa.MomVAddr] = 7, 1<<17
		if i == 1 {
			j.p[isa.MomWAddr] = 1 << 16
			j.p[isa.MomWStep], j.p[isa.MomVStep] = 256, 192
		}
	}
	play(t, b, jobs)
	require.Equal(t, []uint8{1, 1}, b.u.Filled)
}

func TestFaultsOfUpd(t *testing.T) {
	const rows, lanes, split = isa.MomRows, isa.MomLanes, isa.MomSplit
	illegal := port.Fault{Code: port.FaultIllegal, PC: cmdPC, Arg: uint64(isa.OpMomW)}
	param := func(i, v uint64) port.Fault { return port.Fault{Code: port.FaultParam, PC: cmdPC, Arg: i<<32 | v} }
	type params map[int]uint32
	for _, c := range []struct {
		fused bool
		flags uint16
		p     params
		want  port.Fault
	}{
		{false, isa.FlagUpd, nil, illegal},
		{false, isa.FlagUpd | isa.FlagB1, params{rows: 33, split: 3}, illegal},
		{false, isa.FlagUpd, params{lanes: 257}, param(lanes, 257)},
		{false, isa.FlagB1, params{rows: 64, split: 3}, port.Fault{}},
		{true, isa.FlagB1, params{rows: 64, split: 3}, port.Fault{}},
		{true, isa.FlagUpd, params{rows: 32, lanes: 256}, port.Fault{}},
		{true, isa.FlagUpd | isa.FlagB1, params{lanes: 128, split: 1}, port.Fault{}},
		{true, isa.FlagUpd, params{lanes: 64, split: 2}, port.Fault{}},
		{true, isa.FlagUpd, params{rows: 33}, param(rows, 33)},
		{true, isa.FlagUpd | isa.FlagB1, params{rows: 64}, param(rows, 64)},
		{true, isa.FlagUpd, params{split: 3}, param(split, 3)},
		{true, isa.FlagUpd, params{split: 1<<32 - 1}, param(split, 1<<32-1)},
		{true, isa.FlagUpd, params{lanes: 129, split: 1}, param(lanes, 129)},
		{true, isa.FlagUpd | isa.FlagB1, params{lanes: 65, split: 2}, param(lanes, 65)},
		{true, isa.FlagUpd, params{isa.MomWAddr: 33}, port.Fault{Code: port.FaultXAddr, PC: cmdPC, Arg: 33}},
	} {
		b := newBenchOf(fused(c.fused), make([]byte, memBytes))
		b.m = &ideal{mem: b.mem, latency: 5, idle: true}
		j := &job{op: isa.OpMomW, flags: c.flags}
		j.p = [isa.NumMomParams]uint32{rows: 1, lanes: 16, isa.MomVAddr: 1 << 17, isa.MomWStep: 8192, isa.MomVStep: 12288}
		for i, v := range c.p {
			j.p[i] = v
		}
		b.issue(j)
		require.Equal(t, c.want, b.out.Fault, "%+v", c)
		for range 100 {
			b.cycle(port.Bus{})
			require.False(t, b.out.Upd.Valid && c.want.Code != port.FaultNone)
		}
		require.Equal(t, c.want, b.out.Fault, "sticky: %+v", c)
	}
}

// TestRegisters: a unit that serves no fused schedules has the registers that it needs alone.
func TestRegisters(t *testing.T) {
	clocked := func(yes bool) map[activity.Event]activity.Registers {
		c := fused(yes)
		return New(&c, new(activity.Counts)).Clocked()
	}
	plain, upd := clocked(false), clocked(true)
	require.Zero(t, plain[activity.ClockMomUpd].Bits)
	require.Equal(t, 1+1+6+4+2+256, upd[activity.ClockMomUpd].Bits, "full, half, row, group, split, data")
	require.Equal(t, plain[activity.ActiveMom].Bits+1+2*8, upd[activity.ActiveMom].Bits, "valid, and how often each half was filled")
}
