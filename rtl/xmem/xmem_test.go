package xmem

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"bdfasim/isa/machine"
	"bdfasim/rtl/activity"
	"bdfasim/rtl/port"
	"bdfasim/rtl/port/porttest"
)

// bench plays the requesters: it obeys the handshake (a request only after Room was seen, one register on each side).
type bench struct {
	u    *Unit
	in   In // registered: what was sent in the last cycle
	next In
	out  Out
	mem  []byte
	act  activity.Counts
	t    int

	oracle *porttest.Oracle // nil: nobody watches the registers
}

func newBench(m machine.Config) *bench {
	b := &bench{mem: make([]byte, m.XMem.Bytes)}
	b.u = New(&m, b.mem, &b.act)
	b.out.Reset()
	return b
}

func small() machine.Config {
	m := machine.Reference()
	m.XMem.Bytes = 1 << 20
	return m
}

// send puts a request on a port if its room was seen.
func (b *bench) send(p port.XPort, addr uint32, data port.Burst) bool {
	if !b.out.Room[p] {
		return false
	}
	b.next.Req[p] = port.XReq{Valid: true, Addr: addr, Tag: activity.Tag(p), Data: data}
	b.next.Called |= 1 << p
	return true
}

func (b *bench) step() {
	b.u.Tick(&b.in, &b.out)
	b.in, b.next = b.next, In{}
	b.t++
}

func stamp(v uint32) (d port.Burst) {
	for i := 0; i < len(d); i += 4 {
		binary.LittleEndian.PutUint32(d[i:], v+uint32(i))
	}
	return d
}

func TestCyclesOfTheReference(t *testing.T) {
	m := machine.Reference()
	require.NoError(t, Validate(&m))
	c := CyclesOf(&m)
	// 1 cycle = 5 ns = 4 tCK; the numbers are those of the table in doc.go.
	require.Equal(t, []int{10, 4, 5, 2, 6}, []int{c.ReadLatency, c.ReadToWrite, c.WriteToRead, c.ReadToPre, c.WriteToPre})
	require.Equal(t, []int{4, 4, 9, 2, 10, 5, 26, 780}, []int{c.TRCD, c.TRP, c.TRAS, c.TRRD, c.TFAW, c.TRPab, c.TRFC, c.TREFI})
}

// The memory keeps its nanoseconds at every clock, and a burst takes the longer of its time on the
// bus and at the port.
func TestCyclesFollowTheClock(t *testing.T) {
	for _, k := range []struct {
		kind       string
		mhz        float64
		port       int
		slot       float64 // cycles
		trcd, trfc int
	}{
		{"lpddr3-1600", 200, 32, 1, 4, 26}, {"lpddr3-1600", 400, 32, 2, 8, 52}, {"lpddr3-1600", 100, 32, 1, 2, 13},
		{"lpddr3-1600", 100, 64, 0.5, 2, 13}, {"lpddr3-1600", 200, 64, 1, 4, 26}, {"lpddr3-1600", 200, 16, 2, 4, 26},
		{"lpddr3-1600", 300, 32, 1.5, 6, 39}, {"lpddr4-3200", 200, 32, 1, 4, 36}, {"ddr4-2400", 300, 32, 1, 5, 105},
		{"ddr4-2400", 400, 32, 1.333, 6, 140}, {"ideal", 200, 32, 1, 0, 0}, {"ideal", 200, 64, 0.5, 0, 0},
	} {
		m := machine.Reference()
		require.NoError(t, m.Set("test", "xmem.kind="+k.kind, fmt.Sprint("clock_mhz=", k.mhz), fmt.Sprint("xmem.port_bytes=", k.port)))
		c := CyclesOf(&m)
		require.InDelta(t, k.slot, float64(c.Slot)/SlotUnit, 0.001, "%+v", k)
		require.Equal(t, []int{k.trcd, k.trfc}, []int{c.TRCD, c.TRFC}, "%+v", k)
	}
}

// What passes in a long run is the slot's rate: for one port at most a burst per cycle, for two ports
// two where slots are half a cycle.
func TestRateFollowsTheSlot(t *testing.T) {
	for _, k := range []struct {
		set        []string
		one, other float64 // bursts per cycle of one port, of two
	}{
		{[]string{"xmem.kind=ideal"}, 1, 1},
		{[]string{"xmem.kind=ideal", "xmem.port_bytes=64"}, 1, 2},
		{[]string{"xmem.kind=ideal", "xmem.port_bytes=16"}, 0.5, 0.5},
		{[]string{"clock_mhz=300"}, 0.63, 0.63},
		{[]string{"clock_mhz=400"}, 0.47, 0.47},
		{[]string{"clock_mhz=100", "xmem.port_bytes=64"}, 0.95, 1.9},
	} {
		for n, want := range map[int]float64{1: k.one, 2: k.other} {
			m := small()
			require.NoError(t, m.Set("test", k.set...))
			b := newBench(m)
			streams := []*stream{{p: port.XPortWLD, left: 1 << 20}, {p: port.XPortMom, addr: 1 << 19, left: 1 << 20}}[:n]
			for range 6000 {
				for i, s := range streams {
					s.addr = uint32(i)<<19 | s.addr%(1<<19)
					s.step(b)
				}
				b.step()
			}
			require.InDelta(t, want, float64(b.u.Bursts)/6000, 0.04*want, "%v, %d ports", k.set, n)
		}
	}
}

func TestValidateNamesTheField(t *testing.T) {
	for want, text := range map[string]string{
		"a read latency":  "xmem.phy_ns=1000",
		"a refresh":       "xmem.timing.trefi_ns=100",
		"rows that close": "xmem.timing.trp_pb_ns=0",
	} {
		m := machine.Reference()
		require.NoError(t, m.Set("test", text))
		require.ErrorContains(t, Validate(&m), want)
		require.Panics(t, func() { New(&m, make([]byte, m.XMem.Bytes), nil) })
	}
}

func TestMapIsABijection(t *testing.T) {
	m := small()
	cfg, c := m.XMem, CyclesOf(&m)
	seen := map[[2]uint32]bool{}
	for a := uint32(0); a < uint32(cfg.Bytes); a += uint32(cfg.PageBytes) {
		bank, row := c.Map(a)
		require.Less(t, int(bank), cfg.Banks)
		require.False(t, seen[[2]uint32{uint32(bank), row}])
		seen[[2]uint32{uint32(bank), row}] = true
		b2, r2 := c.Map(a + uint32(cfg.PageBytes) - 1)
		require.Equal(t, [2]uint32{uint32(bank), row}, [2]uint32{uint32(b2), r2})
	}
}

// latency sends one read and returns the cycles from the Tick that accepts it to the Tick that answers.
func latency(t *testing.T, b *bench, addr uint32) int {
	require.True(t, b.send(port.XPortDMA, addr, port.Burst{}))
	b.step() // registered
	for n := 0; n < 100; n++ {
		b.step()
		if b.out.Resp[0].Valid {
			require.Equal(t, port.XPortDMA, b.out.Resp[0].Port)
			return n
		}
	}
	t.Fatal("no answer")
	return 0
}

func TestReadLatency(t *testing.T) {
	b := newBench(small())
	require.Equal(t, 1+4+10, latency(t, b, 64), "closed bank: activate, tRCD, transfer, read latency")
	require.Equal(t, 1+10, latency(t, b, 96), "open row")
	bank0, _ := b.u.t.Map(64)
	other := uint32(4096 * 8)
	for bk, _ := b.u.t.Map(other); bk != bank0; bk, _ = b.u.t.Map(other) {
		other += 4096
	}
	require.Equal(t, 1+4+4+10, latency(t, b, other), "another row: precharge, activate, transfer")
	require.EqualValues(t, 3, b.act.Total(activity.XReadDMA))
	require.EqualValues(t, 2, b.act.Rows[port.XPortDMA][activity.XActivate])
	require.EqualValues(t, 2, b.act.Total(activity.XActivate))
}

func TestWriteIsCommittedBeforeIdle(t *testing.T) {
	b := newBench(small())
	b.step()
	require.True(t, b.out.WriteIdle[port.XPortMomW])
	b.send(port.XPortMomW, 32, stamp(7))
	b.step()
	require.True(t, b.out.WriteIdle[port.XPortMomW], "not yet arrived")
	b.step()
	n := 0
	for ; !b.out.WriteIdle[port.XPortMomW]; n++ {
		b.step()
	}
	d := stamp(7)
	require.Equal(t, d[:], b.mem[32:64])
	// Linger for LingerIdle cycles while the row opens, then the transfer one cycle after tRCD.
	require.Equal(t, 5, n)
	require.EqualValues(t, 1, b.act.Rows[port.XPortMomW][activity.XWriteMom])
}

func TestReadSeesAPendingWrite(t *testing.T) {
	for r := range port.NumXReads {
		for w := port.NumXReads; w < port.NumXPorts; w++ {
			b := newBench(small())
			b.send(w, 320, stamp(1))
			b.step()
			b.send(w, 320, stamp(2))
			b.step()
			b.send(r, 320, port.Burst{})
			for !b.out.Resp[0].Valid {
				b.step()
				require.Less(t, b.t, 100)
			}
			require.Equal(t, r, b.out.Resp[0].Port)
			require.Equal(t, stamp(2), b.out.Resp[0].Data)
		}
	}
}

// TestEveryWritePortTurnsTheBus: with reads waiting and writes coming, the high mark of any port turns the bus.
func TestEveryWritePortTurnsTheBus(t *testing.T) {
	for p := port.NumXReads; p < port.NumXPorts; p++ {
		b := newBench(small())
		r, w := &stream{p: port.XPortEPC, left: 1 << 20}, &stream{p: p, addr: 1 << 19, left: 100}
		for !b.u.Writing {
			r.step(b)
			w.step(b)
			require.LessOrEqual(t, b.u.Q[p].N, uint8(b.u.cfg.WriteHigh+1))
			b.step()
			require.Less(t, b.t, 100)
		}
		require.GreaterOrEqual(t, b.u.Q[p].N, uint8(b.u.cfg.WriteHigh))
	}
}

// TestEventsOfEveryPort: each port counts its own event, under the tag of the request.
func TestEventsOfEveryPort(t *testing.T) {
	want := [port.NumXPorts]activity.Event{
		activity.XReadWLD, activity.XReadDMA, activity.XReadMom, activity.XReadNorm, activity.XReadEPC,
		activity.XWriteMom, activity.XWriteDMA, activity.XWriteDrain, activity.XWriteDEPC, activity.XWriteNorm,
	}
	b := newBench(small())
	for p := range port.NumXPorts {
		b.send(p, 32*uint32(p), port.Burst{})
	}
	b.step()
	for b.step(); !b.drained(); b.step() {
		require.Less(t, b.t, 100)
	}
	for p, e := range want {
		require.EqualValues(t, 1, b.act.Total(e))
		require.EqualValues(t, 1, b.act.Rows[p][e])
	}
	require.Zero(t, b.u.Ports)
	require.Zero(t, b.u.Writes)
}

// stream sends reads or writes at consecutive addresses of one port as fast as it may.
type stream struct {
	p    port.XPort
	addr uint32
	left int
}

func (s *stream) step(b *bench) {
	if s.left > 0 && b.send(s.p, s.addr, stamp(s.addr)) {
		s.addr += port.BurstBytes
		s.left--
	}
}

func TestPeakBandwidth(t *testing.T) {
	for _, p := range []port.XPort{port.XPortWLD, port.XPortDMAW} {
		b := newBench(small())
		s := &stream{p: p, left: 8000}
		for s.left > 0 {
			s.step(b)
			b.step()
		}
		share := float64(b.u.Bursts) / float64(b.t)
		require.Greater(t, share, 0.9, "port %d", p)
		t.Logf("port %d: %.3f bursts a cycle", p, share)
	}
}

func TestReadWriteMix(t *testing.T) {
	b := newBench(small())
	r, w := &stream{p: port.XPortMom}, &stream{p: port.XPortMomW, addr: 1 << 19}
	for range 10000 {
		if r.left == 0 && w.left == 0 {
			r.left, w.left = 20, 20
		}
		r.addr, w.addr = r.addr%(1<<19), 1<<19|w.addr%(1<<19)
		r.step(b)
		w.step(b)
		b.step()
	}
	share := float64(b.u.Bursts) / float64(b.t)
	require.Greater(t, share, 0.7)
	t.Logf("%.3f bursts a cycle", share)
}

func TestReadPortsShareFairly(t *testing.T) {
	for _, ports := range [][]port.XPort{{port.XPortWLD, port.XPortMom}, {port.XPortDMA, port.XPortEPC}, {0, 1, 2, 3, 4}} {
		b := newBench(small())
		var streams []*stream
		for i, p := range ports { // all in one page
			streams = append(streams, &stream{p: p, addr: uint32(i) << 9, left: 1 << 20})
		}
		for range 4000 {
			for i, s := range streams {
				s.addr = uint32(i)<<9 | s.addr%(1<<9)
				s.step(b)
			}
			b.step()
		}
		for _, p := range ports {
			require.InEpsilon(t, float64(b.u.Bursts)/float64(len(ports)), b.act.Total(events[p]), 0.05)
		}
	}
}

func TestLoneWriteIsNotStarvedByReads(t *testing.T) {
	b := newBench(small())
	r := &stream{p: port.XPortWLD, left: 1 << 20}
	for range 100 {
		r.step(b)
		b.step()
	}
	b.send(port.XPortDMAW, 1<<19, stamp(3))
	sent := b.t
	for b.step(); b.t < sent+3 || !b.out.WriteIdle[port.XPortDMAW]; b.step() {
		r.step(b)
		require.Less(t, b.t-sent, 60)
	}
}

func TestRefresh(t *testing.T) {
	b := newBench(small())
	for range 780*5 + 1 {
		b.step()
		require.Equal(t, activity.Idle, b.out.Status)
	}
	require.EqualValues(t, 5, b.act.Rows[0][activity.XRefresh])
	require.EqualValues(t, 5, b.act.Rows[0][activity.ActiveXMem], "rows close")
	require.EqualValues(t, 780*5+1, b.act.Rows[0][clockRefresh])
	require.Equal(t, 26-3+4+10, latency(t, b, 0), "accepted three cycles into tRFC")
}

func TestTickDoesNotAllocate(t *testing.T) {
	b := newBench(small())
	s := &stream{p: port.XPortWLD, left: 1 << 20}
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		s.addr %= 1 << 19
		s.step(b)
		b.step()
	}))
}

// TestRandomTraffic checks order and content of the answers against a flat memory, and the memory's rules against the watch.
func TestRandomTraffic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rng := rand.New(rand.NewPCG(seed, 1))
		pages := rapid.IntRange(1, 256).Draw(t, "pages")
		rate := rapid.IntRange(1, 100).Draw(t, "rate")
		m := small()
		var text string
		if other := rapid.Bool().Draw(t, "other"); other {
			text = rapid.SampledFrom([]string{
				"xmem.kind=ideal", "xmem.kind=lpddr4-3200", "xmem.kind=ddr4-2400", "clock_mhz=100", "clock_mhz=333",
			}).Draw(t, "set")
			width := rapid.SampledFrom([]string{"16", "32", "64"}).Draw(t, "port")
			require.NoError(t, m.Set("test", text, "xmem.port_bytes="+width))
		}
		b := newBench(m)
		if rapid.IntRange(0, 9).Draw(t, "watched") == 0 {
			b.oracle = porttest.NewOracle(activity.XMem, &b.u.State, &b.out)
		}
		w := newWatch(b)
		flat := make([]byte, len(b.mem)) // what a read accepted now must see
		reading := map[uint32]int{}
		var want [numReads][]port.Burst
		var addrs [numReads][]uint32
		for b.t < 2000 || !b.drained() {
			require.Less(t, b.t, 12000, "seed %d", seed)
			// The requests registered in b.in are accepted by the next Tick, reads before writes.
			for p := range port.NumXReads {
				if r := b.in.Req[p]; r.Valid {
					want[p] = append(want[p], port.Burst(flat[r.Addr:]))
				}
			}
			for p := port.NumXReads; p < port.NumXPorts; p++ {
				if r := b.in.Req[p]; r.Valid {
					copy(flat[r.Addr:], r.Data[:])
				}
			}
			used := map[uint32]bool{}
			for p := range port.NumXPorts {
				addr := uint32(rng.IntN(pages*128)) * 32
				if p >= port.NumXReads { // writes of different ports to the same address are not ordered
					addr = addr&^(7*32) | uint32(p-port.NumXReads)*32
				}
				if b.t >= 2000 || rng.IntN(100) >= rate || used[addr] || p >= port.NumXReads && reading[addr] > 0 || !b.send(p, addr, stamp(rng.Uint32())) {
					continue
				}
				used[addr] = true
				if p < port.NumXReads {
					reading[addr]++
					addrs[p] = append(addrs[p], addr)
				}
			}
			b.step()
			if b.oracle != nil {
				require.Empty(t, b.oracle.Check(&b.act))
			}
			if text == "" { // it knows the reference's times
				w.check(t)
			}
			for _, r := range b.out.Resp {
				if !r.Valid {
					continue
				}
				require.NotEmpty(t, want[r.Port])
				require.Equal(t, want[r.Port][0], r.Data, "seed %d cycle %d", seed, b.t)
				reading[addrs[r.Port][0]]--
				want[r.Port], addrs[r.Port] = want[r.Port][1:], addrs[r.Port][1:]
			}
		}
		require.Equal(t, flat, b.mem)
		for p := range want {
			require.Empty(t, want[p])
		}
	})
}

func (b *bench) drained() bool {
	for p := range port.NumXPorts {
		if b.in.Req[p].Valid {
			return false
		}
	}
	return b.u.Waiting == 0 && b.u.InFlight == 0
}
