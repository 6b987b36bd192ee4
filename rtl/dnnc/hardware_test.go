package dnnc

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"bdfasim/isa"
	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

func products(c *machine.Config) { c.DNNC.ProductRegisters = machine.CutYes }

// everything is a list of commands that use all that the array has, with hardware for fused
// schedules or without.
func everything(seed uint64, fused bool) []*job {
	r := rand.New(rand.NewPCG(seed, 1))
	jobs := toggleJobs(r)
	if !fused {
		return jobs
	}
	return append(jobs, nestedJobs(r)...)
}

// benches returns benches of several machines, with everything to do.
func benches(each func(b *bench)) {
	for seed := range uint64(4) {
		for _, changes := range [][]func(*machine.Config){
			{}, {products}, {fusedSchedules}, {fusedSchedules, products, ofLanes(512)},
		} {
			b := benchOf(rand.New(rand.NewPCG(seed, 2)), changes...)
			for _, j := range everything(seed, b.u.fused()) {
				b.add(j)
			}
			b.want = b.twin()
			each(b)
		}
	}
}

// TestRegistersAreClocked compares State and Out before and after every tick.
func TestRegistersAreClocked(t *testing.T) {
	benches(func(b *bench) {
		b.tick(t)
		oracle := porttest.NewOracle(activity.DNNC, &b.u.State, &b.out)
		oracle.Check(&b.act)
		b.watch = func() { require.Empty(t, oracle.Check(&b.act)) }
		b.run(t)
	})
}

// TestStateIsComplete goes on in another array every few cycles.
func TestStateIsComplete(t *testing.T) {
	benches(func(b *bench) {
		r := rand.New(rand.NewPCG(7, 7))
		b.watch = func() {
			if r.IntN(8) > 0 {
				return
			}
			b.u.Flush()
			old := b.u
			c := machine.Reference()
			c.DNNC.Lanes, c.Fused = old.lanes, old.fused()
			if old.products {
				products(&c)
			}
			b.u = New(&c, &b.act)
			s := old.State
			for _, n := range []*[]uint8{&s.Freed, &s.Line} {
				*n = slices.Clone(*n)
			}
			s.Buffers, s.Banks, s.Ends = slices.Clone(s.Buffers), slices.Clone(s.Banks), slices.Clone(s.Ends)
			s.Touched, s.WMEM, s.Acc = slices.Clone(s.Touched), slices.Clone(s.WMEM), slices.Clone(s.Acc)
			b.u.State = s
			*old = Unit{}
		}
		b.run(t)
	})
}

// TestProductRegisters: a command takes a cycle more, and every product is clocked.
func TestProductRegisters(t *testing.T) {
	var cycles [2]int
	for i, changes := range [][]func(*machine.Config){{}, {products}} {
		b := benchOf(nil, changes...)
		b.add(fillJob(&job{op: isa.OpDNNCMac, nb: 5, rows: 9, groups: 3, flags: one}, rand.New(rand.NewPCG(1, 1)), 12))
		b.want = b.twin()
		for b.done == 0 {
			b.tick(t)
		}
		cycles[i] = b.ticks
		b.run(t)
		row := &b.act.Rows[tag]
		require.Equal(t, uint64(i)*row[activity.MAC], row[activity.ClockDNNCProduct])
		_, ok := b.u.Clocked()[activity.ClockDNNCProduct]
		require.Equal(t, i == 1, ok)
	}
	require.Equal(t, cycles[0]+1, cycles[1])
}

// access is a cycle in which a macro is read or written: those of a stream's lanes in a bank of
// accumulators.
type access struct{ cycle, bank, stream int }

// TestPorts: a macro of accumulators or weights is read or written once a cycle, and nobody else
// has its bank.
func TestPorts(t *testing.T) {
	benches(func(b *bench) {
		used := map[access]bool{}
		latest := map[int]int{}
		use := func(behind int, bank uint8, stream int) {
			a := access{b.ticks + behind, int(bank), stream}
			require.False(t, used[a], "%+v", a)
			used[a], latest[a.bank] = true, a.cycle
		}
		u := b.u
		var was State
		var touched []uint32
		var reads uint64
		note := func() { was, touched, reads = u.State, slices.Clone(u.Touched), b.act.Total(activity.WMEMRead) }
		note()
		b.watch = func() {
			u.Flush()
			for i, row := range was.Row {
				if row == u.Row[i] && was.Bank == u.Bank && !u.Ends[0].Hand {
					continue
				}
				handed := u.Ends[0].Hand && u.Ends[0].Bank == was.Bank
				if row != noRow && (handed || !u.Banks[was.Bank].Handed) {
					use(len(u.Ends), was.Bank, i)
				}
				if row := u.Row[i]; row != noRow && row != was.Row[i] && touched[4*int(u.Bank)+i]>>row&1 == 1 {
					use(len(u.Ends)-1, u.Bank, i)
				}
			}
			if h := b.out.Head; h.Valid {
				require.LessOrEqual(t, latest[int(h.Bank)], b.ticks)
			}
			macros := u.cur.streams * u.cur.groups
			if n := b.act.Total(activity.WMEMRead) - reads; n > 0 {
				require.LessOrEqual(t, n, uint64(macros))
				written := b.in.Upd.Valid && u.cur.upd || b.in.Tile.Valid && int(b.in.Tile.Buf) == int(u.cur.buf)
				require.False(t, written, "WMEM")
			}
			note()
		}
		b.run(t)
		require.Greater(t, len(used), 50)
	})
}

// TestReadsWhatWasAsked: a consumer gets the lanes of its bank that it named.
func TestReadsWhatWasAsked(t *testing.T) {
	b := benchOf(nil, fusedSchedules, ofLanes(1024))
	for i := range b.u.Acc {
		b.u.Acc[i] = int64(i)
	}
	n := len(b.u.Acc)
	require.Equal(t, b.u.Acc[n-16:], b.u.Read(&port.AccReq{Bank: 2, Row: 31, Group: 63}))
	require.EqualValues(t, 32*1024+5*1024+16, b.u.Read(&port.AccReq{Bank: 1, Row: 5, Group: 1})[0])
}
